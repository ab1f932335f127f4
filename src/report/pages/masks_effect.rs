//! What hiding each region costs the first class, over all photographs.

use serde::Serialize;

use super::super::charts::Chart;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::{words, Page};
use crate::error::Result;
use crate::figures::charts::drops::{self, DropLine};
use crate::records::tables::{ControlRow, MaskedClassRow};

#[derive(Serialize)]
pub(super) struct Effect {
    chart: Chart,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    region: String,
    photos: String,
    before: String,
    after: String,
    drop: String,
    control: String,
    control_drop: String,
    beyond: String,
    still_first: String,
    in_five: String,
}

/// The chart and the table; `None` where no class probabilities were taken under a mask.
pub(super) fn effect(page: &Page<'_>) -> Result<Option<Effect>> {
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
    let svg = drops::draw(&bars, &page.texts().say("masks.effect_axis"))?;
    let alt = page
        .texts()
        .fill("alt.drops", &[("values", &values.join("; "))]);
    let chart = Chart::write(page, "assets/charts/drops.svg", &svg, alt)?;
    Ok(Some(Effect { chart, lines }))
}

fn line(page: &Page<'_>, region: &str, rows: &[&MaskedClassRow], controls: &[&ControlRow]) -> Line {
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
    Line {
        region: words(region),
        photos: numbers::count(rows.len()),
        before: mean(&mut rows.iter().map(|row| row.probability_original)),
        after: mean(&mut rows.iter().map(|row| row.probability_masked)),
        drop: with_interval("masked_drop"),
        control: mean(&mut controls.iter().filter_map(|row| row.probability_control)),
        control_drop: numbers::or_dash(change("control_drop"), numbers::change),
        beyond: with_interval("drop_beyond_control"),
        still_first: within(1),
        in_five: within(5),
    }
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
