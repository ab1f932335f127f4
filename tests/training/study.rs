//! `deconvscope study` as a person types it: variants on the same photographs, tables that follow from their runs, the same bytes
//! whatever the threads and the interruptions, and what is said where a study cannot be.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::killed_at_parts;
use crate::support::files::{assert_same, results};
use crate::support::photos::many_cats_and_dogs;
use crate::support::process::start;
use crate::support::run::{number, Row, Run};
use crate::support::type_in;

/// Of the tests' small network; `without_both` is the two before it together.
const STUDY: &str = r#"
model = "tiny"
recipe = "small"
set = { epochs = 2, batch = 12, micro_batch = 5 }

[base]
name = "base"
published = { train = 33.1, val_top1 = 38.4, val_top5 = 16.5, source = "a paper" }

[[variants]]
name = "without_4"
remove = ["fc4"]
published = { val_top1 = 45.4, source = "a paper", base = { val_top1 = 40.5 } }

[[variants]]
name = "without_3b"
remove = ["conv3b"]

[[variants]]
name = "without_both"
remove = ["conv3b", "fc4"]

[[variants]]
name = "first"
layers.conv1 = { kernel = 7, stride = 4, padding = 1, channels = "x0.5" }
layers.conv2.channels = 4
recipe = { lr = 0.1, input.flip = false }
"#;
const LINE: &str = "study s.toml p --val 0.3";
const NAMES: [&str; 5] = ["base", "without_4", "without_3b", "without_both", "first"];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 40);
    std::fs::write(folder.path().join("s.toml"), STUDY).unwrap();
    folder
}

fn by_variant(run: &Run, table: &str) -> BTreeMap<String, Row> {
    let rows = run.table(table).into_iter();
    rows.map(|row| (row["variant"].clone(), row)).collect()
}

/// Whether a run's first class is the label's, by photograph.
fn right(run: &Run) -> BTreeMap<String, bool> {
    let images = run.table("images");
    let labels: BTreeMap<String, String> = images
        .into_iter()
        .map(|row| (row["image_id"].clone(), row["label"].clone()))
        .collect();
    let firsts = run
        .table("predictions")
        .into_iter()
        .filter(|row| row["rank"] == "1");
    firsts
        .map(|row| {
            (
                row["image_id"].clone(),
                labels[&row["image_id"]] == row["class_name"],
            )
        })
        .collect()
}

