//! What is said where a replication cannot be: before anything is measured.

use crate::support::type_in;
use crate::{folder, type_words, LINE};

#[test]
fn what_cannot_be_is_told_before_anything_is_measured() {
    let folder = folder();
    let here = folder.path();
    let refused = |line: &str, words: &[&str], parts: &[&str]| {
        let ended = type_words(here, line, words);
        assert!(
            ended.code == 1 || ended.code == 2,
            "{line}: {}",
            ended.stderr
        );
        for part in parts {
            assert!(ended.stderr.contains(part), "{line}: {}", ended.stderr);
        }
        assert!(!here.join("o").exists(), "{line}");
    };
    let line = "replicate p --out o";
    refused(
        line,
        &["--training", "--epochs 2"],
        &["add --train or --study"],
    );
    refused(
        line,
        &["--train", "--training", "--epoch 2"],
        &[
            "--training: unexpected argument '--epoch'",
            "deconvscope train --help",
        ],
    );
    refused(
        line,
        &["--train", "--training", "--epochs two"],
        &["--training: invalid value 'two'"],
    );
    refused(
        line,
        &["--train", "--training", "--out there"],
        &["--out is one of the replication's own"],
    );
    refused(
        line,
        &["--train", "--training", "--limit 5"],
        &["--limit is one of the replication's own"],
    );
    refused(
        line,
        &["--transfer", "p", "--transfer-options", "--single-file"],
        &["--single-file is one of the replication's own"],
    );
    refused(
        line,
        &["--transfer", "p", "--transfer-options", "--weights w.pth"],
        &["--weights is of a network of its own", "--model"],
    );
    refused(
        line,
        &["--transfer", "nowhere"],
        &["nowhere", "no such folder"],
    );
    refused(
        line,
        &["--train", "--training", "--recipe 'small"],
        &["a quotation has no end"],
    );
    refused(
        line,
        &["--transfer-options", "--repeats 2"],
        &["--transfer"],
    );
    refused(
        line,
        &["--study=architectur"],
        &["did you mean 'architecture'"],
    );
    refused(
        line,
        &["--claims", "none.toml"],
        &["none.toml", "No such file"],
    );
    std::fs::write(here.join("bad.toml"), "[[claim]]\nid = 'a'\nsource = 's'\nclaim = 'c'\npart = 'report'\nrules = ['masked_drp_face > 0']\n").unwrap();
    refused(
        line,
        &["--claims", "bad.toml"],
        &["unknown metric 'masked_drp_face'", "bad.toml, line 6"],
    );
    std::fs::write(
        here.join("bad.toml"),
        "[[claim]]\nid = 'a'\nsource = 's'\nclaim = 'c'\npart = 'trian'\nrules = ['photos > 0']\n",
    )
    .unwrap();
    refused(
        line,
        &["--claims", "bad.toml"],
        &["did you mean 'train'", "claim 'a'"],
    );
    std::fs::write(
        here.join("report.toml"),
        std::fs::read(here.join("s.toml")).unwrap(),
    )
    .unwrap();
    refused(
        line,
        &["--study=report.toml"],
        &["two parts of the replication are called 'report'"],
    );
    refused("replicate p --out p/o", &[], &["lies inside the data set"]);
    refused("replicate nowhere --out o", &[], &["nowhere"]);
}

#[test]
fn other_options_are_refused_when_it_is_gone_on_with() {
    let folder = folder();
    type_in(folder.path(), &format!("{LINE} --out o")).ok();
    let other = LINE.replace("--per-class=4", "--per-class=5");
    let ended = type_in(folder.path(), &format!("{other} --out o --resume"));
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("--runs was [study s,transfer --per-class=4]"),
        "{}",
        ended.stderr
    );
}
