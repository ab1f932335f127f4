//! Intervals and tests against SciPy and statsmodels: tests/fixtures/golden/statistics.json, made by
//! scripts/golden/statistics.py.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::statistics::{
    mcnemar, mean, mean_interval, paired_difference, wilcoxon, wilson, Method, PairedCounts,
};
use serde_json::Value;

const EXACT: f64 = 1e-9;

fn golden() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/golden/statistics.json"
    );
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn list<'a>(golden: &'a Value, name: &str) -> &'a [Value] {
    let list = golden[name].as_array().unwrap();
    assert!(list.len() > 4);
    list
}

fn values(entry: &Value) -> Vec<f64> {
    let values = entry["values"].as_array().unwrap();
    values.iter().map(|v| v.as_f64().unwrap()).collect()
}

#[track_caller]
fn assert_near(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected}"
    );
}

fn counts([both, only_first, only_second, neither]: [usize; 4]) -> PairedCounts {
    PairedCounts {
        both,
        only_first,
        only_second,
        neither,
    }
}

#[test]
fn wilcoxon_s_test_is_scipy_s() {
    let golden = golden();
    let (mut exact, mut approximate) = (0, 0);
    for entry in list(&golden, "paired") {
        let expected = &entry["wilcoxon"];
        if expected.is_null() {
            continue;
        }
        let found = wilcoxon(&values(entry)).unwrap();
        assert_near(found.p_value, &expected["p"], EXACT);
        assert_near(found.positive_ranks, &expected["positive_ranks"], 0.0);
        assert_eq!(found.count as u64, expected["count"].as_u64().unwrap());
        assert_eq!(found.count + found.zeros, values(entry).len());
        match found.method {
            Method::Exact => exact += 1,
            Method::Normal => approximate += 1,
        }
    }
    assert!(exact >= 8 && approximate >= 3);
}

#[test]
fn the_exact_distribution_and_its_approximation_agree_where_both_are_good() {
    let mut differences: Vec<f64> = (1..=50).map(|i| f64::from(i % 17) - 6.5).collect();
    let exact = wilcoxon(&differences).unwrap();
    differences.extend([2.5, -2.5]);
    let normal = wilcoxon(&differences).unwrap();
    assert_eq!(
        (exact.method, normal.method),
        (Method::Exact, Method::Normal)
    );
    assert!((exact.p_value - normal.p_value).abs() < 0.02);
}

