//! The papers' claims against figures made by hand, three for each: the effect there, the effect reversed, and the bound inside the
//! interval. Correction for many tests against statsmodels: tests/fixtures/golden/statistics.json.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::BTreeMap;

use deconvscope::claims::{self, judge, junit, Claim, Part};
use deconvscope::records::tables::MetricRow;
use deconvscope::records::{is_figure, Verdict};
use deconvscope::statistics::{holm, p_of_interval};
use serde::Deserialize;

#[derive(Deserialize)]
struct Figure {
    claim: String,
    case: String,
    metric: String,
    scope: String,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    count: usize,
}

/// By claim and case.
fn figures() -> BTreeMap<(String, String), Vec<MetricRow>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/claims/figures.csv"
    );
    let mut cases: BTreeMap<(String, String), Vec<MetricRow>> = BTreeMap::new();
    for figure in csv::Reader::from_path(path).unwrap().deserialize() {
        let figure: Figure = figure.unwrap();
        let case = cases.entry((figure.claim, figure.case)).or_default();
        case.push(MetricRow {
            metric: figure.metric,
            scope: figure.scope,
            value: figure.value,
            low: figure.low,
            high: figure.high,
            count: figure.count,
        });
    }
    cases
}

fn part(claim: &Claim, metrics: Vec<MetricRow>) -> Part {
    Part {
        name: claim.part.clone(),
        folder: "parts/one".into(),
        metrics,
    }
}

fn studies() -> Vec<String> {
    vec!["architecture".into(), "ablation".into()]
}

#[test]
fn each_claim_is_held_reversed_and_undecided_by_its_figures() {
    let claims = claims::read(None).unwrap();
    let figures = figures();
    assert_eq!(figures.len(), 3 * claims.len());
    for claim in &claims {
        for case in ["held", "not_held", "undecided"] {
            let metrics = figures[&(claim.id.clone(), case.to_owned())].clone();
            assert!(metrics.iter().all(|row| is_figure(&row.metric)));
            let one = std::slice::from_ref(claim);
            let judged = judge(one, &[part(claim, metrics.clone())], &studies()).unwrap();
            assert_eq!(judged.claims[0].verdict.name(), case, "{}", claim.id);
            assert_eq!(judged.rules.len(), metrics.len(), "{}", claim.id);
            for rule in &judged.rules {
                // Where the row stands, behind the header.
                assert_eq!(metrics[rule.line - 2].value, rule.value);
            }
            // Without one of its figures nothing is said.
            let judged = judge(one, &[part(claim, metrics[1..].to_vec())], &studies()).unwrap();
            assert_eq!(
                judged.claims[0].verdict,
                Verdict::NotTestable,
                "{}",
                claim.id
            );
            let nothing = judge(one, &[], &studies()).unwrap();
            assert_eq!(nothing.claims[0].verdict, Verdict::NotTestable);
            assert_eq!(nothing.count(Verdict::NotTestable), 1);
        }
    }
}

#[test]
fn an_estimate_without_an_interval_decides_nothing() {
    let claims = claims::read(None).unwrap();
    let claim = claims.iter().find(|claim| claim.id == "Z-layers").unwrap();
    let mut metrics = figures()[&("Z-layers".into(), "held".into())].clone();
    metrics[0].low = None;
    let judged = judge(std::slice::from_ref(claim), &[part(claim, metrics)], &[]).unwrap();
    assert_eq!(judged.claims[0].verdict, Verdict::Undecided);
    assert_eq!(judged.claims[0].p_value, None);
}

#[test]
fn the_first_region_that_there_is_is_meant() {
    let claims = claims::read(None).unwrap();
    let claim = claims.iter().find(|claim| claim.id == "R-body").unwrap();
    let mut metrics = figures()[&("R-body".into(), "held".into())].clone();
    for row in &mut metrics {
        row.metric = row.metric.replace("lower_body", "body");
    }
    let judged = judge(std::slice::from_ref(claim), &[part(claim, metrics)], &[]).unwrap();
    assert_eq!(judged.claims[0].verdict, Verdict::Held);
    assert_eq!(judged.rules[0].metric, "masked_still_first_body");
}

