//! What moving, enlarging and turning photographs does to the features and the class: ZF's figure 5 for this run.

use serde::Serialize;

use super::super::charts::Chart;
use super::super::grid::file_name;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::picture::Picture;
use super::super::site::{Page, Site, INVARIANCE};
use super::super::tile::link;
use crate::error::Result;
use crate::figures::charts::lines::{self, Axis, COLOURS};
use crate::figures::invariance::SHOWN;
use crate::figures::photo::file_stem;

#[derive(Serialize)]
struct InvariancePage {
    lead: String,
    legend: Vec<Entry>,
    /// Whether there are more photos than colours.
    grey: bool,
    transforms: Vec<Transform>,
    columns: Vec<String>,
    has_classifier: bool,
}

/// A photo of the legend.
#[derive(Serialize)]
struct Entry {
    /// The style sheet's class; empty where the line is grey.
    line: String,
    picture: Picture,
    name: String,
    href: String,
    class: String,
}

/// One row of panels.
#[derive(Serialize)]
struct Transform {
    heading: String,
    text: String,
    sample_text: String,
    sample: Vec<Sample>,
    charts: Vec<Chart>,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Sample {
    picture: Picture,
    value: String,
}

/// A photo in a transform's table.
#[derive(Serialize)]
struct Line {
    name: String,
    href: String,
    /// Layer by layer: mean and greatest relative distance.
    distances: Vec<String>,
    probability: String,
    least: String,
    kept: String,
}

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

/// Writes `pages/invariance.html` where the run has the experiment.
pub(in super::super) fn write(site: &Site<'_>) -> Result<()> {
    if site.run.invariance.is_empty() {
        return Ok(());
    }
    let page = Page::new(site, INVARIANCE, "nav.invariance");
    let mut layers: Vec<&str> = Vec::new();
    for row in &site.run.invariance {
        if !layers.contains(&row.layer.as_str()) {
            layers.push(&row.layer);
        }
    }
    let material = Material {
        page: &page,
        photos: site
            .lookup
            .photos
            .iter()
            .filter(|photo| !photo.invariance.is_empty())
            .collect(),
        layers,
    };
    let texts = page.texts();
    let content = InvariancePage {
        lead: texts.count(
            "invariance.lead",
            material.photos.len(),
            &[("model", site.network())],
        ),
        legend: material.legend(),
        grey: material.photos.len() > COLOURS,
        transforms: KINDS
            .iter()
            .map(|kind| material.transform(kind))
            .collect::<Result<_>>()?,
        columns: material
            .layers
            .iter()
            .map(|layer| texts.fill("invariance.distance_of", &[("layer", layer)]))
            .collect(),
        has_classifier: site.has_classifier(),
    };
    page.write("invariance.html", &texts.say("invariance.title"), &content)
}

impl Material<'_, '_> {
    fn legend(&self) -> Vec<Entry> {
        let texts = self.page.texts();
        let entry = |(number, photo): (usize, &&Photo<'_>)| {
            let alt = texts.fill("alt.input", &[("photo", &photo.image.path)]);
            let class = photo.invariance_probabilities.first();
            Entry {
                line: match number < COLOURS {
                    true => format!("line-{number}"),
                    false => String::new(),
                },
                picture: Picture::transformed(self.page, photo, "scale", 1.0, alt),
                name: file_name(&photo.image.path).to_owned(),
                href: link(self.page, photo),
                class: class.map_or_else(String::new, |row| row.class.clone()),
            }
        };
        self.photos.iter().enumerate().map(entry).collect()
    }

    fn transform(&self, kind: &Kind) -> Result<Transform> {
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
        Ok(Transform {
            heading: texts.say(kind.heading),
            text: texts.say(kind.text),
            sample_text: texts.fill("invariance.sample", &[("photo", name)]),
            sample: first.map_or_else(Vec::new, |photo| self.sample(kind, photo)),
            charts: panels
                .into_iter()
                .map(|panel| self.chart(kind, panel))
                .collect::<Result<_>>()?,
            lines: self.photos.iter().map(|p| self.line(kind, p)).collect(),
        })
    }

    fn sample(&self, kind: &Kind, photo: &Photo<'_>) -> Vec<Sample> {
        let shown = SHOWN.iter().filter(|(name, _)| *name == kind.name);
        let sample = |value: &f64| {
            let printed = printed(kind.name, *value);
            let gaps = [("photo", photo.image.path.as_str()), ("value", &printed)];
            let alt = self.page.texts().fill(kind.alt, &gaps);
            Sample {
                picture: Picture::transformed(self.page, photo, kind.name, *value, alt),
                value: printed,
            }
        };
        shown.flat_map(|(_, values)| values).map(sample).collect()
    }

    /// The points of one photo in a panel.
    fn points(&self, transform: &str, panel: Panel<'_>, photo: &Photo<'_>) -> Vec<(f64, f64)> {
        match panel {
            Panel::Distance(layer) => photo
                .invariance
                .iter()
                .filter(|row| row.transform == transform && row.layer == layer)
                .filter_map(|row| Some((row.value, row.relative_distance?)))
                .collect(),
            Panel::Probability => photo
                .invariance_probabilities
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
        let mut chart = Chart::write(self.page, &path, &svg, alt)?;
        chart.title = title;
        Ok(chart)
    }

    fn greatest(&self, layer: &str) -> f64 {
        let rows = self.photos.iter().flat_map(|photo| &photo.invariance);
        rows.filter(|row| row.layer == layer)
            .filter_map(|row| row.relative_distance)
            .fold(0.0, f64::max)
    }

    fn across<'k>(&self, kind: &'k Kind) -> Axis<'k> {
        Axis::over(kind.range, &self.page.texts().say(kind.axis))
            .printed(|value| printed(kind.name, value))
            .at(kind.ticks.to_vec())
    }

    fn line(&self, kind: &Kind, photo: &Photo<'_>) -> Line {
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
            .invariance_probabilities
            .iter()
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
        Line {
            name: photo.image.path.clone(),
            href: link(self.page, photo),
            distances: self.layers.iter().map(distance).collect(),
            probability: numbers::or_dash(clean, |row| numbers::probability(row.probability)),
            least: numbers::or_dash(least, numbers::probability),
            kept: numbers::or_dash(kept, numbers::whole_percent),
        }
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
