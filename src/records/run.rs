//! A finished (or nearly finished) run, read back from its folder: all that pages are made from.

use std::path::{Path, PathBuf};

use super::tables::{
    self, ConfusionRow, ContentRow, ControlRow, CorrespondencePairRow, CorrespondenceRow,
    FeatureRow, FilterRow, ImageRow, InvarianceProbabilityRow, InvarianceRow, MapHistogramRow,
    MapLabelRow, MapRow, MaskRow, MaskedClassRow, MaskedUnitRow, MaskingRow, MetricRow,
    OcclusionClassRow, OcclusionCurveRow, OcclusionExampleRow, OcclusionPhotoRow,
    OcclusionRegionRow, OcclusionRow, PartRow, PredictionRow, ProjectionRow, RandomisationRow,
};
use super::Manifest;
use crate::error::Result;

/// The tables and the manifest of one run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The run folder.
    pub root: PathBuf,
    /// `run.json`.
    pub manifest: Manifest,
    /// `images.csv`.
    pub images: Vec<ImageRow>,
    /// `contents.csv`.
    pub contents: Vec<ContentRow>,
    /// `predictions.csv`.
    pub predictions: Vec<PredictionRow>,
    /// `metrics.csv`.
    pub metrics: Vec<MetricRow>,
    /// `confusion.csv`.
    pub confusion: Vec<ConfusionRow>,
    /// `masked_classes.csv`.
    pub masked_classes: Vec<MaskedClassRow>,
    /// `controls.csv`.
    pub controls: Vec<ControlRow>,
    /// `masks.csv`.
    pub masks: Vec<MaskRow>,
    /// `masked_units.csv`.
    pub masked_units: Vec<MaskedUnitRow>,
    /// `projections.csv`.
    pub projections: Vec<ProjectionRow>,
    /// `masking.csv`.
    pub masking: Vec<MaskingRow>,
    /// `parts.csv`; this and the following are empty where the run was not asked for them.
    pub parts: Vec<PartRow>,
    /// `correspondence.csv`.
    pub correspondence: Vec<CorrespondenceRow>,
    /// `correspondence_pairs.csv`.
    pub correspondence_pairs: Vec<CorrespondencePairRow>,
    /// `invariance.csv`.
    pub invariance: Vec<InvarianceRow>,
    /// `invariance_probabilities.csv`.
    pub invariance_probabilities: Vec<InvarianceProbabilityRow>,
    /// `occlusion.csv`.
    pub occlusion: Vec<OcclusionRow>,
    /// `occlusion_photos.csv`.
    pub occlusion_photos: Vec<OcclusionPhotoRow>,
    /// `occlusion_classes.csv`.
    pub occlusion_classes: Vec<OcclusionClassRow>,
    /// `occlusion_regions.csv`.
    pub occlusion_regions: Vec<OcclusionRegionRow>,
    /// `occlusion_curves.csv`.
    pub occlusion_curves: Vec<OcclusionCurveRow>,
    /// `occlusion_examples.csv`.
    pub occlusion_examples: Vec<OcclusionExampleRow>,
    /// `features.csv`.
    pub features: Vec<FeatureRow>,
    /// `maps.csv`.
    pub maps: Vec<MapRow>,
    /// `map_histograms.csv`.
    pub map_histograms: Vec<MapHistogramRow>,
    /// `map_labels.csv`.
    pub map_labels: Vec<MapLabelRow>,
    /// `filters.csv`.
    pub filters: Vec<FilterRow>,
    /// `randomisation.csv`.
    pub randomisation: Vec<RandomisationRow>,
}

impl Run {
    /// Reads the tables of a run folder whose manifest is already known.
    ///
    /// # Errors
    /// [`crate::Error::Io`] and [`crate::Error::Table`] for a table that is missing or damaged.
    pub fn read(root: &Path, manifest: Manifest) -> Result<Self> {
        Ok(Self {
            root: root.to_owned(),
            manifest,
            images: tables::read(root)?,
            contents: tables::read_optional(root)?,
            predictions: tables::read(root)?,
            metrics: tables::read(root)?,
            confusion: tables::read(root)?,
            masked_classes: tables::read(root)?,
            controls: tables::read(root)?,
            masks: tables::read(root)?,
            masked_units: tables::read(root)?,
            projections: tables::read(root)?,
            masking: tables::read(root)?,
            parts: tables::read_optional(root)?,
            correspondence: tables::read_optional(root)?,
            correspondence_pairs: tables::read_optional(root)?,
            invariance: tables::read_optional(root)?,
            invariance_probabilities: tables::read_optional(root)?,
            occlusion: tables::read_optional(root)?,
            occlusion_photos: tables::read_optional(root)?,
            occlusion_classes: tables::read_optional(root)?,
            occlusion_regions: tables::read_optional(root)?,
            occlusion_curves: tables::read_optional(root)?,
            occlusion_examples: tables::read_optional(root)?,
            features: tables::read_optional(root)?,
            maps: tables::read_optional(root)?,
            map_histograms: tables::read_optional(root)?,
            map_labels: tables::read_optional(root)?,
            filters: tables::read_optional(root)?,
            randomisation: tables::read_optional(root)?,
        })
    }
}
