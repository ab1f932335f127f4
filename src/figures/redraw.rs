//! A run's pictures drawn again from the arrays that it kept.

use base::Result;
use rayon::prelude::*;
use records::maps::{
    ExampleMaps, FilterMaps, LookedAt, OcclusionMaps, PhotoArrays, TransformedInput,
};
use records::Run;

use super::{features, Pictured};

/// The kinds of pictures that arrays are kept of.
const KINDS: [fn(&Run) -> Result<()>; 7] = [
    again::<PhotoArrays>,
    again::<OcclusionMaps>,
    again::<ExampleMaps>,
    again::<TransformedInput>,
    again::<FilterMaps>,
    again::<LookedAt>,
    features::sheets_again,
];

/// Draws the pictures of a run again whose arrays were kept; it keeps the others as they are.
///
/// # Errors
/// Those of [`Run::rows`], [`records::maps::Maps::kept`] and [`Pictured::draw`].
pub fn redraw(run: &Run) -> Result<()> {
    KINDS.iter().try_for_each(|again| again(run))
}

fn again<M: Pictured>(run: &Run) -> Result<()> {
    let preprocessing = &run.manifest.preprocessing;
    let draw = |of: &M::Of| match M::kept(&run.root, of)? {
        Some(maps) => maps.draw(preprocessing, &run.root),
        None => Ok(()),
    };
    M::of_run(run)?.par_iter().try_for_each(draw)
}
