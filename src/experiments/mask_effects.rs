//! What hiding a region does to the first class, over all photos, beside its control.

use std::collections::BTreeMap;

use records::tables::{MaskedClassRow, MetricRow};

/// Counts photos region by region.
#[derive(Debug, Default)]
pub(super) struct MaskEffects(BTreeMap<String, Effects>);

#[derive(Debug, Default)]
struct Effects {
    /// Probability lost, by photo.
    drops: Vec<f64>,
    still_first: usize,
    /// Probability lost with the control box hidden instead.
    control_drops: Vec<f64>,
    /// The first less the second, for photos that have both.
    beyond_control: Vec<f64>,
}

impl MaskEffects {
    /// Counts a photo whose region is visible; `control` is the class's probability with the control box hidden.
    pub(super) fn count(&mut self, row: &MaskedClassRow, control: Option<f32>) {
        let effects = self.0.entry(row.region.clone()).or_default();
        let original = f64::from(row.probability_original);
        let drop = original - f64::from(row.probability_masked);
        effects.drops.push(drop);
        effects.still_first += usize::from(row.rank_masked == 1);
        if let Some(control) = control {
            let control_drop = original - f64::from(control);
            effects.control_drops.push(control_drop);
            effects.beyond_control.push(drop - control_drop);
        }
    }

    /// Mean drops with Student's t intervals, and the share of photos whose class stays first with Wilson's.
    pub(super) fn metrics(&self) -> Vec<MetricRow> {
        let mut rows = Vec::new();
        for (region, effects) in &self.0 {
            let mut row = |metric: &str, value: f64, interval: Option<(f64, f64)>, count: usize| {
                rows.push(MetricRow {
                    metric: format!("{metric}_{region}"),
                    scope: "all".into(),
                    value,
                    low: interval.map(|(low, _)| low),
                    high: interval.map(|(_, high)| high),
                    count,
                });
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
            let share = effects.still_first as f64 / photos.max(1) as f64;
            let interval = statistics::wilson(effects.still_first, photos);
            row("masked_still_first", share, interval, photos);
        }
        rows
    }
}
