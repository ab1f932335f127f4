//! More than two runs: their figures in a table and as trends, and every two of them held against each other.

use super::super::blocks::{Block, Chart, Charts, Column, Row, Table, Text};
use super::super::frame::{Content, Leaf, Press};
use super::super::numbers;
use super::{sides, words, FRONT, METHOD};
use crate::comparison::{Comparison, Seen, Side};
use crate::error::Result;
use crate::figures::charts::trend::{self, TrendPoint};
use crate::statistics;

/// A figure of every run over the common photos.
struct Measure {
    name: String,
    /// One a run.
    values: Vec<String>,
    chart: Chart,
}

/// Writes `index.html`.
pub(super) fn write(press: &Press, comparison: &Comparison) -> Result<()> {
    let leaf = Leaf::new(press, FRONT, "nav.front");
    let texts = leaf.texts();
    let sides = &comparison.lineup.sides;
    let runs = numbers::count(sides.len());
    let gaps = [("runs", runs.as_str()), ("first", &sides[0].name)];
    let title = texts.fill("compare.title_many", &gaps);
    let lead = texts.count("compare.lead_many", comparison.lineup.photos.len(), &gaps);
    let blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        sides::notes(&leaf, comparison),
        trends(&leaf, sides, measures(&leaf, comparison)?),
        pairs(&leaf, comparison),
        sides::table(&leaf, comparison),
    ];
    leaf.put(&Content::new(title, blocks))
}

/// The figures that any run has.
fn measures(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Vec<Measure>> {
    let right = |seen: &Seen| seen.right.map(|right| f64::from(u8::from(right)));
    let mut measures = Vec::new();
    for (key, file, points) in [
        (
            "compare.accuracy",
            "accuracy",
            points(comparison, &right, true),
        ),
        (
            "compare.label_probability",
            "label",
            points(comparison, &|seen| seen.label_probability, false),
        ),
        (
            "compare.first_probability",
            "first",
            points(comparison, &|seen| seen.reference_probability, false),
        ),
    ] {
        if points.iter().any(|point| point.value.is_some()) {
            measures.push(measure(leaf, key, file, &points)?);
        }
    }
    Ok(measures)
}

fn measure(leaf: &Leaf<'_>, key: &str, file: &str, points: &[TrendPoint]) -> Result<Measure> {
    let name = leaf.texts().say(key);
    let print = |value: f64| match file {
        "accuracy" => numbers::percent(value),
        _ => numbers::probability(value),
    };
    let values: Vec<String> = points
        .iter()
        .map(|point| numbers::or_dash(point.value, print))
        .collect();
    let listed: Vec<String> = points
        .iter()
        .zip(&values)
        .map(|(point, value)| format!("{}: {value}", point.name))
        .collect();
    let gaps = [("name", name.as_str()), ("values", &listed.join("; "))];
    let alt = leaf.texts().fill("alt.trend", &gaps);
    let svg = trend::draw(points, print)?;
    let chart = leaf.chart(&format!("assets/charts/{file}.svg"), &svg, alt)?;
    Ok(Measure {
        chart: chart.titled(name.clone()),
        name,
        values,
    })
}

fn trends(leaf: &Leaf<'_>, sides: &[Side], measures: Vec<Measure>) -> Block {
    let texts = leaf.texts();
    if measures.is_empty() {
        return Block::Notice(texts.say("compare.no_figures").into());
    }
    let names = measures.iter().map(|measure| measure.name.clone());
    let columns = std::iter::once(Column::text(texts.say("compare.run")))
        .chain(names.map(Column::number))
        .collect();
    let row = |(at, side): (usize, &Side)| {
        let values = measures.iter().map(|measure| measure.values[at].clone());
        Row::new(side.name.clone(), values)
    };
    let rows = sides.iter().enumerate().map(row).collect();
    let table = Table::new(texts.say("compare.trend"), Text::default(), columns, rows);
    let charts = Charts {
        charts: measures.into_iter().map(|measure| measure.chart).collect(),
        caption: texts.say("compare.trend_text"),
    };
    let blocks = vec![Block::Charts(charts), Block::Table(table)];
    leaf.section("trend", "compare.trend", blocks)
}

fn pairs(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let texts = leaf.texts();
    let text = Text::from(texts.say("compare.pairs_text"))
        .and_link(texts.say("compare.to_method"), leaf.href(METHOD));
    let mut blocks = vec![Block::text(text)];
    for difference in &comparison.differences {
        let name = |side: usize| comparison.lineup.sides[side].name.as_str();
        let cards = words::figures(texts, difference);
        if !cards.is_empty() {
            let gaps = [("a", name(difference.a)), ("b", name(difference.b))];
            blocks.push(Block::Subheading(texts.fill("compare.title", &gaps)));
            blocks.push(Block::Cards(cards));
        }
    }
    leaf.section("pairs", "compare.pairs", blocks)
}

/// The mean of a figure over the common photos, run by run: a share with Wilson's interval, or Student's.
fn points(
    comparison: &Comparison,
    of: &dyn Fn(&Seen) -> Option<f64>,
    share: bool,
) -> Vec<TrendPoint> {
    let point = |(at, side): (usize, &Side)| {
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
    let sides = comparison.lineup.sides.iter();
    sides.enumerate().map(point).collect()
}
