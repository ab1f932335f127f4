//! What moving, enlarging and turning photographs does to the features and the class: ZF's figure 5 for this run.

use figures::charts::lines::{self, Axis, COLOURS};
use figures::transformed;
use records::file_stem;
use records::maps::SHOWN;
use records::tables::{InvarianceProbabilityRow, InvarianceRow};

use super::{Chapter, Plan};
use crate::prelude::*;

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
    let site = page.site;
    let layers = site.rows::<InvarianceRow>().iter();
    let photos = site.lookup.photos.iter();
    let material = Material {
        page,
        photos: photos
            .filter(|photo| photo.has::<InvarianceRow>())
            .collect(),
        layers: distinct(layers.map(|row| row.layer.as_str())),
    };
    let count = material.photos.len();
    let lead = page.count("invariance.lead", count, &[("model", &site.network())]);
    let mut legend = vec![Block::Legend(material.legend())];
    if count > COLOURS {
        legend.push(page.paragraph("invariance.grey"));
    }
    let transforms = KINDS.iter().map(|kind| material.transform(kind));
    let how = page.sentences([
        "invariance.how_distance",
        "invariance.how_probability",
        "invariance.how_outside",
        "invariance.how_claims",
    ]);
    let tables = KINDS.iter().flat_map(|kind| {
        let heading = page.say(kind.heading);
        [
            Block::Subheading(heading.clone()),
            material.table(kind, heading),
        ]
    });
    Ok(Content::new(page.say("invariance.title"), lead)
        .with([page.section("legend", "invariance.legend", legend)])
        .with(transforms.collect::<Result<Vec<_>>>()?)
        .with([
            page.section("how", "invariance.how", [how]),
            page.section("table", "invariance.table", tables),
        ]))
}

impl Material<'_, '_> {
    fn legend(&self) -> Vec<Line> {
        let entry = |(number, photo): (usize, &&Photo<'_>)| {
            let alt = self.page.fill("alt.input", &[("photo", &photo.image.path)]);
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
        let layers = self.layers.iter().map(|layer| Panel::Distance(layer));
        let class = self
            .page
            .site
            .has_classifier()
            .then_some(Panel::Probability);
        let charts = layers.chain(class).map(|panel| self.chart(kind, panel));
        let first = self.photos.first();
        let name = first.map_or("", |photo| file_name(&photo.image.path));
        let sample = self.page.fill("invariance.sample", &[("photo", &name)]);
        let blocks = [
            Block::text(vec![self.page.say(kind.text), sample]),
            Block::Strip(first.map_or_else(Vec::new, |photo| self.sample(kind, photo))),
            Block::charts(charts.collect::<Result<_>>()?, String::new()),
        ];
        Ok(Block::section("", self.page.say(kind.heading), blocks))
    }

    fn sample(&self, kind: &Kind, photo: &Photo<'_>) -> Vec<(Picture, String)> {
        let shown = SHOWN.iter().filter(|(name, _)| *name == kind.name);
        let sample = |value: &f64| {
            let printed = printed(kind.name, *value);
            let gaps: [Gap<'_>; 2] = [("photo", &photo.image.path), ("value", &printed)];
            let alt = self.page.fill(kind.alt, &gaps);
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
        let lines: Vec<_> = self
            .photos
            .iter()
            .map(|photo| self.points(kind.name, panel, photo))
            .collect();
        let (title, up, file) = match panel {
            Panel::Distance(layer) => (
                self.page.fill("layer.title", &[("layer", &layer)]),
                // One scale for all transforms, so that they can be held against each other.
                Axis::from_zero(
                    self.greatest(layer),
                    &self.page.say("invariance.distance_axis"),
                ),
                file_stem(layer),
            ),
            Panel::Probability => (
                self.page.say("invariance.class"),
                lines::probabilities(&lines, &self.page.say("common.probability")),
                "probability".to_owned(),
            ),
        };
        let values = self.photos.iter().zip(&lines).map(|(photo, points)| {
            let values = points.iter().map(|(_, value)| *value);
            let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
                (low.min(value), high.max(value))
            });
            format!("{} {low:.2}–{high:.2}", file_name(&photo.image.path))
        });
        let gaps: [Gap<'_>; 3] = [
            ("what", &title),
            ("transform", &self.page.say(kind.heading)),
            ("values", &numbers::listed(values)),
        ];
        let alt = self.page.fill("invariance.alt_chart", &gaps);
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
        Axis::over(kind.range, &self.page.say(kind.axis))
            .printed(|value| printed(kind.name, value))
            .at(kind.ticks.to_vec())
    }

    fn table(&self, kind: &Kind, label: String) -> Block {
        let page = self.page;
        let mut columns = page
            .columns(&self.photos)
            .text("common.photo", |photo| photo_link(page, photo));
        for layer in &self.layers {
            let name = self
                .page
                .fill("invariance.distance_of", &[("layer", layer)]);
            columns = columns.column(Column::number(name), |photo| {
                let points = self.points(kind.name, Panel::Distance(layer), photo);
                let mean = numbers::mean(points.iter().map(|(_, value)| *value))?;
                let greatest = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
                Some(format!("{mean:.2} ({greatest:.2})"))
            });
        }
        if page.site.has_classifier() {
            columns = columns
                .probability("invariance.untransformed", |photo| {
                    Some(clean(kind, &probabilities(kind, photo))?.probability)
                })
                .probability("invariance.least", |photo| {
                    let rows = probabilities(kind, photo).into_iter();
                    rows.map(|row| row.probability).reduce(f64::min)
                })
                .whole_percent("invariance.kept", |photo| {
                    let rows = probabilities(kind, photo);
                    let first_class = &clean(kind, &rows)?.first_class;
                    let same = rows.iter().filter(|row| row.first_class == *first_class);
                    Some(same.count() as f64 / rows.len() as f64)
                });
        }
        columns.called(label, self.page.say("invariance.table_caption"))
    }
}

/// The probabilities of a photo under a transform.
fn probabilities<'a>(kind: &Kind, photo: &Photo<'a>) -> Vec<&'a InvarianceProbabilityRow> {
    let mut rows = photo.rows::<InvarianceProbabilityRow>();
    rows.retain(|row| row.transform == kind.name);
    rows
}

/// The probability that is not transformed.
fn clean<'a>(
    kind: &Kind,
    rows: &[&'a InvarianceProbabilityRow],
) -> Option<&'a InvarianceProbabilityRow> {
    let mut rows = rows.iter().copied();
    rows.find(|row| row.value == kind.untransformed)
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
