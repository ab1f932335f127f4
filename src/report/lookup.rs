//! A run's tables, found again by photo.

use std::collections::BTreeMap;

use crate::dataset::Geometry;
use crate::figures::photo::{find, Subject};
use crate::records::tables::{
    ControlRow, ImageRow, InvarianceProbabilityRow, InvarianceRow, MaskRow, MaskedClassRow,
    MaskedUnitRow, MaskingRow, OcclusionClassRow, OcclusionCurveRow, OcclusionExampleRow,
    OcclusionPhotoRow, OcclusionRegionRow, OcclusionRow, PartRow, PredictionRow, ProjectionRow,
};
use crate::records::{ProjectionKind, Run, ORIGINAL};

/// All rows of one photo.
#[derive(Debug)]
pub(super) struct Photo<'a> {
    pub(super) image: &'a ImageRow,
    pub(super) geometry: Option<Geometry>,
    /// Whether it has pictures and a page.
    pub(super) detail: bool,
    pub(super) predictions: Vec<&'a PredictionRow>,
    pub(super) projections: Vec<&'a ProjectionRow>,
    pub(super) masks: Vec<&'a MaskRow>,
    pub(super) masked_classes: Vec<&'a MaskedClassRow>,
    pub(super) controls: Vec<&'a ControlRow>,
    pub(super) masking: Vec<&'a MaskingRow>,
    pub(super) masked_units: Vec<&'a MaskedUnitRow>,
    pub(super) parts: Vec<&'a PartRow>,
    pub(super) invariance: Vec<&'a InvarianceRow>,
    pub(super) invariance_probabilities: Vec<&'a InvarianceProbabilityRow>,
    pub(super) occlusion: Vec<&'a OcclusionRow>,
    pub(super) occlusion_photos: Vec<&'a OcclusionPhotoRow>,
    pub(super) occlusion_classes: Vec<&'a OcclusionClassRow>,
    pub(super) occlusion_regions: Vec<&'a OcclusionRegionRow>,
    pub(super) occlusion_curves: Vec<&'a OcclusionCurveRow>,
    pub(super) occlusion_examples: Vec<&'a OcclusionExampleRow>,
    /// Whether the first class is one of the label's; `None` without a label that the network knows.
    pub(super) right: Option<bool>,
}

impl<'a> Photo<'a> {
    pub(super) fn id(&self) -> &'a str {
        &self.image.image_id
    }

    /// The first classes under a condition, first first.
    pub(super) fn top<'b>(
        &'b self,
        condition: &'b str,
    ) -> impl Iterator<Item = &'a PredictionRow> + 'b {
        self.predictions
            .iter()
            .copied()
            .filter(move |row| row.condition == condition)
    }

    /// The first class of the photo as it is.
    pub(super) fn first(&self) -> Option<&'a PredictionRow> {
        self.top(ORIGINAL).next()
    }

    /// The regions that were hidden and that the network could see, in the table's order.
    pub(super) fn regions(&self) -> Vec<&'a str> {
        let mut regions: Vec<&str> = Vec::new();
        for row in self.masks.iter().filter(|row| row.visible_share > 0.0) {
            if !regions.contains(&row.region.as_str()) {
                regions.push(&row.region);
            }
        }
        regions
    }

    pub(super) fn masked_class(&self, region: &str) -> Option<&'a MaskedClassRow> {
        self.masked_classes
            .iter()
            .copied()
            .find(|row| row.region == region)
    }

    pub(super) fn control(&self, region: &str) -> Option<&'a ControlRow> {
        self.controls
            .iter()
            .copied()
            .find(|row| row.region == region)
    }

    /// The strongest unit of a layer under a condition.
    pub(super) fn unit(&self, condition: &str, layer: &str) -> Option<&'a ProjectionRow> {
        self.projections.iter().copied().find(|row| {
            row.kind == ProjectionKind::Unit && row.condition == condition && row.layer == layer
        })
    }

    /// What the occlusion experiment found, where the photo was part of it.
    pub(super) fn occluded(&self) -> Option<&'a OcclusionPhotoRow> {
        self.occlusion_photos.first().copied()
    }

    pub(super) fn masked_unit(&self, region: &str, layer: &str) -> Option<&'a MaskedUnitRow> {
        self.masked_units
            .iter()
            .copied()
            .find(|row| row.region == region && row.layer == layer)
    }
}

