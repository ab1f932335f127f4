//! What rules and claims rest on: figures of the layers, with intervals over the splits.
//!
//! Those with one name whatever was asked are of the first classifier and the greatest number a class.

use records::tables::{MetricRow, TransferLayerRow};
use statistics::resampled;

/// A layer's accuracies, split by split.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BySplit {
    /// The layer.
    pub(super) layer: String,
    /// In the order of the splits.
    pub(super) accuracies: Vec<f64>,
}

/// `transfer_svm_30_conv5` and so on: the accuracies of every classifier and number a class.
pub(super) fn of_all(summaries: &[TransferLayerRow]) -> Vec<MetricRow> {
    let metric = |row: &TransferLayerRow| MetricRow {
        metric: format!(
            "transfer_{}_{}_{}",
            row.classifier, row.per_class, row.layer
        ),
        scope: "all".into(),
        value: row.accuracy,
        low: row.low,
        high: row.high,
        count: row.splits,
    };
    summaries.iter().map(metric).collect()
}

/// Accuracy by layer (`transfer_accuracy`), of the best one (`transfer_best`; of equals the lowest), what it rises by from the layer
/// below (`transfer_step`) and a layer on average (`transfer_slope`); `sizes` are the photographs that a split trains on and tests.
///
/// What several layers come to is computed split by split, whose mean and interval are then those of [`resampled`].
pub(super) fn of_layers(layers: &[BySplit], sizes: (usize, usize)) -> Vec<MetricRow> {
    let mut metrics = Vec::new();
    let mut add = |name: &str, scope: String, values: &[f64], is_share: bool| {
        metrics.extend(metric(name, scope, values, (sizes, is_share)));
    };
    for layer in layers {
        let scope = format!("layer:{}", layer.layer);
        add("transfer_accuracy", scope, &layer.accuracies, true);
    }
    for pair in layers.windows(2) {
        let values = pair[1].accuracies.iter().zip(&pair[0].accuracies);
        let values: Vec<f64> = values.map(|(upper, lower)| upper - lower).collect();
        let scope = format!("layer:{}", pair[1].layer);
        add("transfer_step", scope, &values, false);
    }
    if let Some(slopes) = slopes(layers) {
        add("transfer_slope", "all".into(), &slopes, false);
    }
    if let Some(best) = best(layers) {
        add("transfer_best", "all".into(), &best.accuracies, true);
    }
    metrics
}

/// The layer with the highest mean; of equals the lowest.
pub(super) fn best(layers: &[BySplit]) -> Option<&BySplit> {
    let sum = |layer: &BySplit| layer.accuracies.iter().sum::<f64>();
    layers
        .iter()
        .reduce(|best, layer| match sum(layer) > sum(best) {
            true => layer,
            false => best,
        })
}

/// A figure of every split, summed up: of a share the interval ends at 0 and 1.
pub(super) fn metric(
    name: &str,
    scope: String,
    values: &[f64],
    (sizes, is_share): ((usize, usize), bool),
) -> Option<MetricRow> {
    let found = resampled(values, sizes)?;
    let (least, most) = match is_share {
        true => (0.0, 1.0),
        false => (-1.0, 1.0),
    };
    Some(MetricRow {
        metric: name.into(),
        scope,
        value: found.mean,
        low: found.interval.map(|(low, _)| low.max(least)),
        high: found.interval.map(|(_, high)| high.min(most)),
        count: values.len(),
    })
}

/// By split the slope of the straight line that comes nearest to accuracy over the layers' places, 0, 1, 2 … from the input upwards
/// (least squares): the share that it rises by a layer. None for a single layer.
fn slopes(layers: &[BySplit]) -> Option<Vec<f64>> {
    let middle = (layers.len().checked_sub(1)?) as f64 / 2.0;
    let places = (0..layers.len()).map(|place| place as f64 - middle);
    let square: f64 = places.clone().map(|place| place * place).sum();
    if square == 0.0 {
        return None;
    }
    let of_split = |split: usize| -> f64 {
        let parts = places.clone().zip(layers);
        let parts = parts.map(|(place, layer)| place * layer.accuracies[split]);
        parts.sum::<f64>() / square
    };
    Some((0..layers[0].accuracies.len()).map(of_split).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(accuracies: &[&[f64]]) -> Vec<BySplit> {
        let layers = accuracies.iter().enumerate();
        let layer = |(number, accuracies): (usize, &&[f64])| BySplit {
            layer: format!("conv{}", number + 1),
            accuracies: accuracies.to_vec(),
        };
        layers.map(layer).collect()
    }

    fn found<'a>(metrics: &'a [MetricRow], name: &str, scope: &str) -> &'a MetricRow {
        let mut wanted = metrics.iter();
        wanted
            .find(|row| row.metric == name && row.scope == scope)
            .unwrap()
    }

    /// Lines through 0.2, 0.5, 0.6 and 0.3, 0.4, 0.7 rise by 0.2 a layer each; steps differ from split to split.
    #[test]
    fn slopes_and_steps_are_those_of_the_splits() {
        let layers = layers(&[&[0.2, 0.3], &[0.5, 0.4], &[0.6, 0.7]]);
        let metrics = of_layers(&layers, (20, 10));
        let slope = found(&metrics, "transfer_slope", "all");
        assert!((slope.value - 0.2).abs() < 1e-12 && slope.count == 2);
        // Of two equal slopes nobody knows how they scatter.
        assert_eq!((slope.low, slope.high), (None, None));
        let step = found(&metrics, "transfer_step", "layer:conv2");
        // 0.3 and 0.1: s² = 0.02, times (1/2 + 10/20); t(1) = 12.7062.
        assert!((step.value - 0.2).abs() < 1e-12);
        assert_eq!((step.low, step.high), (Some(-1.0), Some(1.0)));
        let accuracy = found(&metrics, "transfer_accuracy", "layer:conv3");
        assert!((accuracy.value - 0.65).abs() < 1e-12);
        assert_eq!(
            found(&metrics, "transfer_best", "all").value,
            accuracy.value
        );
        assert_eq!(metrics.len(), 3 + 2 + 1 + 1);
    }

    /// With 0.15 and 0.17 in place of 0.1 and 0.3: s² = 0.0002, half-width 12.706205 · √0.0002 = 0.179693.
    #[test]
    fn a_step_s_interval_is_that_of_its_differences() {
        let layers = layers(&[&[0.2, 0.3], &[0.35, 0.47]]);
        let metrics = of_layers(&layers, (20, 10));
        let step = found(&metrics, "transfer_step", "layer:conv2");
        assert!((step.value - 0.16).abs() < 1e-12);
        assert!((step.low.unwrap() - (0.16 - 0.179_693)).abs() < 1e-6);
        let slope = found(&metrics, "transfer_slope", "all");
        assert!((slope.value - step.value).abs() < 1e-12);
        assert!((slope.high.unwrap() - step.high.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn of_one_layer_there_is_no_slope_and_of_one_split_no_interval() {
        let one = of_layers(&layers(&[&[0.5, 0.5]]), (1, 1));
        assert!(one.iter().all(|row| row.metric != "transfer_slope"));
        let one = of_layers(&layers(&[&[0.5], &[0.7]]), (1, 1));
        let slope = found(&one, "transfer_slope", "all");
        assert!((slope.value - 0.2).abs() < 1e-12 && slope.low.is_none());
        // Of equals the lowest.
        assert_eq!(best(&layers(&[&[0.5], &[0.5]])).unwrap().layer, "conv1");
    }
}
