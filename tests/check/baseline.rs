//! Regressions against a baseline, with and without chance reckoned with.

use deconvscope::checks::{judge as judge_checks, Check, State};
use deconvscope::statistics::{paired_difference, PairedCounts};
use tempfile::TempDir;

use super::fixture::{figure, photos, write, Photo};
use super::judge;

/// Two runs: the baseline first. Newcombe's example (1998, table II): 36 right in both, 12 in one alone, 2 in the
/// other alone, 0 in neither; the difference is 0.2 and its interval 0.0569 to 0.3404 by method 10.
fn newcombe() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let before = photos("dog", &[(36, 1), (12, 1), (2, 7)]);
    let now = photos("dog", &[(36, 1), (12, 7), (2, 1)]);
    write(&folder.path().join("before"), &before, &[]);
    write(&folder.path().join("now"), &now, &[]);
    folder
}

#[track_caller]
fn state(folder: &TempDir, rule: &str) -> State {
    let (now, before) = (folder.path().join("now"), folder.path().join("before"));
    let verdict = judge(&[rule], &now, Some(&before)).unwrap_or_else(|error| panic!("{error}"));
    verdict.rules[0].state
}

#[test]
fn figures_are_held_against_the_baseline_s() {
    let folder = newcombe();
    // 38 of 50 against 48 of 50: 20 points less.
    for (rule, expected) in [
        ("top1_accuracy >= baseline", State::Fails),
        ("top1_accuracy >= baseline - 0.2", State::Holds),
        ("top1_accuracy > baseline - 0.2", State::Fails),
        (
            "top1_accuracy not more than 20 points below baseline",
            State::Holds,
        ),
        (
            "top1_accuracy not more than 19 points below baseline",
            State::Fails,
        ),
        (
            "top1_accuracy not more than 0 points above baseline",
            State::Holds,
        ),
        ("top1_accuracy[class:dog].count == baseline", State::Holds),
        ("top1_accuracy.low < baseline - 0.1", State::Holds),
        ("photos == baseline", State::Holds),
    ] {
        assert_eq!(state(&folder, rule), expected, "{rule}");
    }
}

#[test]
fn a_change_is_told_from_chance_by_newcombe_s_interval() {
    let folder = newcombe();
    let run = |name: &str| folder.path().join(name);
    let rules = ["top1_accuracy >= baseline at 95 %"];
    let verdict = judge(&rules, &run("now"), Some(&run("before"))).unwrap();
    let change = verdict.rules[0].change.clone().unwrap();
    assert_eq!(
        (change.photos, change.only_in_run, change.only_in_baseline),
        (50, 0, 0)
    );
    assert!((change.difference + 0.2).abs() < 1e-12);
    assert!((change.low + 0.3404).abs() < 5e-5, "{}", change.low);
    assert!((change.high + 0.0569).abs() < 5e-5, "{}", change.high);
    for (rule, expected) in [
        // The data show a drop of more than 5 points, but not of more than 6.
        (
            "top1_accuracy not more than 5 points below baseline, at 95 %",
            State::Fails,
        ),
        (
            "top1_accuracy not more than 6 points below baseline, at 95 %",
            State::Holds,
        ),
        // That it is less than 34 points they do not show, but that it is less than 35.
        (
            "top1_accuracy not more than 34 points below baseline, proven at 95 %",
            State::Fails,
        ),
        (
            "top1_accuracy not more than 35 points below baseline, proven at 95 %",
            State::Holds,
        ),
        // The other way round.
        ("top1_accuracy <= baseline - 0.34 at 95 %", State::Holds),
        ("top1_accuracy <= baseline - 0.35 at 95 %", State::Fails),
        (
            "top1_accuracy <= baseline - 0.05, proven at 95 %",
            State::Holds,
        ),
        (
            "top1_accuracy <= baseline - 0.06, proven at 95 %",
            State::Fails,
        ),
        // A wider interval shows less.
        (
            "top1_accuracy not more than 5 points below baseline, at 99 %",
            State::Holds,
        ),
        (
            "top1_accuracy[class:dog] not more than 5 points below baseline, at 95 %",
            State::Fails,
        ),
        (
            "top5_accuracy not more than 5 points below baseline, at 95 %",
            State::Fails,
        ),
    ] {
        assert_eq!(state(&folder, rule), expected, "{rule}");
    }
}

#[test]
fn one_in_five_counts_for_the_first_five_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder.path().join("before"),
        &photos("dog", &[(50, 1)]),
        &[],
    );
    write(&folder.path().join("now"), &photos("dog", &[(50, 5)]), &[]);
    assert_eq!(
        state(&folder, "top1_accuracy >= baseline at 95 %"),
        State::Fails
    );
    assert_eq!(
        state(&folder, "top5_accuracy >= baseline at 95 %"),
        State::Holds
    );
}

