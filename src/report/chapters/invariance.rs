//! What moving, enlarging and turning photographs does to the features and the class: ZF's figure 5 for this run.

use super::super::blocks::{Block, Chart, Charts, Column, Line, List, Picture, Row, Table, Text};
use super::super::frame::Content;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::photograph::{file_name, link};
use super::super::site::Page;
use super::{Chapter, Plan};
use crate::error::Result;
use crate::figures::charts::lines::{self, Axis, COLOURS};
use crate::figures::transformed;
use crate::records::maps::SHOWN;
use crate::records::file_stem;
use crate::records::tables::{InvarianceProbabilityRow, InvarianceRow};

/// A transform's words.
struct Kind {
    name: &'static str,
    heading: &'static str,
    text: &'static str,
    axis: &'static str,
    alt: &'static str,
    range: [f64; 2],
    /// Where round values are not what the eye looks for.
    ticks: &'static [f64],
    untransformed: f64,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "translation",
        heading: "invariance.translation",
        text: "invariance.text_translation",
        axis: "invariance.axis_translation",
        alt: "invariance.alt_translation",
        range: [-60.0, 60.0],
        ticks: &[],
        untransformed: 0.0,
    },
    Kind {
        name: "scale",
        heading: "invariance.scale",
        text: "invariance.text_scale",
        axis: "invariance.axis_scale",
        alt: "invariance.alt_scale",
        range: [1.0, 1.8],
        ticks: &[],
        untransformed: 1.0,
    },
    Kind {
        name: "rotation",
        heading: "invariance.rotation",
        text: "invariance.text_rotation",
        axis: "invariance.axis_rotation",
        alt: "invariance.alt_rotation",
        range: [0.0, 350.0],
        ticks: &[0.0, 90.0, 180.0, 270.0],
        untransformed: 0.0,
    },
];

/// What a panel shows.
#[derive(Clone, Copy)]
enum Panel<'a> {
    Distance(&'a str),
    Probability,
}

/// What every part of the page is made from.
struct Material<'a, 'b> {
    page: &'b Page<'a>,
    photos: Vec<&'b Photo<'a>>,
    layers: Vec<&'a str>,
}

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.invariance",
    holds: "front.contents_invariance",
    pages: |site| match site.rows::<InvarianceRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new("pages/invariance.html", content)],
    },
};

fn content(page: &Page<'_>) -> Result<Content> {
    let (site, texts) = (page.site, page.texts());
    let mut layers: Vec<&str> = Vec::new();
    for row in site.rows::<InvarianceRow>() {
        if !layers.contains(&row.layer.as_str()) {
            layers.push(&row.layer);
        }
    }
    let photos = site.lookup.photos.iter();
    let material = Material {
        page,
        photos: photos
            .filter(|photo| photo.has::<InvarianceRow>())
            .collect(),
        layers,
    };
    let title = texts.say("invariance.title");
    let count = material.photos.len();
    let lead = texts.count("invariance.lead", count, &[("model", site.network())]);
    let mut legend = vec![Block::Legend(material.legend())];
    if count > COLOURS {
        legend.push(page.say("invariance.grey"));
    }
    let mut blocks = vec![
        Block::Heading(title.clone()),
        Block::Lead(lead.into()),
        page.section("legend", "invariance.legend", legend),
    ];
    for kind in &KINDS {
        blocks.push(material.transform(kind)?);
    }
    let how = [
        "invariance.how_distance",
        "invariance.how_probability",
        "invariance.how_outside",
        "invariance.how_claims",
    ];
    let how = List::prose(how.map(|key| texts.say(key)));
    blocks.push(page.section("how", "invariance.how", vec![Block::List(how)]));
    let tables = KINDS.iter().flat_map(|kind| {
        let heading = texts.say(kind.heading);
        [
            Block::Subheading(heading.clone()),
            Block::Table(material.table(kind, heading)),
        ]
    });
    blocks.push(page.section("table", "invariance.table", tables.collect()));
    Ok(Content::new(title, blocks))
}