/// The photos of a run in the order of `images.csv`.
#[derive(Debug)]
pub(super) struct Lookup<'a> {
    pub(super) photos: Vec<Photo<'a>>,
    by_id: BTreeMap<&'a str, usize>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(run: &'a Run) -> Self {
        let by_id: BTreeMap<&str, usize> = run
            .images
            .iter()
            .enumerate()
            .map(|(at, image)| (image.image_id.as_str(), at))
            .collect();
        let mut photos: Vec<Photo<'_>> = run.images.iter().map(|image| empty(run, image)).collect();
        macro_rules! sort_into {
            ($($table:ident),*) => {$(
                for row in &run.$table {
                    if let Some(&at) = by_id.get(row.image_id.as_str()) {
                        photos[at].$table.push(row);
                    }
                }
            )*};
        }
        sort_into!(
            predictions,
            projections,
            masks,
            masked_classes,
            controls,
            masking,
            masked_units,
            parts,
            invariance,
            invariance_probabilities,
            occlusion,
            occlusion_photos,
            occlusion_classes,
            occlusion_regions,
            occlusion_curves,
            occlusion_examples
        );
        for photo in &mut photos {
            photo.predictions.sort_by_key(|row| row.rank);
            photo.detail = photo.image.status == "ok"
                && (!photo.projections.is_empty()
                    || find(&run.root, photo.id(), ORIGINAL, Subject::Input).is_some());
            photo.right = photo.first().and_then(|first| {
                let accepted = run
                    .manifest
                    .dataset
                    .label_classes
                    .get(photo.image.label_index?)?;
                (!accepted.is_empty()).then(|| accepted.contains(&first.class_index))
            });
        }
        Self { photos, by_id }
    }

    /// The photo of this id.
    pub(super) fn photo(&self, id: &str) -> Option<&Photo<'a>> {
        self.photos.get(*self.by_id.get(id)?)
    }

    /// The photos with pictures and a page.
    pub(super) fn detailed(&self) -> impl Iterator<Item = &Photo<'a>> {
        self.photos.iter().filter(|photo| photo.detail)
    }

    /// The photos in detail of which the region was hidden and visible.
    pub(super) fn masked_by<'b>(
        &'b self,
        region: &'b str,
    ) -> impl Iterator<Item = &'b Photo<'a>> + 'b {
        self.detailed()
            .filter(move |photo| photo.regions().contains(&region))
    }

    /// All regions that were hidden anywhere, in the order of their first appearance.
    pub(super) fn regions(&self) -> Vec<&'a str> {
        let mut regions: Vec<&str> = Vec::new();
        for region in self.detailed().flat_map(Photo::regions) {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        regions
    }
}

fn empty<'a>(run: &'a Run, image: &'a ImageRow) -> Photo<'a> {
    let size = image.width.zip(image.height);
    Photo {
        image,
        geometry: size.and_then(|size| Geometry::new(size, &run.manifest.preprocessing).ok()),
        detail: false,
        predictions: Vec::new(),
        projections: Vec::new(),
        masks: Vec::new(),
        masked_classes: Vec::new(),
        controls: Vec::new(),
        masking: Vec::new(),
        masked_units: Vec::new(),
        parts: Vec::new(),
        invariance: Vec::new(),
        invariance_probabilities: Vec::new(),
        occlusion: Vec::new(),
        occlusion_photos: Vec::new(),
        occlusion_classes: Vec::new(),
        occlusion_regions: Vec::new(),
        occlusion_curves: Vec::new(),
        occlusion_examples: Vec::new(),
        right: None,
    }
}
