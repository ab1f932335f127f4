//! Whether projections depend on what was learnt: the test that gives layers random weights (Adebayo et al. 2018).

use super::sheet::more_in;
use crate::error::Result;
use crate::figures::charts::lines::{self, Axis};
use crate::records::tables::{RandomisationRow, Row as _};
use crate::report::blocks::{Block, Chart, Charts, Column, List, Row, Swatch, Swatches, Table};
use crate::report::numbers;
use crate::report::site::Page;

/// A rule that keeps this much of its projections under random weights says little about what was learnt.
const HIGH: f64 = 0.5;
const RULES: [(&str, &str); 3] = [
    ("deconvnet", "features.deconvnet"),
    ("guided", "features.guided"),
    ("gradient", "features.gradient"),
];
const SIMILARITIES: [(&str, &str); 2] = [("ssim", "features.ssim"), ("cosine", "features.cosine")];

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
pub(super) fn randomised(page: &Page<'_>) -> Result<Option<Block>> {
    let (texts, rows) = (page.texts(), page.site.rows::<RandomisationRow>());
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let test = Test::new(page, rows);
    let charts = test.similarities.iter().map(|it| test.chart(*it));
    let charts = Charts {
        charts: charts.collect::<Result<_>>()?,
        caption: texts.say("features.randomisation_caption"),
    };
    let text = texts.count("features.randomisation_text", first.photos, &[]);
    let blocks = vec![
        Block::text(text),
        Block::List(List::prose(test.found())),
        Block::Swatches(test.legend()),
        Block::Charts(charts),
        page.say("features.randomisation_read"),
        Block::Table(test.table()),
        more_in(page, &[RandomisationRow::FILE]),
    ];
    Ok(Some(page.section(
        "randomisation",
        "features.randomisation",
        blocks,
    )))
}

impl<'a, 'b> Test<'a, 'b> {
    fn new(page: &'b Page<'a>, rows: &'a [RandomisationRow]) -> Self {
        let mut steps: Vec<_> = rows.iter().collect();
        steps.sort_by_key(|row| row.layers);
        let mut layers: Vec<&str> = steps.iter().map(|row| row.layer.as_str()).collect();
        layers.dedup();
        let there = |known: &(&str, &str), name: fn(&RandomisationRow) -> &str| {
            rows.iter().any(|row| name(row) == known.0)
        };
        let (rules, similarities) = (RULES.into_iter(), SIMILARITIES.into_iter());
        Self {
            page,
            layers,
            rules: rules.filter(|rule| there(rule, |row| &row.rule)).collect(),
            similarities: similarities
                .filter(|similarity| there(similarity, |row| &row.similarity))
                .collect(),
        }
    }

    /// The rules in the order of the charts' lines.
    fn legend(&self) -> Swatches {
        let rules = self.rules.iter().enumerate();
        let swatch = |(at, (_, key)): (usize, &(&str, &str))| Swatch {
            class: format!("line-{at}"),
            name: self.page.texts().say(key),
            value: String::new(),
        };
        Swatches {
            in_line: true,
            entries: rules.map(swatch).collect(),
        }
    }

    fn row(&self, rule: &str, similarity: &str, layer: &str) -> Option<&'a RandomisationRow> {
        self.page
            .site
            .rows::<RandomisationRow>()
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

    /// Each similarity of each rule, layer by layer.
    fn table(&self) -> Table {
        let texts = self.page.texts();
        let pair = |((_, rule), (_, similarity)): (&(&str, &str), &(&str, &str))| {
            let name = format!("{}: {}", texts.say(rule), texts.say(similarity));
            Column::number(name)
        };
        let mut columns = vec![Column::text(texts.say("features.randomised_down_to"))];
        columns.extend(self.pairs().map(pair));
        let rows = self.layers.iter().map(|layer| self.line(layer)).collect();
        let label = texts.say("features.randomisation");
        let caption = texts.say("features.randomisation_table");
        Table::new(label, caption, columns, rows)
    }

    fn line(&self, layer: &str) -> Row {
        let value = |row: &RandomisationRow| {
            let [mean, low, high] = [row.mean, row.low, row.high].map(printed);
            format!("{mean} ({low}–{high})")
        };
        let values = self.pairs().map(|((rule, _), (similarity, _))| {
            numbers::or_dash(self.row(rule, similarity, layer), value)
        });
        Row::new(layer, values)
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