#[test]
fn photos_without_a_counterpart_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (now, before) = (folder.path().join("now"), folder.path().join("before"));
    let pairs: Vec<Photo> = photos("dog", &[(6, 1), (4, 7)]);
    let cats = photos("cat", &[(5, 1)]);
    let mut relabelled = pairs.clone();
    relabelled[0].1 = "cat";
    write(
        &before,
        &[&relabelled[..], &photos("owl", &[(3, 7)])].concat(),
        &[],
    );
    write(&now, &[&pairs[..], &cats].concat(), &[]);
    let verdict = judge(&["top1_accuracy >= baseline at 90 %"], &now, Some(&before)).unwrap();
    let finding = &verdict.rules[0];
    let change = finding.change.clone().unwrap();
    // Nine dogs pair up; in the run one more dog and five cats, in the baseline that dog as a cat and three owls.
    assert_eq!(
        (change.photos, change.only_in_run, change.only_in_baseline),
        (9, 6, 4)
    );
    let counts = PairedCounts {
        both: 5,
        neither: 4,
        ..PairedCounts::default()
    };
    assert_eq!(
        Some((change.low, change.high)),
        paired_difference(&counts, 0.9)
    );
    for part in [
        "9 photographs in both runs",
        "6 of this run left out",
        "4 of the baseline left out",
    ] {
        assert!(finding.found_text.contains(part), "{}", finding.found_text);
    }
    let dogs = judge(
        &["top1_accuracy[class:dog] >= baseline at 90 %"],
        &now,
        Some(&before),
    )
    .unwrap();
    let change = dogs.rules[0].change.clone().unwrap();
    assert_eq!(
        (change.photos, change.only_in_run, change.only_in_baseline),
        (9, 1, 0)
    );
}

#[test]
fn what_cannot_be_compared_is_an_error_unless_the_rule_is_optional() {
    let folder = tempfile::tempdir().unwrap();
    let (now, before) = (folder.path().join("now"), folder.path().join("before"));
    write(&before, &photos("owl", &[(3, 1)]), &[]);
    write(
        &now,
        &photos("dog", &[(3, 1)]),
        &[figure("masked_drop_face", "all", 0.3, 3)],
    );
    for (rule, parts) in [
        (
            "top1_accuracy >= baseline at 95 %",
            ["no scored photograph in common", "before"],
        ),
        (
            "masked_drop_face <= baseline",
            ["no value of masked_drop_face", "before"],
        ),
        (
            "top1_accuracy[class:dog] >= baseline",
            ["unknown scope 'class:dog'", "class:owl"],
        ),
    ] {
        let error = judge(&[rule], &now, Some(&before)).unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "{rule}: {error}");
        }
        assert_eq!(error.exit_code(), 1);
        let optional = Check {
            optional: true,
            ..Check::new(rule.parse().unwrap())
        };
        let verdict = judge_checks(&[optional], &now, Some(&before)).unwrap();
        assert_eq!(verdict.rules[0].state, State::NoValue, "{rule}");
        assert!(verdict.passed);
    }
    let error = judge(&["top1_accuracy >= baseline"], &now, None).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--baseline"), "{error}");
}

#[test]
fn another_data_set_preprocessing_or_hidden_region_is_told() {
    let folder = newcombe();
    let (now, before) = (folder.path().join("now"), folder.path().join("before"));
    let rules = ["photos == baseline"];
    assert!(judge(&rules, &now, Some(&before)).unwrap().notes.is_empty());
    let path = before.join("run.json");
    let manifest = std::fs::read_to_string(&path).unwrap();
    let manifest = manifest
        .replace("efef", "0000")
        .replace("\"height\":224", "\"height\":200")
        .replace("\"masks\":null", "\"masks\":null,\"apply_masks\":\"face\"");
    std::fs::write(&path, manifest).unwrap();
    let notes = judge(&rules, &now, Some(&before)).unwrap().notes;
    assert_eq!(notes.len(), 3, "{notes:?}");
}

/// Another set of a processor's instructions rounds otherwise: what differs by no more than that is no change.
#[test]
fn rounding_of_other_instructions_is_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let photos = photos("dog", &[(3, 1)]);
    for (run, drop, instructions) in [
        ("before", 0.3, "avx512"),
        ("now", 0.299_997, "avx2"),
        ("far", 0.299, "avx2"),
        ("same", 0.299_997, "avx512"),
    ] {
        let root = folder.path().join(run);
        write(
            &root,
            &photos,
            &[figure("masked_drop_face", "all", drop, 3)],
        );
        let path = root.join("run.json");
        let mut manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        manifest["execution"]["instructions"] = instructions.into();
        std::fs::write(&path, manifest.to_string()).unwrap();
    }
    let before = folder.path().join("before");
    for (rule, now, far, same) in [
        (
            "masked_drop_face >= baseline",
            State::Holds,
            State::Fails,
            State::Fails,
        ),
        (
            "masked_drop_face == baseline",
            State::Holds,
            State::Fails,
            State::Fails,
        ),
        (
            "masked_drop_face < baseline",
            State::Fails,
            State::Holds,
            State::Holds,
        ),
    ] {
        for (run, expected) in [("now", now), ("far", far), ("same", same)] {
            let verdict = judge(&[rule], &folder.path().join(run), Some(&before)).unwrap();
            assert_eq!(verdict.rules[0].state, expected, "{run}: {rule}");
            let told = verdict
                .notes
                .iter()
                .any(|note| note.contains("count as equal"));
            assert_eq!(told, run != "same", "{run}: {:?}", verdict.notes);
        }
    }
}
