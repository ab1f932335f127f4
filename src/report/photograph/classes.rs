//! A photograph's first classes.

use super::super::blocks::Chart;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::Page;
use crate::error::Result;
use crate::figures::charts::top_classes::{self, ClassBar};
use crate::records::file_stem;
use crate::records::ORIGINAL;

/// The first classes of a photo as it is and with each of the regions hidden, a chart for each.
///
/// # Errors
/// Those of [`Page::chart`].
pub(in super::super) fn top_classes(
    page: &Page<'_>,
    photo: &Photo<'_>,
    regions: &[&str],
) -> Result<Vec<Chart>> {
    let mut charts = Vec::new();
    for condition in std::iter::once(ORIGINAL).chain(regions.iter().copied()) {
        let rows: Vec<_> = photo.top(condition).take(5).collect();
        if rows.is_empty() {
            continue;
        }
        let first = photo.first().map(|first| first.class_index);
        let printed = |p: f32| numbers::probability(f64::from(p));
        let bars: Vec<ClassBar> = rows
            .iter()
            .map(|row| ClassBar {
                name: row.class_name.clone(),
                probability: f64::from(row.probability),
                printed: printed(row.probability),
                original_first: Some(row.class_index) == first,
            })
            .collect();
        let classes: Vec<_> = bars
            .iter()
            .map(|bar| format!("{} {}", bar.name, bar.printed))
            .collect();
        let texts = page.texts();
        let alt = texts.fill("alt.top", &[("classes", &classes.join(", "))]);
        let folders = (file_stem(photo.id()), file_stem(condition));
        let path = format!("assets/photos/{}/{}/classes.svg", folders.0, folders.1);
        let svg = top_classes::draw(&bars, condition != ORIGINAL)?;
        let chart = page.chart(&path, &svg, alt)?;
        let beyond = photo
            .masked_class(condition)
            .filter(|row| row.rank_masked > rows.len());
        let note = beyond.map_or_else(String::new, |row| {
            let rank = numbers::count(row.rank_masked);
            let rank = texts.fill("common.rank", &[("rank", &rank)]);
            let probability = printed(row.probability_masked);
            format!("{}: {rank}, {probability}", row.class_name)
        });
        charts.push(chart.titled(page.condition(condition)).noted(note));
    }
    Ok(charts)
}