#[test]
fn many_weak_verdicts_become_undecided_together() {
    let claims: Vec<Claim> = claims::read(None).unwrap();
    let of_report: Vec<Claim> = claims
        .into_iter()
        .filter(|claim| claim.rules[0].len() == 1 && claim.part == "report")
        .collect();
    assert!(of_report.len() > 5);
    // Each just outside its interval: p about 0.04.
    let weak = |claim: &Claim| {
        let rule = &claim.rules[0][0];
        let bound: f64 = rule.bound.to_string().parse().unwrap();
        let side = if rule.operator.symbol() == ">" {
            1.0
        } else {
            -1.0
        };
        MetricRow {
            metric: rule.figure.metric.clone(),
            scope: rule.figure.scope.clone(),
            value: bound + side * 1.05,
            low: Some(bound + side * 1.05 - 1.0),
            high: Some(bound + side * 1.05 + 1.0),
            count: 9,
        }
    };
    let metrics: Vec<MetricRow> = of_report.iter().map(weak).collect();
    let report = Part {
        name: "report".into(),
        folder: String::new(),
        metrics,
    };
    let judged = judge(&of_report, std::slice::from_ref(&report), &[]).unwrap();
    for row in &judged.claims {
        assert_eq!(row.verdict, Verdict::Held, "{}", row.id);
        assert_eq!(row.verdict_corrected, Verdict::Undecided, "{}", row.id);
    }
    let alone = judge(&of_report[..1], &[report], &[]).unwrap();
    assert_eq!(alone.claims[0].verdict_corrected, Verdict::Held);
}

#[test]
fn a_part_that_no_replication_has_is_named() {
    let mut claims = claims::read(None).unwrap();
    claims[0].part = "raport".into();
    let error = judge(&claims, &[], &studies()).unwrap_err().to_string();
    assert!(
        error.contains("did you mean 'report'") && error.contains("R-grid"),
        "{error}"
    );
}

#[test]
fn pipelines_read_verdicts_as_test_cases() {
    let claims = claims::read(None).unwrap();
    let figures = figures();
    let chosen = [
        ("Z-hier", "held"),
        ("Z-inv2", "not_held"),
        ("Z-corrmap", "undecided"),
    ];
    let metrics = chosen
        .iter()
        .flat_map(|(claim, case)| figures[&((*claim).to_owned(), (*case).to_owned())].clone());
    let report = Part {
        name: "report".into(),
        folder: String::new(),
        metrics: metrics.collect(),
    };
    let judged = judge(&claims, &[report], &studies()).unwrap();
    let mut xml = Vec::new();
    junit(&judged, "dogs & cats", &mut xml).unwrap();
    let xml = String::from_utf8(xml).unwrap();
    assert!(
        xml.contains("tests=\"25\" failures=\"1\" errors=\"0\""),
        "{xml}"
    );
    assert!(xml.contains("skipped=\"23\""), "{xml}");
    assert!(xml.contains("name=\"dogs &amp; cats\""));
    assert!(
        xml.contains("<failure message=\"not held: top9_invariance_trend &gt; 0: found -0.1000")
    );
}

#[test]
fn corrections_are_statsmodels_s() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/golden/statistics.json"
    );
    let golden: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|number| number.as_f64().unwrap()).collect()
    };
    let cases = golden["holm"].as_array().unwrap();
    assert!(cases.len() > 3);
    for case in cases {
        let found = holm(&numbers(&case["p"]));
        for (found, expected) in found.iter().zip(numbers(&case["corrected"])) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
    for case in golden["p_of_interval"].as_array().unwrap() {
        let of = |name: &str| case[name].as_f64().unwrap();
        let found = p_of_interval(of("value"), (of("low"), of("high")), of("bound")).unwrap();
        assert!((found - of("p")).abs() < 1e-9, "{case}");
    }
    assert_eq!(p_of_interval(0.0, (0.0, 0.0), 0.0), Some(1.0));
    assert_eq!(p_of_interval(1.0, (1.0, 1.0), 0.0), Some(0.0));
    assert_eq!(p_of_interval(f64::NAN, (0.0, 1.0), 0.0), None);
    assert!(holm(&[]).is_empty());
}
