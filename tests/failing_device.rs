//! A device that fails in the middle of a run: what was done is kept, and `--resume` goes on to the same bytes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use deconvscope::dataset::{Dataset, DatasetOptions, Masks};
use deconvscope::engine::{Answers, Engine};
use deconvscope::experiments::pass::{self, Job};
use deconvscope::experiments::{Context, Onlooker, Room, Setting, Sighting};
use deconvscope::network::{Model, ModelSource};
use deconvscope::progress::{Progress, Voice};
use deconvscope::records::{Existing, Opened, Plan, RunFolder};
use deconvscope::{Error, Result};
use support::files::{assert_same, result};
use support::photos::many_cats_and_dogs;
use support::run::Run;
use support::{type_in, TINY_WEIGHTS};
use tch::Device;

const PHOTOS: u32 = 12;
const REPORT: &str = "report p --detail all --occlusion none --features none";

/// Stands where a device computes, and fails as a card does that has fallen from its bus, after so many passes.
struct Failing(AtomicUsize);

impl Onlooker for Failing {
    fn awaits(&self, _: usize) -> bool {
        true
    }

    fn peaks(&self) -> usize {
        0
    }

    fn see(&self, _: &Answers, _: &[Sighting<'_>]) -> Result<()> {
        let left = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        match left {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::compute("forward pass at node 'conv1' (conv)")(
                "CUDA error: unspecified launch failure\nCUDA kernel errors might be reported later",
            )
            .on("cuda:1")),
        }
    }

    fn rest(&self) -> Result<()> {
        Ok(())
    }
}

/// Works on the photographs of `p` in `folder` until the device fails; gives how many are done.
fn fail(folder: &Path, plan: &Plan, out: &Path, passes: usize) -> (Error, usize) {
    let model = Model::load(&ModelSource {
        name: "tiny".into(),
        weights: Some(TINY_WEIGHTS.into()),
        ..ModelSource::default()
    })
    .unwrap();
    let dataset = Dataset::open(
        &folder.join("p"),
        &DatasetOptions::default(),
        &model.classes,
    )
    .unwrap();
    let stages = model.anatomy.select_stages(None).unwrap();
    let engines = [(); 2].map(|()| Engine::new(&model, Device::Cpu).unwrap());
    let Opened::Running(run_folder) = RunFolder::open(out, plan, Existing::Refuse).unwrap() else {
        panic!("a new folder holds a finished run");
    };
    let masks = Masks::default();
    let room = Room::of(&model.anatomy, &stages, usize::MAX, plan.options.batch);
    let setting = Setting {
        dataset: &dataset,
        applied: &masks,
        masks: &masks,
        preprocessing: &model.preprocessing,
        anatomy: &model.anatomy,
        stages: &stages,
        kinds: &plan.options.kinds,
        fill: plan.options.fill,
        seed: plan.options.seed,
        room: &room,
        arrays: true,
        threads: 2,
    };
    let context = Context {
        setting: &setting,
        engine: &engines[0],
        engines: &engines,
        classes: &model.classes,
        folder: &run_folder,
        voice: Voice::Quiet,
    };
    let jobs: Vec<Job> = (0..dataset.photos.len())
        .map(|photo| Job {
            photo,
            detail: true,
        })
        .collect();
    let groups: Vec<&[Job]> = jobs.chunks(plan.options.batch).collect();
    let progress = Progress::new(Voice::Quiet, "classifying", jobs.len(), 0);
    let ended = pass::run(
        &context,
        &groups,
        &Failing(AtomicUsize::new(passes)),
        &progress,
    );
    let photos = dataset.photos.iter();
    let done = photos
        .filter(|photo| run_folder.is_done(&photo.id).unwrap())
        .count();
    (ended.unwrap_err().resumable(out), done)
}

#[test]
fn what_was_done_is_kept_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), PHOTOS);
    type_in(folder.path(), &format!("{REPORT} --out whole")).ok();
    let whole = Run(folder.path().join("whole"));
    let out = folder.path().join("o");
    let (error, done) = fail(folder.path(), &whole.plan(), &out, 5);
    assert_eq!(done, 5);
    let error = error.to_string();
    let named =
        "forward pass at node 'conv1' (conv) on cuda:1: CUDA error: unspecified launch failure;";
    assert!(error.starts_with(named), "{error}");
    let advice = format!("go on with --out {} --resume", out.display());
    assert!(error.contains(&advice), "{error}");

    type_in(folder.path(), &format!("{REPORT} --out o"))
        .fails_with(&["unfinished run", "--resume"]);
    type_in(folder.path(), &format!("{REPORT} --out o --resume"))
        .ok()
        .says("classifying: 12 of 12 photographs");
    assert_same(&result(&out), &result(&whole.0), "resumed");
}
