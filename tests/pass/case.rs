//! A small network and photographs of its own making.

use deconvscope::dataset::{Dataset, DatasetOptions, Masks};
use deconvscope::engine::{device, Answers, Engine};
use deconvscope::experiments::observe::{Observations, Observer};
use deconvscope::experiments::prepare::{prepare, Outcome, Prepared};
use deconvscope::experiments::{Onlooker, Room, Setting, Sighting};
use deconvscope::network::{zoo, Changes, Model, Preprocessing, Preset, Stage};
use deconvscope::records::ProjectionKind;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::random::Random;
use crate::common::{engine, folded, random_weights};
use crate::support::photos::many_cats_and_dogs;

pub(crate) struct Case {
    pub(crate) model: Model,
    pub(crate) engine: Engine,
    pub(crate) stages: Vec<Stage>,
    dataset: Dataset,
    none: Masks,
    _folder: tempfile::TempDir,
}

impl Case {
    pub(crate) fn new(photos: u32) -> Self {
        device::one_thread_here();
        let folder = tempfile::tempdir().unwrap();
        many_cats_and_dogs(folder.path(), photos);
        let network = zoo::find("tiny").unwrap().network();
        let weights = random_weights(&network, &mut Random(3));
        let changes = Changes::default();
        let preprocessing = Preprocessing::of(Preset::Torchvision, &changes, network.input);
        let model = Model {
            preprocessing: preprocessing.unwrap(),
            ..folded(&network, &weights)
        };
        let dataset = Dataset::open(folder.path(), &DatasetOptions::default(), &[]).unwrap();
        Self {
            engine: engine(&model),
            stages: model.anatomy.select_stages(None).unwrap(),
            model,
            dataset,
            none: Masks::default(),
            _folder: folder,
        }
    }

    pub(crate) fn setting<'a>(&'a self, room: &'a Room, stages: &'a [Stage]) -> Setting<'a> {
        Setting {
            dataset: &self.dataset,
            applied: &self.none,
            masks: &self.none,
            preprocessing: &self.model.preprocessing,
            anatomy: &self.model.anatomy,
            stages,
            kinds: &[ProjectionKind::Unit, ProjectionKind::Layer],
            fill: [128; 3],
            seed: 0,
            room,
            arrays: false,
            threads: 1,
        }
    }

    #[allow(clippy::vec_box, reason = "as the pass has them")]
    pub(crate) fn prepared(&self, setting: &Setting<'_>, photos: usize) -> Vec<Box<Prepared>> {
        let one = |photo| match prepare(setting, photo, true).unwrap() {
            Outcome::Ready(prepared) => prepared,
            Outcome::Skipped { skip, .. } => panic!("{skip}"),
        };
        (0..photos).map(one).collect()
    }
}

/// Counts what it sees.
#[derive(Default)]
pub(crate) struct Counting(pub(crate) AtomicUsize);

impl Onlooker for Counting {
    fn awaits(&self, _: usize) -> bool {
        true
    }

    fn peaks(&self) -> usize {
        2
    }

    fn see(&self, answers: &Answers, photos: &[Sighting<'_>]) -> deconvscope::Result<()> {
        for seen in photos {
            assert!(!answers.maps(0, seen.image).maximum.is_empty());
            assert_eq!(answers.peaks(0, seen.image, &[0, 1]).len(), 2);
        }
        self.0.fetch_add(photos.len(), Ordering::Relaxed);
        Ok(())
    }

    fn rest(&self) -> deconvscope::Result<()> {
        Ok(())
    }
}

/// Shows a group in detail; says how often passes were halved.
pub(crate) fn observed(
    setting: &Setting<'_>,
    engine: &Engine,
    onlooker: &Counting,
    group: &[Box<Prepared>],
) -> (deconvscope::Result<Vec<Observations>>, usize) {
    let halvings = AtomicUsize::new(0);
    let observer = Observer {
        setting,
        onlooker,
        halved: &|| {
            halvings.fetch_add(1, Ordering::Relaxed);
            Ok(())
        },
    };
    let found = observer.observe(engine, group);
    (found, halvings.into_inner())
}
