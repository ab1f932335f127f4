//! The run's tables, made from the photos' records.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::{Dataset, PhotoFile};
use crate::digest::sha256_of_texts;
use crate::error::{Error, Result};
use crate::network::classes::Class;
use crate::records::tables::{
    self, ContentRow, ControlRow, ImageRow, MaskRow, MaskedClassRow, MaskedUnitRow, MaskingRow,
    MetricRow, PredictionRow, ProjectionRow,
};
use crate::records::{
    probabilities, rank_of, ranked, PhotoRecord, RunFolder, SkippedFile, ORIGINAL,
};

use super::classification::Tally;
use super::mask_effects::MaskEffects;

/// What the manifest tells of the photographs, found out by the run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Photos that were classified.
    pub photos: usize,
    /// Photos in detail.
    pub detail: usize,
    /// Photos that were not, with their reasons.
    pub skipped: Vec<SkippedFile>,
    /// sha256 over paths and contents.
    pub digest: String,
}

#[derive(Default)]
struct Tables {
    images: Vec<ImageRow>,
    contents: Vec<ContentRow>,
    predictions: Vec<PredictionRow>,
    masked_classes: Vec<MaskedClassRow>,
    controls: Vec<ControlRow>,
    masks: Vec<MaskRow>,
    masked_units: Vec<MaskedUnitRow>,
    projections: Vec<ProjectionRow>,
    masking: Vec<MaskingRow>,
    effects: MaskEffects,
    /// Photos of each condition, for the table of all probabilities.
    conditions: BTreeMap<String, usize>,
}

/// Writes all tables under `data/`.
///
/// # Errors
/// [`Error::RunFolder`] where a photo's record is missing; [`Error::Io`].
pub fn write(
    folder: &RunFolder,
    dataset: &Dataset,
    classes: &[Class],
    top: usize,
) -> Result<Outcome> {
    let mut all = Tables::default();
    let mut tally = Tally::new(&dataset.labels);
    let mut outcome = Outcome::default();
    let mut contents = Vec::new();
    for photo in &dataset.photos {
        let record = load(folder, photo)?;
        contents.push((record.path.clone(), record.sha256.clone()));
        match (&record.skipped, record.condition(ORIGINAL)) {
            (Some(reason), _) => outcome.skipped.push(SkippedFile {
                path: record.path.clone(),
                reason: reason.clone(),
            }),
            (None, original) => {
                outcome.photos += 1;
                outcome.detail += usize::from(record.detail);
                if let (Some(label), Some(original)) = (photo.label, original) {
                    tally.count(label, &original.probabilities);
                }
            }
        }
        all.add(dataset, photo, &record, classes, top);
    }
    if outcome.photos == 0 {
        return Err(nothing_readable(dataset, &outcome));
    }
    outcome.digest = digest(&contents);
    let mut metrics = tally.metrics();
    metrics.extend(counts(&outcome));
    metrics.extend(all.effects.metrics());
    let root = folder.root();
    tables::write(root, &metrics)?;
    tables::write(root, &tally.confusion())?;
    probabilities::write(root, &all.conditions, classes.len(), |condition| {
        let condition = condition.to_owned();
        dataset
            .photos
            .iter()
            .filter_map(move |photo| match load(folder, photo) {
                Ok(record) => record
                    .condition(&condition)
                    .map(|c| Ok(c.probabilities.clone())),
                Err(error) => Some(Err(error)),
            })
    })?;
    all.write(root)?;
    Ok(outcome)
}

/// sha256 over the photographs' paths and contents, each given by path and sha256.
pub fn digest(contents: &[(String, String)]) -> String {
    sha256_of_texts(
        contents
            .iter()
            .flat_map(|(path, sha256)| [path.as_str(), sha256]),
    )
}

fn load(folder: &RunFolder, photo: &PhotoFile) -> Result<PhotoRecord> {
    folder.record(&photo.id)?.ok_or_else(|| Error::RunFolder {
        path: folder.root().to_owned(),
        problem: format!(
            "the record of {} is missing; go on with --resume",
            photo.path
        ),
    })
}

fn nothing_readable(dataset: &Dataset, outcome: &Outcome) -> Error {
    let first = outcome.skipped.first();
    Error::Dataset {
        path: dataset.root.clone(),
        problem: match first {
            Some(file) => format!(
                "not one readable photograph among {}; {}: {}",
                dataset.photos.len(),
                file.path,
                file.reason
            ),
            None => "no photographs".into(),
        },
    }
}

fn counts(outcome: &Outcome) -> [MetricRow; 2] {
    let row = |metric: &str, count: usize| MetricRow {
        metric: metric.into(),
        scope: "all".into(),
        value: count as f64,
        low: None,
        high: None,
        count: outcome.photos + outcome.skipped.len(),
    };
    [
        row("photos", outcome.photos),
        row("skipped", outcome.skipped.len()),
    ]
}

