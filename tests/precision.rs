//! Photographs classified in less than float32: what it changes, and what stays as it is.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod common;
mod support;

use std::collections::BTreeMap;

use common::drawn;
use common::networks::{gated, today, varied};
use common::random::Random;
use common::{doubles, engine, folded, random_input, random_weights, relative_error};
use deconvscope::engine::{Precision, Recording, ReluRule};
use deconvscope::network::{zoo, Network};
use support::files::{assert_same, files};
use support::photos::cats_and_dogs;
use support::run::Run;
use support::type_in;
use tch::Kind;

/// Half of the last place of 8 significant bits, for each node that rounds.
const OF_A_NODE: f64 = 1.0 / 512.0;

/// The relative difference from float32 of what a network gives in another precision, `None` where that is nothing but zeros;
/// what it records is float32's to the last bit.
fn changed_by(precision: Precision, network: &Network, random: &mut Random) -> Option<f64> {
    let weights = random_weights(network, random);
    let exact = engine(&folded(network, &weights));
    let input = random_input(exact.network(), 3, random);
    let classifying = exact.clone().classifying_in(precision).unwrap();
    let recording = Recording {
        activations: vec![1],
        rule: Some(ReluRule::Deconvnet),
        ..Recording::default()
    };
    let [expected, found] =
        [&exact, &classifying].map(|engine| engine.classify(&input, &recording).unwrap());
    assert_eq!(found.activations[&1], expected.activations[&1]);
    let alone = classifying.classify(&input, &Recording::default()).unwrap();
    assert_eq!((alone.output.kind(), alone.images), (Kind::Float, 3));
    assert_eq!(alone.output, found.output);
    let [found, expected] = [found, expected].map(|trace| doubles(&trace.output));
    let is_zero = expected.iter().all(|&value| value == 0.0);
    (!is_zero).then(|| relative_error(&found, &expected))
}

fn networks(random: &mut Random) -> Vec<(String, Network)> {
    let named = |name: &str| (name.to_owned(), zoo::find(name).unwrap().network());
    let mut all = vec![
        ("varied".to_owned(), varied()),
        ("gated".to_owned(), gated()),
        ("today".to_owned(), today()),
        named("tiny"),
    ];
    for number in 0..12 {
        all.push((format!("drawn {number}"), drawn::network(random)));
        all.push((format!("drawn today {number}"), drawn::today(random)));
    }
    all
}

#[test]
fn bf16_is_off_by_its_own_rounding() {
    let random = &mut Random(1);
    for (name, network) in networks(random) {
        let Some(off) = changed_by(Precision::Bf16, &network, random) else {
            continue;
        };
        let bound = OF_A_NODE * network.nodes.len() as f64;
        eprintln!(
            "{name}: {off:.1e} of {bound:.1e}, {} nodes",
            network.nodes.len()
        );
        assert!(off > 0.0 && off < bound, "{name}: {off:e}, bound {bound:e}");
    }
}

/// There it is float32 by another way.
#[test]
fn tf32_on_a_processor_is_float32() {
    let random = &mut Random(2);
    for (name, network) in networks(random) {
        let off = changed_by(Precision::Tf32, &network, random);
        assert!(off.is_none_or(|off| off < 1e-5), "{name}: {off:?}");
    }
}

const REPORT: &str = "report p --detail 2 --occlusion 1 --features 2 --randomisation 1";

#[test]
fn a_run_says_what_its_precision_changed() {
    let folder = tempfile::tempdir().unwrap();
    cats_and_dogs(&folder.path().join("p"));
    let report = |options: &str| type_in(folder.path(), &format!("{REPORT} {options}"));
    report("--out float32").ok();
    report("--out bf16 --precision bf16 --threads 1").ok();
    let [exact, rounded] = ["float32", "bf16"].map(|name| Run(folder.path().join(name)));
    assert_eq!(exact.manifest()["options"]["precision"], "float32");
    assert!(exact.manifest()["precision"].is_null());
    let manifest = rounded.manifest();
    assert_eq!(manifest["options"]["precision"], "bf16");

    // All photographs are in the sample, so that it is what the tables of both runs tell.
    let probabilities = |run: &Run| {
        run.tensors("data/probabilities.safetensors")["original"]
            .1
            .clone()
    };
    let (ours, theirs) = (probabilities(&rounded), probabilities(&exact));
    let differences = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs());
    let largest = f64::from(differences.fold(0f32, f32::max));
    let told = &manifest["precision"];
    let photos = exact
        .table("images")
        .iter()
        .filter(|row| row["status"] == "ok")
        .count();
    assert_eq!(told["photos"], photos);
    assert!(largest > 0.0);
    assert!((told["largest_difference"].as_f64().unwrap() - largest).abs() < 1e-6);
    let first = |run: &Run| -> BTreeMap<String, String> {
        let rows = run.table("predictions").into_iter();
        let first = rows.filter(|row| row["rank"] == "1" && row["condition"] == "original");
        first
            .map(|row| (row["image_id"].clone(), row["class_index"].clone()))
            .collect()
    };
    let (ours, theirs) = (first(&rounded), first(&exact));
    let changed = ours
        .iter()
        .filter(|(id, class)| theirs[*id] != **class)
        .count();
    assert_eq!(told["other_first_class"], changed);
    let whole = files(&rounded.0.join("data"));
    for lang in ["en", "ko"] {
        let again = format!("--out bf16 --precision bf16 --overwrite --lang {lang} --threads 2");
        report(&again).ok();
        assert_same(&files(&rounded.0.join("data")), &whole, "other threads");
        let page = rounded.text("pages/provenance.html");
        let shown = format!("{:.1e}", told["largest_difference"].as_f64().unwrap());
        let shown = [
            shown,
            format!("{:.3}", told["largest_difference"].as_f64().unwrap()),
        ];
        assert!(page.contains("bf16") && shown.iter().any(|shown| page.contains(shown)));
    }

    // What is not a probability of a photograph as a whole is float32's.
    for table in ["occlusion", "features", "maps"] {
        assert_eq!(
            rounded.text(&format!("data/{table}.csv")),
            exact.text(&format!("data/{table}.csv")),
            "{table}"
        );
    }
    let ids: Vec<String> = first(&exact).into_keys().collect();
    let both = ids.iter().map(|id| format!("arrays/{id}.safetensors"));
    let both: Vec<String> = both
        .filter(|path| {
            [&exact, &rounded]
                .iter()
                .all(|run| run.0.join(path).is_file())
        })
        .collect();
    assert!(!both.is_empty());
    for path in both {
        assert_eq!(rounded.tensors(&path), exact.tensors(&path), "{path}");
    }

    report("--out bf16 --resume --lang ko").fails_with(&["--precision was bf16 and is float32"]);
    let refused = report("--out o --device cpu --precision tf32").code(2);
    assert!(
        refused.stderr.contains("a way of GPUs"),
        "{}",
        refused.stderr
    );
    assert!(!folder.path().join("o").exists());
}
