//! The run's tables, made from the photos' records.

use std::collections::BTreeMap;
use std::path::Path;

use base::digest::TextsDigest;
use base::{Error, Result};
use dataset::{Dataset, PhotoFile};
use network::classes::Class;
use network::Scores;
use records::tables::{
    self, ContentRow, ControlRow, GridRow, ImageRow, MaskRow, MaskedClassRow, MaskedUnitRow,
    MaskingRow, MetricRow, PredictionRow, ProjectionRow, Writer,
};
use records::{
    probabilities, rank_of, ranked, GridRecord, PhotoRecord, PrecisionFacts, ProjectionKind,
    RunFolder, SkippedFile, ORIGINAL,
};

use super::classification::Tally;
use super::grids::GridTrends;
use super::mask_effects::MaskEffects;
use super::mask_layers::MaskedLayers;

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
    /// Where they were classified in another precision than float32, what that changed.
    pub precision: Option<PrecisionFacts>,
}

struct Tables {
    images: Writer<ImageRow>,
    contents: Writer<ContentRow>,
    predictions: Writer<PredictionRow>,
    masked_classes: Writer<MaskedClassRow>,
    controls: Writer<ControlRow>,
    masks: Writer<MaskRow>,
    masked_units: Writer<MaskedUnitRow>,
    projections: Writer<ProjectionRow>,
    grids: Writer<GridRow>,
    masking: Writer<MaskingRow>,
    trends: GridTrends,
    effects: MaskEffects,
    masked_layers: MaskedLayers,
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
    scores: Option<Scores>,
    top: usize,
) -> Result<Outcome> {
    let root = folder.root();
    let mut all = Tables::begin(root, classes.len())?;
    let mut tally = Tally::new(&dataset.labels, scores);
    let mut outcome = Outcome::default();
    let mut contents = Contents::default();
    for photo in &dataset.photos {
        let record = load(folder, photo)?;
        contents.add(&record.path, &record.sha256);
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
        all.add(dataset, photo, &record, classes, top)?;
    }
    if outcome.photos == 0 {
        return Err(nothing_readable(dataset, &outcome));
    }
    outcome.digest = contents.sha256();
    let mut metrics = tally.metrics();
    metrics.extend(counts(&outcome));
    metrics.extend(all.trends.metrics());
    metrics.extend(all.effects.metrics());
    metrics.extend(all.masked_layers.metrics());
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
    all.finish()?;
    Ok(outcome)
}

/// The sha256 over the photographs' paths and contents.
#[derive(Debug, Default)]
pub struct Contents(TextsDigest);

impl Contents {
    /// Takes a photo in, by its path and the sha256 of its file.
    pub fn add(&mut self, path: &str, sha256: &str) {
        self.0.add(path);
        self.0.add(sha256);
    }

    /// As 64 hex digits.
    pub fn sha256(self) -> String {
        self.0.sha256()
    }
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
    let all = outcome.photos + outcome.skipped.len();
    let row = |metric: &str, count: usize| MetricRow::new(metric, "all", (count as f64, None), all);
    [
        row("photos", outcome.photos),
        row("skipped", outcome.skipped.len()),
    ]
}

impl Tables {
    fn begin(root: &Path, classes: usize) -> Result<Self> {
        Ok(Self {
            images: Writer::new(root)?,
            contents: Writer::new(root)?,
            predictions: Writer::new(root)?,
            masked_classes: Writer::new(root)?,
            controls: Writer::new(root)?,
            masks: Writer::new(root)?,
            masked_units: Writer::new(root)?,
            projections: Writer::new(root)?,
            grids: Writer::new(root)?,
            masking: Writer::new(root)?,
            trends: GridTrends::default(),
            effects: MaskEffects::of(classes),
            masked_layers: MaskedLayers::default(),
            conditions: BTreeMap::new(),
        })
    }

