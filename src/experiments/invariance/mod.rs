//! How far moving, enlarging and turning a photograph moves the features, and what becomes of its class (ZF fig. 5).

mod curves;
mod options;

pub use options::InvarianceArgs;

use std::sync::Arc;

use base::Result;
use dataset::{normalise, Transform};
use engine::{to_values, Engine, Give, Recording};
use image::RgbImage;
use network::classes::Class;
use network::{Scores, Stage};
use records::maps::{is_shown, Planes, Transformed, TransformedInput};
use records::ranked;
use records::tables::{InvarianceProbabilityRow, InvarianceRow, MetricRow};
use serde_json::Value;

use super::choice::Choice;
use super::{prepare, Asked, Context, Experiment, Gallery, Setting};
use options::Options;

/// The identity whose picture stands for a photo.
const UNTRANSFORMED: Transform = Transform::Scale(1.0);

/// The experiment that was asked for.
#[derive(Debug)]
struct Invariance {
    options: Options,
    chosen: Choice,
    /// First and last stage, whose features are watched.
    layers: Vec<Stage>,
}

/// What the experiment leaves.
#[derive(Debug, Default)]
struct Found {
    /// Photo by photo, transform by transform, layer by layer.
    distances: Vec<InvarianceRow>,
    /// Photo by photo, transform by transform; none without a classifier.
    probabilities: Vec<InvarianceProbabilityRow>,
}

/// All that is done to a photo, in the paper's steps or finer; the identity belongs to each kind.
fn transforms() -> Vec<Transform> {
    let translations = (-6..=6).map(|step| Transform::Translation(f64::from(step * 10)));
    let scales = (10..=18).map(|tenths| Transform::Scale(f64::from(tenths) / 10.0));
    let rotations = (0..36).map(|step| Transform::Rotation(f64::from(step * 10)));
    translations.chain(scales).chain(rotations).collect()
}

impl InvarianceArgs {
    pub(crate) fn resolve(
        &self,
        asked: &Asked<'_>,
        _: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        let Some(invariance) = self.invariance.clone() else {
            return Ok(None);
        };
        let anatomy = &asked.model.anatomy;
        let mut layers: Vec<Stage> = anatomy
            .network()
            .stages
            .first()
            .into_iter()
            .cloned()
            .collect();
        layers.extend(anatomy.late_stages().last().cloned());
        layers.dedup();
        Ok(Some(Box::new(Invariance {
            chosen: Choice::of(&invariance, asked.dataset)?,
            options: Options { invariance },
            layers,
        })))
    }
}

impl Experiment for Invariance {
    fn name(&self) -> &'static str {
        "invariance"
    }

    fn options(&self) -> serde_json::Result<Value> {
        serde_json::to_value(&self.options)
    }

    /// Transforms photos; what the network sees of the first one is shown under many transforms, of the others as they are.
    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let photos = self.chosen.photos(context, self.name())?;
        let (setting, layers) = (context.setting, &self.layers);
        let told = Told {
            setting,
            layers,
            classes: context.classes,
            gallery: context.gallery(),
            sample: photos.first().copied(),
        };
        let found = context.look(
            "transforming",
            &photos,
            |photo| transformed(setting, *photo),
            |engine, crops, give| show(engine, layers, crops, give),
            |shown| told.of(&shown),
        )?;
        let mut all = Found::default();
        for (distances, probability) in found.into_iter().flatten() {
            all.distances.extend(distances);
            all.probabilities.extend(probability);
        }
        context.write(&all.distances)?;
        context.write(&all.probabilities)?;
        let mut metrics = metrics(&all, &self.layers);
        metrics.extend(curves::metrics(&all, &self.layers));
        Ok(metrics)
    }
}

/// A photo in all its transforms, in grey levels: inputs would take four times the memory.
struct Crops {
    photo: usize,
    /// What the others are held against.
    untransformed: RgbImage,
    transformed: Vec<(Transform, RgbImage)>,
}

