//! A network and a folder of photographs, as the experiment sees them.

use std::path::Path;

use deconvscope::dataset::{self, Dataset, DatasetOptions, Geometry, Masks};
use deconvscope::engine::{device, Engine, Executor, Questions, Recording};
use deconvscope::experiments::features::{
    Features, Found, Keep, LayerTally, Maps, Readable, Scan, SecondPass,
};
use deconvscope::experiments::{Context, Onlooker, Room, Setting, Sighting};
use deconvscope::network::{Model, Preprocessing, Stage};
use deconvscope::progress::Voice;
use deconvscope::records::tables::SpreadRow;
use deconvscope::records::{Existing, Opened, Plan, RunFolder};
use deconvscope::Result;
use tch::Device;

use crate::support::photos::cats_and_dogs;
use crate::support::run::Run;
use crate::support::type_in;

/// Strongest units kept of each map.
pub(crate) const TOP: usize = 9;

pub(crate) struct Case {
    pub(crate) model: Model,
    pub(crate) engine: Engine,
    pub(crate) dataset: Dataset,
    pub(crate) photos: Vec<Readable>,
    pub(crate) stages: Vec<Stage>,
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
        let stages = model.anatomy.select_stages(None).unwrap();
        Self {
            photos: dataset.photos.iter().enumerate().map(readable).collect(),
            model,
            engine,
            dataset,
            stages,
            none: Masks::default(),
        }
    }

    /// So many photographs a pass.
    pub(crate) fn room(&self, batch: usize) -> Room {
        Room::of(&self.model.anatomy, &self.stages, usize::MAX, batch)
    }

    /// So many workers.
    pub(crate) fn setting<'a>(&'a self, room: &'a Room, threads: usize) -> Setting<'a> {
        Setting {
            dataset: &self.dataset,
            applied: &self.none,
            masks: &self.none,
            preprocessing: &self.model.preprocessing,
            anatomy: &self.model.anatomy,
            stages: &self.stages,
            kinds: &[],
            fill: [128; 3],
            seed: 0,
            room,
            arrays: false,
            threads,
        }
    }

    pub(crate) fn features<'a>(&'a self, setting: &'a Setting<'a>) -> Features<'a> {
        Features {
            setting,
            photos: &self.photos,
        }
    }

    /// Shows all photographs to a scan that keeps [`TOP`] units of each map.
    pub(crate) fn scan(&self, per_image: usize, workers: (usize, usize)) -> Vec<LayerTally> {
        self.scan_on(per_image, workers, None, Box::new(|_| Ok(())))
    }

    /// Shows a scan that goes on with what was found those that it has not seen.
    pub(crate) fn scan_on(
        &self,
        per_image: usize,
        (batch, threads): (usize, usize),
        found: Option<Found>,
        keep: Keep<'_>,
    ) -> Vec<LayerTally> {
        let room = self.room(batch);
        let setting = self.setting(&room, threads);
        let scan = Scan::new(&setting, (TOP, per_image), found, keep);
        let awaited: Vec<usize> = (0..self.photos.len()).filter(|p| scan.awaits(*p)).collect();
        let recording = Recording {
            activations: self.stages.iter().map(|stage| stage.node).collect(),
            ..Recording::default()
        };
        let questions = Questions {
            nodes: &recording.activations,
            peaks: Some(scan.peaks()),
            ..Questions::default()
        };
        let (dataset, preprocessing) = (&self.dataset, &self.model.preprocessing);
        let known = &self.photos;
        let show = |engine: &Engine, photos: &&[usize]| {
            let input = |&photo| input(dataset, preprocessing, photo);
            let inputs: Vec<Vec<f32>> = photos.iter().map(input).collect();
            let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
            let trace = engine.forward(&engine.batch(&inputs)?, &recording)?;
            let answers = engine.ask(&trace, &questions)?;
            let seen = photos.iter().enumerate().map(|(image, &photo)| Sighting {
                image,
                photo,
                sha256: &known[photo].sha256,
            });
            scan.see(&answers, &seen.collect::<Vec<_>>())
        };
        let passes: Vec<&[usize]> = awaited.chunks(batch).collect();
        let workers = Executor::new(&self.engine, threads);
        workers.each(&passes, show).unwrap();
        scan.rest().unwrap();
        scan.found().tallies()
    }

    /// Projects and draws maps of a finished scan, in a run folder that is begun at `root`.
    pub(crate) fn sheets(
        &self,
        (setting, engines): (&Setting<'_>, &[Engine]),
        tallies: &[LayerTally],
        maps: &Maps,
        root: &Path,
    ) -> Result<Vec<SpreadRow>> {
        let opened = RunFolder::open(root, &any_plan(), Existing::Resume)?;
        let Opened::Running(folder) = opened else {
            panic!("a new folder holds a finished run");
        };
        let context = Context {
            setting,
            engine: &engines[0],
            engines,
            classes: &self.model.classes,
            folder: &folder,
            voice: Voice::Quiet,
        };
        let chosen = maps.chosen(setting, tallies);
        let sha256 = |photo: usize| Ok(self.photos[photo].sha256.clone());
        SecondPass::new(&context, true)?.sheets(tallies, &chosen, &sha256)
    }

    /// What the network sees of a photograph.
    pub(crate) fn input(&self, photo: usize) -> Vec<f32> {
        input(&self.dataset, &self.model.preprocessing, photo)
    }
}

/// The plan of some run: nothing but the seal of what is kept depends on it.
fn any_plan() -> Plan {
    let folder = tempfile::tempdir().unwrap();
    cats_and_dogs(&folder.path().join("p"));
    let report = "report p --detail 0 --occlusion none --features none --out run";
    type_in(folder.path(), report).ok();
    Run(folder.path().join("run")).plan()
}

fn input(dataset: &Dataset, preprocessing: &Preprocessing, photo: usize) -> Vec<f32> {
    let path = dataset.absolute(&dataset.photos[photo]);
    let read = dataset::read(&path).unwrap();
    dataset::input(&read.pixels, preprocessing).unwrap()
}
