//! What a replication tells follows from its tables, and its tables from those of its parts.

use std::collections::BTreeMap;

use deconvscope::records::is_figure;

use crate::support::pages::check;
use crate::support::run::{number, Row, Run};
use crate::support::{linters, repository, type_in};
use crate::{folder, type_words, LINE};

fn by<'r>(rows: &'r [Row], column: &str) -> BTreeMap<&'r str, &'r Row> {
    rows.iter().map(|row| (&*row[column], row)).collect()
}

#[test]
fn verdicts_are_those_of_the_parts_figures() {
    let folder = folder();
    type_in(folder.path(), &format!("{LINE} --out o")).ok();
    let run = Run(folder.path().join("o"));
    let claims = run.table("claims");
    let verdicts: Vec<(&str, &str)> = claims
        .iter()
        .map(|row| (&*row["id"], &*row["verdict"]))
        .collect();
    assert_eq!(
        verdicts,
        [
            ("many", "held"),
            ("none", "not_held"),
            ("counted", "undecided"),
            ("studied", "held"),
            ("transferred", "held"),
            ("missing", "not_testable"),
        ]
    );
    let claims = by(&claims, "id");
    assert_eq!(claims["studied"]["folder"], "parts/s");
    assert_eq!(
        claims["many"]["claim_en"],
        "No photograph harms more than all probability"
    );
    assert_eq!(claims["none"]["claim_ko"], claims["none"]["claim_en"]);
    let rules = run.table("claim_rules");
    assert_eq!(rules.len(), 5);
    for rule in &rules {
        let part = folder
            .path()
            .join("o")
            .join(&claims[&*rule["claim"]]["folder"]);
        let metrics = Run(part).text("data/metrics.csv");
        let line = metrics
            .lines()
            .nth(number(rule, "line") as usize - 1)
            .unwrap();
        let told = ["metric", "scope", "value", "low", "high", "count"].map(|name| &*rule[name]);
        assert_eq!(line, told.join(","), "{}", rule["claim"]);
    }
    let metrics = run.table("metrics");
    let metrics = by(&metrics, "metric");
    for (name, count) in [
        ("held", 3.0),
        ("not_held", 1.0),
        ("undecided", 1.0),
        ("not_testable", 1.0),
    ] {
        assert_eq!(number(metrics[&*format!("claims_{name}")], "value"), count);
    }

    let front = run.text("index.html");
    for told in [
        "Replication",
        "parts/s/index.html",
        "a training: --train",
        "pages/claims.html#many",
    ] {
        assert!(front.contains(told), "{told}");
    }

    // The run is one like another: checked, drawn again in Korean, packed, verified.
    assert_eq!(type_in(folder.path(), "verify o").code, 0);
    type_in(folder.path(), "render o --lang ko").ok();
    let detail = run.text("pages/claims.html");
    assert!(
        detail.contains("어떤 사진도 확률 전부보다 더 잃지 않는다") && detail.contains("불성립")
    );
    assert_eq!(type_in(folder.path(), "archive o --to a").code, 0);
    assert_eq!(
        type_words(
            folder.path(),
            "check o",
            &["--rule", "claims_not_held <= 0"]
        )
        .code,
        4
    );
    assert_eq!(
        type_words(
            folder.path(),
            "check o",
            &["--rule", "claims_not_held <= 1"]
        )
        .code,
        0
    );

    if let Some(mut python) = linters::python() {
        let validate = "import sys\nfrom lxml import etree\nschema = etree.XMLSchema(etree.parse(sys.argv[1]))\nschema.assertValid(etree.parse(sys.argv[2]))\n";
        let schema = repository().join("tests/fixtures/junit/junit-10.xsd");
        let status = python
            .args(["-c", validate])
            .arg(schema)
            .arg(run.0.join("data/claims.xml"))
            .status();
        assert!(status.unwrap().success());
    }
}

/// The sample's photographs and boxes, a part made of two regions: all that a report can tell of is told of.
#[test]
fn the_papers_claims_are_held_against_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let sample = repository().join("datasets/sample");
    let masks = std::fs::read_to_string(sample.join("masks.csv")).unwrap();
    let parts = masks.replacen("region", "part", 1);
    std::fs::write(folder.path().join("parts.csv"), parts).unwrap();
    let line = format!(
        "replicate {sample} --model squeezenet1_1 --labels {sample}/labels.csv --masks {sample}/masks.csv --parts parts.csv --layers conv1,fire5,conv10 --detail masked --occlusion 2 --occluder-stride 32 --features 2 --randomisation 2 --invariance 2 --out o",
        sample = sample.display()
    );
    type_in(folder.path(), &line).ok();
    let run = Run(folder.path().join("o"));
    check(&crate::support::files::files(&run.0), "en", &[]);
    let claims = run.table("claims");
    let missing: Vec<&str> = claims
        .iter()
        .filter(|row| row["verdict"] == "not_testable" && row["part"] == "report")
        .map(|row| &*row["id"])
        .collect();
    // Of the network's hidden layers all are maps.
    assert_eq!(missing, ["Z-tab1-top"]);
    let tested = claims.iter().filter(|row| !row["p_value"].is_empty());
    assert!(tested.count() > 8);
    for rule in run.table("claim_rules") {
        assert!(is_figure(&rule["metric"]), "{}", rule["metric"]);
    }
    for row in run.table("metrics") {
        assert!(is_figure(&row["metric"]), "{} is not listed", row["metric"]);
    }
    for row in claims {
        for table in row["tables"]
            .split(' ')
            .filter(|_| row["folder"].is_empty())
        {
            let is_there = run.0.join(table).is_file();
            assert!(
                is_there || row["verdict"] == "not_testable",
                "{}: {table}",
                row["id"]
            );
        }
    }
}

#[test]
fn two_replications_are_held_against_each_other() {
    let folder = folder();
    let line = "replicate p --masks m.csv --detail 0 --occlusion none --features none --invariance 1 --claims c.toml";
    type_in(folder.path(), &format!("{line} --out one")).ok();
    let claims = std::fs::read_to_string(folder.path().join("c.toml")).unwrap();
    let turned = claims.replace("masked_drop_face < -1.5", "masked_drop_face > -1.5");
    std::fs::write(folder.path().join("c.toml"), turned).unwrap();
    type_in(folder.path(), &format!("{line} --out two")).ok();
    let ended = type_in(folder.path(), "compare one two --out c").ok();
    assert!(
        ended
            .stderr
            .contains("claim none: one: not held, two: held"),
        "{}",
        ended.stderr
    );
    let compared = Run(folder.path().join("c"));
    let rows = compared.table("claims");
    let differing: Vec<&str> = rows
        .iter()
        .filter(|row| row["differs"] == "true")
        .map(|row| &*row["claim"])
        .collect();
    assert_eq!(differing, ["none", "none"]);
    assert!(rows.iter().any(|row| row["claim"] == "many"));
    assert!(compared
        .text("index.html")
        .contains("One of 6 claims came to another verdict"));
}
