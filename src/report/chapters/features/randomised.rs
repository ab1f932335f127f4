//! Whether projections depend on what was learnt: the test that gives layers random weights (Adebayo et al. 2018).

use figures::charts::lines::{self, Axis};
use records::tables::{RandomisationRow, Row as _};

use crate::prelude::*;

/// A rule that keeps this much of its projections under random weights says little about what was learnt.
const HIGH: f64 = 0.5;
const RULES: [Named; 3] = [
    ("deconvnet", "features.deconvnet"),
    ("guided", "features.guided"),
    ("gradient", "features.gradient"),
];
const SIMILARITIES: [Named; 2] = [("ssim", "features.ssim"), ("cosine", "features.cosine")];

/// A name in the table, and the key of its words.
type Named = (&'static str, &'static str);

/// What the section is made from.
struct Test<'a, 'b> {
    page: &'b Page<'a>,
    /// From the top down.
    layers: Vec<&'a str>,
    rules: Vec<Named>,
    similarities: Vec<Named>,
}

/// The section on the test; `None` where the run did not make it.
pub(super) fn randomised(page: &Page<'_>) -> Result<Option<Block>> {
    let rows = page.site.rows::<RandomisationRow>();
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let test = Test::new(page, rows);
    let charts = test.similarities.iter().map(|it| test.chart(*it));
    let caption = page.say("features.randomisation_caption");
    let rules = test.rules.iter().map(|(_, key)| page.say(key));
    let blocks = [
        Block::text(page.count("features.randomisation_text", first.photos, &[])),
        Block::prose(test.found()),
        Block::Swatches(Swatches::of_lines(rules)),
        Block::charts(charts.collect::<Result<_>>()?, caption),
        page.paragraph("features.randomisation_read"),
        test.table(),
        page.more_in(&[RandomisationRow::FILE]),
    ];
    let section = page.section("randomisation", "features.randomisation", blocks);
    Ok(Some(section))
}

impl<'a, 'b> Test<'a, 'b> {
    fn new(page: &'b Page<'a>, rows: &'a [RandomisationRow]) -> Self {
        let mut steps: Vec<_> = rows.iter().collect();
        steps.sort_by_key(|row| row.layers);
        let mut layers: Vec<&str> = steps.iter().map(|row| row.layer.as_str()).collect();
        layers.dedup();
        let there = |known: &[Named], name: fn(&RandomisationRow) -> &str| {
            let known = known.iter().copied();
            let there = known.filter(|known| rows.iter().any(|row| name(row) == known.0));
            there.collect()
        };
        Self {
            page,
            layers,
            rules: there(&RULES, |row| &row.rule),
            similarities: there(&SIMILARITIES, |row| &row.similarity),
        }
    }

    fn row(&self, rule: &str, similarity: &str, layer: &str) -> Option<&'a RandomisationRow> {
        let mut rows = self.page.site.rows::<RandomisationRow>().iter();
        rows.find(|row| row.rule == rule && row.similarity == similarity && row.layer == layer)
    }

    fn chart(&self, (similarity, title): (&str, &str)) -> Result<Chart> {
        let line = |(rule, _): &Named| {
            let value = |layer: &&str| Some(self.row(rule, similarity, layer)?.mean);
            let values = self.layers.iter().map(value).enumerate();
            values
                .filter_map(|(at, value)| Some((at as f64, value?)))
                .collect()
        };
        let drawn: Vec<Vec<(f64, f64)>> = self.rules.iter().map(line).collect();
        let ends = [0.0, (self.layers.len() - 1).max(1) as f64];
        let across = Axis::over(ends, &self.page.say("features.randomised_axis"))
            .at(self.ticks())
            .printed(|at| self.layers[at as usize].to_owned());
        let up = Axis::from_zero(1.0, &self.page.say("features.likeness"));
        let values = self.rules.iter().zip(&drawn).map(|((_, key), points)| {
            let values = points.iter().map(|(_, value)| printed(*value));
            format!(
                "{} {}",
                self.page.say(key),
                values.collect::<Vec<_>>().join(", ")
            )
        });
        let title = self.page.say(title);
        let gaps: [Gap<'_>; 2] = [("what", &title), ("values", &numbers::listed(values))];
        let alt = self.page.fill("features.alt_randomisation", &gaps);
        let svg = lines::draw(&drawn, across, up)?;
        let path = format!("assets/features/randomised-{similarity}.svg");
        Ok(self.page.chart(&path, &svg, alt)?.titled(title))
    }

    /// As many of the layers' names as have room below the chart, the last one among them.
    fn ticks(&self) -> Vec<f64> {
        const CHARACTERS: usize = 36;
        let longest = self.layers.iter().map(|layer| layer.chars().count()).max();
        let room = (CHARACTERS / (longest.unwrap_or(1) + 2)).max(1);
        let stride = self.layers.len().div_ceil(room);
        let layers = self.layers.iter().enumerate().rev().step_by(stride);
        layers.map(|(at, _)| at as f64).collect()
    }

    /// What is left under random weights in the uppermost layers, and everywhere, and what that says.
    fn found(&self) -> Vec<String> {
        let mut found = Vec::new();
        for similarity in &self.similarities {
            if let ([first, _, ..], [_, _, ..]) = (&self.layers[..], &self.rules[..]) {
                let keys = ["features.upper_stays", "features.upper_falls"];
                found.extend(self.left(similarity, first, keys));
            }
            if let Some(last) = self.layers.last() {
                let keys = match self.rules.len() {
                    1 => ["features.one_stays", "features.one_falls"],
                    _ => ["features.stays", "features.falls"],
                };
                found.extend(self.left(similarity, last, keys));
            }
        }
        found
    }

    /// Which rule keeps most and which least with random weights down to a layer; in the first words where much is kept, else
    /// in the second.
    fn left(
        &self,
        (similarity, title): &Named,
        layer: &str,
        [stays, falls]: [&str; 2],
    ) -> Option<String> {
        let left = |(rule, key): &Named| {
            Some((self.row(rule, similarity, layer)?.mean, self.page.say(key)))
        };
        let mut left: Vec<(f64, String)> = self.rules.iter().filter_map(left).collect();
        left.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (most, least) = (left.first()?, left.last()?);
        let key = if most.0 >= HIGH { stays } else { falls };
        let gaps: [Gap<'_>; 6] = [
            ("what", &self.page.say(title)),
            ("layer", &layer),
            ("most", &most.1),
            ("kept", &printed(most.0)),
            ("least", &least.1),
            ("lost", &printed(least.0)),
        ];
        Some(self.page.fill(key, &gaps))
    }

    /// Each similarity of each rule, layer by layer.
    fn table(&self) -> Block {
        let mut columns = self
            .page
            .columns(&self.layers)
            .text("features.randomised_down_to", |layer| **layer);
        for (rule, rule_key) in &self.rules {
            for (similarity, key) in &self.similarities {
                let name = format!("{}: {}", self.page.say(rule_key), self.page.say(key));
                columns = columns.column(Column::number(name), |layer| {
                    let row = self.row(rule, similarity, layer)?;
                    let [mean, low, high] = [row.mean, row.low, row.high].map(printed);
                    Some(format!("{mean} ({low}–{high})"))
                });
            }
        }
        let caption = self.page.say("features.randomisation_table");
        columns.called(self.page.say("features.randomisation"), caption)
    }
}

/// A likeness between −1 and 1.
fn printed(value: f64) -> String {
    match value.is_finite() {
        true => format!("{value:.2}").replace('-', "−"),
        false => numbers::DASH.to_owned(),
    }
}
