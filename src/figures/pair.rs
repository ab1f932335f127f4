//! A photo's pictures in two runs, side by side.

use std::fs;
use std::path::Path;

use super::photo::{self, Format, Subject};
use crate::comparison::layers::PhotoPair;
use crate::error::{Error, Result};
use crate::network::Preprocessing;
use crate::records::{PhotoArrays, ProjectionKind, ORIGINAL};

/// What stands for a condition in the paths of the two runs' pictures ([`photo::path`]).
pub const SIDES: [&str; 2] = ["a", "b"];

/// Draws both runs' pictures from their maps: all `layer` projections, and their differences, on the first run's scale.
///
/// # Errors
/// As [`photo::draw`].
pub fn draw(
    pair: PhotoPair,
    preprocessing: &Preprocessing,
    root: &Path,
    image_id: &str,
) -> Result<()> {
    let side = pair.a.side;
    let named = |arrays: PhotoArrays, name: &str| {
        arrays.conditions.into_iter().next().map(|mut condition| {
            name.clone_into(&mut condition.condition);
            condition
        })
    };
    let conditions = [named(pair.a, SIDES[0]), named(pair.b, SIDES[1])];
    let arrays = PhotoArrays {
        side,
        conditions: conditions.into_iter().flatten().collect(),
    };
    photo::draw(&arrays, preprocessing, root, image_id)?;
    photo::draw_input_difference(&arrays, preprocessing, root, image_id)
}

/// Takes over the pictures that the two runs have of a photo, each on its own scale; whether there were any.
///
/// # Errors
/// [`Error::Io`].
pub fn copy(
    runs: [&Path; 2],
    projections: &[(ProjectionKind, String)],
    root: &Path,
    image_id: &str,
) -> Result<bool> {
    let mut found = false;
    for (run, side) in runs.into_iter().zip(SIDES) {
        let subjects = projections
            .iter()
            .map(|(kind, layer)| Subject::Projection(*kind, layer));
        for subject in std::iter::once(Subject::Input).chain(subjects) {
            let Some(file) = photo::find(run, image_id, ORIGINAL, subject) else {
                continue;
            };
            let format = match file.ends_with(".png") {
                true => Format::Png,
                false => Format::Jpeg,
            };
            let to = root.join(photo::path(image_id, side, subject, format));
            let folder = to.parent().unwrap_or(root);
            fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
            fs::copy(run.join(file), &to).map_err(Error::io("cannot write", &to))?;
            found = true;
        }
    }
    Ok(found)
}
