//! What may go goes, and nothing that anything keeps.

use crate::shelf::Shelf;
use crate::support::files::files;
use crate::support::{deconvscope, ended, type_in};
use serde_json::{json, Value};

/// Days before now, as a card tells it.
fn ago(days: i64) -> String {
    let time = chrono::Utc::now() - chrono::TimeDelta::days(days);
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Two series of five runs each, 0 to 40 days old, `a3` and `b4` with tags.
fn shelf() -> Shelf {
    let shelf = Shelf::new();
    for (series, network) in [("a", "alexnet"), ("b", "vgg16")] {
        for number in 0..5 {
            let name = format!("{series}{number}");
            shelf.add_with(&name, "p", network, &ago(10 * number), |card| {
                if ["a3", "b4"].contains(&&*name) {
                    card["tags"] = json!(["release"]);
                }
            });
        }
    }
    shelf
}

/// Runs `prune shelf` and tells what is left.
fn prune(shelf: &Shelf, options: &str) -> Vec<String> {
    let ended = type_in(shelf.parent(), &format!("prune shelf {options}"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    shelf.names()
}

#[test]
fn what_exceeds_every_limit_goes_and_tags_keep() {
    for (options, left) in [
        ("--keep 2", "a0 a1 a3 b0 b1 b4"),
        ("--keep 0", "a3 b4"),
        ("--keep 9", "a0 a1 a2 a3 a4 b0 b1 b2 b3 b4"),
        ("--days 25", "a0 a1 a2 a3 b0 b1 b2 b4"),
        ("--days 0 --keep 1", "a0 a3 b0 b4"),
        ("--days 15 --keep 3", "a0 a1 a2 a3 b0 b1 b2 b4"),
        ("--days 25 --keep 1", "a0 a1 a2 a3 b0 b1 b2 b4"),
    ] {
        let shelf = shelf();
        assert_eq!(prune(&shelf, options).join(" "), left, "{options}");
        let there = files(&shelf.path());
        assert_eq!(there.len(), 3 * shelf.names().len(), "{:?}", there.keys());
    }
}

#[test]
fn a_dry_run_removes_nothing_and_says_what_would_go() {
    let shelf = shelf();
    let before = files(&shelf.path());
    let ended = type_in(shelf.parent(), "prune shelf --keep 3 --dry-run");
    assert_eq!(ended.code, 0);
    let mut lines: Vec<&str> = ended.stdout.lines().collect();
    lines.sort();
    assert_eq!(lines, ["shelf/a4.tar.zst", "shelf/b3.tar.zst"]);
    assert_eq!(files(&shelf.path()), before);
    let done = type_in(shelf.parent(), "prune shelf --keep 3");
    assert_eq!(done.stdout, ended.stdout);
}

#[test]
fn what_a_rule_holds_of_stays() {
    let shelf = shelf();
    let give = |name: &str, metric: &str, value: f64| {
        let path = shelf.path().join(format!("{name}.json"));
        let mut card: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        card["metrics"].as_array_mut().unwrap().insert(
            0,
            json!({"metric": metric, "scope": "class:x", "value": value, "low": null, "high": null, "count": 4}),
        );
        std::fs::write(&path, serde_json::to_vec(&card).unwrap()).unwrap();
    };
    give("a1", "top1_accuracy", 0.9);
    give("a2", "top1_accuracy", 0.1);
    give("b2", "masked_drop_face", 0.5);
    let prune = |rules: &[&str]| {
        let mut command = deconvscope();
        command
            .current_dir(shelf.parent())
            .args(["prune", "shelf", "--keep", "0"]);
        for rule in rules {
            command.args(["--keep-rule", rule]);
        }
        ended(&mut command)
    };
    let before = files(&shelf.path());
    // A rule that cannot be meant costs nobody an archive.
    for (rule, code, part) in [
        ("top1_acuracy >= 0.5", 1, "did you mean 'top1_accuracy'"),
        (
            "top1_accuracy[class:y] >= 0.5",
            1,
            "unknown scope 'class:y'",
        ),
        ("top1_accuracy >= baseline", 2, "baseline"),
        ("top1_accuracy around 0.5", 2, "--keep-rule"),
    ] {
        let ended = prune(&[rule]);
        assert_eq!(ended.code, code, "{rule}: {}", ended.stderr);
        ended.says(part);
        assert_eq!(files(&shelf.path()), before, "{rule}");
    }
    let ended = prune(&[
        "top1_accuracy[class:x] >= 0.5",
        "masked_drop_face[class:x] > 0.4",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(shelf.names().join(" "), "a1 a3 b2 b4");
}

#[test]
fn limits_must_be_told() {
    let shelf = shelf();
    let before = files(&shelf.path());
    assert_eq!(type_in(shelf.parent(), "prune shelf").code, 2);
    assert_eq!(type_in(shelf.parent(), "prune shelf --keep x").code, 2);
    assert_eq!(files(&shelf.path()), before);
}

#[test]
fn what_is_no_card_is_left_alone() {
    let shelf = shelf();
    for (name, bytes) in [
        ("a9.json", "{\"mine\": 1}"),
        ("a9.tar.zst", "precious"),
        ("a9.html", "precious"),
        ("package.json", "{}"),
        ("notes.pruned.txt", "mine"),
        ("orphan.tar.zst", "an archive whose card is still to come"),
    ] {
        std::fs::write(shelf.path().join(name), bytes).unwrap();
    }
    // A card under another name may be a copy somebody made.
    let copy = std::fs::read(shelf.path().join("a4.json")).unwrap();
    std::fs::write(shelf.path().join("copy.json"), copy).unwrap();
    let ended = type_in(shelf.parent(), "prune shelf --keep 0");
    assert_eq!(ended.code, 0);
    for name in ["a9.json", "package.json", "copy.json"] {
        assert!(
            ended.stderr.contains(&format!("shelf/{name}")),
            "{}",
            ended.stderr
        );
    }
    let there = files(&shelf.path());
    let names: Vec<&str> = there.keys().map(String::as_str).collect();
    let kept = "a3.html a3.json a3.tar.zst a9.html a9.json a9.tar.zst b4.html b4.json b4.tar.zst copy.json notes.pruned.txt orphan.tar.zst package.json";
    assert_eq!(names.join(" "), kept);
}

#[test]
fn an_interrupted_removal_is_finished_and_a_new_archive_is_not() {
    let shelf = shelf();
    let path = |name: &str| shelf.path().join(name);
    // Killed after the card was renamed; of `a1` the report is gone already.
    std::fs::rename(path("a0.json"), path("a0.pruned")).unwrap();
    std::fs::rename(path("a1.json"), path("a1.pruned")).unwrap();
    std::fs::remove_file(path("a1.html")).unwrap();
    // Archived again after it was killed.
    std::fs::write(path("a2.pruned"), "").unwrap();
    let before = files(&shelf.path());
    type_in(shelf.parent(), "prune shelf --keep 9 --dry-run");
    assert_eq!(files(&shelf.path()), before);
    let ended = type_in(shelf.parent(), "prune shelf --keep 9");
    assert!(ended.stderr.contains("removal of 2"), "{}", ended.stderr);
    let there = files(&shelf.path());
    assert!(there
        .keys()
        .all(|name| !name.starts_with("a0") && !name.starts_with("a1")));
    assert!(!there.contains_key("a2.pruned") && there.contains_key("a2.tar.zst"));
    assert_eq!(there.len(), 24);
}