impl Material<'_, '_> {
    fn legend(&self) -> Vec<Line> {
        let texts = self.page.texts();
        let entry = |(number, photo): (usize, &&Photo<'_>)| {
            let alt = texts.fill("alt.input", &[("photo", &photo.image.path)]);
            let class = photo.rows::<InvarianceProbabilityRow>().into_iter().next();
            Line {
                line: match number < COLOURS {
                    true => format!("line-{number}"),
                    false => String::new(),
                },
                picture: self.picture(photo, "scale", 1.0, alt),
                name: Text::link(file_name(&photo.image.path), link(self.page, photo)),
                note: class.map_or_else(String::new, |row| row.class.clone()),
            }
        };
        self.photos.iter().enumerate().map(entry).collect()
    }

    fn transform(&self, kind: &Kind) -> Result<Block> {
        let texts = self.page.texts();
        let mut panels: Vec<Panel<'_>> = self
            .layers
            .iter()
            .map(|layer| Panel::Distance(layer))
            .collect();
        if self.page.site.has_classifier() {
            panels.push(Panel::Probability);
        }
        let first = self.photos.first();
        let name = first.map_or("", |photo| file_name(&photo.image.path));
        let sample = texts.fill("invariance.sample", &[("photo", name)]);
        let charts = panels.into_iter().map(|panel| self.chart(kind, panel));
        let blocks = vec![
            Block::text(vec![texts.say(kind.text), sample]),
            Block::Strip(first.map_or_else(Vec::new, |photo| self.sample(kind, photo))),
            Block::Charts(Charts {
                charts: charts.collect::<Result<_>>()?,
                caption: String::new(),
            }),
        ];
        Ok(Block::section("", texts.say(kind.heading), blocks))
    }

    fn sample(&self, kind: &Kind, photo: &Photo<'_>) -> Vec<(Picture, String)> {
        let shown = SHOWN.iter().filter(|(name, _)| *name == kind.name);
        let sample = |value: &f64| {
            let printed = printed(kind.name, *value);
            let gaps = [("photo", photo.image.path.as_str()), ("value", &printed)];
            let alt = self.page.texts().fill(kind.alt, &gaps);
            let picture = self.picture(photo, kind.name, *value, alt);
            (picture, printed)
        };
        shown.flat_map(|(_, values)| values).map(sample).collect()
    }

    /// What the network sees of a photo under a transform.
    fn picture(&self, photo: &Photo<'_>, transform: &str, value: f64, alt: String) -> Picture {
        let file = transformed::path(photo.id(), transform, value);
        Picture::of_file(self.page, &file, alt)
    }

    /// The points of one photo in a panel.
    fn points(&self, transform: &str, panel: Panel<'_>, photo: &Photo<'_>) -> Vec<(f64, f64)> {
        match panel {
            Panel::Distance(layer) => photo
                .rows::<InvarianceRow>()
                .iter()
                .filter(|row| row.transform == transform && row.layer == layer)
                .filter_map(|row| Some((row.value, row.relative_distance?)))
                .collect(),
            Panel::Probability => photo
                .rows::<InvarianceProbabilityRow>()
                .iter()
                .filter(|row| row.transform == transform)
                .map(|row| (row.value, row.probability))
                .collect(),
        }
    }

