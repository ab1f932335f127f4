//! Everything a run found out about one photograph; kept in `records/` while the run goes on.

use serde::{Deserialize, Serialize};

use super::ProjectionKind;

/// A rectangle in pixels of the photograph (after EXIF orientation).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoxRecord {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// One photograph's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoRecord {
    /// Depends on the path inside the data set alone.
    pub image_id: String,
    /// Path inside the data set.
    pub path: String,
    /// sha256 of the file.
    pub sha256: String,
    /// Width and height in pixels; `None` where the photo was skipped.
    pub size: Option<(u32, u32)>,
    /// Why the photo was skipped.
    pub skipped: Option<String>,
    /// Whether projections were made.
    pub detail: bool,
    /// `original` first, then the regions.
    pub conditions: Vec<ConditionRecord>,
    /// One for each region, visible or not.
    pub masks: Vec<MaskRecord>,
}

/// What the network said and showed under one condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionRecord {
    /// `original` or a region's name.
    pub condition: String,
    /// Probability of every class; empty without a classifier.
    pub probabilities: Vec<f32>,
    /// By layer and kind.
    pub projections: Vec<ProjectionRecord>,
}

/// One projection that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionRecord {
    /// The stage's name.
    pub layer: String,
    /// What was projected.
    pub kind: ProjectionKind,
    /// The unit, for kind `unit`.
    pub unit: Option<UnitRecord>,
    /// What it shows, for kind `layer` of the photo as it is; `None` where it is zero.
    pub grid: Option<GridRecord>,
}

/// How fine and how large a projection is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridRecord {
    /// Share of its energy (sum of squares) from an eighth of a cycle a pixel on.
    pub fine_share: f64,
    /// Share of the input's pixels that hold nine tenths of its energy, those with most of it first.
    pub area: f64,
}

/// A single activation and what it can see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRecord {
    /// Feature map.
    pub feature: usize,
    /// Row.
    pub y: usize,
    /// Column.
    pub x: usize,
    /// Its value.
    pub activation: f32,
    /// Receptive field in photo pixels, clipped to the crop.
    pub field: BoxRecord,
}

/// One region hidden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRecord {
    /// The region's name.
    pub region: String,
    /// Its boxes, clipped to the photo.
    pub boxes: Vec<BoxRecord>,
    /// Share of its area that the network could see; 0 where it lies outside the crop.
    pub visible_share: f64,
    /// By stage; empty where the region is not visible.
    pub layers: Vec<MaskedLayer>,
    /// The clean photo's strongest units under the mask.
    pub units: Vec<MaskedUnit>,
    /// A box of the same visible size elsewhere; `None` where there is no room for one.
    pub control: Option<ControlRecord>,
}

/// Activation and projection energy inside and outside a hidden region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskedLayer {
    /// The stage's name.
    pub layer: String,
    /// Mean activation of the cells whose field's centre lies inside, photo as it is; `None` without such a cell.
    pub activation_inside_original: Option<f32>,
    /// The same with the region hidden.
    pub activation_inside_masked: Option<f32>,
    /// Mean activation of the other cells, photo as it is.
    pub activation_outside_original: Option<f32>,
    /// The same with the region hidden.
    pub activation_outside_masked: Option<f32>,
    /// Part of the `layer` projection's energy inside; `None` where it was not made or is zero.
    pub share_inside_original: Option<f32>,
    /// The same with the region hidden.
    pub share_inside_masked: Option<f32>,
}

/// The clean photo's strongest unit of a layer, and what the mask left of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskedUnit {
    /// The stage's name.
    pub layer: String,
    /// Feature map.
    pub feature: usize,
    /// Row.
    pub y: usize,
    /// Column.
    pub x: usize,
    /// Its value on the clean photo.
    pub activation_original: f32,
    /// Its value under the mask.
    pub activation_masked: f32,
}

/// What the network said with a control box hidden.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRecord {
    /// The box, drawn by seed.
    pub area: BoxRecord,
    /// Probability of every class; empty without a classifier.
    pub probabilities: Vec<f32>,
}

impl PhotoRecord {
    /// What was found under a condition.
    pub fn condition(&self, name: &str) -> Option<&ConditionRecord> {
        self.conditions.iter().find(|c| c.condition == name)
    }
}

/// The classes of the highest probabilities, first maximum first; ties by class index.
pub fn ranked(probabilities: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| {
        probabilities[b]
            .total_cmp(&probabilities[a])
            .then(a.cmp(&b))
    });
    order
}

/// The rank of a class, from 1.
pub fn rank_of(probabilities: &[f32], class: usize) -> usize {
    let own = probabilities[class];
    let ahead = |(index, &other): (usize, &f32)| other > own || (other == own && index < class);
    1 + probabilities
        .iter()
        .enumerate()
        .filter(|&p| ahead(p))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_agree_with_the_order_ties_included() {
        let probabilities = [0.1, 0.3, 0.2, 0.3, 0.1];
        let order = ranked(&probabilities);
        assert_eq!(order, [1, 3, 2, 0, 4]);
        for (rank, &class) in order.iter().enumerate() {
            assert_eq!(rank_of(&probabilities, class), rank + 1);
        }
    }
}
