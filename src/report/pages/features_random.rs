//! Whether projections depend on what was learnt: the test that gives layers random weights (Adebayo et al. 2018).

use serde::Serialize;

use super::super::charts::Chart;
use super::super::numbers;
use super::super::site::Page;
use crate::error::Result;
use crate::figures::charts::lines::{self, Axis};
use crate::records::tables::{RandomisationRow, Row};

/// A rule that keeps this much of its projections under random weights says little about what was learnt.
const HIGH: f64 = 0.5;
const RULES: [(&str, &str); 3] = [
    ("deconvnet", "features.deconvnet"),
    ("guided", "features.guided"),
    ("gradient", "features.gradient"),
];
const SIMILARITIES: [(&str, &str); 2] = [("ssim", "features.ssim"), ("cosine", "features.cosine")];

#[derive(Serialize)]
pub(super) struct Randomisation {
    text: String,
    charts: Vec<Chart>,
    /// In the order of the charts' lines.
    rules: Vec<String>,
    found: Vec<String>,
    /// With each similarity of each rule.
    columns: Vec<String>,
    lines: Vec<Line>,
    table: String,
}

#[derive(Serialize)]
struct Line {
    layer: String,
    values: Vec<String>,
}

/// What the section is made from.
struct Test<'a, 'b> {
    page: &'b Page<'a>,
    /// From the top down.
    layers: Vec<&'a str>,
    /// Names in the table, and keys of their words.
    rules: Vec<(&'static str, &'static str)>,
    similarities: Vec<(&'static str, &'static str)>,
}

/// The section on the test; `None` where the run did not make it.
pub(super) fn randomisation(page: &Page<'_>) -> Result<Option<Randomisation>> {
    let (texts, rows) = (page.texts(), &page.site.run.randomisation);
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let mut steps: Vec<_> = rows.iter().collect();
    steps.sort_by_key(|row| row.layers);
    let mut layers: Vec<&str> = steps.iter().map(|row| row.layer.as_str()).collect();
    layers.dedup();
    let there = |known: &(&str, &str), name: fn(&RandomisationRow) -> &str| {
        rows.iter().any(|row| name(row) == known.0)
    };
    let test = Test {
        page,
        layers,
        rules: RULES
            .into_iter()
            .filter(|rule| there(rule, |row| &row.rule))
            .collect(),
        similarities: SIMILARITIES
            .into_iter()
            .filter(|similarity| there(similarity, |row| &row.similarity))
            .collect(),
    };
    let charts = test.similarities.iter().map(|it| test.chart(*it));
    Ok(Some(Randomisation {
        text: texts.count("features.randomisation_text", first.photos, &[]),
        charts: charts.collect::<Result<_>>()?,
        rules: test.rules.iter().map(|(_, key)| texts.say(key)).collect(),
        found: test.found(),
        columns: test.columns(),
        lines: test.layers.iter().map(|layer| test.line(layer)).collect(),
        table: texts.fill("common.more_in", &[("file", RandomisationRow::FILE)]),
    }))
}

impl<'a> Test<'a, '_> {
    fn row(&self, rule: &str, similarity: &str, layer: &str) -> Option<&'a RandomisationRow> {
        self.page
            .site
            .run
            .randomisation
            .iter()
            .find(|row| row.rule == rule && row.similarity == similarity && row.layer == layer)
    }

    fn chart(&self, (similarity, title): (&str, &str)) -> Result<Chart> {
        let texts = self.page.texts();
        let drawn: Vec<Vec<(f64, f64)>> = self
            .rules
            .iter()
            .map(|(rule, _)| {
                let value = |layer: &&str| Some(self.row(rule, similarity, layer)?.mean);
                let values = self.layers.iter().map(value).enumerate();
                values
                    .filter_map(|(at, value)| Some((at as f64, value?)))
                    .collect()
            })
            .collect();
        let ends = [0.0, (self.layers.len() - 1).max(1) as f64];
        let across = Axis::over(ends, &texts.say("features.randomised_axis"))
            .at(self.ticks())
            .printed(|at| self.layers[at as usize].to_owned());
        let up = Axis::from_zero(1.0, &texts.say("features.likeness"));
        let values: Vec<String> = self
            .rules
            .iter()
            .zip(&drawn)
            .map(|((_, key), points)| {
                let values = points.iter().map(|(_, value)| printed(*value));
                let values: Vec<String> = values.collect();
                format!("{} {}", texts.say(key), values.join(", "))
            })
            .collect();
        let title = texts.say(title);
        let gaps = [("what", title.as_str()), ("values", &values.join("; "))];
        let alt = texts.fill("features.alt_randomisation", &gaps);
        let svg = lines::draw(&drawn, across, up)?;
        let path = format!("assets/features/randomised-{similarity}.svg");
        Ok(Chart::write(self.page, &path, &svg, alt)?.titled(title))
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
            if let [first, _, ..] = self.layers[..] {
                let keys = ["features.upper_stays", "features.upper_falls"];
                found.extend(
                    self.left(similarity, first, keys)
                        .filter(|_| self.rules.len() > 1),
                );
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
        (similarity, title): &(&str, &str),
        layer: &str,
        [stays, falls]: [&str; 2],
    ) -> Option<String> {
        let texts = self.page.texts();
        let left = |(rule, key): &(&str, &str)| {
            Some((self.row(rule, similarity, layer)?.mean, texts.say(key)))
        };
        let mut left: Vec<(f64, String)> = self.rules.iter().filter_map(left).collect();
        left.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (most, least) = (left.first()?, left.last()?);
        let key = if most.0 >= HIGH { stays } else { falls };
        let gaps = [
            ("what", texts.say(title)),
            ("layer", layer.to_owned()),
            ("most", most.1.clone()),
            ("kept", printed(most.0)),
            ("least", least.1.clone()),
            ("lost", printed(least.0)),
        ];
        let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
        Some(texts.fill(key, &gaps))
    }

    fn columns(&self) -> Vec<String> {
        let texts = self.page.texts();
        let pairs = self.pairs();
        pairs
            .map(|((_, rule), (_, similarity))| {
                format!("{}: {}", texts.say(rule), texts.say(similarity))
            })
            .collect()
    }

    fn line(&self, layer: &str) -> Line {
        let value = |row: &RandomisationRow| {
            let [mean, low, high] = [row.mean, row.low, row.high].map(printed);
            format!("{mean} ({low}–{high})")
        };
        let pairs = self.pairs();
        Line {
            layer: layer.to_owned(),
            values: pairs
                .map(|((rule, _), (similarity, _))| {
                    numbers::or_dash(self.row(rule, similarity, layer), value)
                })
                .collect(),
        }
    }

    fn pairs(
        &self,
    ) -> impl Iterator<Item = (&(&'static str, &'static str), &(&'static str, &'static str))> {
        let rules = self.rules.iter();
        rules.flat_map(|rule| self.similarities.iter().map(move |it| (rule, it)))
    }
}

/// A likeness between −1 and 1.
fn printed(value: f64) -> String {
    match value.is_finite() {
        true => format!("{value:.2}").replace('-', "−"),
        false => "–".to_owned(),
    }
}
