//! What hiding a region does to the first class, over all photos, beside its control.

use std::collections::BTreeMap;

use records::tables::{MaskedClassRow, MetricRow};
use statistics::PairedCounts;

/// Classes that a class is looked for among.
const FIVE: usize = 5;

/// Counts photos region by region.
#[derive(Debug)]
pub(super) struct MaskEffects {
    /// Of the network.
    classes: usize,
    regions: BTreeMap<String, Effects>,
}

#[derive(Debug, Default)]
struct Effects {
    /// Probability lost, by photo.
    drops: Vec<f64>,
    still_first: usize,
    left_five: usize,
    /// Whether the class left the first five with the control box hidden, and with the region hidden.
    left_in_pairs: PairedCounts,
    /// Probability lost with the control box hidden instead.
    control_drops: Vec<f64>,
    /// The first less the second, for photos that have both.
    beyond_control: Vec<f64>,
}

impl MaskEffects {
    /// No photo counted yet of a network of so many classes.
    pub(super) fn of(classes: usize) -> Self {
        Self {
            classes,
            regions: BTreeMap::new(),
        }
    }

    /// Counts a photo whose region is visible; `control` are the class's probability and rank with the control box hidden.
    pub(super) fn count(&mut self, row: &MaskedClassRow, control: Option<(f32, usize)>) {
        let effects = self.regions.entry(row.region.clone()).or_default();
        let original = f64::from(row.probability_original);
        let drop = original - f64::from(row.probability_masked);
        let left = row.rank_masked > FIVE;
        effects.drops.push(drop);
        effects.still_first += usize::from(row.rank_masked == 1);
        effects.left_five += usize::from(left);
        if let Some((probability, rank)) = control {
            let control_drop = original - f64::from(probability);
            effects.control_drops.push(control_drop);
            effects.beyond_control.push(drop - control_drop);
            effects.left_in_pairs.count(rank > FIVE, left);
        }
    }

    /// Mean drops with Student's t intervals, the shares of photos whose class stays first or leaves the first five with Wilson's,
    /// and how much more often it leaves them than with the control box hidden, with Newcombe's.
    pub(super) fn metrics(&self) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        for (region, effects) in &self.regions {
            let mut row = |metric: &str, value: f64, interval: Option<(f64, f64)>, count: usize| {
                let metric = format!("{metric}_{region}");
                rows.push(MetricRow::new(metric, "all", (value, interval), count));
            };
            for (metric, values) in [
                ("masked_drop", &effects.drops),
                ("control_drop", &effects.control_drops),
                ("drop_beyond_control", &effects.beyond_control),
            ] {
                if let Some((value, interval)) = statistics::mean(values) {
                    row(metric, value, interval, values.len());
                }
            }
            let photos = effects.drops.len();
            let mut share = |metric: &str, hits: usize| {
                let share = hits as f64 / photos.max(1) as f64;
                row(metric, share, statistics::wilson(hits, photos), photos);
            };
            share("masked_still_first", effects.still_first);
            if self.classes > FIVE {
                share("masked_left_five", effects.left_five);
                let counts = &effects.left_in_pairs;
                if let Some(difference) = counts.difference() {
                    let interval = statistics::paired_difference(counts, 0.95);
                    row(
                        "left_five_beyond_control",
                        difference,
                        interval,
                        counts.total(),
                    );
                }
            }
        }
        rows
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    /// Photos by the class's rank under the mask and under the control box.
    fn found(classes: usize, ranks: &[(usize, usize)]) -> Vec<MetricRow> {
        let mut effects = MaskEffects::of(classes);
        for &(masked, control) in ranks {
            let row = MaskedClassRow {
                image_id: String::new(),
                region: "face".into(),
                class_index: 0,
                class_name: String::new(),
                probability_original: 0.5,
                probability_masked: 0.25,
                rank_original: 1,
                rank_masked: masked,
                visible_share: 1.0,
            };
            effects.count(&row, Some((0.5, control)));
        }
        effects.metrics()
    }

    #[test]
    fn a_class_that_leaves_the_first_five_is_counted_beside_the_control_box() {
        let value = |rows: &[MetricRow], metric: &str| {
            let row = rows.iter().find(|row| row.metric == metric);
            row.map(|row| (row.value, row.low.unwrap(), row.high.unwrap(), row.count))
        };
        // The first five classes are ranks 1 to 5.
        let ranks = [(6, 1), (60, 5), (5, 1), (7, 6)];
        let held = found(1000, &ranks);
        let (share, low, high, count) = value(&held, "masked_left_five_face").unwrap();
        assert_eq!((share, count), (0.75, 4));
        assert_eq!((low, high), statistics::wilson(3, 4).unwrap());
        let (more, low, high, count) = value(&held, "left_five_beyond_control_face").unwrap();
        assert_eq!((more, count), (0.5, 4));
        assert!(low < more && more < high);
        let turned = found(1000, &ranks.map(|(masked, control)| (control, masked)));
        let (less, ..) = value(&turned, "left_five_beyond_control_face").unwrap();
        assert_eq!(less, -0.5);
        assert_eq!(value(&found(5, &ranks), "masked_left_five_face"), None);
    }
}
