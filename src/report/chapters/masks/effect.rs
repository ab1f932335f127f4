//! What hiding each region costs the first class, over all photographs.

use figures::charts::strips::{self, Found, Strip};
use records::tables::{ControlRow, MaskedClassRow, MetricRow};

use crate::prelude::*;

/// What was found of a region.
struct Hidden<'a> {
    region: &'a str,
    masked: Vec<&'a MaskedClassRow>,
    controls: Vec<&'a ControlRow>,
}

/// The chart and the table; none where no class probabilities were taken under a mask.
pub(super) fn effect(page: &Page<'_>) -> Result<Vec<Block>> {
    let regions = page.site.lookup.regions().into_iter();
    let mut regions: Vec<Hidden<'_>> = regions.map(|region| Hidden::new(page, region)).collect();
    regions.retain(|hidden| !hidden.masked.is_empty());
    if regions.is_empty() {
        return Ok(Vec::new());
    }
    let bars = regions.iter().flat_map(|hidden| hidden.drops(page));
    let bars: Vec<Strip> = bars.collect();
    let values = bars
        .iter()
        .map(|bar| format!("{}: {}", bar.name, numbers::change(bar.middle)));
    let alt = page.fill("alt.drops", &[("values", &numbers::listed(values))]);
    let svg = strips::changes(&bars, &page.say("masks.effect_axis"))?;
    let chart = page.chart("assets/charts/drops.svg", &svg, alt)?;
    let text = page.say("masks.effect_text");
    Ok(vec![
        Block::plot(page.say("masks.effect"), chart, text),
        table(page, regions),
    ])
}

fn table(page: &Page<'_>, regions: Vec<Hidden<'_>>) -> Block {
    page.columns(regions)
        .text("common.region", |it| words(it.region))
        .count("masks.photos", |it| it.masked.len())
        .probability("masks.before", |it| {
            mean(&it.masked, |row| Some(row.probability_original))
        })
        .probability("masks.after", |it| {
            mean(&it.masked, |row| Some(row.probability_masked))
        })
        .number("masks.drop", |it| it.with_interval(page, "masked_drop"))
        .count("masks.control_photos", |it| {
            let controls = it.controls.iter();
            controls
                .filter(|row| row.probability_control.is_some())
                .count()
        })
        .probability("masks.control_after", |it| {
            mean(&it.controls, |row| row.probability_control)
        })
        .number("masks.control_drop", |it| {
            let drop = it.metric(page, "control_drop");
            drop.map(|drop| numbers::change(-drop.value))
        })
        .number("masks.beyond", |it| {
            it.with_interval(page, "drop_beyond_control")
        })
        .number("masks.still_first", |it| it.within(1))
        .number("masks.in_five", |it| it.within(5))
        .table("masks.effect", "masks.summary_caption")
}

/// The mean probability.
fn mean<R>(rows: &[&R], probability: impl Fn(&R) -> Option<f32>) -> Option<f64> {
    numbers::mean(
        rows.iter()
            .filter_map(|row| probability(row))
            .map(f64::from),
    )
}

impl<'a> Hidden<'a> {
    fn new(page: &Page<'a>, region: &'a str) -> Self {
        let photos = || page.site.lookup.masked_by(region);
        Self {
            region,
            masked: photos()
                .filter_map(|photo| photo.masked_class(region))
                .collect(),
            controls: photos().filter_map(|photo| photo.control(region)).collect(),
        }
    }

    fn metric(&self, page: &Page<'a>, name: &str) -> Option<&'a MetricRow> {
        page.site.metric(&format!("{name}_{}", self.region), "all")
    }

    /// A drop as the change that it is, with its interval.
    fn with_interval(&self, page: &Page<'a>, name: &str) -> Option<String> {
        let metric = self.metric(page, name)?;
        let value = numbers::change(-metric.value);
        let Some((low, high)) = metric.low.zip(metric.high) else {
            return Some(value);
        };
        let between = page.say("common.to");
        let interval = numbers::change_interval(-high, -low, &between);
        Some(format!("{value} ({interval})"))
    }

    /// In how many photos the class stays among so many first ones.
    fn within(&self, rank: usize) -> String {
        let n = self
            .masked
            .iter()
            .filter(|row| row.rank_masked <= rank)
            .count();
        format!(
            "{} / {}",
            numbers::count(n),
            numbers::count(self.masked.len())
        )
    }

    /// The lines of the chart: the region's, and that of the control boxes where there are any.
    fn drops(&self, page: &Page<'a>) -> Vec<Strip> {
        let line = |name: String, found, changes: Vec<f64>, metric| {
            let metric = self.metric(page, metric);
            Some(Strip {
                name,
                found,
                middle: numbers::mean(changes.iter().copied())?,
                interval: metric.and_then(|metric| Some((-metric.high?, -metric.low?))),
                values: changes,
            })
        };
        let change = |masked: f32, original: f32| f64::from(masked) - f64::from(original);
        let masked = self.masked.iter();
        let masked = masked.map(|row| change(row.probability_masked, row.probability_original));
        let controls = self.controls.iter();
        let controls = controls
            .filter_map(|row| Some(change(row.probability_control?, row.probability_original?)));
        let region = words(self.region);
        let control = page.fill("masks.control_of", &[("region", &region)]);
        let lines = [
            line(region, Found::Changes, masked.collect(), "masked_drop"),
            line(control, Found::Control, controls.collect(), "control_drop"),
        ];
        lines.into_iter().flatten().collect()
    }
}
