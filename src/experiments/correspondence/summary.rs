//! What many pairs come to.

use records::tables::CorrespondencePairRow;

/// Mean and standard deviation (n − 1) of what there is.
#[derive(Default)]
pub(super) struct Spread {
    pub(super) mean: Option<f64>,
    pub(super) sd: Option<f64>,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean: Some(mean),
            sd: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        }
    }
}

/// Distances and agreements of pairs, in two figures each.
pub(super) struct Summary {
    pub(super) whole: Spread,
    pub(super) agreement: Spread,
}

impl Summary {
    pub(super) fn of(rows: &[CorrespondencePairRow]) -> Self {
        let whole: Vec<f64> = rows.iter().map(|row| row.distance).collect();
        let agreement: Vec<f64> = rows.iter().filter_map(|row| row.agreement).collect();
        Self {
            whole: Spread::of(&whole),
            agreement: Spread::of(&agreement),
        }
    }
}