#[test]
fn a_study_tells_what_its_runs_tell() {
    let folder = folder();
    type_in(folder.path(), &format!("{LINE} --out o --threads 2")).ok();
    let study = Run(folder.path().join("o"));
    let runs: BTreeMap<&str, Run> = NAMES
        .iter()
        .map(|name| (*name, Run(folder.path().join("o/variants").join(name))))
        .collect();
    let listings: Vec<Value> = runs
        .values()
        .map(|run| run.manifest()["options"]["experiments"]["training"]["training_listing"].clone())
        .collect();
    assert!(listings.iter().all(|listing| *listing == listings[0]));
    let (rows, of_runs) = (
        by_variant(&study, "study"),
        by_variant(&study, "study_runs"),
    );
    let order: Vec<String> = study
        .table("study")
        .iter()
        .map(|row| row["variant"].clone())
        .collect();
    assert_eq!(order, NAMES);
    let base = right(&runs["base"]);
    assert_eq!(base.len(), 12);
    for name in NAMES {
        let (row, run) = (&rows[name], &of_runs[name]);
        let own = right(&runs[name]);
        let wrong = own.values().filter(|right| !**right).count() as f64 / own.len() as f64;
        assert!(
            (number(row, "val_top1_error") - wrong).abs() < 1e-12,
            "{name}"
        );
        let last = runs[name].table("training").pop().unwrap();
        assert_eq!(row["train_error"], last["train_error"], "{name}");
        if name == "base" {
            assert_eq!((&*row["difference"], &*run["base_alone"]), ("", ""));
            continue;
        }
        let alone = |first: &BTreeMap<String, bool>, second: &BTreeMap<String, bool>| {
            first
                .iter()
                .filter(|(id, right)| **right && !second[*id])
                .count()
        };
        assert_eq!(
            number(run, "base_alone"),
            alone(&base, &own) as f64,
            "{name}"
        );
        assert_eq!(
            number(run, "variant_alone"),
            alone(&own, &base) as f64,
            "{name}"
        );
        let difference = (alone(&base, &own) as f64 - alone(&own, &base) as f64) / 12.0;
        assert!(
            (number(row, "difference") - difference).abs() < 1e-12,
            "{name}"
        );
        assert!(
            number(row, "low") <= difference && difference <= number(row, "high"),
            "{name}"
        );
    }
    assert_eq!(rows["without_4"]["published_val_top1_error"], "0.454");
    assert_eq!(rows["without_4"]["published_base_val_top1_error"], "0.405");
    assert_eq!(
        rows["first"]["network"],
        "tiny-conv1_x0.5_7x7_stride_4_padding_1-conv2_4"
    );
    assert_eq!(rows["first"]["recipe"], "input.flip = false; lr = 0.1");
    let training = &runs["first"].manifest()["options"]["experiments"]["training"];
    assert_eq!(
        (&training["lr"], &training["epochs"]),
        (&0.1.into(), &2.into())
    );
    // Input 3×32×32: 4 maps of 7×7 windows, 2 groups of 2 of them in 4 of 3×3, …
    assert_eq!(
        runs["first"].tensors("network.safetensors")["conv1.weight"].0,
        [4, 3, 7, 7]
    );
    assert_eq!(
        runs["without_4"].tensors("network.safetensors")["fc5.weight"].0,
        [2, 10 * 4 * 4]
    );

    let together = study.table("study_together");
    assert_eq!(together.len(), 1);
    let [whole, first, second] =
        ["without_both", "without_4", "without_3b"].map(|name| number(&rows[name], "difference"));
    assert_eq!(
        [&*together[0]["first"], &*together[0]["second"]],
        ["without_4", "without_3b"]
    );
    assert!((number(&together[0], "more") - (whole - first - second)).abs() < 1e-12);

    let metrics = study.table("metrics");
    let of_first = metrics.iter().filter(|row| row["scope"] == "variant:first");
    assert_eq!(of_first.count(), 5);
    let of = |metric: &str, variant: &str| -> Row {
        let scope = format!("variant:{variant}");
        let mut rows = metrics.iter();
        let row = rows.find(|row| row["metric"] == metric && row["scope"] == scope);
        row.unwrap().clone()
    };
    let interaction = of("error_interaction", "without_both");
    for (column, of_table) in [("value", "more"), ("low", "low"), ("high", "high")] {
        assert_eq!(interaction[column], together[0][of_table]);
    }
    let filters = study.table("study_filters");
    let layers = study.table("study_layers");
    let share = |variant: &str, column: &str| {
        let row = filters.iter().find(|row| row["variant"] == variant);
        number(row.unwrap(), column)
    };
    let dead = |variant: &str| {
        let row = layers.iter().find(|row| row["variant"] == variant).unwrap();
        number(row, "dead_maps") / number(row, "maps")
    };
    let differences = [
        (
            "filter_high_share_difference",
            share("first", "high_share") - share("base", "high_share"),
        ),
        (
            "filter_aliased_share_difference",
            share("first", "aliased_share") - share("base", "aliased_share"),
        ),
        ("filter_dead_share_difference", dead("first") - dead("base")),
    ];
    for (metric, expected) in differences {
        let row = of(metric, "first");
        assert!((number(&row, "value") - expected).abs() < 1e-12, "{row:?}");
        assert_eq!(row["count"], "4");
        assert!(number(&row, "low") < expected && expected < number(&row, "high"));
    }
    for name in NAMES {
        assert!(study
            .text("index.html")
            .contains(&format!("variants/{name}/index.html")));
        assert!(study.0.join(format!("assets/study/{name}.png")).is_file());
    }
    let done = |line: &str| assert_eq!(type_in(folder.path(), line).code, 0, "{line}");
    done("check o --rule error_difference[variant:first]<=1");
    type_in(
        folder.path(),
        "compare o/variants/base o/variants/first --out c",
    )
    .ok();
    type_in(folder.path(), "render o --lang ko").ok();
    assert!(study.text("index.html").contains("이 연구가 말해 주는 것"));
    assert!(runs["first"].text("index.html").contains("lang=\"ko\""));
    done("archive o --to archive --name study");
    done("verify archive/study.tar.zst");
    done("verify o");
    std::fs::write(study.0.join("variants/first/data/training.csv"), "").unwrap();
    let damaged = type_in(folder.path(), "verify o");
    assert_eq!(damaged.code, 1);
    assert!(damaged.stdout.contains("variants/first/data/training.csv"));
}

