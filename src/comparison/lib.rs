//! Finished runs held against each other, photo by photo: read from their folders, no network is run.
//!
//! [`Lineup`] takes the runs in and finds the photos that all have; [`difference`] says what changed between two of
//! them and what that is worth; [`layers`] holds projections against each other; [`folder`] writes it all down.
//! [`study`] does it with trainings of variants, each held against the base.

pub mod claims;
mod comparability;
pub mod difference;
pub mod first_layers;
pub mod folder;
pub mod layers;
mod lineup;
pub mod study;
pub mod tables;

pub use comparability::Note;
pub use difference::{AccuracyChange, Change, Difference, Flip};
pub use lineup::{Lineup, PhotoLine, Seen, Side};

use base::Result;
use records::ProjectionKind;

use claims::ClaimLine;
use layers::LayerSummary;
use tables::LayerRow;

/// Everything that was found out about two or more runs.
#[derive(Debug)]
pub struct Comparison {
    /// The runs and their common photos.
    pub lineup: Lineup,
    /// What cannot be compared, and what to mind.
    pub notes: Vec<Note>,
    /// Of every two runs, in their order.
    pub differences: Vec<Difference>,
    /// What became of the papers' claims, where two of the runs at least are replications.
    pub claims: Vec<ClaimLine>,
    /// Of two runs: projections, photo by photo.
    pub layer_rows: Vec<LayerRow>,
    /// The same by layer.
    pub layers: Vec<LayerSummary>,
    /// Of two runs: the photos that are shown side by side, by place among the common photos, the most changed first.
    pub shown: Vec<usize>,
}

impl Comparison {
    /// Holds the runs against each other, by their answers alone; `seed` draws the bootstrap's resamples.
    ///
    /// # Errors
    /// Those of [`records::Run::rows`].
    pub fn of(lineup: Lineup, seed: u64) -> Result<Self> {
        let differences: Vec<Difference> = lineup
            .pairs()
            .into_iter()
            .enumerate()
            .map(|(number, pair)| Difference::of(&lineup, number, pair, seed))
            .collect();
        Ok(Self {
            notes: comparability::notes(&lineup)?,
            claims: claims::lines(&lineup)?,
            lineup,
            differences,
            layer_rows: Vec::new(),
            layers: Vec::new(),
            shown: Vec::new(),
        })
    }

    /// The two runs and what changed between them; `None` for more than two.
    pub fn two(&self) -> Option<(&Side, &Side, &Difference)> {
        match (&self.lineup.sides[..], &self.differences[..]) {
            ([a, b], [difference]) => Some((a, b, difference)),
            _ => None,
        }
    }

    /// The layers and kinds whose projections can be held against each other: none for more than two runs, other
    /// networks or another preprocessing.
    pub fn projections(&self) -> Vec<(ProjectionKind, String)> {
        match self.two() {
            Some((a, b, _)) if comparability::projections(&self.notes) => {
                layers::shared(&a.run, &b.run)
            }
            _ => Vec::new(),
        }
    }

    /// Common photos by how much the headline's probability changed, the most changed first; without one, in the
    /// data set's order.
    pub fn by_change(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.lineup.photos.len()).collect();
        let headline = self
            .two()
            .and_then(|(_, _, difference)| difference.headline());
        if let Some(change) = headline {
            let mut size = vec![-1.0; order.len()];
            for (at, a, b) in &change.values {
                size[*at] = (b - a).abs();
            }
            order.sort_by(|a, b| size[*b].total_cmp(&size[*a]));
        }
        order
    }

    /// Takes in what the projections of the photos showed, in the photos' order.
    pub fn take_layers(&mut self, rows: Vec<LayerRow>) {
        self.layers = layers::summaries(&rows);
        self.layer_rows = rows;
    }
}