/// What the network makes of one input.
struct Seen {
    /// Layer by layer.
    features: Vec<Vec<f32>>,
    probabilities: Vec<f32>,
}

/// A transformed photo beside the untransformed one.
struct Shown {
    photo: usize,
    transform: Transform,
    crop: RgbImage,
    before: Arc<Seen>,
    after: Seen,
}

/// A photo's transforms; `None` where it cannot be read.
fn transformed(setting: &Setting, photo: usize) -> Result<Option<Crops>> {
    let Ok(read) = prepare::read(setting, &setting.dataset.photos[photo])? else {
        return Ok(None);
    };
    let crop = |transform: Transform| transform.crop(&read.pixels, setting.preprocessing);
    let all = transforms().into_iter();
    Ok(Some(Crops {
        photo,
        untransformed: crop(UNTRANSFORMED)?,
        transformed: all
            .map(|transform| Ok((transform, crop(transform)?)))
            .collect::<Result<_>>()?,
    }))
}

fn show(
    engine: &Engine,
    layers: &[Stage],
    crops: Option<Crops>,
    give: &mut Give<'_, Shown>,
) -> Result<()> {
    let Some(crops) = crops else {
        return Ok(());
    };
    let recording = Recording {
        activations: layers.iter().map(|layer| layer.node).collect(),
        rule: None,
        ..Recording::default()
    };
    // One input a pass: what else is in a pass changes the last bits.
    let see = |crop: &RgbImage| -> Result<Seen> {
        let trace = engine.forward(&engine.inputs(&[crop.as_raw()])?, &recording)?;
        let recorded = layers
            .iter()
            .filter_map(|layer| trace.activations.get(&layer.node));
        Ok(Seen {
            features: recorded.map(to_values).collect::<Result<_>>()?,
            probabilities: match engine.network().has_classifier() {
                true => to_values(&trace.output)?,
                false => Vec::new(),
            },
        })
    };
    let before = Arc::new(see(&crops.untransformed)?);
    crops
        .transformed
        .into_iter()
        .try_for_each(|(transform, crop)| {
            let after = see(&crop)?;
            give(Shown {
                photo: crops.photo,
                transform,
                crop,
                before: before.clone(),
                after,
            })
        })
}

/// What is told of transformed photos.
struct Told<'a> {
    setting: &'a Setting<'a>,
    layers: &'a [Stage],
    classes: &'a [Class],
    gallery: Gallery<'a>,
    /// The photo that is shown in more than one transform.
    sample: Option<usize>,
}

impl Told<'_> {
    /// Shows what the network sees where that is wanted; gives its distances layer by layer, and its probability where there is a classifier.
    fn of(&self, shown: &Shown) -> Result<(Vec<InvarianceRow>, Option<InvarianceProbabilityRow>)> {
        let id = &self.setting.dataset.photos[shown.photo].id;
        let (name, value) = (shown.transform.name(), shown.transform.value());
        let is_sample = self.sample == Some(shown.photo);
        if shown.transform == UNTRANSFORMED || (is_sample && is_shown(name, value)) {
            let preprocessing = self.setting.preprocessing;
            let input = normalise(&shown.crop, preprocessing);
            self.gallery.show(&TransformedInput {
                of: Transformed {
                    image_id: id.clone(),
                    transform: name.to_owned(),
                    value,
                },
                input: Planes::of(preprocessing.input().axes(), input),
            })?;
        }
        let (before, after) = (&shown.before, &shown.after);
        let features = before.features.iter().zip(&after.features);
        let distance = |(layer, (before, after)): (&Stage, (&Vec<f32>, &Vec<f32>))| {
            let distance = euclidean(before.iter().zip(after).map(|(a, b)| f64::from(a - b)));
            let norm = euclidean(before.iter().map(|a| f64::from(*a)));
            InvarianceRow {
                image_id: id.clone(),
                transform: name.to_owned(),
                value,
                layer: layer.name.clone(),
                distance,
                relative_distance: (norm > 0.0).then(|| distance / norm),
            }
        };
        let distances = self.layers.iter().zip(features).map(distance).collect();
        let photo = shown.photo;
        let subject = Subject::of(self.setting, photo, &before.probabilities, self.classes);
        let probability = subject.map(|subject| {
            let first = ranked(&after.probabilities).first().copied().unwrap_or(0);
            InvarianceProbabilityRow {
                image_id: id.clone(),
                transform: name.to_owned(),
                value,
                probability: subject.probability(&after.probabilities),
                class: subject.name,
                first_class: self.classes[first].name.clone(),
            }
        });
        Ok((distances, probability))
    }
}

