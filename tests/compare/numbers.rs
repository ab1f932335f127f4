//! The comparison's tables, held against the two runs' own tables and arrays.

use crate::support::run::number;
use crate::{read, row};
use std::collections::BTreeMap;

const COMMON: [&str; 4] = ["cats/1.png", "cats/2.jpg", "dogs/1.png", "dogs/2.jpg"];

#[test]
fn every_table_has_its_header() {
    for (table, header) in [
        ("photos", "image_id,path,run,label,class_index,class_name,probability,right,label_probability,reference_probability"),
        ("tests", "run_a,run_b,measure,count,value_a,value_b,difference,low,high,interval,test,test_count,statistic,p_value"),
        ("flips", "run_a,run_b,from,to,count"),
        ("layers", "image_id,layer,kind,energy_a,energy_b,cosine"),
    ] {
        assert_eq!(read("c").header(table), header);
    }
}

#[test]
fn photos_that_both_runs_have_are_followed_from_one_to_the_other() {
    let photos = read("c").table("photos");
    let plain = read("plain");
    let classes = 1000;
    let runs = [("plain", &plain), ("face", &read("face"))];
    assert_eq!(photos.len(), 2 * COMMON.len());
    for (name, run) in runs {
        let probabilities = &run.tensors("data/probabilities.safetensors")["original"].1;
        let firsts: Vec<_> = run
            .table("predictions")
            .into_iter()
            .filter(|row| row["rank"] == "1")
            .collect();
        let labels = run.manifest()["dataset"]["label_classes"].clone();
        for path in COMMON {
            let found = row(&photos, &[("path", path), ("run", name)]);
            let place = firsts.iter().position(|row| row["path"] == path).unwrap();
            let own = &probabilities[place * classes..][..classes];
            let first = number(&firsts[place], "class_index") as usize;
            assert_eq!(number(found, "class_index") as usize, first);
            assert!((number(found, "probability") - f64::from(own[first])).abs() < 1e-7);
            let label = usize::from(path.starts_with("dogs"));
            assert_eq!(found["label"], ["cats", "dogs"][label]);
            let accepted: Vec<usize> = serde_json::from_value(labels[label].clone()).unwrap();
            let sum: f64 = accepted.iter().map(|&class| f64::from(own[class])).sum();
            assert!((number(found, "label_probability") - sum).abs() < 1e-9);
            assert_eq!(found["right"], accepted.contains(&first).to_string());
            let reference = row(&photos, &[("path", path), ("run", "plain")]);
            let reference = number(reference, "class_index") as usize;
            let expected = f64::from(own[reference]);
            assert!((number(found, "reference_probability") - expected).abs() < 1e-7);
        }
    }
}

#[test]
fn tests_rest_on_the_photos_differences() {
    let comparison = read("c");
    let tests = comparison.table("tests");
    let photos = comparison.table("photos");
    let of = |run: &str, column: &str| -> Vec<f64> {
        COMMON
            .iter()
            .map(|path| {
                let found = row(&photos, &[("path", path), ("run", run)]);
                match &*found[column] {
                    "true" => 1.0,
                    "false" => 0.0,
                    _ => number(found, column),
                }
            })
            .collect()
    };
    for (measure, column) in [
        ("top1_accuracy", "right"),
        ("label_probability", "label_probability"),
        ("first_class_probability", "reference_probability"),
    ] {
        let (a, b) = (of("plain", column), of("face", column));
        let found = row(&tests, &[("measure", measure)]);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        assert_eq!(number(found, "count"), 4.0);
        assert!((number(found, "value_a") - mean(&a)).abs() < 1e-9);
        assert!((number(found, "value_b") - mean(&b)).abs() < 1e-9);
        let difference = number(found, "difference");
        assert!((difference - (mean(&b) - mean(&a))).abs() < 1e-9);
    }
    // Four changes, all downwards: the exact test gives 2 / 2⁴ and no positive rank.
    let first = row(&tests, &[("measure", "first_class_probability")]);
    let changes = of("plain", "reference_probability")
        .into_iter()
        .zip(of("face", "reference_probability"))
        .map(|(a, b)| b - a);
    let up = changes.clone().filter(|change| *change > 0.0).count();
    let rank_sum: f64 = {
        let mut ordered: Vec<f64> = changes.collect();
        ordered.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        let ranks = ordered.iter().zip(1..);
        ranks
            .filter(|(change, _)| **change > 0.0)
            .map(|(_, rank)| f64::from(rank))
            .sum()
    };
    assert_eq!(number(first, "statistic"), rank_sum);
    assert_eq!(first["test"], "wilcoxon_exact");
    if up == 0 {
        assert_eq!(number(first, "p_value"), 0.125);
    }
    let (low, high) = (number(first, "low"), number(first, "high"));
    assert!(low < number(first, "difference") && number(first, "difference") < high);
}

#[test]
fn projections_are_compared_by_energy_and_cosine() {
    let layers = read("c").table("layers");
    assert_eq!(layers.len(), COMMON.len() * 2 * 2);
    let ids = read("plain").ids();
    for path in ["cats/2.jpg", "dogs/1.png"] {
        let id = &ids[path];
        let [a, b] =
            ["plain", "face"].map(|run| read(run).tensors(&format!("arrays/{id}.safetensors")));
        for (layer, kind) in [("conv1", "layer"), ("fire9", "unit")] {
            let key = format!("original/projection/{kind}/{layer}");
            let (a, b) = (&a[&key].1, &b[&key].1);
            let dot = |x: &[f32], y: &[f32]| -> f64 {
                let products = x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y));
                products.sum()
            };
            let found = row(
                &layers,
                &[("image_id", id), ("layer", layer), ("kind", kind)],
            );
            let near = |column: &str, expected: f64| {
                let value = number(found, column);
                assert!(
                    (value - expected).abs() <= 1e-9 * expected.abs(),
                    "{column}"
                );
            };
            near("energy_a", dot(a, a));
            near("energy_b", dot(b, b));
            near("cosine", dot(a, b) / (dot(a, a) * dot(b, b)).sqrt());
        }
    }
    let cosines: BTreeMap<&str, f64> = layers
        .iter()
        .filter(|row| row["kind"] == "layer" && row["image_id"] == ids["dogs/1.png"])
        .map(|row| (&*row["layer"], number(row, "cosine")))
        .collect();
    assert!(cosines.values().all(|cosine| (0.0..0.999).contains(cosine)));
}

#[test]
fn flips_count_the_photos_whose_first_class_changed() {
    let comparison = read("c");
    let photos = comparison.table("photos");
    let class =
        |path: &str, run: &str| row(&photos, &[("path", path), ("run", run)])["class_name"].clone();
    let mut expected = BTreeMap::<(String, String), usize>::new();
    for path in COMMON {
        let (from, to) = (class(path, "plain"), class(path, "face"));
        if from != to {
            *expected.entry((from, to)).or_default() += 1;
        }
    }
    let found: BTreeMap<(String, String), usize> = comparison
        .table("flips")
        .into_iter()
        .map(|row| {
            let count = number(&row, "count") as usize;
            ((row["from"].clone(), row["to"].clone()), count)
        })
        .collect();
    assert_eq!(found, expected);
    assert!(!expected.is_empty(), "the sample should show a flip");
}
