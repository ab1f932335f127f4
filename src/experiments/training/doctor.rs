//! What goes wrong in a training, in the terms of ZF §3.1 and §4.1, told by signs in its tables.

use records::tables::{TrainingFindingRow, TrainingLayerRow, TrainingRow, TrainingSpectrumRow};

/// Of the loss of guessing: a loss that stays above it has learnt nothing.
const STUCK: f64 = 0.99;
/// Epochs at the end for which that is so.
const PATIENCE: usize = 3;
/// Share of the photographs that one class is the most probable one of.
const ONE_CLASS: f64 = 0.98;
/// Of the smallest loss so far.
const DIVERGING: f64 = 2.0;
/// Share of the first layer's maps.
const DEAD: f64 = 0.25;
/// Share of the first layer's filters. AlexNet's, 11×11 with a stride of 4, which ZF §4.1 found aliased: a third; random ones of
/// that shape: a tenth, of 7×7 with a stride of 2: none.
const ALIASED: f64 = 0.25;
/// Validation loss of its smallest, while the training loss is smaller than it was then.
const OVERFITTING: f64 = 1.1;

/// Signs that hold at the end, each with the epoch since which it does.
pub(super) fn findings(
    rows: &[TrainingRow],
    layers: &[TrainingLayerRow],
    spectrum: &[TrainingSpectrumRow],
    classes: usize,
) -> Vec<TrainingFindingRow> {
    let guessing = (classes as f64).ln();
    let of = |value: &dyn Fn(&TrainingRow) -> Option<f64>| -> Values {
        let values = rows.iter().filter(|row| row.epoch > 0);
        values
            .filter_map(|row| Some((row.epoch, value(row)?)))
            .collect()
    };
    let losses = of(&|row| row.train_loss);
    let shares = of(&|row| Some(row.favourite_share));
    let held_back = of(&|row| Some(row.val_loss));
    let (smallest, smallest_held_back) = (least(&losses), least(&held_back));
    let best = held_back
        .iter()
        .position(|(_, loss)| *loss == smallest_held_back);
    let then = best.and_then(|best| losses.get(best));
    let fell = then
        .zip(losses.last())
        .is_some_and(|((_, then), (_, last))| last < then);
    let diverging = DIVERGING * smallest;
    let diverging = sign("diverging", &losses, (diverging.max(guessing), 1), f64::gt);
    // What flew apart is above guessing too, and wants the opposite.
    let stuck = match diverging {
        Some(_) => None,
        None => sign("stuck", &losses, (STUCK * guessing, PATIENCE), f64::gt),
    };
    let mut found = vec![
        stuck,
        sign("one_class", &shares, (ONE_CLASS, PATIENCE), f64::ge),
        diverging,
    ];
    if fell {
        let bound = OVERFITTING * smallest_held_back;
        found.push(sign("overfitting", &held_back, (bound, 1), f64::gt));
    }
    if let Some(first) = layers.first().map(|row| row.layer.clone()) {
        let of_first = layers
            .iter()
            .filter(|row| row.layer == first && row.epoch > 0);
        let dead: Values = of_first
            .map(|row| (row.epoch, row.dead_maps as f64 / row.maps.max(1) as f64))
            .collect();
        let sign = sign("dead_filters", &dead, (DEAD, 1), f64::ge);
        found.push(sign.map(|row| TrainingFindingRow {
            layer: first,
            ..row
        }));
    }
    found.push(aliasing(spectrum));
    found.into_iter().flatten().collect()
}

/// Whether more filters are aliased than random ones would be, and more than a quarter.
fn aliasing(spectrum: &[TrainingSpectrumRow]) -> Option<TrainingFindingRow> {
    let share = |row: &TrainingSpectrumRow| row.aliased_filters as f64 / row.filters.max(1) as f64;
    let random = spectrum.iter().filter(|row| row.epoch.is_none()).map(share);
    let bound = random.fold(ALIASED, f64::max);
    let epochs = spectrum.iter().filter(|row| row.epoch > Some(0));
    let shares: Values = epochs
        .filter_map(|row| Some((row.epoch?, share(row))))
        .collect();
    let layer = spectrum.last()?.layer.clone();
    let found = sign("aliasing", &shares, (bound, 1), f64::gt)?;
    Some(TrainingFindingRow { layer, ..found })
}

/// Values by epoch.
type Values = Vec<(usize, f64)>;

fn least(values: &Values) -> f64 {
    let losses = values.iter().map(|(_, loss)| *loss);
    losses.fold(f64::INFINITY, f64::min)
}

/// A sign that holds since an epoch where at least so many values at the end are beyond the bound.
fn sign(
    finding: &str,
    values: &Values,
    (bound, enough): (f64, usize),
    beyond: fn(&f64, &f64) -> bool,
) -> Option<TrainingFindingRow> {
    let since = since(values, &|value| beyond(&value, &bound))?;
    let (_, value) = *values.last()?;
    (values.len() - since >= enough).then(|| TrainingFindingRow {
        finding: finding.into(),
        since_epoch: values[since].0,
        layer: String::new(),
        value,
        bound,
    })
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
        let found = findings(rows, &[], &[], 10).into_iter();
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
            row(4, 2.302, 2.303, 1.0),
        ];
        assert_eq!(told(&stuck), [("stuck".into(), 1), ("one_class".into(), 2)]);
        let diverging = [
            row(1, 1.0, 1.0, 0.2),
            row(2, 2.0, 1.0, 0.2),
            row(3, 9.0, 1.0, 0.2),
        ];
        assert_eq!(told(&diverging), [("diverging".into(), 3)]);
        // Above guessing all the while.
        let apart = [
            row(1, 4.0, 2.5, 0.2),
            row(2, 9.0, 2.5, 0.2),
            row(3, 30.0, 2.5, 0.2),
        ];
        assert_eq!(told(&apart), [("diverging".into(), 2)]);
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
        let found = findings(&rows, &layers, &[], 10);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&*found[0].finding, &*found[0].layer, found[0].since_epoch),
            ("dead_filters", "conv1", 2)
        );
        assert_eq!(found[0].value, 0.25);
    }

    #[test]
    fn aliasing_is_more_than_random_filters_have() {
        let spectrum = |epoch, aliased_filters| TrainingSpectrumRow {
            epoch,
            layer: "conv1".into(),
            filters: 20,
            low_share: 0.0,
            middle_share: 0.0,
            high_share: 1.0,
            aliased_share: 1.0,
            aliased_filters,
        };
        let rows = |random, epochs: [usize; 3]| -> Vec<TrainingSpectrumRow> {
            let epochs = epochs.into_iter().enumerate();
            let epochs = epochs.map(|(epoch, aliased)| spectrum(Some(epoch), aliased));
            [spectrum(None, random)].into_iter().chain(epochs).collect()
        };
        let found = aliasing(&rows(2, [2, 5, 7])).unwrap();
        assert_eq!(
            (found.since_epoch, found.value, found.bound),
            (2, 0.35, 0.25)
        );
        assert_eq!(aliasing(&rows(8, [2, 5, 7])), None);
        assert_eq!(aliasing(&rows(2, [9, 9, 5])), None);
        assert_eq!(aliasing(&[]), None);
    }
}
