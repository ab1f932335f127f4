//! Intervals and tests against SciPy and statsmodels: tests/fixtures/golden/statistics.json, made by
//! scripts/golden/statistics.py.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::statistics::{
    bounded_mean, correlation, interval, jackknife, mcnemar, mean, mean_interval,
    paired_difference, rank_correlation, share_difference, trend, wilcoxon, wilson, Method,
    PairedCounts,
};
use serde_json::Value;

const EXACT: f64 = 1e-9;

fn golden() -> Value {
    fixture("statistics.json")
}

/// Made by scripts/golden/measures.py.
fn measures() -> Value {
    fixture("measures.json")
}

fn fixture(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/golden");
    let path = std::path::Path::new(folder).join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().unwrap().iter();
    list.map(|value| value.as_f64().unwrap()).collect()
}

fn list<'a>(golden: &'a Value, name: &str) -> &'a [Value] {
    let list = golden[name].as_array().unwrap();
    assert!(list.len() > 4);
    list
}

fn values(entry: &Value) -> Vec<f64> {
    numbers(&entry["values"])
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

fn assert_interval(found: Option<(f64, f64)>, entry: &Value) {
    let (low, high) = found.unwrap();
    assert_near(low, &entry["low"], EXACT);
    assert_near(high, &entry["high"], EXACT);
}

#[test]
fn correlations_are_scipy_s() {
    for entry in list(&measures(), "ranks") {
        let (a, b) = (numbers(&entry["a"]), numbers(&entry["b"]));
        assert_near(rank_correlation(&a, &b).unwrap(), &entry["rank"], EXACT);
        assert_near(correlation(&a, &b).unwrap(), &entry["pearson"], EXACT);
        let falling: Vec<f64> = b.iter().map(|value| -value).collect();
        let turned = rank_correlation(&a, &falling).unwrap();
        assert!((turned + rank_correlation(&a, &b).unwrap()).abs() < EXACT);
    }
    assert_eq!(rank_correlation(&[1.0, 2.0], &[3.0, 3.0]), None);
    assert_eq!(rank_correlation(&[1.0], &[3.0]), None);
    assert_eq!(rank_correlation(&[1.0, f64::NAN], &[3.0, 4.0]), None);
}

#[test]
fn a_trend_over_groups_has_welch_s_interval() {
    for entry in measures()["trends"].as_array().unwrap() {
        let groups = entry["groups"].as_array().unwrap();
        let mut groups: Vec<Vec<f64>> = groups.iter().map(numbers).collect();
        let (slope, interval) = trend(&groups).unwrap();
        assert_near(slope, &entry["value"], EXACT);
        assert_interval(interval, entry);
        groups.reverse();
        assert!((trend(&groups).unwrap().0 + slope).abs() < EXACT);
    }
    assert_eq!(trend(&[vec![1.0], vec![]]), None);
    assert_eq!(trend(&[vec![1.0], vec![2.0, 3.0]]), Some((1.5, None)));
    assert_eq!(trend(&[vec![1.0; 2], vec![1.0; 3]]), Some((0.0, None)));
}

#[test]
fn the_difference_of_independent_shares_is_statsmodels_() {
    for entry in measures()["shares"].as_array().unwrap() {
        let share = |name: &str| match numbers(&entry[name])[..] {
            [hits, trials] => (hits as usize, trials as usize),
            _ => unreachable!(),
        };
        let found = share_difference(share("first"), share("second")).unwrap();
        assert_near(found.0, &entry["value"], EXACT);
        assert_interval(Some(found.1), entry);
    }
    assert_eq!(share_difference((0, 0), (1, 2)), None);
}

#[test]
fn bounded_values_that_are_alike_have_the_interval_of_a_share() {
    for entry in measures()["bounded"].as_array().unwrap() {
        let (value, count) = (entry["value"].as_f64().unwrap(), entry["count"].as_u64());
        let values = vec![value; count.unwrap() as usize];
        let (mean, interval) = bounded_mean(&values, [-1.0, 1.0]).unwrap();
        assert!((mean - value).abs() < EXACT);
        assert_interval(interval, entry);
    }
    let values = [0.9, 1.0, 0.2];
    let (low, high) = mean(&values).unwrap().1.unwrap();
    assert!(high > 1.0);
    assert_eq!(
        bounded_mean(&values, [-1.0, 1.0]).unwrap().1,
        Some((low, 1.0))
    );
    assert_eq!(bounded_mean(&[1.0], [-1.0, 1.0]), Some((1.0, None)));
}

#[test]
fn the_bootstrap_of_any_figure_is_scipy_s_within_its_own_error() {
    for entry in measures()["bootstrap"].as_array().unwrap() {
        let (a, b) = (numbers(&entry["a"]), numbers(&entry["b"]));
        let figure = |drawn: &[usize]| {
            let of = |side: &[f64]| drawn.iter().map(|&at| side[at]).collect::<Vec<f64>>();
            rank_correlation(&of(&a), &of(&b))
        };
        let (low, high) = interval(a.len(), 7, figure).unwrap();
        let error = |end: &str| 6.0 * entry[end].as_f64().unwrap();
        assert_near(low, &entry["low"], error("low_sd"));
        assert_near(high, &entry["high"], error("high_sd"));
    }
    // Of a mean it is what the mean's own is.
    let values: Vec<f64> = (1..40).map(|i| f64::from(i).sqrt().fract()).collect();
    let mean = |drawn: &[usize]| Some(drawn.iter().map(|&at| values[at]).sum::<f64>() / 39.0);
    let (low, high) = interval(39, 3, mean).unwrap();
    let (expected_low, expected_high) = mean_interval(&values, 3).unwrap();
    assert!((low - expected_low).abs() < EXACT && (high - expected_high).abs() < EXACT);
    assert_eq!(interval(1, 0, |_| Some(1.0)), None);
    assert_eq!(interval(9, 0, |_| Some(1.0)), None);
    assert_eq!(interval(9, 0, |drawn| (drawn[0] > 4).then_some(1.0)), None);
}

#[test]
fn the_jackknife_is_numpy_s() {
    for entry in measures()["jackknives"].as_array().unwrap() {
        let without = numbers(&entry["without"]);
        let figure = entry["value"].as_f64().unwrap();
        assert_interval(jackknife(figure, &without), entry);
    }
    assert_eq!(jackknife(0.5, &[0.4, 0.6]), None);
    assert_eq!(jackknife(0.5, &[0.5; 4]), None);
}
