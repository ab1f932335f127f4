//! Charts as pages show them: the SVG file and its text alternative.

use serde::Serialize;

use super::frame::Leaf;
use super::lookup::Photo;
use super::numbers;
use super::site::Page;
use crate::error::Result;
use crate::figures::charts::top_classes::{self, ClassBar};
use crate::figures::photo::file_stem;
use crate::records::ORIGINAL;

/// A chart with what stands around it.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    src: String,
    alt: String,
    width: String,
    height: String,
    /// Above it.
    pub(super) title: String,
    /// Below it.
    note: String,
}

impl Chart {
    /// Writes the SVG into the run folder.
    pub(super) fn write(page: &Leaf<'_>, path: &str, svg: &str, alt: String) -> Result<Self> {
        page.press.write_file(path, svg)?;
        let attribute = |name: &str| {
            let rest = svg.split_once(&format!(" {name}=\""))?.1;
            Some(rest.split_once('"')?.0.to_owned())
        };
        Ok(Self {
            src: page.href(path),
            alt,
            width: attribute("width").unwrap_or_default(),
            height: attribute("height").unwrap_or_default(),
            title: String::new(),
            note: String::new(),
        })
    }

    /// The same with a title above it.
    pub(super) fn titled(self, title: String) -> Self {
        Self { title, ..self }
    }
}

/// The first classes of a photo as it is and with each of the regions hidden, a chart for each.
pub(super) fn top_classes(
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
        let alt = page
            .texts()
            .fill("alt.top", &[("classes", &classes.join(", "))]);
        let path = format!(
            "assets/photos/{}/{}/classes.svg",
            file_stem(photo.id()),
            file_stem(condition)
        );
        let svg = top_classes::draw(&bars, condition != ORIGINAL)?;
        let mut chart = Chart::write(page, &path, &svg, alt)?;
        chart.title = page.condition(condition);
        if let Some(masked) = photo
            .masked_class(condition)
            .filter(|row| row.rank_masked > rows.len())
        {
            let rank = numbers::count(masked.rank_masked);
            let rank = page.texts().fill("common.rank", &[("rank", &rank)]);
            chart.note = format!(
                "{}: {rank}, {}",
                masked.class_name,
                printed(masked.probability_masked)
            );
        }
        charts.push(chart);
    }
    Ok(charts)
}
