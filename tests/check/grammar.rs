//! The rules' grammar, and every operator.

use deconvscope::checks::{Bound, Certainty, Figure, Operator, Part, Rule};
use deconvscope::records::tables::MetricRow;
use deconvscope::Error;
use proptest::prelude::*;

fn rule(text: &str) -> Rule {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn figure(metric: &str, scope: &str, part: Part) -> Figure {
    Figure {
        metric: metric.into(),
        scope: scope.into(),
        part,
    }
}

fn baseline(offset: f64) -> Bound {
    Bound::Baseline {
        offset,
        certainty: None,
    }
}

/// Where reading stopped, and what was said.
fn refused(text: &str) -> (usize, String) {
    match text.parse::<Rule>() {
        Err(error @ Error::Rule { character: at, .. }) => {
            assert_eq!(error.exit_code(), 2);
            (at, error.to_string())
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_rule_names_figure_operator_and_bound() {
    let read = rule("top1_accuracy >= 0.6");
    assert_eq!(read.figure, figure("top1_accuracy", "all", Part::Value));
    assert_eq!(read.operator, Operator::AtLeast);
    assert_eq!(read.bound, Bound::Number(0.6));
    let same = [
        "top1_accuracy>=0.6",
        " top1_accuracy  >= 60 % ",
        "top1_accuracy[all].value >= +6e-1",
        "top1_accuracy [ all ] >= 60%",
    ];
    for text in same {
        assert_eq!(rule(text), read, "{text}");
    }
    for (text, expected) in [
        ("a[class:dog].low < -1", figure("a", "class:dog", Part::Low)),
        ("a-b_c.high != 0", figure("a-b_c", "all", Part::High)),
        (
            "a[class: x [y ].count == 3",
            figure("a", "class: x [y", Part::Count),
        ),
        (
            r#"a["class:\"]\u0007 "] > 1"#,
            figure("a", "class:\"]\u{7} ", Part::Value),
        ),
        (
            "a[class:고양이] > 1",
            figure("a", "class:고양이", Part::Value),
        ),
    ] {
        assert_eq!(rule(text).figure, expected, "{text}");
    }
}

#[test]
fn a_bound_may_be_a_baseline_in_symbols_or_words() {
    let held = |text| {
        let rule = rule(text);
        (rule.operator, rule.bound)
    };
    assert_eq!(held("a >= baseline"), (Operator::AtLeast, baseline(0.0)));
    assert_eq!(held("a < baseline + 2"), (Operator::Below, baseline(2.0)));
    assert_eq!(
        held("a not more than 2 points below baseline"),
        held("a >= baseline - 0.02")
    );
    assert_eq!(
        held("a not more than 1 point above baseline"),
        held("a <= baseline + 0.01")
    );
    assert_eq!(
        held("skipped not more than 3 above baseline"),
        held("skipped <= baseline + 3")
    );
    let certain = |proven| Bound::Baseline {
        offset: -0.02,
        certainty: Some(Certainty {
            percent: 95.0,
            proven,
        }),
    };
    for text in [
        "top1_accuracy not more than 2 points below baseline, at 95 %",
        "top1_accuracy >= baseline - 0.02 at 95%",
    ] {
        assert_eq!(held(text), (Operator::AtLeast, certain(false)), "{text}");
    }
    assert_eq!(
        held("top1_accuracy not more than 2 points below baseline, proven at 95 %").1,
        certain(true)
    );
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (text, at, part) in [
        ("", 1, "expected the name of a metric"),
        (">= 3", 1, "expected the name of a metric"),
        (
            "top-1",
            6,
            "expected one of >= > <= < == != or 'not more than', found its end",
        ),
        ("top1_accuracy => 0.6", 15, "found '=> 0.6'"),
        ("고 >= 1", 1, "found '고 >= 1'"),
        ("a[class:고양이] => 1", 14, "found '=> 1'"),
        ("a >= ", 6, "expected a number or 'baseline', found its end"),
        ("a >= x", 6, "expected a number or 'baseline', found 'x'"),
        ("a >= NaN", 6, "found 'NaN'"),
        ("a >= inf", 6, "found 'inf'"),
        ("a >= 1e999", 6, "found '1e999'"),
        ("a >= 1.2.3", 6, "found '1.2.3'"),
        (
            "a >= 0.6 0.7",
            10,
            "expected the end of the rule, found '0.7'",
        ),
        ("a >= 0.6 at 95 %", 10, "expected the end of the rule"),
        ("a[] >= 1", 3, "expected a scope"),
        ("a[class:dog >= 1", 17, "expected ']'"),
        (r#"a["dog] >= 1"#, 3, "quoted as in JSON"),
        ("a.lower >= 1", 3, "expected value, low, high or count"),
        ("a >= baseline - -1", 17, "not negative"),
        ("a >= baselines", 6, "expected a number or 'baseline'"),
        ("a not more than", 16, "expected a number"),
        ("a not more than 2 points", 25, "below baseline"),
        ("a not more than 2 points below", 31, "expected 'baseline'"),
        ("top1_accuracy >= baseline, 95 %", 28, "expected 'at 95 %'"),
        ("top1_accuracy >= baseline at 95", 32, "expected '%'"),
        (
            "top1_accuracy >= baseline at 100 %",
            30,
            "between 0 and 100",
        ),
        ("top1_accuracy == baseline at 95 %", 15, "not with =="),
        (
            "top1_accuracy.low >= baseline at 95 %",
            19,
            "photo by photo",
        ),
        (
            "skipped <= baseline at 95 %",
            9,
            "top1_accuracy and top5_accuracy",
        ),
    ] {
        let (found, message) = refused(text);
        assert!(message.contains(part), "{text}: {message}");
        assert_eq!(found, at, "{text}: {message}");
        assert!(message.starts_with(&format!("rule '{text}', character {at}: ")));
    }
}

#[test]
fn every_operator_compares_and_rounding_does_not_decide() {
    for (operator, holds) in [
        (Operator::AtLeast, [false, true, true]),
        (Operator::Above, [false, false, true]),
        (Operator::AtMost, [true, true, false]),
        (Operator::Below, [true, false, false]),
        (Operator::Equal, [false, true, false]),
        (Operator::Unequal, [true, false, true]),
    ] {
        let found = [0.5, 0.6, 0.7].map(|found| operator.holds(found, 0.6));
        assert_eq!(found, holds, "{operator:?}");
        // 0.1 + 0.2 is not 0.3.
        assert_eq!(operator.holds(0.1 + 0.2, 0.3), holds[1], "{operator:?}");
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!operator.holds(odd, 0.6) && !operator.holds(0.6, odd));
        }
    }
}

fn metrics() -> Vec<MetricRow> {
    let row = |metric: &str, scope: &str, value, low, high, count| MetricRow {
        metric: metric.into(),
        scope: scope.into(),
        value,
        low,
        high,
        count,
    };
    vec![
        row("top1_accuracy", "all", 0.75, Some(0.3), Some(0.95), 4),
        row("top1_accuracy", "class:dog", 0.5, Some(0.1), Some(0.9), 2),
        row("photos", "all", 4.0, None, None, 5),
        row("skipped", "all", 1.0, None, None, 5),
        row("masked_drop_face", "all", f64::NAN, None, None, 1),
    ]
}

#[test]
fn a_rule_is_held_against_the_row_and_the_number_that_it_names() {
    let metrics = metrics();
    for (text, holds) in [
        ("top1_accuracy >= 0.75", Some(true)),
        ("top1_accuracy > 0.75", Some(false)),
        ("top1_accuracy[class:dog] >= 0.75", Some(false)),
        ("top1_accuracy.low >= 0.3", Some(true)),
        ("top1_accuracy.low >= 0.31", Some(false)),
        ("top1_accuracy.high <= 0.95", Some(true)),
        ("top1_accuracy[class:dog].count == 2", Some(true)),
        ("skipped <= 0", Some(false)),
        ("skipped.low <= 0", None),
        ("top5_accuracy >= 0", None),
        ("masked_still_first_face > 0", None),
        ("masked_drop_face != 0", Some(false)),
        ("masked_drop_face <= 1", Some(false)),
    ] {
        assert_eq!(rule(text).holds(&metrics).unwrap(), holds, "{text}");
    }
}

#[test]
fn unknown_names_are_refused_with_a_suggestion() {
    let metrics = metrics();
    for (text, part) in [
        (
            "top1_acuracy >= 0",
            "unknown metric 'top1_acuracy' (did you mean 'top1_accuracy'?",
        ),
        ("masked_drop_fcae >= 0", "did you mean 'masked_drop_face'?"),
        (
            "top1_accuracy[class:dgo] >= 0",
            "unknown scope 'class:dgo' (did you mean 'class:dog'?",
        ),
        ("top1_accuracy >= baseline", "needs a baseline"),
    ] {
        let error = rule(text).holds(&metrics).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let scope = prop_oneof![
        Just("all".to_owned()),
        ".{1,12}".prop_map(|label| format!("class:{label}")),
        any::<String>().prop_filter("a scope has a name", |scope| !scope.is_empty()),
    ];
    let number = prop_oneof![Just(0.02), -1e3..1e3, any::<f64>()]
        .prop_filter("finite", |number| number.is_finite());
    let part = prop::sample::select(Part::ALL.to_vec());
    let operator = prop::sample::select(Operator::ALL.to_vec());
    let plain = (
        "[A-Za-z0-9_-]{1,12}",
        scope.clone(),
        part,
        operator,
        number.clone(),
        any::<bool>(),
    )
        .prop_map(|(metric, scope, part, operator, number, against)| Rule {
            figure: Figure {
                metric,
                scope,
                part,
            },
            operator,
            bound: match against {
                true => baseline(number),
                false => Bound::Number(number),
            },
        });
    let certain = (scope, 0..4_usize, number, 0.001..99.999, any::<bool>()).prop_map(
        |(scope, operator, offset, percent, proven)| Rule {
            figure: figure("top5_accuracy", &scope, Part::Value),
            operator: Operator::ALL[operator],
            bound: Bound::Baseline {
                offset,
                certainty: Some(Certainty { percent, proven }),
            },
        },
    );
    prop_oneof![plain, certain]
}

proptest! {
    #[test]
    fn a_rule_that_is_printed_reads_as_the_same(rule in any_rule()) {
        let text = rule.to_string();
        prop_assert!(!text.contains(char::is_control), "{text:?}");
        prop_assert_eq!(text.parse::<Rule>().unwrap(), rule);
    }

    #[test]
    fn no_text_makes_reading_stumble(text in any::<String>(), cut in 0..60_usize, put in ".{0,3}") {
        let _ = text.parse::<Rule>();
        let good = r#"top1_accuracy["class:\u0041"].value >= baseline - 0.02, proven at 95 %"#;
        let broken = format!("{}{put}{}", &good[..cut], &good[cut..]);
        if let Ok(rule) = broken.parse::<Rule>() {
            prop_assert_eq!(rule.to_string().parse::<Rule>().unwrap(), rule);
        }
    }
}
