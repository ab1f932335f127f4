//! What hiding each region costs the first class, over all photographs.

use super::super::super::blocks::{Block, Column, Plot, Row, Table};
use super::super::super::lookup::Photo;
use super::super::super::numbers;
use super::super::super::site::{words, Page};
use crate::error::Result;
use crate::figures::charts::drops::{self, DropLine};
use crate::records::tables::{ControlRow, MaskedClassRow};

/// The chart and the table; `None` where no class probabilities were taken under a mask.
pub(super) fn effect(page: &Page<'_>) -> Result<Option<Vec<Block>>> {
    let regions = page.site.lookup.regions();
    let mut lines = Vec::new();
    let mut bars = Vec::new();
    for region in regions {
        let photos: Vec<&Photo<'_>> = page.site.lookup.masked_by(region).collect();
        let rows: Vec<&MaskedClassRow> = photos
            .iter()
            .filter_map(|photo| photo.masked_class(region))
            .collect();
        let controls: Vec<&ControlRow> = photos
            .iter()
            .filter_map(|photo| photo.control(region))
            .collect();
        if rows.is_empty() {
            continue;
        }
        lines.push(line(page, region, &rows, &controls));
        bars.extend(drop_lines(page, region, &rows, &controls));
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let values: Vec<String> = bars
        .iter()
        .map(|bar| format!("{}: {}", bar.name, numbers::change(bar.mean)))
        .collect();
    let texts = page.texts();
    let svg = drops::draw(&bars, &texts.say("masks.effect_axis"))?;
    let alt = texts.fill("alt.drops", &[("values", &values.join("; "))]);
    let numbers = [
        "masks.photos",
        "masks.before",
        "masks.after",
        "masks.drop",
        "masks.control_after",
        "masks.control_drop",
        "masks.beyond",
        "masks.still_first",
        "masks.in_five",
    ];
    let mut columns = vec![Column::text(texts.say("common.region"))];
    columns.extend(numbers.map(|key| Column::number(texts.say(key))));
    let label = texts.say("masks.effect");
    let caption = texts.say("masks.summary_caption");
    Ok(Some(vec![
        Block::Plot(Plot {
            label: label.clone(),
            chart: page.chart("assets/charts/drops.svg", &svg, alt)?,
            caption: texts.say("masks.effect_text"),
        }),
        Block::Table(Table::new(label, caption, columns, lines)),
    ]))
}

fn line(page: &Page<'_>, region: &str, rows: &[&MaskedClassRow], controls: &[&ControlRow]) -> Row {
    let mean = |values: &mut dyn Iterator<Item = f32>| {
        numbers::or_dash(numbers::mean(values.map(f64::from)), numbers::probability)
    };
    let within = |rank: usize| {
        let n = rows.iter().filter(|row| row.rank_masked <= rank).count();
        format!("{} / {}", numbers::count(n), numbers::count(rows.len()))
    };
    let change = |metric: &str| {
        page.site
            .metric(&format!("{metric}_{region}"), "all")
            .map(|m| -m.value)
    };
    let with_interval = |metric: &str| {
        let Some(metric) = page.site.metric(&format!("{metric}_{region}"), "all") else {
            return "–".to_owned();
        };
        let value = numbers::change(-metric.value);
        match (metric.low, metric.high) {
            (Some(low), Some(high)) => {
                format!(
                    "{value} ({})",
                    numbers::change_interval(-high, -low, &page.texts().say("common.to"))
                )
            }
            _ => value,
        }
    };
    let cells = [
        numbers::count(rows.len()),
        mean(&mut rows.iter().map(|row| row.probability_original)),
        mean(&mut rows.iter().map(|row| row.probability_masked)),
        with_interval("masked_drop"),
        mean(&mut controls.iter().filter_map(|row| row.probability_control)),
        numbers::or_dash(change("control_drop"), numbers::change),
        with_interval("drop_beyond_control"),
        within(1),
        within(5),
    ];
    Row::new(words(region), cells)
}

fn drop_lines(
    page: &Page<'_>,
    region: &str,
    rows: &[&MaskedClassRow],
    controls: &[&ControlRow],
) -> Vec<DropLine> {
    let metric = |name: &str| page.site.metric(&format!("{name}_{region}"), "all");
    let line = |name: String,
                control: bool,
                changes: Vec<f64>,
                metric: Option<&crate::records::tables::MetricRow>| {
        let mean = numbers::mean(changes.iter().copied())?;
        Some(DropLine {
            name,
            control,
            mean,
            interval: metric.and_then(|metric| Some((-metric.high?, -metric.low?))),
            changes,
        })
    };
    let masked = rows
        .iter()
        .map(|row| f64::from(row.probability_masked) - f64::from(row.probability_original));
    let hidden = line(
        words(region),
        false,
        masked.collect(),
        metric("masked_drop"),
    );
    let control = controls.iter().filter_map(|row| {
        Some(f64::from(row.probability_control?) - f64::from(row.probability_original?))
    });
    let name = page
        .texts()
        .fill("masks.control_of", &[("region", &words(region))]);
    let control = line(name, true, control.collect(), metric("control_drop"));
    [hidden, control].into_iter().flatten().collect()
}
