//! The features of all photographs, layer by layer, in files of the run folder: they need not have room in memory.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use base::{Error, Result};
use engine::{products, Engine, Give, Recording, Vectors};
use image::RgbImage;
use ndarray::Array2;
use network::Stage;
use progress::stop_here;
use rayon::prelude::*;
use records::shards::Portion;

use crate::{prepare, Context};

/// Photographs of a tile of inner products.
const TILE: usize = 512;

/// A layer's features, photograph after photograph.
#[derive(Debug)]
pub(super) struct LayerVectors {
    /// The layer.
    pub(super) stage: Stage,
    /// How they were made.
    pub(super) vectors: Vectors,
    /// Values of each.
    pub(super) length: usize,
    path: PathBuf,
    file: File,
}

impl LayerVectors {
    /// The file of a layer, made anew unless it is `whole`; where the features of some photographs alone are kept, in a folder
    /// of that name.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn open(
        context: &Context<'_>,
        stage: &Stage,
        most: usize,
        (part, whole): (Option<&str>, bool),
    ) -> Result<Self> {
        let shape = context.setting.anatomy.shapes()[stage.node];
        let vectors = Vectors::of(stage.node, shape, most);
        let folder = context.folder.records_of(super::NAME);
        let folder = folder.join(part.unwrap_or_default());
        fs::create_dir_all(&folder).map_err(Error::io("cannot create", &folder))?;
        let path = folder.join(format!("{}.f32", records::file_stem(&stage.name)));
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(!whole)
            .open(&path);
        Ok(Self {
            stage: stage.clone(),
            vectors,
            length: vectors.length(shape),
            file: file.map_err(Error::io("cannot write", &path))?,
            path,
        })
    }

    fn write(&self, place: usize, values: &[f32]) -> Result<()> {
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::Compute {
                doing: format!("features of layer {}", self.stage.name),
                message:
                    "they are not finite (NaN or infinite); are the network's weights damaged?"
                        .into(),
            });
        }
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let at = (place * self.length * size_of::<f32>()) as u64;
        let written = self.file.write_all_at(&bytes, at);
        written.map_err(Error::io("cannot write", &self.path))
    }

    fn read(&self, first: usize, count: usize) -> Result<Vec<f32>> {
        let value = size_of::<f32>();
        let mut bytes = vec![0; count * self.length * value];
        let at = (first * self.length * value) as u64;
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(Error::io("cannot read", &self.path))?;
        let values = bytes.chunks_exact(value);
        Ok(values
            .map(|value| f32::from_le_bytes([value[0], value[1], value[2], value[3]]))
            .collect())
    }

    /// The inner products of all photographs, tile by tile: each is computed by itself, so that what comes out does not depend on
    /// the number of workers.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Compute`]; [`Error::Stopped`] where the user stopped it.
    pub(super) fn gram(&self, photos: usize) -> Result<Array2<f64>> {
        let starts: Vec<usize> = (0..photos).step_by(TILE).collect();
        let mut all = Array2::zeros((photos, photos));
        for &row in &starts {
            let rows = TILE.min(photos - row);
            let of_rows = self.read(row, rows)?;
            let tiles = starts.par_iter().filter(|&&column| column <= row);
            let tiles = tiles.map(|&column| {
                stop_here()?;
                let of_columns = self.read(column, TILE.min(photos - column))?;
                Ok((column, products(&of_rows, &of_columns, self.length)?))
            });
            for (column, tile) in tiles.collect::<Result<Vec<_>>>()? {
                let columns = TILE.min(photos - column);
                for (number, &product) in tile.iter().enumerate() {
                    let (y, x) = (row + number / columns, column + number % columns);
                    all[[y, x]] = product;
                    all[[x, y]] = product;
                }
            }
        }
        match all.diag().iter().all(|&square| square == 0.0) {
            true => Err(Error::Compute {
                doing: format!("features of layer {}", self.stage.name),
                message: "they are zero for every photograph; leave the layer out by --layers"
                    .into(),
            }),
            false => Ok(all),
        }
    }

    /// Takes over the features of some photographs: for each of them, in their order, its place among all.
    ///
    /// # Errors
    /// [`Error::Io`], also where there are fewer.
    pub(super) fn take(&self, part: &Self, places: &[usize]) -> Result<()> {
        let first = (0..places.len()).step_by(TILE);
        for (first, places) in first.zip(places.chunks(TILE)) {
            let values = part.read(first, places.len())?;
            let rows = values.chunks_exact(self.length.max(1));
            rows.zip(places)
                .try_for_each(|(values, &place)| self.write(place, values))?;
        }
        Ok(())
    }

    /// Takes the file away.
    pub(super) fn discard(self) -> Result<()> {
        fs::remove_file(&self.path).map_err(Error::io("cannot remove", &self.path))
    }
}

/// Shows photographs to the network once and writes the features of all layers in their order.
///
/// # Errors
/// Those of the engine and of the run folder; [`Error::Photo`] for a photograph that can no longer be read.
pub(super) fn write(
    context: &Context<'_>,
    portions: &[Portion],
    layers: &[LayerVectors],
) -> Result<()> {
    let setting = context.setting;
    let photos = Portion::photos(portions);
    let places: Vec<usize> = (0..photos.len()).collect();
    let mut left = &places[..];
    let groups = portions.iter().map(|portion| {
        let (these, rest) = left.split_at(portion.photos.len());
        left = rest;
        these
    });
    let groups: Vec<&[usize]> = groups.collect();
    let last = layers.iter().map(|layer| layer.vectors.node).max();
    let recording = Recording {
        activations: layers.iter().map(|layer| layer.vectors.node).collect(),
        rule: None,
        until: last,
    };
    let crop = |&place: &usize| -> Result<(usize, RgbImage)> {
        let file = &setting.dataset.photos[photos[place]];
        match prepare::read(setting, file)? {
            Ok(read) => Ok((place, dataset::crop(&read.pixels, setting.preprocessing)?)),
            Err(_) => Err(Error::photo_changed(setting.dataset.absolute(file))),
        }
    };
    let show = |engine: &Engine, crops: Vec<(usize, RgbImage)>, give: &mut Give<'_, _>| {
        let pixels: Vec<&[u8]> = crops
            .iter()
            .map(|(_, crop)| crop.as_raw() as &[u8])
            .collect();
        let trace = engine.forward(&engine.inputs(&pixels)?, &recording)?;
        for (layer, of) in layers.iter().enumerate() {
            let values = engine.vectors(&trace, of.vectors)?;
            for (image, (place, _)) in crops.iter().enumerate() {
                let values = values[image * of.length..][..of.length].to_vec();
                give((layer, *place, values))?;
            }
        }
        Ok(())
    };
    let progress = context.progress("features", photos.len());
    let written = context.executor().stream_groups(
        &groups,
        crop,
        show,
        |(layer, place, values): (usize, usize, Vec<f32>)| layers[layer].write(place, &values),
        |left| {
            progress.add(left.len() / layers.len().max(1));
            Ok(())
        },
    );
    written
}
