//! `deconvscope replicate` as a person types it: verdicts that follow from the runs' own tables, the same bytes whatever the threads and
//! the interruptions, claims of one's own, two replications held against each other, and what is said where it cannot be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod bad_input;
mod interrupted;
#[path = "../support/mod.rs"]
mod support;
mod verdicts;

use std::path::Path;

use support::photos::many_cats_and_dogs;
use support::{deconvscope, ended, Ended};
use tempfile::TempDir;

/// Of the tests' small network.
const STUDY: &str = r#"
model = "tiny"
recipe = "small"
set = { epochs = 1, batch = 12, micro_batch = 5 }

[base]
name = "base"

[[variants]]
name = "without_4"
remove = ["fc4"]
"#;

/// Two that any run decides one way, one that none can, one for each kind of part, one of a part that is not there.
const CLAIMS: &str = r#"
[[claim]]
id = "many"
source = "here"
claim = { en = "No photograph harms more than all probability", ko = "어떤 사진도 확률 전부보다 더 잃지 않는다" }
part = "report"
regions = ["tail", "face"]
rules = ["masked_drop_{region} < 1.5"]
tables = ["data/masked_classes.csv"]

[[claim]]
id = "none"
source = "here"
claim = "Hiding a face gains more than all probability"
part = "report"
rules = ["masked_drop_face < -1.5"]

[[claim]]
id = "counted"
source = "here"
claim = "There are photographs"
part = "report"
rules = ["photos > 0"]

[[claim]]
id = "studied"
source = "here"
claim = "Without its fourth layer it is wrong more often by less than all"
part = "s"
rules = ["error_difference[variant:without_4] < 150 %"]

[[claim]]
id = "transferred"
source = "here"
claim = "Accuracy rises from layer to layer by less than all"
part = "transfer"
rules = ["transfer_slope < 1.5"]

[[claim]]
id = "missing"
source = "here"
claim = "It converges"
part = "train"
rules = ["evolution_settled_trend > 0"]
needs = { en = "a training: --train", ko = "훈련: --train" }
"#;

/// A folder with photographs `p`, masks, claims and a study.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 30);
    let mut masks = String::from("image,region,x,y,width,height\n");
    for number in 1..=6 {
        let path = std::fs::read_dir(folder.path().join("p/cats")).unwrap();
        let mut names: Vec<String> = path
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        masks += &format!("cats/{},face,10,10,20,20\n", names[number]);
    }
    std::fs::write(folder.path().join("m.csv"), masks).unwrap();
    std::fs::write(folder.path().join("c.toml"), CLAIMS).unwrap();
    std::fs::write(folder.path().join("s.toml"), STUDY).unwrap();
    folder
}

/// All parts but a training.
const LINE: &str = "replicate p --claims c.toml --masks m.csv --study=s.toml --transfer p --transfer-options=--per-class=4 --detail 2 --occlusion none --features none --invariance 1";

/// Types a line whose last words may hold blanks.
fn type_words(folder: &Path, line: &str, words: &[&str]) -> Ended {
    let line = support::arguments(line);
    ended(deconvscope().current_dir(folder).args(line).args(words))
}
