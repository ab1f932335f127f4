//! EfficientNet-Lite0 with its real ImageNet weights, a pickle of the form before zip files, on real photographs.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::path::Path;

use support::run::{number, Row, Run};
use support::{deconvscope, ended, repository};

const TO_BE_RIGHT: f64 = 16.0;

fn table(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

mod proofs {
    #[test]
    fn it_classifies_the_samples_imagenet_photographs() {
        super::it_classifies_the_samples_imagenet_photographs();
    }
}

fn it_classifies_the_samples_imagenet_photographs() {
    let weights = repository().join(".deps/weights/efficientnet_lite0.pth");
    if !weights.is_file() {
        eprintln!("skipped: {} is missing; run make test", weights.display());
        return;
    }
    let sample = repository().join("datasets/sample");
    let scratch = tempfile::tempdir().unwrap();
    let photos = scratch.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    let sources = table(&sample.join("sources.csv"));
    let imagenet = sources
        .iter()
        .filter(|row| row["member"].contains("imagenet"));
    for row in imagenet.clone() {
        std::fs::copy(sample.join(&row["file"]), photos.join(&row["file"])).unwrap();
    }
    assert_eq!(imagenet.count(), 20);

    let run = Run(scratch.path().join("run"));
    let mut command = deconvscope();
    command.arg("report").arg(&photos).arg("--out").arg(&run.0);
    command.args(["--model", "efficientnet_lite0", "--detail", "1"]);
    command.arg("--labels").arg(sample.join("labels.csv"));
    let ended = ended(&mut command);
    assert_eq!(ended.code, 0, "{}", ended.stderr);

    let metrics = run.table("metrics");
    let of_all = |name: &str| {
        let mut rows = metrics.iter();
        let row = rows.find(|row| row["metric"] == name && row["scope"] == "all");
        row.unwrap()
    };
    let top1 = of_all("top1_accuracy");
    assert_eq!(number(top1, "count"), 20.0, "not all were labelled");
    let right = (number(top1, "value") * 20.0).round();
    println!("EfficientNet-Lite0: {right} of 20 right (bound {TO_BE_RIGHT})");
    assert!(right >= TO_BE_RIGHT, "{right} of 20");
    assert!(run.table("projections").len() >= 2 * 5);
}
