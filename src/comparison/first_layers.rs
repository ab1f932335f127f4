//! The first layers of a study's variants held against the base's (ZF fig. 6): how much of their filters' power is fine, what of it
//! the stride cannot sample, and how many of their maps are dead.

use records::tables::{FilterRow, MetricRow, StudyLayerRow};

/// A variant and, training by training in the order of the seeds, the filters of its first convolution.
pub type FirstLayers = (String, Vec<Vec<FilterRow>>);

/// A share of a filter's power.
type Share = fn(&FilterRow) -> f64;

/// What of a filter is compared.
const SHARES: [(&str, Share); 2] = [
    ("filter_high_share_difference", |row| row.high_share),
    ("filter_aliased_share_difference", |row| row.aliased_share),
];

/// A difference, its interval where it has one, and what it rests on.
type Found = (f64, Option<(f64, f64)>);

/// Each variant's means over the filters less those of the first variant, the base: with one training of each the interval is
/// Welch's over the filters, with several Student's over the seeds. `layers` are those of the study, of which the first of a training
/// tells its dead maps, the interval with one training Newcombe's.
pub fn metrics(variants: &[FirstLayers], layers: &[StudyLayerRow]) -> Vec<MetricRow> {
    let Some((base, others)) = variants.split_first() else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for variant in others {
        let scope = format!("variant:{}", variant.0);
        let filters = variant.1.iter().map(Vec::len).max().unwrap_or(0);
        for (name, share) in SHARES {
            let found = difference(&base.1, &variant.1, share);
            rows.extend(found.map(|found| MetricRow::new(name, &scope, found, filters)));
        }
        let of_variant = first_rows(layers, &variant.0);
        let maps = of_variant.iter().map(|row| row.maps).max().unwrap_or(0);
        let found = dead_difference(&first_rows(layers, &base.0), &of_variant);
        let name = "filter_dead_share_difference";
        rows.extend(found.map(|found| MetricRow::new(name, &scope, found, maps)));
    }
    rows
}

fn difference(
    base: &[Vec<FilterRow>],
    variant: &[Vec<FilterRow>],
    share: fn(&FilterRow) -> f64,
) -> Option<Found> {
    let trainings = base.iter().zip(variant);
    let found: Option<Vec<Found>> = trainings
        .map(|(base, variant)| {
            let shares = |rows: &[FilterRow]| rows.iter().map(share).collect::<Vec<f64>>();
            statistics::trend(&[shares(base), shares(variant)])
        })
        .collect();
    over_seeds(&found?)
}

fn dead_difference(base: &[&StudyLayerRow], variant: &[&StudyLayerRow]) -> Option<Found> {
    let dead = |row: &StudyLayerRow| (row.dead_maps, row.maps);
    let trainings = base.iter().zip(variant);
    let found: Option<Vec<Found>> = trainings
        .map(|(base, variant)| {
            let (difference, interval) = statistics::share_difference(dead(base), dead(variant))?;
            Some((difference, Some(interval)))
        })
        .collect();
    over_seeds(&found?)
}

/// That of one training as it is, the mean of several.
fn over_seeds(found: &[Found]) -> Option<Found> {
    match found {
        [one] => Some(*one),
        several => {
            let differences: Vec<f64> = several.iter().map(|(difference, _)| *difference).collect();
            statistics::mean(&differences)
        }
    }
}

/// The first layer of each of a variant's trainings.
fn first_rows<'a>(layers: &'a [StudyLayerRow], variant: &str) -> Vec<&'a StudyLayerRow> {
    let trainings = layers.chunk_by(|a, b| (&a.variant, a.seed) == (&b.variant, b.seed));
    let first = trainings.filter_map(|rows| rows.first());
    first.filter(|row| row.variant == variant).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn filters(high: &[f64]) -> Vec<FilterRow> {
        let filter = |(filter, &high_share): (usize, &f64)| FilterRow {
            layer: "conv1".into(),
            filter,
            norm: 1.0,
            frequency: None,
            low_share: 0.0,
            middle_share: 1.0 - high_share,
            high_share,
            aliased_share: high_share / 2.0,
            nearest: None,
            nearest_cosine: None,
        };
        high.iter().enumerate().map(filter).collect()
    }

    fn layers(variant: &str, seed: u64, dead_maps: usize) -> [StudyLayerRow; 2] {
        ["conv1", "conv2"].map(|layer| StudyLayerRow {
            variant: variant.into(),
            seed,
            layer: layer.into(),
            maps: 20,
            dead_maps: if layer == "conv1" { dead_maps } else { 20 },
            filter_rms_mean: None,
            filter_rms_largest: None,
        })
    }

    fn found(base: &[&[f64]], variant: &[&[f64]], dead: [usize; 2]) -> Vec<MetricRow> {
        let of = |name: &str, trainings: &[&[f64]]| {
            let trainings = trainings.iter().map(|high| filters(high));
            (name.to_owned(), trainings.collect())
        };
        let seeds = 0..base.len() as u64;
        let names = [("base", dead[0]), ("finer", dead[1])].into_iter();
        let layers = names.flat_map(|(name, dead)| {
            let seeds = seeds.clone();
            seeds.flat_map(move |seed| layers(name, seed, dead))
        });
        let layers: Vec<StudyLayerRow> = layers.collect();
        metrics(&[of("base", base), of("finer", variant)], &layers)
    }

    fn row<'a>(rows: &'a [MetricRow], metric: &str) -> &'a MetricRow {
        let row = rows.iter().find(|row| row.metric == metric);
        row.unwrap()
    }

    const MANY: [f64; 5] = [0.5, 0.6, 0.4, 0.7, 0.55];
    const FEW: [f64; 4] = [0.1, 0.2, 0.15, 0.3];

    /// `scipy.stats.ttest_ind(few, many, equal_var=False).confidence_interval()`.
    #[test]
    fn one_training_is_compared_filter_by_filter() {
        let rows = found(&[&MANY], &[&FEW], [9, 1]);
        let high = row(&rows, "filter_high_share_difference");
        assert_eq!((&*high.scope, high.count), ("variant:finer", 4));
        assert!((high.value + 0.3625).abs() < 1e-12);
        let (low, end) = (high.low.unwrap(), high.high.unwrap());
        assert!((low + 0.517_977_522_300_662).abs() < 1e-9, "{low}");
        assert!((end + 0.207_022_477_699_338).abs() < 1e-9, "{end}");
        let aliased = row(&rows, "filter_aliased_share_difference");
        assert!((aliased.value + 0.18125).abs() < 1e-12);
        let dead = row(&rows, "filter_dead_share_difference");
        assert_eq!((dead.value, dead.count), (-0.4, 20));
        assert!(dead.high.unwrap() < 0.0);
        let turned = found(&[&FEW], &[&MANY], [1, 9]);
        let back = row(&turned, "filter_high_share_difference");
        assert!((back.value - 0.3625).abs() < 1e-12 && back.low.unwrap() > 0.0);
        assert!(row(&turned, "filter_dead_share_difference").low.unwrap() > 0.0);
    }

    #[test]
    fn several_trainings_are_compared_seed_by_seed() {
        let rows = found(&[&MANY, &MANY], &[&FEW, &[0.2, 0.3]], [5, 5]);
        let high = row(&rows, "filter_high_share_difference");
        let (mean, interval) = statistics::mean(&[-0.3625, -0.3]).unwrap();
        assert!((high.value - mean).abs() < 1e-12);
        assert!((high.low.unwrap() - interval.unwrap().0).abs() < 1e-9);
        let dead = row(&rows, "filter_dead_share_difference");
        assert_eq!(dead.value, 0.0);
    }
}
