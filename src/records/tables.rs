//! The run folder's CSV tables: one row type each, written and read back.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::files::{part_of, put_in_place};
use super::ProjectionKind;
use crate::error::{Error, Result};

/// A table of the run folder.
pub trait Row: Serialize + DeserializeOwned {
    /// Path inside the run folder.
    const FILE: &'static str;
    /// The header, for a table without rows.
    const COLUMNS: &'static [&'static str];
}

/// Declares a row type with the file and the columns of its table.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident in $file:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::records::tables::Row for $name {
            const FILE: &'static str = $file;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];
        }
    };
}
pub(crate) use table;

mod correspondence;
mod features;
mod invariance;
mod occlusion;

pub use correspondence::{CorrespondencePairRow, CorrespondenceRow, PartRow, MAPS, RANDOM};
pub use features::{FeatureRow, FilterRow, MapHistogramRow, MapLabelRow, MapRow, RandomisationRow};
pub use invariance::{InvarianceProbabilityRow, InvarianceRow};
pub use occlusion::{
    OcclusionClassRow, OcclusionCurveRow, OcclusionExampleRow, OcclusionPhotoRow,
    OcclusionRegionRow, OcclusionRow,
};

table! {
    /// Every photo of the data set.
    ImageRow in "data/images.csv" {
        /// Depends on the path inside the data set alone.
        image_id: String,
        /// Path inside the data set, percent-encoded where it is not UTF-8.
        path: String,
        /// The photo's label; empty without one.
        label: String,
        /// Index of the label, from 0.
        label_index: Option<usize>,
        /// Width in pixels after EXIF orientation.
        width: Option<u32>,
        /// Height in pixels after EXIF orientation.
        height: Option<u32>,
        /// `ok` or `skipped`.
        status: String,
        /// Why it was skipped.
        reason: String,
    }
}
table! {
    /// What the photos' files held.
    ContentRow in "data/contents.csv" {
        /// The photo.
        image_id: String,
        /// Path inside the data set.
        path: String,
        /// sha256 of the file; empty where it could not be read.
        sha256: String,
    }
}
table! {
    /// The first classes of a photo under a condition.
    PredictionRow in "data/predictions.csv" {
        /// The photo.
        image_id: String,
        /// Path inside the data set.
        path: String,
        /// `original` or a region's name.
        condition: String,
        /// From 1.
        rank: usize,
        /// Index of the network's output, from 0.
        class_index: usize,
        /// The class's name.
        class_name: String,
        /// Its probability.
        probability: f32,
    }
}
table! {
    /// A figure over the data set with its 95 % interval.
    MetricRow in "data/metrics.csv" {
        /// `top1_accuracy`, `masked_drop_face`, …
        metric: String,
        /// `all` or `class:<label>`.
        scope: String,
        /// The figure.
        value: f64,
        /// Lower end of the 95 % interval.
        low: Option<f64>,
        /// Upper end of the 95 % interval.
        high: Option<f64>,
        /// Photos it rests on.
        count: usize,
    }
}
table! {
    /// Photos of a label that the network took for another.
    ConfusionRow in "data/confusion.csv" {
        /// The photos' label.
        label: String,
        /// The label of the first class, or `other`.
        predicted: String,
        /// Photos.
        count: usize,
    }
}
table! {
    /// The original's first class with a region hidden.
    MaskedClassRow in "data/masked_classes.csv" {
        /// The photo.
        image_id: String,
        /// The hidden region.
        region: String,
        /// The first class of the photo as it is.
        class_index: usize,
        /// Its name.
        class_name: String,
        /// Its probability, photo as it is.
        probability_original: f32,
        /// Its probability with the region hidden.
        probability_masked: f32,
        /// Its rank, photo as it is: 1.
        rank_original: usize,
        /// Its rank with the region hidden.
        rank_masked: usize,
        /// Share of the region's area that the network could see.
        visible_share: f64,
    }
}
table! {
    /// The same with a control box hidden: of the region's visible size, elsewhere in the photo.
    ControlRow in "data/controls.csv" {
        /// The photo.
        image_id: String,
        /// The region that it is the control of.
        region: String,
        /// The box in photo pixels.
        x: f64,
        /// The box in photo pixels.
        y: f64,
        /// The box in photo pixels.
        width: f64,
        /// The box in photo pixels.
        height: f64,
        /// The first class of the photo as it is; empty without a classifier.
        class_index: Option<usize>,
        /// Its name.
        class_name: String,
        /// Its probability, photo as it is.
        probability_original: Option<f32>,
        /// Its probability with the control box hidden.
        probability_control: Option<f32>,
        /// Its rank with the control box hidden.
        rank_control: Option<usize>,
    }
}
table! {
    /// The boxes that were hidden, clipped to the photo.
    MaskRow in "data/masks.csv" {
        /// The photo.
        image_id: String,
        /// The region.
        region: String,
        /// Left edge in photo pixels.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
        /// Share of the region's area that the network could see.
        visible_share: f64,
    }
}
table! {
    /// A projection that was made.
    ProjectionRow in "data/projections.csv" {
        /// The photo.
        image_id: String,
        /// `original` or a region's name.
        condition: String,
        /// The stage.
        layer: String,
        /// What was projected.
        kind: ProjectionKind,
        /// Feature map of the unit.
        feature: Option<usize>,
        /// Row of the unit.
        y: Option<usize>,
        /// Column of the unit.
        x: Option<usize>,
        /// The unit's activation.
        activation: Option<f32>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_x: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_y: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_width: Option<f64>,
        /// Its receptive field in photo pixels, clipped to the crop.
        field_height: Option<f64>,
    }
}
table! {
    /// Activation and projection energy inside and outside a hidden region.
    MaskingRow in "data/masking.csv" {
        /// The photo.
        image_id: String,
        /// The hidden region.
        region: String,
        /// The stage.
        layer: String,
        /// Mean activation of the cells inside, photo as it is.
        activation_inside_original: Option<f32>,
        /// Mean activation of the cells inside, region hidden.
        activation_inside_masked: Option<f32>,
        /// Mean activation of the other cells, photo as it is.
        activation_outside_original: Option<f32>,
        /// Mean activation of the other cells, region hidden.
        activation_outside_masked: Option<f32>,
        /// Part of the `layer` projection's energy inside, photo as it is.
        share_inside_original: Option<f32>,
        /// Part of the `layer` projection's energy inside, region hidden.
        share_inside_masked: Option<f32>,
    }
}
table! {
    /// The clean photo's strongest unit under a mask.
    MaskedUnitRow in "data/masked_units.csv" {
        /// The photo.
        image_id: String,
        /// The hidden region.
        region: String,
        /// The stage.
        layer: String,
        /// Feature map.
        feature: usize,
        /// Row.
        y: usize,
        /// Column.
        x: usize,
        /// Its value on the clean photo.
        activation_original: f32,
        /// Its value with the region hidden.
        activation_masked: f32,
    }
}