#[test]
fn threads_and_interruptions_change_nothing() {
    let folder = folder();
    let began = Instant::now();
    type_in(folder.path(), &format!("{LINE} --out whole --threads 1")).ok();
    let whole = began.elapsed();
    let expected = results(&folder.path().join("whole"));
    killed_at_parts(folder.path(), LINE, whole, (10, 7));
    let resumed = format!("{LINE} --out o --threads 2 --resume");
    type_in(folder.path(), &resumed).ok();
    let found = results(&folder.path().join("o"));
    assert_same(&found, &expected, "killed and gone on with");
    type_in(folder.path(), &resumed)
        .ok()
        .says("already finished");
    let other = format!("{LINE} --out o --variants first --resume");
    type_in(folder.path(), &other).fails_with(&["--variants was", "--overwrite"]);
    type_in(folder.path(), &format!("{LINE} --out o")).fails_with(&["holds a finished run"]);
    let anew = format!("{LINE} --out o --variants first --overwrite");
    type_in(folder.path(), &anew).ok();
    let names = std::fs::read_dir(folder.path().join("o/variants")).unwrap();
    assert_eq!(names.count(), 2);
    assert_eq!(type_in(folder.path(), "verify o").code, 0);
}

/// As tasks of a scheduler, in any order and some of them twice; a study that is begun too early carries out what is missing.
#[test]
fn trainings_carried_out_one_by_one_are_the_studys() {
    let folder = folder();
    type_in(folder.path(), &format!("{LINE} --out whole --threads 1")).ok();
    let expected = results(&folder.path().join("whole"));
    let line = format!("{LINE} --out o --threads 1");
    for number in [3, 0, 4, 3, 1] {
        type_in(folder.path(), &format!("{line} --training {number}"))
            .ok()
            .says(&format!("training {number}"));
    }
    let names = std::fs::read_dir(folder.path().join("o")).unwrap();
    assert_eq!(names.count(), 1, "only the trainings");
    type_in(folder.path(), &line).ok();
    let found = results(&folder.path().join("o"));
    assert_same(&found, &expected, "one by one");
    type_in(folder.path(), &format!("{line} --training 5"))
        .code(2)
        .says("5 trainings, numbered from 0 to 4");
    type_in(folder.path(), &format!("{line} --training auto"))
        .code(2)
        .says("SLURM_ARRAY_TASK_ID");
    type_in(folder.path(), &format!("{LINE} --training 0")).code(2);
    let others = folder.path().join("others/variants/notes");
    std::fs::create_dir_all(&others).unwrap();
    type_in(folder.path(), &format!("{LINE} --out others"))
        .fails_with(&["holds something that is not a run"]);
}

/// Ctrl-C between the trainings or within one: what to type to go on is the study's folder.
#[test]
fn an_interrupted_study_says_how_to_go_on() {
    let folder = folder();
    let mut process = start(folder.path(), &format!("{LINE} --epochs 9 --out o"));
    let begun = folder.path().join("o/variants/without_4/records/plan.json");
    assert!(process.until(|| begun.is_file()));
    process.signal(crate::support::process::Signal::INT);
    let (status, said) = process.end();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("go on with --out o --resume"), "{said}");
    let finished = folder.path().join("o/variants/base/run.json");
    let before = std::fs::read(&finished).unwrap();
    type_in(
        folder.path(),
        &format!("{LINE} --epochs 9 --out o --resume"),
    )
    .ok();
    assert_eq!(
        std::fs::read(&finished).unwrap(),
        before,
        "the base was done again"
    );
}

