//! Every kind of chart, of numbers that no axis holds.

use base::Result;

use super::lines::Axis;
use super::*;

fn every_kind(values: &[f64]) -> [Result<String>; 9] {
    fn each<T>(values: &[f64], of: impl Fn(f64) -> T) -> Vec<T> {
        values.iter().copied().map(of).collect()
    }
    let name = || "name".to_owned();
    let interval = Some((f64::NAN, f64::INFINITY));
    let pairs = each(values, |value| (value, -value));
    let lines = each(values, |value| accuracy::AccuracyLine {
        name: name(),
        value,
        interval,
    });
    let strips = each(values, |middle| strips::Strip {
        name: name(),
        found: strips::Found::Control,
        values: values.to_vec(),
        middle,
        interval,
    });
    let remains = each(values, |value| remaining::LayerRemains {
        layer: name(),
        inside: Some(value),
        outside: Some(-value),
    });
    let runs = each(values, |value| trend::TrendPoint {
        name: name(),
        value: Some(value),
        interval,
    });
    let bars = each(values, |probability| top_classes::ClassBar {
        name: name(),
        probability,
        printed: name(),
        original_first: true,
    });
    let bins = each(values, |value| histogram::Bin {
        low: value.abs(),
        high: 1.0,
        photos: usize::MAX,
    });
    let across = Axis::over(values.to_vec(), "across");
    let up = Axis::from_zero(values.first().copied().unwrap_or(0.0), "up");
    [
        accuracy::draw(&lines, "axis"),
        strips::changes(&strips, "axis"),
        strips::likeness(&strips, "axis"),
        remaining::draw(&remains, ("inside", "outside"), "axis"),
        trend::draw(&runs, |value| value.to_string()),
        top_classes::draw(&bars, true),
        histogram::draw(&bins, "across", "up"),
        scatter::draw(&pairs, ("first", "second")),
        lines::draw(&[pairs], across, up),
    ]
}

#[test]
fn any_numbers_can_be_drawn() {
    let all = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        1e-320,
        0.0,
        0.5,
        1e300,
    ];
    for values in [&[], &all[..1], &all[1..2], &all[6..8], &all[7..8], &all[..]] {
        for svg in every_kind(values) {
            let svg = svg.unwrap();
            assert!(svg.ends_with("</svg>\n"));
            for never in ["=\"NaN", "=\"inf", "width=\"-", "height=\"-"] {
                assert!(!svg.contains(never), "{values:?}: {never}: {svg}");
            }
        }
    }
}