    fn chart(&self, kind: &Kind, panel: Panel<'_>) -> Result<Chart> {
        let texts = self.page.texts();
        let lines: Vec<_> = self
            .photos
            .iter()
            .map(|photo| self.points(kind.name, panel, photo))
            .collect();
        let (title, up, file) = match panel {
            Panel::Distance(layer) => (
                texts.fill("layer.title", &[("layer", layer)]),
                // One scale for all transforms, so that they can be held against each other.
                Axis::from_zero(self.greatest(layer), &texts.say("invariance.distance_axis")),
                file_stem(layer),
            ),
            Panel::Probability => (
                texts.say("invariance.class"),
                Axis::from_zero(1.0, &texts.say("common.probability")),
                "probability".to_owned(),
            ),
        };
        let values: Vec<String> = self
            .photos
            .iter()
            .zip(&lines)
            .map(|(photo, points)| {
                let values = points.iter().map(|(_, value)| *value);
                let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
                format!("{} {low:.2}–{high:.2}", file_name(&photo.image.path))
            })
            .collect();
        let alt = texts.fill(
            "invariance.alt_chart",
            &[
                ("what", title.as_str()),
                ("transform", &texts.say(kind.heading)),
                ("values", &values.join("; ")),
            ],
        );
        let svg = lines::draw(&lines, self.across(kind), up)?;
        let path = format!("assets/invariance/{}-{file}.svg", kind.name);
        Ok(self.page.chart(&path, &svg, alt)?.titled(title))
    }

    fn greatest(&self, layer: &str) -> f64 {
        let rows = self
            .photos
            .iter()
            .flat_map(|photo| photo.rows::<InvarianceRow>());
        rows.filter(|row| row.layer == layer)
            .filter_map(|row| row.relative_distance)
            .fold(0.0, f64::max)
    }

    fn across<'k>(&self, kind: &'k Kind) -> Axis<'k> {
        Axis::over(kind.range, &self.page.texts().say(kind.axis))
            .printed(|value| printed(kind.name, value))
            .at(kind.ticks.to_vec())
    }

    fn table(&self, kind: &Kind, label: String) -> Table {
        let texts = self.page.texts();
        let distance = |layer: &&str| texts.fill("invariance.distance_of", &[("layer", layer)]);
        let mut columns = vec![Column::text(texts.say("common.photo"))];
        columns.extend(self.layers.iter().map(distance).map(Column::number));
        if self.page.site.has_classifier() {
            let keys = [
                "invariance.untransformed",
                "invariance.least",
                "invariance.kept",
            ];
            columns.extend(keys.map(|key| Column::number(texts.say(key))));
        }
        let rows = self.photos.iter().map(|photo| self.row(kind, photo));
        let caption = texts.say("invariance.table_caption");
        Table::new(label, caption, columns, rows.collect())
    }

    fn row(&self, kind: &Kind, photo: &Photo<'_>) -> Row {
        let distance = |layer: &&str| {
            let points = self.points(kind.name, Panel::Distance(layer), photo);
            let mean = numbers::mean(points.iter().map(|(_, value)| *value));
            let greatest = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
            match mean {
                Some(mean) => format!("{mean:.2} ({greatest:.2})"),
                None => "–".to_owned(),
            }
        };
        let rows: Vec<_> = photo
            .rows::<InvarianceProbabilityRow>()
            .into_iter()
            .filter(|row| row.transform == kind.name)
            .collect();
        let clean = rows.iter().find(|row| row.value == kind.untransformed);
        let kept = clean.map(|clean| {
            let same = rows
                .iter()
                .filter(|row| row.first_class == clean.first_class);
            same.count() as f64 / rows.len() as f64
        });
        let least = rows.iter().map(|row| row.probability).reduce(f64::min);
        let mut cells: Vec<String> = self.layers.iter().map(distance).collect();
        if self.page.site.has_classifier() {
            cells.extend([
                numbers::or_dash(clean, |row| numbers::probability(row.probability)),
                numbers::or_dash(least, numbers::probability),
                numbers::or_dash(kept, numbers::whole_percent),
            ]);
        }
        let name = Text::link(photo.image.path.clone(), link(self.page, photo));
        Row::new(name, cells)
    }
}

/// A value with its sign or unit.
fn printed(transform: &str, value: f64) -> String {
    match transform {
        "translation" if value > 0.0 => format!("+{value}"),
        "translation" => value.to_string().replace('-', "−"),
        "scale" => format!("{value:.1}×"),
        _ => format!("{value}°"),
    }
}
