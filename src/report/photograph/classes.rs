//! A photograph's first classes.

use figures::charts::top_classes::{self, ClassBar};
use network::Scores;
use records::file_stem;
use records::tables::PredictionRow;
use records::ORIGINAL;

use crate::prelude::*;

/// The first classes of a photo as it is and with each of the regions hidden, a chart for each, with the caption of a key;
/// `None` where the network named none.
///
/// # Errors
/// Those of [`Page::chart`].
pub(in super::super) fn class_charts(
    page: &Page<'_>,
    photo: &Photo<'_>,
    regions: &[&str],
    caption: &str,
) -> Result<Option<Block>> {
    let conditions = std::iter::once(ORIGINAL).chain(regions.iter().copied());
    let named = conditions.filter(|condition| photo.top(condition).next().is_some());
    let charts = named.map(|condition| chart(page, photo, condition));
    let charts: Vec<Chart> = charts.collect::<Result<_>>()?;
    let caption = page.say(caption);
    Ok((!charts.is_empty()).then_some(Block::charts(charts, caption)))
}

fn chart(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> Result<Chart> {
    let first = photo.first().map(|first| first.class_index);
    // Of scores that are no probabilities, the longest of the photo as it is stands for all of the bar.
    let whole = match page.site.scores() {
        Some(Scores::None) => photo.first().map_or(1.0, |first| first.probability.abs()),
        _ => 1.0,
    };
    let bar = |row: &PredictionRow| ClassBar {
        name: row.class_name.to_string(),
        probability: f64::from(row.probability / whole.max(f32::MIN_POSITIVE)),
        printed: numbers::probability(row.probability),
        original_first: Some(row.class_index) == first,
    };
    let bars: Vec<ClassBar> = photo.top(condition).take(5).map(bar).collect();
    let classes = bars
        .iter()
        .map(|bar| format!("{} {}", bar.name, bar.printed));
    let classes = classes.collect::<Vec<_>>().join(", ");
    let alt = page.fill("alt.top", &[("classes", &classes)]);
    let folders = (file_stem(photo.id()), file_stem(condition));
    let path = format!("assets/photos/{}/{}/classes.svg", folders.0, folders.1);
    let svg = top_classes::draw(&bars, condition != ORIGINAL)?;
    let beyond = photo.masked_class(condition);
    let beyond = beyond.filter(|row| row.rank_masked > bars.len());
    let note = beyond.map_or_else(String::new, |row| {
        let rank = numbers::count(row.rank_masked);
        let rank = page.fill("common.rank", &[("rank", &rank)]);
        let probability = numbers::probability(row.probability_masked);
        format!("{}: {rank}, {probability}", row.class_name)
    });
    let chart = page.chart(&path, &svg, alt)?;
    Ok(chart.titled(page.condition(condition)).noted(note))
}
