//! A network and a folder of photographs, as the experiment sees them.

use std::path::Path;

use deconvscope::dataset::{self, Dataset, DatasetOptions, Geometry, Masks};
use deconvscope::engine::{device, Engine};
use deconvscope::experiments::features::{Features, LayerTally, Readable};
use deconvscope::experiments::Setting;
use deconvscope::network::receptive_field::{self, Field};
use deconvscope::network::shape::Shape;
use deconvscope::network::{Model, Stage};
use tch::Device;

use crate::Counted;

/// Strongest units kept of each map.
pub(crate) const TOP: usize = 9;

pub(crate) struct Case {
    pub(crate) model: Model,
    pub(crate) engine: Engine,
    pub(crate) dataset: Dataset,
    pub(crate) photos: Vec<Readable>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) shapes: Vec<Shape>,
    fields: Vec<Field>,
    none: Masks,
}

impl Case {
    pub(crate) fn new(model: Model, folder: &Path, limit: Option<usize>) -> Self {
        device::one_thread_here();
        let engine = Engine::new(&model, Device::Cpu).unwrap();
        let options = DatasetOptions {
            limit,
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open(folder, &options, &model.classes).unwrap();
        let readable = |(photo, file)| {
            let read = dataset::read(&dataset.absolute(file)).unwrap();
            Readable {
                photo,
                sha256: read.sha256,
                geometry: Geometry::new(read.pixels.dimensions(), &model.preprocessing).unwrap(),
            }
        };
        let stages = model.network.select_stages(None).unwrap();
        let fields = receptive_field::fields(&model.network).unwrap();
        Self {
            photos: dataset.photos.iter().enumerate().map(readable).collect(),
            shapes: stages.iter().map(|s| engine.shape(s.node)).collect(),
            fields: stages.iter().map(|s| fields[s.node]).collect(),
            model,
            engine,
            dataset,
            stages,
            none: Masks::default(),
        }
    }

    /// Does something with the experiment over the photographs.
    pub(crate) fn with<R>(
        &self,
        per_image: usize,
        (batch, threads): (usize, usize),
        run: impl FnOnce(&Features<'_>) -> R,
    ) -> R {
        let setting = Setting {
            dataset: &self.dataset,
            applied: &self.none,
            masks: &self.none,
            parts: &self.none,
            preprocessing: &self.model.preprocessing,
            stages: &self.stages,
            shapes: &self.shapes,
            fields: &self.fields,
            kinds: &[],
            fill: [128; 3],
            seed: 0,
            batch,
            arrays: false,
            threads,
        };
        run(&Features {
            setting: &setting,
            photos: &self.photos,
            top: TOP,
            per_image,
        })
    }

    pub(crate) fn scan(&self, per_image: usize, workers: (usize, usize)) -> Vec<LayerTally> {
        let watch = Counted::default();
        let found = self.with(per_image, workers, |features| {
            features
                .scan(&self.engine, features.unseen(), |_| Ok(()), &watch)
                .unwrap()
                .unwrap()
        });
        assert_eq!(watch.0.into_inner(), self.photos.len());
        found
    }

    /// What the network sees of a photograph.
    pub(crate) fn input(&self, photo: usize) -> Vec<f32> {
        let path = self.dataset.absolute(&self.dataset.photos[photo]);
        let read = dataset::read(&path).unwrap();
        dataset::input(&read.pixels, &self.model.preprocessing).unwrap()
    }
}