impl Tables {
    fn add(
        &mut self,
        dataset: &Dataset,
        photo: &PhotoFile,
        record: &PhotoRecord,
        classes: &[Class],
        top: usize,
    ) {
        self.images.push(ImageRow {
            image_id: record.image_id.clone(),
            path: record.path.clone(),
            label: photo
                .label
                .map(|label| dataset.labels.names[label].clone())
                .unwrap_or_default(),
            label_index: photo.label,
            width: record.size.map(|size| size.0),
            height: record.size.map(|size| size.1),
            status: if record.skipped.is_some() {
                "skipped"
            } else {
                "ok"
            }
            .into(),
            reason: record.skipped.clone().unwrap_or_default(),
        });
        self.contents.push(ContentRow {
            image_id: record.image_id.clone(),
            path: record.path.clone(),
            sha256: record.sha256.clone(),
        });
        for condition in &record.conditions {
            *self
                .conditions
                .entry(condition.condition.clone())
                .or_default() += 1;
            let order = ranked(&condition.probabilities);
            for (rank, &class) in order.iter().take(top).enumerate() {
                self.predictions.push(PredictionRow {
                    image_id: record.image_id.clone(),
                    path: record.path.clone(),
                    condition: condition.condition.clone(),
                    rank: rank + 1,
                    class_index: class,
                    class_name: classes[class].name.clone(),
                    probability: condition.probabilities[class],
                });
            }
            for projection in &condition.projections {
                let unit = projection.unit.as_ref();
                self.projections.push(ProjectionRow {
                    image_id: record.image_id.clone(),
                    condition: condition.condition.clone(),
                    layer: projection.layer.clone(),
                    kind: projection.kind,
                    feature: unit.map(|unit| unit.feature),
                    y: unit.map(|unit| unit.y),
                    x: unit.map(|unit| unit.x),
                    activation: unit.map(|unit| unit.activation),
                    field_x: unit.map(|unit| unit.field.x),
                    field_y: unit.map(|unit| unit.field.y),
                    field_width: unit.map(|unit| unit.field.width),
                    field_height: unit.map(|unit| unit.field.height),
                });
            }
        }
        self.add_masks(record, classes);
    }

    fn add_masks(&mut self, record: &PhotoRecord, classes: &[Class]) {
        let image_id = || record.image_id.clone();
        let original = record
            .condition(ORIGINAL)
            .map(|condition| &condition.probabilities[..])
            .unwrap_or_default();
        let first = ranked(original).first().copied();
        for mask in &record.masks {
            let region = || mask.region.clone();
            self.masks.extend(mask.boxes.iter().map(|area| MaskRow {
                image_id: image_id(),
                region: region(),
                x: area.x,
                y: area.y,
                width: area.width,
                height: area.height,
                visible_share: mask.visible_share,
            }));
            self.masking
                .extend(mask.layers.iter().map(|layer| MaskingRow {
                    image_id: image_id(),
                    region: region(),
                    layer: layer.layer.clone(),
                    activation_inside_original: layer.activation_inside_original,
                    activation_inside_masked: layer.activation_inside_masked,
                    activation_outside_original: layer.activation_outside_original,
                    activation_outside_masked: layer.activation_outside_masked,
                    share_inside_original: layer.share_inside_original,
                    share_inside_masked: layer.share_inside_masked,
                }));
            self.masked_units
                .extend(mask.units.iter().map(|unit| MaskedUnitRow {
                    image_id: image_id(),
                    region: region(),
                    layer: unit.layer.clone(),
                    feature: unit.feature,
                    y: unit.y,
                    x: unit.x,
                    activation_original: unit.activation_original,
                    activation_masked: unit.activation_masked,
                }));
            if let Some(control) = &mask.control {
                self.controls.push(ControlRow {
                    image_id: image_id(),
                    region: region(),
                    x: control.area.x,
                    y: control.area.y,
                    width: control.area.width,
                    height: control.area.height,
                    class_index: first,
                    class_name: first
                        .map(|class| classes[class].name.clone())
                        .unwrap_or_default(),
                    probability_original: first.map(|class| original[class]),
                    probability_control: first.map(|class| control.probabilities[class]),
                    rank_control: first.map(|class| rank_of(&control.probabilities, class)),
                });
            }
            let masked = record.condition(&mask.region);
            if let (Some(class), Some(masked)) = (first, masked) {
                let row = MaskedClassRow {
                    image_id: image_id(),
                    region: region(),
                    class_index: class,
                    class_name: classes[class].name.clone(),
                    probability_original: original[class],
                    probability_masked: masked.probabilities[class],
                    rank_original: 1,
                    rank_masked: rank_of(&masked.probabilities, class),
                    visible_share: mask.visible_share,
                };
                let control = mask
                    .control
                    .as_ref()
                    .map(|control| control.probabilities[class]);
                self.effects.count(&row, control);
                self.masked_classes.push(row);
            }
        }
    }

    fn write(self, root: &Path) -> Result<()> {
        tables::write(root, &self.images)?;
        tables::write(root, &self.contents)?;
        tables::write(root, &self.predictions)?;
        tables::write(root, &self.masked_classes)?;
        tables::write(root, &self.controls)?;
        tables::write(root, &self.masks)?;
        tables::write(root, &self.masked_units)?;
        tables::write(root, &self.projections)?;
        tables::write(root, &self.masking)
    }
}
