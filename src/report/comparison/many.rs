//! More than two runs: their figures in a table and as trends, and every two of them held against each other.

use comparison::{Comparison, Seen, Side};
use figures::charts::trend::{self, TrendPoint};

use super::{claims, sides, words, FRONT, METHOD};
use crate::frame::Press;
use crate::prelude::*;

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
    let sides = &comparison.lineup.sides;
    let gaps: [Gap<'_>; 2] = [
        ("runs", &numbers::count(sides.len())),
        ("first", &sides[0].name),
    ];
    let lead = leaf.count("compare.lead_many", comparison.lineup.photos.len(), &gaps);
    let content = Content::new(leaf.fill("compare.title_many", &gaps), lead)
        .with([
            sides::notes(&leaf, comparison),
            trends(&leaf, sides, measures(&leaf, comparison)?),
        ])
        .with(claims::section(&leaf, comparison))
        .with([pairs(&leaf, comparison), sides::table(&leaf, comparison)]);
    leaf.put(&content)
}

/// The figures that any run has.
fn measures(leaf: &Leaf<'_>, comparison: &Comparison) -> Result<Vec<Measure>> {
    let right = |seen: &Seen| seen.right.map(|right| f64::from(u8::from(right)));
    let accuracy = points(comparison, right, true);
    let label = points(comparison, |seen| seen.label_probability, false);
    let first = points(comparison, |seen| seen.reference_probability, false);
    let measures = [
        ("compare.accuracy", "accuracy", accuracy),
        ("compare.label_probability", "label", label),
        ("compare.first_probability", "first", first),
    ];
    let any = |points: &[TrendPoint]| points.iter().any(|point| point.value.is_some());
    let there = measures.into_iter().filter(|(.., points)| any(points));
    there
        .map(|(key, file, points)| measure(leaf, key, file, &points))
        .collect()
}

fn measure(leaf: &Leaf<'_>, key: &str, file: &str, points: &[TrendPoint]) -> Result<Measure> {
    let name = leaf.say(key);
    let print = |value: f64| match file {
        "accuracy" => numbers::percent(value),
        _ => numbers::probability(value),
    };
    let values = points
        .iter()
        .map(|point| numbers::or_dash(point.value, print));
    let values: Vec<String> = values.collect();
    let named = points.iter().zip(&values);
    let listed = numbers::listed(named.map(|(point, value)| format!("{}: {value}", point.name)));
    let gaps: [Gap<'_>; 2] = [("name", &name), ("values", &listed)];
    let alt = leaf.fill("alt.trend", &gaps);
    let svg = trend::draw(points, print)?;
    let chart = leaf.chart(&format!("assets/charts/{file}.svg"), &svg, alt)?;
    Ok(Measure {
        chart: chart.titled(name.clone()),
        name,
        values,
    })
}

fn trends(leaf: &Leaf<'_>, sides: &[Side], measures: Vec<Measure>) -> Block {
    if measures.is_empty() {
        return leaf.notice("compare.no_figures");
    }
    let mut columns = leaf
        .columns(sides.iter().enumerate())
        .text("compare.run", |(_, side)| side.name.as_str());
    for measure in &measures {
        columns = columns.column(Column::number(&measure.name), |(at, _)| {
            measure.values[*at].as_str()
        });
    }
    let table = columns.called(leaf.say("compare.trend"), Text::default());
    let charts = measures.into_iter().map(|measure| measure.chart).collect();
    let charts = Block::charts(charts, leaf.say("compare.trend_text"));
    leaf.section("trend", "compare.trend", [charts, table])
}

fn pairs(leaf: &Leaf<'_>, comparison: &Comparison) -> Block {
    let text = Text::from(leaf.say("compare.pairs_text"))
        .and_link(leaf.say("compare.to_method"), leaf.href(METHOD));
    let mut blocks = vec![Block::text(text)];
    for difference in &comparison.differences {
        let name = |side: usize| comparison.lineup.sides[side].name.as_str();
        let cards = words::figures(leaf.texts(), difference);
        if !cards.is_empty() {
            let gaps: [Gap<'_>; 2] = [("a", &name(difference.a)), ("b", &name(difference.b))];
            blocks.push(Block::Subheading(leaf.fill("compare.title", &gaps)));
            blocks.push(Block::Cards(cards));
        }
    }
    leaf.section("pairs", "compare.pairs", blocks)
}

/// The mean of a figure over the common photos, run by run: a share with Wilson's interval, or Student's.
fn points(
    comparison: &Comparison,
    of: impl Fn(&Seen) -> Option<f64>,
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
