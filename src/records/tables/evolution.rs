//! How features came about while a network was trained (ZF fig. 4).

use serde::{Deserialize, Serialize};

table! {
    /// A map behind an epoch: its strongest activation over the photographs that were held back.
    EvolutionRow in "data/evolution.csv" {
        /// The layer.
        layer: String,
        /// The feature map, drawn by seed.
        map: usize,
        /// The epoch that the weights were kept behind; 0 is the network before its first step.
        epoch: usize,
        /// The photo; empty where the map fires in none, and so are those that follow.
        image_id: String,
        /// Row of the unit; 0 for vectors.
        y: Option<usize>,
        /// Column of the unit; 0 for vectors.
        x: Option<usize>,
        /// Its value.
        activation: Option<f32>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_x: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_y: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_width: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_height: Option<f64>,
        /// Whether the photo is another than at the last snapshot before at which the map fired.
        jump: bool,
    }
}
table! {
    /// How much the projections of a layer behind an epoch are what they are at the last snapshot.
    ConvergenceRow in "data/convergence.csv" {
        /// The layer.
        layer: String,
        /// As in `evolution.csv`.
        epoch: usize,
        /// Mean over the photos of `convergence_photos.csv`.
        cosine: f64,
        /// Its 95 % interval over the photos, by bootstrap; empty where all are alike.
        low: Option<f64>,
        /// Its 95 % interval over the photos, by bootstrap; empty where all are alike.
        high: Option<f64>,
        /// Photos.
        photos: usize,
    }
}
table! {
    /// The projection of a unit of a photo by the network behind an epoch, held against that by the last snapshot.
    ConvergencePhotoRow in "data/convergence_photos.csv" {
        /// The photo, drawn by seed.
        image_id: String,
        /// The layer.
        layer: String,
        /// The feature map, drawn by seed among those that the photo excites at the last snapshot.
        map: usize,
        /// Row of its strongest unit then; 0 for vectors.
        y: usize,
        /// Column of that unit; 0 for vectors.
        x: usize,
        /// As in `evolution.csv`.
        epoch: usize,
        /// The cosine of the two; 0 where one is empty.
        cosine: f64,
    }
}
table! {
    /// From one snapshot at which a map fires to the next: how much what it shows, its strongest activation projected, stays the
    /// same.
    EvolutionStepRow in "data/evolution_steps.csv" {
        /// The layer.
        layer: String,
        /// The feature map, as in `evolution.csv`.
        map: usize,
        /// The epoch before.
        from_epoch: usize,
        /// The epoch behind.
        epoch: usize,
        /// The cosine of the two projections, each brought to 24 rows and columns; 0 where one is empty.
        cosine: f64,
        /// Whether they are of different photos.
        jump: bool,
    }
}

impl EvolutionStepRow {
    /// Below this cosine what a map shows has changed suddenly.
    pub const SUDDEN: f64 = 0.5;

    /// Whether what the map shows has changed suddenly.
    pub fn is_sudden(&self) -> bool {
        self.cosine < Self::SUDDEN
    }
}

impl ConvergenceRow {
    /// From this mean cosine on projections are what they will be.
    pub const SETTLED: f64 = 0.95;

    /// The first of a layer's epochs, from which on all its rows are at or above [`ConvergenceRow::SETTLED`]; `None` without
    /// rows, or where the last is not. Rows stand by rising epochs.
    pub fn settled<'a>(rows: impl DoubleEndedIterator<Item = &'a Self>) -> Option<usize> {
        settled(rows.map(|row| (row.epoch, row.cosine)))
    }
}

impl ConvergencePhotoRow {
    /// The same of the projection of one photo.
    pub fn settled<'a>(rows: impl DoubleEndedIterator<Item = &'a Self>) -> Option<usize> {
        settled(rows.map(|row| (row.epoch, row.cosine)))
    }
}

fn settled(cosines: impl DoubleEndedIterator<Item = (usize, f64)>) -> Option<usize> {
    let settled = cosines.rev();
    let settled = settled.take_while(|(_, cosine)| *cosine >= ConvergenceRow::SETTLED);
    settled.map(|(epoch, _)| epoch).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_has_settled_where_it_does_not_leave_again() {
        let settled = |cosines: &[f64]| {
            let rows = (1..).zip(cosines).map(|(epoch, &cosine)| ConvergenceRow {
                layer: "conv1".into(),
                epoch: 2 * epoch,
                cosine,
                low: None,
                high: None,
                photos: 1,
            });
            let rows: Vec<ConvergenceRow> = rows.collect();
            ConvergenceRow::settled(rows.iter())
        };
        assert_eq!(settled(&[0.3, 0.96, 0.94, 0.95, 0.97, 1.0]), Some(8));
        assert_eq!(settled(&[0.99, 1.0]), Some(2));
        assert_eq!(settled(&[0.2, 1.0]), Some(4));
        assert_eq!(settled(&[0.99, 0.9]), None);
        assert_eq!(settled(&[]), None);
    }
}
