//! The Markdown summary: what it says, and that it never grows beyond its room.

use deconvscope::checks::{judge, markdown, Check, Severity, Verdict, STEP_SUMMARY_BYTES};

use super::fixture::{figure, photos, write};
use super::named;

fn verdict(checks: &[Check], figures: usize) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    let (run, before) = (folder.path().join("now"), folder.path().join("before"));
    let more: Vec<_> = (0..figures)
        .map(|at| {
            figure(
                &format!("masked_drop_{}{at}", "long".repeat(20)),
                "all",
                0.5,
                3,
            )
        })
        .collect();
    write(&run, &photos("dog", &[(3, 1), (1, 7)]), &more);
    write(&before, &photos("dog", &[(4, 1)]), &more);
    judge(checks, &run, Some(&before)).unwrap()
}

#[test]
fn a_summary_tells_rules_figures_and_changes() {
    let warning = Check {
        severity: Severity::Warning,
        reason: Some("agreed | with *the* lab".into()),
        ..named("no <b>skips</b>", "skipped <= 0")
    };
    let checks = [
        named("good", "photos >= 1"),
        warning,
        named("top", "top1_accuracy >= baseline"),
    ];
    let text = markdown(&verdict(&checks, 0), STEP_SUMMARY_BYTES);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "## ✘ deconvscope check: 1 of 3 rules hold: 1 fails, 1 warning"
    );
    let at = |part: &str| {
        lines
            .iter()
            .position(|line| line.contains(part))
            .unwrap_or_else(|| panic!("{part}: {text}"))
    };
    // What fails comes first.
    assert!(
        at("✘ fails | **top**") < at("⚠ warning") && at("⚠ warning") < at("✔ holds | **good**")
    );
    let warning = lines[at("⚠ warning")];
    assert!(
        warning.contains("no &#60;b&#62;skips&#60;/b&#62;"),
        "{warning}"
    );
    assert!(
        warning.contains("agreed &#124; with &#42;the&#42; lab"),
        "{warning}"
    );
    assert_eq!(warning.matches('|').count(), 5, "{warning}");
    assert!(
        lines[at("| `top1_accuracy` |")].ends_with("| 4 | 1 | -0.25 |"),
        "{text}"
    );
}

#[test]
fn a_summary_stays_within_its_room_whatever_there_is_to_tell() {
    let checks: Vec<Check> = (0..5_000)
        .map(|at| Check {
            reason: Some("because ".repeat(at % 60)),
            ..named(
                &format!("rule {at} <고양이>"),
                if at % 2 == 0 {
                    "photos >= 1"
                } else {
                    "skipped <= 0"
                },
            )
        })
        .collect();
    let verdict = verdict(&checks, 9_000);
    let text = markdown(&verdict, STEP_SUMMARY_BYTES);
    assert!(text.len() < STEP_SUMMARY_BYTES, "{}", text.len());
    assert!(text.len() > STEP_SUMMARY_BYTES * 9 / 10, "{}", text.len());
    assert!(
        text.contains("of 5000 rules are shown"),
        "no word of what was cut"
    );
    assert!(
        text.contains("figures are shown"),
        "no word of what was cut"
    );
    assert!(text.contains("✘ fails | **rule 1 "));
    let few = self::verdict(&checks[..60], 60);
    let whole = markdown(&few, STEP_SUMMARY_BYTES).len();
    for room in (0..whole).step_by(17) {
        let text = markdown(&few, room);
        assert!(text.len() <= room, "{} in {room}", text.len());
        assert!(text.is_empty() || text.ends_with('\n'));
        assert!(room < 1_000 || text.contains("are shown"), "{room}: {text}");
    }
    assert!(!markdown(&few, 1_000).is_empty());
}