    fn add(
        &mut self,
        dataset: &Dataset,
        photo: &PhotoFile,
        record: &PhotoRecord,
        classes: &[Class],
        top: usize,
    ) -> Result<()> {
        self.images.add(&ImageRow {
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
        })?;
        self.contents.add(&ContentRow {
            image_id: record.image_id.clone(),
            path: record.path.clone(),
            sha256: record.sha256.clone(),
        })?;
        for condition in &record.conditions {
            *self
                .conditions
                .entry((&condition.condition).into())
                .or_default() += 1;
            let order = ranked(&condition.probabilities);
            for (rank, &class) in order.iter().take(top).enumerate() {
                self.predictions.add(&PredictionRow {
                    image_id: (&record.image_id).into(),
                    path: (&record.path).into(),
                    condition: (&condition.condition).into(),
                    rank: rank + 1,
                    class_index: class,
                    class_name: (&classes[class].name).into(),
                    probability: condition.probabilities[class],
                })?;
            }
            for projection in &condition.projections {
                let unit = projection.unit.as_ref();
                self.projections.add(&ProjectionRow {
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
                })?;
            }
        }
        self.add_grids(record)?;
        self.add_masks(record, classes)
    }

    fn add_grids(&mut self, record: &PhotoRecord) -> Result<()> {
        let original = record.condition(ORIGINAL);
        let projections = original.map_or(&[][..], |original| original.projections.as_slice());
        let layers = projections
            .iter()
            .filter(|projection| projection.kind == ProjectionKind::Layer);
        let grids: Vec<Option<GridRecord>> = layers.clone().map(|layer| layer.grid).collect();
        self.trends.add(&grids);
        for (layer, grid) in layers.zip(grids) {
            if let Some(grid) = grid {
                self.grids.add(&GridRow {
                    image_id: record.image_id.clone(),
                    layer: layer.layer.clone(),
                    fine_share: grid.fine_share,
                    area: grid.area,
                })?;
            }
        }
        Ok(())
    }

    fn add_masks(&mut self, record: &PhotoRecord, classes: &[Class]) -> Result<()> {
        let image_id = || record.image_id.clone();
        let original = record
            .condition(ORIGINAL)
            .map(|condition| &condition.probabilities[..])
            .unwrap_or_default();
        let first = ranked(original).first().copied();
        for mask in &record.masks {
            let region = || mask.region.clone();
            for area in &mask.boxes {
                self.masks.add(&MaskRow {
                    image_id: image_id(),
                    region: region(),
                    x: area.x,
                    y: area.y,
                    width: area.width,
                    height: area.height,
                    visible_share: mask.visible_share,
                })?;
            }
            self.masked_layers.count(&mask.region, &mask.layers);
            for layer in &mask.layers {
                self.masking.add(&MaskingRow {
                    image_id: image_id(),
                    region: region(),
                    layer: layer.layer.clone(),
                    activation_inside_original: layer.activation_inside_original,
                    activation_inside_masked: layer.activation_inside_masked,
                    activation_outside_original: layer.activation_outside_original,
                    activation_outside_masked: layer.activation_outside_masked,
                    share_inside_original: layer.share_inside_original,
                    share_inside_masked: layer.share_inside_masked,
                })?;
            }
            for unit in &mask.units {
                self.masked_units.add(&MaskedUnitRow {
                    image_id: image_id(),
                    region: region(),
                    layer: unit.layer.clone(),
                    feature: unit.feature,
                    y: unit.y,
                    x: unit.x,
                    activation_original: unit.activation_original,
                    activation_masked: unit.activation_masked,
                })?;
            }
            if let Some(control) = &mask.control {
                self.controls.add(&ControlRow {
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
                })?;
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
                let control = mask.control.as_ref().map(|control| {
                    let probabilities = &control.probabilities;
                    (probabilities[class], rank_of(probabilities, class))
                });
                self.effects.count(&row, control);
                self.masked_classes.add(&row)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        self.images.finish()?;
        self.contents.finish()?;
        self.predictions.finish()?;
        self.masked_classes.finish()?;
        self.controls.finish()?;
        self.masks.finish()?;
        self.masked_units.finish()?;
        self.projections.finish()?;
        self.grids.finish()?;
        self.masking.finish()
    }
}
