//! More than two runs: their figures in a table and as trends, and every two of them held against each other.

use serde::Serialize;

use super::super::charts::Chart;
use super::super::frame::{Leaf, Press};
use super::super::numbers;
use super::sides::{self, Fact};
use super::words::{self, Figure};
use super::{FRONT, METHOD};
use crate::comparison::{Comparison, Seen};
use crate::error::Result;
use crate::figures::charts::trend::{self, TrendPoint};
use crate::statistics;

#[derive(Serialize)]
struct Many {
    lead: String,
    notes: Vec<String>,
    names: Vec<String>,
    facts: Vec<Fact>,
    measures: Vec<Measure>,
    charts: Vec<Chart>,
    pairs: Vec<PairLines>,
    method: String,
}

/// A figure of every run over the common photos.
#[derive(Serialize)]
struct Measure {
    name: String,
    values: Vec<String>,
}

#[derive(Serialize)]
struct PairLines {
    heading: String,
    figures: Vec<Figure>,
}

/// Writes `index.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let leaf = Leaf::new(press, FRONT, "nav.front");
    let texts = leaf.texts();
    let sides = &comparison.lineup.sides;
    let names: Vec<String> = sides.iter().map(|side| side.name.clone()).collect();
    let runs = numbers::count(sides.len());
    let gaps = [("runs", runs.as_str()), ("first", &names[0])];
    let mut measures = Vec::new();
    let mut charts = Vec::new();
    let accuracy = points(
        comparison,
        &|seen| seen.right.map(|r| f64::from(u8::from(r))),
        true,
    );
    let label = points(comparison, &|seen| seen.label_probability, false);
    let first = points(comparison, &|seen| seen.reference_probability, false);
    for (key, file, points) in [
        ("compare.accuracy", "accuracy", accuracy),
        ("compare.label_probability", "label", label),
        ("compare.first_probability", "first", first),
    ] {
        if points.iter().all(|point| point.value.is_none()) {
            continue;
        }
        let print = |value: f64| match file {
            "accuracy" => numbers::percent(value),
            _ => numbers::probability(value),
        };
        let values: Vec<String> = points
            .iter()
            .map(|point| numbers::or_dash(point.value, print))
            .collect();
        let listed: Vec<String> = names
            .iter()
            .zip(&values)
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let gaps = [("name", &*texts.say(key)), ("values", &*listed.join("; "))];
        let alt = texts.fill("alt.trend", &gaps);
        let svg = trend::draw(&points, print)?;
        let path = format!("assets/charts/{file}.svg");
        charts.push(Chart::write(&leaf, &path, &svg, alt)?.titled(texts.say(key)));
        measures.push(Measure {
            name: texts.say(key),
            values,
        });
    }
    let pairs = comparison.differences.iter().map(|difference| {
        let gaps = [
            ("a", names[difference.a].as_str()),
            ("b", names[difference.b].as_str()),
        ];
        PairLines {
            heading: texts.fill("compare.title", &gaps),
            figures: words::figures(texts, difference),
        }
    });
    let content = Many {
        lead: texts.count("compare.lead_many", comparison.lineup.photos.len(), &gaps),
        notes: sides::notes(&leaf, comparison),
        facts: sides::facts(&leaf, comparison),
        measures,
        charts,
        pairs: pairs.collect(),
        method: leaf.href(METHOD),
        names: names.clone(),
    };
    let title = texts.fill("compare.title_many", &gaps);
    leaf.write("compare/many.html", &title, &content)
}

/// The mean of a figure over the common photos, run by run: a share with Wilson's interval, or Student's.
fn points(
    comparison: &Comparison,
    of: &dyn Fn(&Seen) -> Option<f64>,
    share: bool,
) -> Vec<TrendPoint> {
    let point = |(at, side): (usize, &crate::comparison::Side)| {
        let photos = comparison.lineup.photos.iter();
        let values: Vec<f64> = photos
            .filter_map(|line| of(line.seen[at].as_ref()?))
            .collect();
        let (value, interval) = statistics::mean(&values).unzip();
        TrendPoint {
            name: side.name.clone(),
            value,
            interval: match share {
                true => statistics::wilson(values.iter().sum::<f64>() as usize, values.len()),
                false => interval
                    .flatten()
                    .map(|(low, high)| (low.max(0.0), high.min(1.0))),
            },
        }
    };
    comparison
        .lineup
        .sides
        .iter()
        .enumerate()
        .map(point)
        .collect()
}