/// A table that is written row by row. It is there when it is finished, whole.
#[derive(Debug)]
pub struct Writer<R> {
    rows: csv::Writer<NamedTempFile>,
    path: PathBuf,
    row: PhantomData<R>,
}

impl<R: Row> Writer<R> {
    /// Begins the table of the run folder at `root`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(root: &Path) -> Result<Self> {
        let path = root.join(R::FILE);
        let mut builder = csv::WriterBuilder::new();
        builder.has_headers(false).buffer_capacity(1 << 16);
        let mut rows = builder.from_writer(part_of(&path)?);
        let begun = rows.write_record(R::COLUMNS);
        begun.map_err(|error| cannot_write(&path, error))?;
        Ok(Self {
            rows,
            path,
            row: PhantomData,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn add(&mut self, row: &R) -> Result<()> {
        let added = self.rows.serialize(row);
        added.map_err(|error| cannot_write(&self.path, error))
    }

    /// Puts the table in its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<()> {
        let part = self.rows.into_inner().map_err(|error| error.into_error());
        let part = part.map_err(Error::io("cannot write", &self.path))?;
        put_in_place(part, &self.path)
    }
}

fn cannot_write(path: &Path, error: csv::Error) -> Error {
    Error::io("cannot write", path)(error.into())
}

/// Writes a table whole.
///
/// # Errors
/// [`Error::Io`].
pub fn write<R: Row>(root: &Path, rows: &[R]) -> Result<()> {
    let mut writer = Writer::new(root)?;
    rows.iter().try_for_each(|row| writer.add(row))?;
    writer.finish()
}

/// Reads a table back that runs without the experiment, or of an older version, do not have.
///
/// # Errors
/// Those of [`read`].
pub fn read_optional<R: Row>(root: &Path) -> Result<Vec<R>> {
    match root.join(R::FILE).exists() {
        true => read(root),
        false => Ok(Vec::new()),
    }
}

/// Reads a table back.
///
/// # Errors
/// [`Error::Io`]; [`Error::Table`] with the line where it does not fit.
pub fn read<R: Row>(root: &Path) -> Result<Vec<R>> {
    rows(root)?.collect()
}

/// Reads a table back, row by row.
///
/// # Errors
/// [`Error::Io`]; each row with [`Error::Table`] and the line where it does not fit.
pub fn rows<R: Row>(root: &Path) -> Result<impl Iterator<Item = Result<R>>> {
    let path = root.join(R::FILE);
    let file = std::fs::File::open(&path).map_err(Error::io("cannot read", &path))?;
    let rows = csv::Reader::from_reader(std::io::BufReader::new(file)).into_deserialize();
    Ok(rows.map(move |row| {
        row.map_err(|error: csv::Error| Error::Table {
            path: path.clone(),
            line: error.position().map(csv::Position::line),
            column: None,
            problem: error.to_string(),
        })
    }))
}
