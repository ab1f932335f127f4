//! What goes wrong in a training, in the terms of ZF §3.1 and §4.1, told by signs in its tables.

use records::tables::{TrainingFindingRow, TrainingLayerRow, TrainingRow};

/// Of the loss of guessing: a loss that stays above it has learnt nothing.
const STUCK: f64 = 0.99;
/// Epochs from which on that is no longer the beginning.
const PATIENCE: usize = 3;
/// Share of the photographs that one class is the most probable one of.
const ONE_CLASS: f64 = 0.98;
/// Of the smallest loss so far.
const DIVERGING: f64 = 2.0;
/// Share of the first layer's maps.
const DEAD: f64 = 0.25;
/// Validation loss of its smallest, while the training loss still falls.
const OVERFITTING: f64 = 1.1;

/// Signs that hold at the end, each with the epoch since which it does.
pub(super) fn findings(
    rows: &[TrainingRow],
    layers: &[TrainingLayerRow],
    classes: usize,
) -> Vec<TrainingFindingRow> {
    let guessing = (classes as f64).ln();
    let mut found = Vec::new();
    let mut find = |finding: &str,
                    layer: &str,
                    bound: f64,
                    values: Vec<(usize, f64)>,
                    holds: &dyn Fn(f64) -> bool| {
        if let Some(since) = since(&values, holds) {
            found.push(TrainingFindingRow {
                finding: finding.into(),
                since_epoch: values[since].0,
                layer: layer.into(),
                value: values[values.len() - 1].1,
                bound,
            });
        }
    };
    let of = |value: &dyn Fn(&TrainingRow) -> Option<f64>| -> Vec<(usize, f64)> {
        let values = rows.iter().filter(|row| row.epoch > 0);
        values
            .filter_map(|row| Some((row.epoch, value(row)?)))
            .collect()
    };
    let losses = of(&|row| row.train_loss);
    if losses.len() >= PATIENCE {
        find("stuck", "", STUCK * guessing, losses.clone(), &|loss| {
            loss > STUCK * guessing
        });
    }
    let shares = of(&|row| Some(row.favourite_share));
    if shares.len() >= PATIENCE {
        find("one_class", "", ONE_CLASS, shares, &|share| {
            share >= ONE_CLASS
        });
    }
    let least = |values: &[(usize, f64)]| {
        values
            .iter()
            .map(|(_, loss)| *loss)
            .fold(f64::INFINITY, f64::min)
    };
    let smallest = least(&losses);
    find(
        "diverging",
        "",
        DIVERGING * smallest,
        losses.clone(),
        &|loss| !loss.is_finite() || loss > DIVERGING * smallest && loss > guessing,
    );
    let held_back = of(&|row| Some(row.val_loss));
    let bound = OVERFITTING * least(&held_back);
    let falls = losses
        .last()
        .is_some_and(|(_, last)| *last <= smallest * 1.05);
    if falls {
        find("overfitting", "", bound, held_back, &|loss| loss > bound);
    }
    if let Some(first) = layers.first().map(|row| row.layer.clone()) {
        let shares = layers
            .iter()
            .filter(|row| row.layer == first && row.epoch > 0);
        let shares = shares.map(|row| (row.epoch, row.dead_maps as f64 / row.maps.max(1) as f64));
        find("dead_filters", &first, DEAD, shares.collect(), &|share| {
            share >= DEAD
        });
    }
    found
}

/// The first of those values at the end for which it holds.
fn since(values: &[(usize, f64)], holds: &dyn Fn(f64) -> bool) -> Option<usize> {
    let last = values.iter().rposition(|(_, value)| !holds(*value));
    let first = last.map_or(0, |last| last + 1);
    (first < values.len()).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: usize, train_loss: f64, val_loss: f64, favourite_share: f64) -> TrainingRow {
        TrainingRow {
            epoch,
            rate: Some(0.1),
            steps: 1,
            train_loss: Some(train_loss),
            train_error: Some(0.5),
            val_loss,
            val_top1_error: 0.5,
            val_top5_error: None,
            logit_spread: 0.1,
            favourite_class: "a".into(),
            favourite_share,
            filters_held: 0,
        }
    }

    fn told(rows: &[TrainingRow]) -> Vec<(String, usize)> {
        let found = findings(rows, &[], 10).into_iter();
        found
            .map(|found| (found.finding, found.since_epoch))
            .collect()
    }

    #[test]
    fn each_sign_is_told_since_it_holds() {
        let sound = [
            row(1, 2.0, 2.0, 0.3),
            row(2, 1.5, 1.6, 0.2),
            row(3, 1.0, 1.5, 0.2),
        ];
        assert!(told(&sound).is_empty());
        let stuck = [
            row(1, 2.303, 2.303, 0.3),
            row(2, 2.302, 2.302, 1.0),
            row(3, 2.302, 2.303, 1.0),
        ];
        assert_eq!(told(&stuck), [("stuck".into(), 1), ("one_class".into(), 2)]);
        let diverging = [
            row(1, 1.0, 1.0, 0.2),
            row(2, 2.0, 1.0, 0.2),
            row(3, 9.0, 1.0, 0.2),
        ];
        assert_eq!(told(&diverging), [("diverging".into(), 3)]);
        let overfitting = [
            row(1, 1.0, 1.0, 0.2),
            row(2, 0.5, 1.2, 0.2),
            row(3, 0.1, 1.4, 0.2),
        ];
        assert_eq!(told(&overfitting), [("overfitting".into(), 2)]);
    }

    #[test]
    fn dead_filters_are_those_of_the_first_layer() {
        let layer = |epoch, layer: &str, dead_maps| TrainingLayerRow {
            epoch,
            layer: layer.into(),
            maps: 8,
            dead_maps,
            filter_rms_mean: None,
            filter_rms_largest: None,
        };
        let layers = [
            layer(1, "conv1", 0),
            layer(1, "conv2", 8),
            layer(2, "conv1", 2),
            layer(2, "conv2", 8),
        ];
        let rows = [row(1, 2.0, 2.0, 0.3), row(2, 1.5, 1.6, 0.2)];
        let found = findings(&rows, &layers, 10);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&*found[0].finding, &*found[0].layer, found[0].since_epoch),
            ("dead_filters", "conv1", 2)
        );
        assert_eq!(found[0].value, 0.25);
    }
}