/// The class that is followed.
struct Subject {
    name: String,
    classes: Vec<usize>,
    scores: Scores,
}

impl Subject {
    /// The photo's label where the network knows it, its first class otherwise; `None` without a classifier.
    fn of(setting: &Setting, photo: usize, clean: &[f32], names: &[Class]) -> Option<Self> {
        let first = *ranked(clean).first()?;
        let scores = setting.anatomy.network().scores?;
        let labels = &setting.dataset.labels;
        let label = setting.dataset.photos[photo].label;
        Some(
            match label.filter(|label| !labels.classes[*label].is_empty()) {
                Some(label) => Self {
                    name: labels.names[label].clone(),
                    classes: labels.classes[label].clone(),
                    scores,
                },
                None => Self {
                    name: names[first].name.clone(),
                    classes: vec![first],
                    scores,
                },
            },
        )
    }

    fn probability(&self, probabilities: &[f32]) -> f64 {
        self.scores.of_label(probabilities, &self.classes)
    }
}

fn euclidean(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum::<f64>().sqrt()
}

fn metrics(found: &Found, layers: &[Stage]) -> Vec<MetricRow> {
    let mut rows = Vec::new();
    let mut photos: Vec<&str> = found.distances.iter().map(|row| &*row.image_id).collect();
    photos.dedup();
    let mut tell = |metric: String, values: Vec<f64>| {
        if !values.is_empty() {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            rows.push(MetricRow::new(metric, "all", (mean, None), photos.len()));
        }
    };
    for identity in [
        Transform::Translation(0.0),
        Transform::Scale(1.0),
        Transform::Rotation(0.0),
    ] {
        let (name, untransformed) = (identity.name(), identity.value());
        for layer in layers {
            let of_layer = found.distances.iter().filter(|row| {
                row.transform == name && row.value != untransformed && row.layer == layer.name
            });
            tell(
                format!("invariance_{name}_{}", layer.name),
                of_layer.filter_map(|row| row.relative_distance).collect(),
            );
        }
        let probabilities = found
            .probabilities
            .iter()
            .filter(|row| row.transform == name && row.value != untransformed);
        tell(
            format!("invariance_{name}_probability"),
            probabilities.map(|row| row.probability).collect(),
        );
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_holds_the_untransformed_photo_once() {
        let all = transforms();
        assert_eq!(all.len(), 13 + 9 + 36);
        let identities: Vec<_> = all
            .iter()
            .filter(|t| t.is_identity())
            .map(|t| t.name())
            .collect();
        assert_eq!(identities, ["translation", "scale", "rotation"]);
        assert_eq!(euclidean([3.0, -4.0].into_iter()), 5.0);
    }

    #[test]
    fn metrics_leave_the_untransformed_photo_out() {
        let row = |value, relative| InvarianceRow {
            image_id: "a".into(),
            transform: "scale".into(),
            value,
            layer: "conv1".into(),
            distance: 1.0,
            relative_distance: relative,
        };
        let found = Found {
            distances: vec![
                row(1.0, Some(0.0)),
                row(1.1, Some(0.2)),
                row(1.2, Some(0.6)),
            ],
            ..Found::default()
        };
        let layers = [Stage {
            name: "conv1".into(),
            node: 0,
            default: true,
        }];
        let rows = metrics(&found, &layers);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (&*rows[0].metric, rows[0].count),
            ("invariance_scale_conv1", 1)
        );
        assert!((rows[0].value - 0.4).abs() < 1e-15);
    }
}
