//! Linear classifiers against scikit-learn: tests/fixtures/golden/classifiers.json, made by scripts/golden/classifiers.py.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::classifiers::{Failure, Gram, Multinomial, OneVsRest, Svm};
use ndarray::{array, Array2};
use serde_json::Value;

struct Case {
    classes: usize,
    labels: Vec<usize>,
    gram: Gram,
    cross: Gram,
    golden: Value,
}

fn cases() -> Vec<Case> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/golden/classifiers.json"
    );
    let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = golden["cases"].as_array().unwrap().iter().map(|case| {
        let labels = indices(&case["labels"]);
        let gram = |name: &str| {
            let values = numbers(&case[name]);
            let shape = (values.len() / labels.len(), labels.len());
            Gram::new(Array2::from_shape_vec(shape, values).unwrap()).unwrap()
        };
        Case {
            classes: case["classes"].as_u64().unwrap() as usize,
            gram: gram("gram"),
            cross: gram("cross"),
            labels: labels.clone(),
            golden: case.clone(),
        }
    });
    let cases: Vec<Case> = cases.collect();
    assert_eq!(cases.len(), 4);
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    let values = value.as_array().unwrap().iter();
    values
        .map(|value| value.as_u64().unwrap() as usize)
        .collect()
}

/// Values within a part of their range.
fn near(found: &[f64], expected: &[f64], part: f64) {
    assert_eq!(found.len(), expected.len());
    let least = expected.iter().copied().fold(f64::INFINITY, f64::min);
    let most = expected.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for (found, expected) in found.iter().zip(expected) {
        let off = (found - expected).abs() / (most - least);
        assert!(
            off < part,
            "{found} instead of {expected}: {off:.1e} of the range"
        );
    }
}

#[test]
fn machines_are_scikit_learns() {
    for case in cases() {
        for golden in case.golden["svm"].as_array().unwrap() {
            let c = golden["c"].as_f64().unwrap();
            let solved = OneVsRest::solve(&case.gram, &case.labels, (case.classes, c, 1e-8));
            let solved = solved.unwrap();
            let decisions = golden["decisions"].as_array().unwrap();
            for (machine, decisions) in solved.machines().iter().zip(decisions) {
                // scikit-learn keeps products in float32.
                near(&machine.decisions(&case.cross), &numbers(decisions), 1e-4);
                assert!((-1e-9..1e-6).contains(&machine.gap), "{}", machine.gap);
            }
            assert_eq!(solved.classify(&case.cross), indices(&golden["classes"]));
        }
    }
}

#[test]
fn softmax_is_scikit_learns() {
    for case in cases() {
        for golden in case.golden["softmax"].as_array().unwrap() {
            let c = golden["c"].as_f64().unwrap();
            let solved = Multinomial::solve(&case.gram, &case.labels, (case.classes, c, 1e-9));
            let solved = solved.unwrap();
            let mut found = Vec::new();
            for row in solved.decisions(&case.cross).rows() {
                let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = row.iter().map(|score| (score - most).exp()).sum();
                found.extend(row.iter().map(|score| (score - most).exp() / sum));
            }
            let rows = golden["probabilities"].as_array().unwrap().iter();
            let expected: Vec<f64> = rows.flat_map(numbers).collect();
            near(&found, &expected, 1e-5);
            assert_eq!(solved.classify(&case.cross), indices(&golden["classes"]));
        }
    }
}

/// Rising penalties, each from the solution of the one before, come to what each comes to from nothing.
#[test]
fn paths_end_at_the_same_optima() {
    let penalties = [0.1, 1.0, 10.0, 100.0, 1000.0];
    for case in cases() {
        let asked = (case.classes, &penalties[..], 1e-8);
        let machines = OneVsRest::path(&case.gram, &case.labels, asked).unwrap();
        let softmax = Multinomial::path(&case.gram, &case.labels, asked).unwrap();
        for ((&c, machines), softmax) in penalties.iter().zip(&machines).zip(&softmax) {
            let alone = (case.classes, c, 1e-8);
            let solved = OneVsRest::solve(&case.gram, &case.labels, alone).unwrap();
            for (one, other) in machines.machines().iter().zip(solved.machines()) {
                near(
                    &one.decisions(&case.cross),
                    &other.decisions(&case.cross),
                    1e-5,
                );
            }
            let solved = Multinomial::solve(&case.gram, &case.labels, alone).unwrap();
            let [one, other] = [softmax, &solved].map(|it| it.decisions(&case.cross));
            near(one.as_slice().unwrap(), other.as_slice().unwrap(), 1e-5);
        }
    }
}

/// Two examples at distance 2 on a line: the margin lies in their middle, at any penalty that allows it.
#[test]
fn two_examples_are_parted_in_the_middle() {
    let gram = Gram::new(array![[1.0, -1.0], [-1.0, 1.0]]).unwrap();
    let solved = Svm::solve(&gram, &[true, false], 10.0, 1e-10).unwrap();
    near(&solved.weights, &[0.5, -0.5], 1e-9);
    assert!(solved.bias.abs() < 1e-9);
    let middle = Gram::new(array![[0.0, 0.0], [0.5, -0.5]]).unwrap();
    near(&solved.decisions(&middle), &[0.0, 0.5], 1e-9);
    // With a penalty of 0.1 both weights are bounded: any bias from −0.8 to 0.8 is optimal, and its middle is taken.
    let bounded = Svm::solve(&gram, &[true, false], 0.1, 1e-10).unwrap();
    assert_eq!((bounded.weights, bounded.bias), (vec![0.1, -0.1], 0.0));
}

#[test]
fn what_cannot_be_told_apart_is_refused() {
    let gram = Gram::new(array![[1.0, 0.5], [0.5, 1.0]]).unwrap();
    let one = Svm::solve(&gram, &[true, true], 1.0, 1e-6);
    assert_eq!(one.unwrap_err(), Failure::OneClass);
    let one = Multinomial::solve(&gram, &[1, 1], (2, 1.0, 1e-6));
    assert_eq!(one.unwrap_err(), Failure::OneClass);
    let not_finite = Gram::new(array![[1.0, f64::NAN], [0.0, 1.0]]);
    assert_eq!(not_finite.unwrap_err(), Failure::NotFinite);
}
