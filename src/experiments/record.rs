//! A photo's observations as its record and its raw maps.

use dataset::{Geometry, Rect};
use engine::seeds::Unit;
use network::receptive_field::Field;
use records::maps::{ConditionArrays, PhotoArrays, ProjectionArray};
use records::{
    BoxRecord, ConditionRecord, ControlRecord, MaskRecord, MaskedUnit, PhotoRecord, ProjectionKind,
    ProjectionRecord, UnitRecord, ORIGINAL,
};

use super::grids;
use super::masking;
use super::observe::{Observation, Observations};
use super::prepare::{Condition, Prepared, PreparedMask};
use super::Setting;

/// Writes down what was seen of a photo. The maps are there for photos in detail.
pub(super) fn photo(
    setting: &Setting,
    prepared: Prepared,
    observations: Observations,
) -> (PhotoRecord, Option<PhotoArrays>) {
    let file = &setting.dataset.photos[prepared.photo];
    let mut record = PhotoRecord {
        image_id: file.id.clone(),
        path: file.path.clone(),
        sha256: prepared.sha256.clone(),
        size: Some(prepared.geometry.photo),
        skipped: None,
        detail: prepared.detail,
        conditions: Vec::new(),
        masks: Vec::new(),
    };
    let observed = |wanted: Condition| {
        let at = prepared.inputs.iter().position(|i| i.condition == wanted)?;
        observations.get(at)
    };
    for (number, mask) in prepared.masks.iter().enumerate() {
        record.masks.push(mask_record(
            setting,
            &prepared.geometry,
            mask,
            observed(Condition::Original),
            observed(Condition::Region(number)),
            observed(Condition::Control(number)),
        ));
    }
    let mut arrays = Vec::new();
    for (input, observation) in prepared.inputs.iter().zip(observations) {
        let name = match input.condition {
            Condition::Original => ORIGINAL.to_owned(),
            Condition::Region(number) => prepared.masks[number].region.name.clone(),
            Condition::Control(_) => continue,
        };
        record.conditions.push(ConditionRecord {
            condition: name.clone(),
            projections: projections(setting, &prepared.geometry, input.condition, &observation),
            probabilities: observation.probabilities,
        });
        if prepared.detail {
            arrays.push(ConditionArrays {
                condition: name,
                input: dataset::normalise(&input.crop, setting.preprocessing),
                projections: observation.projections,
            });
        }
    }
    let arrays = prepared.detail.then_some(PhotoArrays {
        image_id: file.id.clone(),
        shape: setting.preprocessing.input().axes(),
        conditions: arrays,
    });
    (record, arrays)
}

/// The record of a photo that could not be read.
pub(super) fn skipped(
    setting: &Setting,
    photo: usize,
    reason: String,
    sha256: String,
) -> PhotoRecord {
    let file = &setting.dataset.photos[photo];
    PhotoRecord {
        image_id: file.id.clone(),
        path: file.path.clone(),
        sha256,
        size: None,
        skipped: Some(reason),
        detail: false,
        conditions: Vec::new(),
        masks: Vec::new(),
    }
}

fn projections(
    setting: &Setting,
    geometry: &Geometry,
    condition: Condition,
    observation: &Observation,
) -> Vec<ProjectionRecord> {
    let size = geometry.crop.sides();
    let record = |projection: &ProjectionArray| {
        let number = setting
            .stages
            .iter()
            .position(|stage| stage.name == projection.layer)?;
        let is_original = condition == Condition::Original;
        let (unit, grid) = match projection.kind {
            ProjectionKind::Layer if is_original => {
                (None, grids::measure(&projection.values, size))
            }
            ProjectionKind::Layer => (None, None),
            ProjectionKind::Unit => {
                let unit = (*observation.units.get(number)?)?;
                let unit = unit_record(&unit, setting.field(number), geometry);
                (Some(unit), None)
            }
        };
        Some(ProjectionRecord {
            layer: projection.layer.clone(),
            kind: projection.kind,
            unit,
            grid,
        })
    };
    observation.projections.iter().filter_map(record).collect()
}

pub(super) fn unit_record(unit: &Unit, field: &Field, geometry: &Geometry) -> UnitRecord {
    let clipped = |index: usize, axis: usize| {
        let (first, size) = field.of(index, axis);
        let crop = geometry.crop.sides()[axis] as f64;
        let low = (first as f64).clamp(0.0, crop);
        (low, ((first + size) as f64).clamp(0.0, crop) - low)
    };
    let ((x, width), (y, height)) = (clipped(unit.x, 1), clipped(unit.y, 0));
    let seen = geometry.to_photo(&Rect {
        x,
        y,
        width,
        height,
    });
    UnitRecord {
        feature: unit.feature,
        y: unit.y,
        x: unit.x,
        activation: unit.activation,
        field: box_record(&seen),
    }
}

fn mask_record(
    setting: &Setting,
    geometry: &Geometry,
    mask: &PreparedMask,
    original: Option<&Observation>,
    masked: Option<&Observation>,
    control: Option<&Observation>,
) -> MaskRecord {
    let mut record = MaskRecord {
        region: mask.region.name.clone(),
        boxes: mask.region.boxes.iter().map(box_record).collect(),
        visible_share: round(mask.visible_share),
        layers: Vec::new(),
        units: Vec::new(),
        control: None,
    };
    if let (Some(area), Some(observation)) = (&mask.control, control) {
        record.control = Some(ControlRecord {
            area: box_record(area),
            probabilities: observation.probabilities.clone(),
        });
    }
    let (Some(original), Some(masked)) = (original, masked) else {
        return record;
    };
    if original.mean_maps.is_empty() {
        return record;
    }
    record.layers = masking::layers(setting, geometry, mask, original, masked);
    let units = original.units.iter().zip(&masked.clean_units);
    for (stage, (unit, left)) in setting.stages.iter().zip(units) {
        if let (Some(unit), Some(left)) = (unit, left) {
            record.units.push(MaskedUnit {
                layer: stage.name.clone(),
                feature: unit.feature,
                y: unit.y,
                x: unit.x,
                activation_original: unit.activation,
                activation_masked: *left,
            });
        }
    }
    record
}

fn box_record(rect: &Rect) -> BoxRecord {
    BoxRecord {
        x: round(rect.x),
        y: round(rect.y),
        width: round(rect.width),
        height: round(rect.height),
    }
}

/// Thousandths of a pixel are enough for people and programs alike.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
