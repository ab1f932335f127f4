//! The run folder's CSV tables: one row type each, and the list of all of them.

mod file;
mod name;
mod registry;

pub use file::{read, read_optional, rows, write, Writer};
pub use name::Name;
pub use registry::{OfPhoto, Registered};

use serde::de::DeserializeOwned;
use serde::Serialize;

/// A table of the run folder.
pub trait Row: Serialize + DeserializeOwned {
    /// Path inside the run folder.
    const FILE: &'static str;
    /// The header, for a table without rows.
    const COLUMNS: &'static [&'static str];
}

/// Declares a row type with the file and the columns of its table. Where `image_id` is the first of them the rows can be
/// found by photo.
#[macro_export]
macro_rules! table {
    ($(#[$doc:meta])* $name:ident in $file:literal { $(#[$id_doc:meta])* image_id: $id:ident, $($rest:tt)* }) => {
        $crate::table!(@row $(#[$doc])* $name in $file { $(#[$id_doc])* image_id: $id, $($rest)* });

        impl $crate::tables::OfPhoto for $name {
            fn image_id(&self) -> &str {
                &self.image_id
            }
        }
    };
    ($(#[$doc:meta])* $name:ident in $file:literal { $($fields:tt)* }) => {
        $crate::table!(@row $(#[$doc])* $name in $file { $($fields)* });
    };
    (@row $(#[$doc:meta])* $name:ident in $file:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::tables::Row for $name {
            const FILE: &'static str = $file;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];
        }
    };
}
pub use table;

/// The tables of a run folder by the file that declares their rows; `= always` where every run has them, the others where
/// a run was asked for what they tell; `= large` where they are too large to be kept and read a photo at a time.
macro_rules! tables {
    ($($room:ident { $($name:ident: $row:ident $(= $kind:ident)?),* $(,)? })*) => {
        $(
            mod $room;
            pub use $room::*;
        )*
        registry::register! { $($($name: $row $(= $kind)?,)*)* }
    };
}

tables! {
    photos {
        images: ImageRow = always,
        contents: ContentRow,
        predictions: PredictionRow = always,
        metrics: MetricRow = always,
        confusion: ConfusionRow = always,
        masked_classes: MaskedClassRow = always,
        controls: ControlRow = always,
        masks: MaskRow = always,
        projections: ProjectionRow = always,
        grids: GridRow,
        masking: MaskingRow = always,
        masked_units: MaskedUnitRow = always,
    }
    claims {
        claims: ClaimRow,
        claim_rules: ClaimRuleRow,
    }
    correspondence {
        parts: PartRow,
        correspondence: CorrespondenceRow,
        correspondence_pairs: CorrespondencePairRow,
        correspondence_closer: CloserRow,
        part_places: PartPlaceRow,
    }
    evolution {
        evolution: EvolutionRow,
        evolution_steps: EvolutionStepRow,
        convergence: ConvergenceRow,
        convergence_photos: ConvergencePhotoRow,
    }
    features {
        features: FeatureRow,
        maps: MapRow,
        map_histograms: MapHistogramRow,
        map_labels: MapLabelRow,
        map_spreads: SpreadRow,
        filters: FilterRow,
        randomisation: RandomisationRow,
    }
    invariance {
        invariance: InvarianceRow,
        invariance_probabilities: InvarianceProbabilityRow,
    }
    occlusion {
        occlusion: OcclusionRow = large,
        occlusion_photos: OcclusionPhotoRow,
        occlusion_classes: OcclusionClassRow,
        occlusion_regions: OcclusionRegionRow,
        occlusion_inside: OcclusionInsideRow,
        occlusion_projections: OcclusionProjectionRow,
        occlusion_curves: OcclusionCurveRow = large,
        occlusion_examples: OcclusionExampleRow,
    }
    study {
        study: StudyRow,
        study_runs: StudyRunRow,
        study_epochs: StudyEpochRow,
        study_layers: StudyLayerRow,
        study_filters: StudyFilterRow,
        study_together: StudyTogetherRow,
    }
    training {
        training: TrainingRow,
        training_layers: TrainingLayerRow,
        training_spectrum: TrainingSpectrumRow,
        training_findings: TrainingFindingRow,
    }
    transfer {
        transfer: TransferRow,
        transfer_layers: TransferLayerRow,
        transfer_splits: TransferSplitRow,
        transfer_confusion: TransferConfusionRow,
        transfer_photos: TransferPhotoRow,
        transfer_scratch: TransferScratchRow,
    }
}
