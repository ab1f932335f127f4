//! What is measured: a network, layers of it, photographs.

use std::collections::BTreeMap;
use std::path::Path;

use deconvscope::dataset::{self, Dataset, DatasetOptions, Geometry, Masks};
use deconvscope::engine::Engine;
use deconvscope::experiments::features::Readable;
use deconvscope::experiments::{Room, Setting};
use deconvscope::network::{Model, Stage};
use rayon::prelude::*;
use tch::Device;

use crate::common::Failure;

/// What the network sees of photos, by number.
pub(crate) type Inputs = BTreeMap<usize, Vec<f32>>;

/// A network, the layers of it that are looked at, and photographs.
pub(crate) struct Subject {
    pub(crate) model: Model,
    pub(crate) engine: Engine,
    pub(crate) stages: Vec<Stage>,
    pub(crate) dataset: Dataset,
    pub(crate) photos: Vec<Readable>,
    pub(crate) masks: Masks,
    room: Room,
}

impl Subject {
    pub(crate) fn new(
        model: Model,
        photos: &str,
        stages: Option<&[String]>,
        limit: usize,
        device: Device,
    ) -> Result<Self, Failure> {
        let options = DatasetOptions {
            limit: Some(limit),
            ..DatasetOptions::default()
        };
        let engine = Engine::new(&model, device)?;
        let stages = model.anatomy.select_stages(stages)?;
        let dataset = Dataset::open(Path::new(photos), &options, &[])?;
        let readable = |(photo, file)| -> Option<deconvscope::Result<Readable>> {
            let read = dataset::read(&dataset.absolute(file)).ok()?;
            let geometry = Geometry::new(read.pixels.dimensions(), &model.preprocessing);
            Some(geometry.map(|geometry| Readable {
                photo,
                sha256: read.sha256,
                geometry,
            }))
        };
        let photos = dataset.photos.par_iter().enumerate();
        let photos = photos.filter_map(readable).collect::<Result<_, _>>()?;
        Ok(Self {
            photos,
            // What it is on a processor.
            room: Room::of(&model.anatomy, &stages, 0, 1),
            stages,
            engine,
            dataset,
            masks: Masks::default(),
            model,
        })
    }

    pub(crate) fn setting(&self, threads: usize) -> Setting<'_> {
        Setting {
            dataset: &self.dataset,
            applied: &self.masks,
            masks: &self.masks,
            preprocessing: &self.model.preprocessing,
            anatomy: &self.model.anatomy,
            stages: &self.stages,
            kinds: &[],
            fill: [128; 3],
            seed: 0,
            room: &self.room,
            arrays: false,
            threads,
        }
    }

    pub(crate) fn inputs(&self) -> Result<Inputs, Failure> {
        let (dataset, preprocessing) = (&self.dataset, &self.model.preprocessing);
        let input = |known: &Readable| -> Result<(usize, Vec<f32>), String> {
            let path = dataset.absolute(&dataset.photos[known.photo]);
            let read = dataset::read(&path).map_err(|skip| skip.reason.to_string())?;
            let input = dataset::input(&read.pixels, preprocessing);
            Ok((known.photo, input.map_err(|error| error.to_string())?))
        };
        Ok(self
            .photos
            .par_iter()
            .map(input)
            .collect::<Result<_, _>>()?)
    }
}