#[test]
fn several_seeds_are_trainings_of_their_own_on_the_same_photographs() {
    let folder = folder();
    let line = format!("{LINE} --variants without_4 --seeds 1,2 --epochs 1 --out o");
    type_in(folder.path(), &line).ok();
    let study = Run(folder.path().join("o"));
    let runs = study.table("study_runs");
    let told: Vec<&str> = runs.iter().map(|row| row["folder"].as_str()).collect();
    assert_eq!(
        told,
        [
            "variants/base-seed-1",
            "variants/base-seed-2",
            "variants/without_4-seed-1",
            "variants/without_4-seed-2"
        ]
    );
    let of = |folder: &str| Run(study.0.join(folder));
    let [one, two] = [told[0], told[1]].map(|folder| of(folder).ids());
    assert_eq!(one, two);
    let weights = |folder: &str| of(folder).tensors("network.safetensors")["conv1.weight"].clone();
    assert_ne!(weights(told[0]), weights(told[1]));
    let row = &by_variant(&study, "study")["without_4"];
    let errors = |at: usize| number(&runs[at], "val_top1_error");
    let mean = (errors(2) + errors(3) - errors(0) - errors(1)) / 2.0;
    assert!((number(row, "difference") - mean).abs() < 1e-12);
    assert_eq!((&*row["seeds"], &*row["p_value"]), ("2", ""));
    assert_eq!(number(row, "val_top1_smallest"), errors(2).min(errors(3)));
    type_in(folder.path(), &format!("{LINE} --seeds 1,1 --out p1"))
        .code(2)
        .says("trained twice");
}

#[test]
fn what_cannot_be_studied_is_said_before_anything_is_trained() {
    let folder = folder();
    let fails = |study: &str, code: i32, says: &[&str]| {
        std::fs::write(folder.path().join("bad.toml"), study).unwrap();
        let mut ended = type_in(folder.path(), "study bad.toml p --out o").code(code);
        for part in says {
            ended = ended.says(part);
        }
        assert!(!folder.path().join("o").exists(), "{study}");
    };
    let variant = |more: &str| {
        format!("model = \"tiny\"\nrecipe = \"small\"\n[[variants]]\nname = \"a\"\n{more}\n")
    };
    fails("model = \"tiny\"", 1, &["bad.toml", "has no variants"]);
    fails(
        &variant("remov = [\"fc4\"]"),
        1,
        &["bad.toml", "line 5", "unknown field `remov`"],
    );
    fails(
        &variant("remove = [\"fc9\"]"),
        1,
        &["unknown layer 'fc9'", "conv1, conv2", "variant 'a'"],
    );
    fails(
        &variant("layers.conv1.kernel = 99"),
        1,
        &["variant 'a'", "node 'conv1'", "[99, 99]", "3×32×32"],
    );
    fails(
        &variant("layers.conv2.channels = 16"),
        1,
        &["node 'add2'", "8×8×8 and 16×8×8"],
    );
    fails(
        &variant("recipe.lr = 0"),
        2,
        &["variant 'a'", "lr must be above 0"],
    );
    fails(
        &variant("recipe.rate = 1.0"),
        2,
        &["variant 'a'", "unknown field `rate`"],
    );
    fails(
        &variant("remove = [\"fc4\"]\npublished = { train = 120.0, source = \"x\" }"),
        1,
        &["from 0 to 100; found 120"],
    );
    let twice = variant("remove = [\"fc4\"]") + "[[variants]]\nname = \"a\"\nremove = [\"conv3a\"]";
    fails(&twice, 1, &["two variants are named 'a'"]);
    type_in(folder.path(), "study none p")
        .fails_with(&["unknown study 'none'", "architecture, ablation"]);
    type_in(folder.path(), "study none.toml p").fails_with(&["cannot read none.toml"]);
    type_in(folder.path(), "study s.toml p --variants frist")
        .fails_with(&["unknown variant 'frist'", "first"]);
    type_in(folder.path(), "study s.toml q").fails_with(&["q"]);
    type_in(folder.path(), "study s.toml p --model nonet").fails_with(&["unknown model 'nonet'"]);
    let told = type_in(folder.path(), &format!("{LINE} --dry-run --out o"));
    assert_eq!(told.code, 0);
    assert!(told.stdout.contains("5 trainings:") && told.stdout.contains("without_both\n"));
    assert!(!folder.path().join("o").exists());
}