#[test]
fn the_bootstrap_interval_is_scipy_s_within_its_own_error() {
    let golden = golden();
    for entry in list(&golden, "paired") {
        let expected = &entry["bootstrap"];
        if expected.is_null() {
            continue;
        }
        let (low, high) = mean_interval(&values(entry), 7).unwrap();
        // Five standard deviations of what 9,999 resamples of another seed would give.
        assert_near(
            low,
            &expected["low"],
            5.0 * expected["low_sd"].as_f64().unwrap(),
        );
        assert_near(
            high,
            &expected["high"],
            5.0 * expected["high_sd"].as_f64().unwrap(),
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_interval_and_another_seed_another() {
    let values: Vec<f64> = (1..40).map(|i| f64::from(i).sqrt().fract()).collect();
    assert_eq!(mean_interval(&values, 3), mean_interval(&values, 3));
    assert_ne!(mean_interval(&values, 3), mean_interval(&values, 4));
}

#[test]
fn student_s_interval_is_scipy_s() {
    let golden = golden();
    for entry in list(&golden, "paired") {
        let (found, interval) = mean(&values(entry)).unwrap();
        let (low, high) = interval.unwrap();
        assert_near(found, &entry["t"]["mean"], 1e-12);
        assert_near(low, &entry["t"]["low"], 1e-9);
        assert_near(high, &entry["t"]["high"], 1e-9);
    }
}

#[test]
fn mcnemar_s_exact_test_is_statsmodels_() {
    let golden = golden();
    for entry in list(&golden, "mcnemar") {
        let numbers = entry["counts"].as_array().unwrap();
        let number = |at: usize| numbers[at].as_u64().unwrap() as usize;
        let found = mcnemar(&counts([number(0), number(1), number(2), number(3)])).unwrap();
        assert_near(found.p_value, &entry["p"], EXACT);
        assert_eq!(found.discordant, number(1) + number(2));
    }
}

#[test]
fn wilson_s_interval_is_statsmodels_() {
    let golden = golden();
    for entry in list(&golden, "wilson") {
        let number = |name: &str| entry[name].as_u64().unwrap() as usize;
        let (low, high) = wilson(number("hits"), number("trials")).unwrap();
        assert_near(low, &entry["low"], EXACT);
        assert_near(high, &entry["high"], EXACT);
    }
}

/// Fagerland, Lydersen & Laake 2014 (Statistics in Medicine 33:2850), table VI: airway hyper-responsiveness before and
/// after stem cell transplantation.
#[test]
fn the_paired_difference_has_the_published_interval() {
    let bentur = counts([1, 7, 1, 12]);
    assert!((bentur.difference().unwrap() + 6.0 / 21.0).abs() < 1e-15);
    let (low, high) = paired_difference(&bentur, 0.95).unwrap();
    assert!((low + 0.507).abs() < 5e-4, "{low}");
    assert!((high + 0.026).abs() < 5e-4, "{high}");
    let mirrored = paired_difference(&counts([1, 1, 7, 12]), 0.95).unwrap();
    assert!((mirrored.0 + high).abs() < 1e-12 && (mirrored.1 + low).abs() < 1e-12);
    let (wide_low, wide_high) = paired_difference(&bentur, 0.99).unwrap();
    assert!(wide_low < low && high < wide_high);
}

#[test]
fn the_paired_difference_covers_what_it_should() {
    use rand_chacha::rand_core::{RngCore, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    let mut uniform = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let shares = [0.55, 0.15, 0.08, 0.22];
    let (truth, repeats) = (shares[2] - shares[1], 4000);
    let mut covered = 0;
    for _ in 0..repeats {
        let mut drawn = [0; 4];
        for _ in 0..60 {
            let mut at = uniform();
            let cell = shares.iter().position(|share| {
                at -= share;
                at < 0.0
            });
            drawn[cell.unwrap_or(3)] += 1;
        }
        let (low, high) = paired_difference(&counts(drawn), 0.95).unwrap();
        covered += usize::from(low <= truth && truth <= high);
    }
    let coverage = f64::from(covered as u32) / f64::from(repeats);
    assert!((0.935..0.975).contains(&coverage), "{coverage}");
}

#[test]
fn what_is_not_defined_is_not_a_number_of_some_kind() {
    assert_eq!(wilson(0, 0), None);
    assert_eq!(mcnemar(&counts([7, 0, 0, 3])), None);
    assert_eq!(paired_difference(&counts([0; 4]), 0.95), None);
    assert_eq!(paired_difference(&counts([1, 1, 1, 1]), 1.0), None);
    assert_eq!(wilcoxon(&[]), None);
    assert_eq!(wilcoxon(&[0.0, 0.0]), None);
    assert_eq!(wilcoxon(&[f64::NAN, 1.0]), None);
    assert_eq!(mean_interval(&[0.5], 0), None);
    assert_eq!(mean_interval(&[0.5, 0.5], 0), None);
    assert_eq!(mean(&[]), None);
    assert_eq!(mean(&[2.0]), Some((2.0, None)));
    let same = wilcoxon(&[1.0; 4]).unwrap();
    assert_eq!(same.p_value, 0.125);
    let none_discordant = paired_difference(&counts([9, 0, 0, 0]), 0.95).unwrap();
    assert!(none_discordant.0 < 0.0 && none_discordant.1 > 0.0);
}
