//! `deconvscope report`: a folder of photographs in, the run folder with its report out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use rayon::prelude::*;
use tch::Device;

use crate::cli::{Arrays, Detail, ReportArgs, Voice};
use crate::dataset::{self, Dataset, DatasetOptions, Masks, PhotoFile};
use crate::digest::{sha256_hex, sha256_of_texts};
use crate::engine::{device, Engine};
use crate::error::{Error, Result};
use crate::experiments::pipeline::{self, Job};
use crate::experiments::selection::{self, Candidate};
use crate::experiments::{summary, Setting};
use crate::network::{receptive_field, Model, ModelSource, Stage};
use crate::progress::{self, say, Progress};
use crate::records::{
    DatasetFacts, Execution, Existing, Manifest, ModelFacts, Opened, Plan, RunFolder, RunOptions,
    Rules, Tool, ORIGINAL, SCHEMA,
};

use super::render;

pub(super) fn run(args: &ReportArgs, voice: Voice) -> Result<u8> {
    let started = Utc::now();
    let mut clock = Clock::default();
    progress::catch_interrupts()?;

    let model = Model::load(&ModelSource {
        name: args.model.clone(),
        weights: args.weights.clone(),
        classes: args.classes.clone(),
    })?;
    let stages = model.network.select_stages(args.layers.as_deref())?;
    let dataset = Dataset::open(
        &args.dataset,
        &DatasetOptions {
            labels: args.labels.clone(),
            label_map: args.label_map.clone(),
            limit: args.limit,
            seed: args.seed,
        },
        &model.classes,
    )?;
    let masks = match &args.masks {
        Some(path) => Masks::read(path, &dataset)?,
        None => Masks::default(),
    };
    let root = args.out.clone().unwrap_or_else(|| default_out(&args.dataset, started));
    outside(&args.dataset, &root)?;
    let masks_notes = check_masks(&dataset, &masks)?;
    let notes: Vec<String> = [&model.notes, &dataset.notes, &masks.notes, &masks_notes]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    for note in &notes {
        say(voice, note);
    }

    device::one_thread_here();
    let device = device::open(args.device)?;
    let engine = Engine::new(&model, device)?;
    let node_fields = receptive_field::fields(&model.network);
    let fields: Vec<_> = stages.iter().map(|stage| node_fields[stage.node]).collect();
    let shapes: Vec<_> = stages.iter().map(|stage| engine.shape(stage.node)).collect();
    let threads = args.threads.unwrap_or_else(|| {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    });
    let plan = plan(args, &model, &stages, &dataset, device)?;
    let setting = Setting {
        dataset: &dataset,
        masks: &masks,
        preprocessing: &model.preprocessing,
        shapes: &shapes,
        stages: &stages,
        fields: &fields,
        kinds: &plan.options.kinds,
        fill: args.fill,
        seed: args.seed,
        batch: plan.options.batch,
        arrays: args.arrays == Arrays::All,
        threads,
    };
    say(
        voice,
        &format!(
            "{}, {} on {}, {}",
            count(dataset.photos.len(), "photograph"),
            model.network.name,
            plan.device,
            count(stages.len(), "layer")
        ),
    );

    let existing = match (args.resume, args.overwrite) {
        (true, _) => Existing::Resume,
        (_, true) => Existing::Overwrite,
        _ => Existing::Refuse,
    };
    let folder = match RunFolder::open(&root, &plan, existing)? {
        Opened::Running(folder) => folder,
        Opened::Finished(manifest) => {
            unchanged(&dataset, &root, &manifest)?;
            say(voice, &format!("already finished: {}", root.join("index.html").display()));
            return Ok(exit_code(args, manifest.skipped.len()));
        }
    };
    say(voice, &format!("run folder: {}", root.display()));
    clock.lap("preparation");

    let done = done_before(&setting, &folder)?;
    work(args, &setting, &engine, &folder, &done, voice)?;
    clock.lap("photographs");

    let outcome = match summary::write(&folder, &dataset, &model.classes, args.top) {
        Err(nothing @ Error::Dataset { .. }) => {
            folder.discard()?;
            return Err(nothing);
        }
        outcome => outcome?,
    };
    clock.lap("tables");
    let skipped = outcome.skipped.len();
    let mut manifest = manifest(plan, outcome, notes);
    render::pages(folder.root(), &manifest)?;
    clock.lap("pages");
    manifest.execution = Execution {
        command: std::env::args().collect(),
        out: root.display().to_string(),
        threads,
        started: started.to_rfc3339_opts(SecondsFormat::Secs, true),
        finished: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        seconds: clock.seconds.clone(),
    };
    folder.finish(manifest)?;

    if voice.verbose {
        for (phase, seconds) in &clock.seconds {
            say(voice, &format!("{phase}: {seconds:.1} s"));
        }
    }
    if skipped > 0 {
        let were = if skipped == 1 { "was" } else { "were" };
        say(voice, &format!("{} {were} skipped; the report names them", count(skipped, "photograph")));
    }
    say(voice, &format!("report: {}", root.join("index.html").display()));
    Ok(exit_code(args, skipped))
}

fn exit_code(args: &ReportArgs, skipped: usize) -> u8 {
    match args.strict && skipped > 0 {
        true => 3,
        false => 0,
    }
}

/// Seconds by phase.
#[derive(Debug)]
struct Clock {
    since: Instant,
    seconds: BTreeMap<String, f64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            seconds: BTreeMap::new(),
        }
    }
}

impl Clock {
    fn lap(&mut self, phase: &str) {
        let seconds = self.since.elapsed().as_secs_f64();
        self.seconds
            .insert(phase.to_owned(), (seconds * 1000.0).round() / 1000.0);
        self.since = Instant::now();
    }
}

/// Classifies all photos and shows those in detail; with `--detail N` these are chosen when all were classified.
fn work(
    args: &ReportArgs,
    setting: &Setting,
    engine: &Engine,
    folder: &RunFolder,
    done: &[Done],
    voice: Voice,
) -> Result<()> {
    let masked: Vec<&str> = setting.masks.photos().collect();
    let jobs = |detail: &dyn Fn(usize) -> bool| -> Vec<Job> {
        (0..setting.dataset.photos.len())
            .map(|photo| Job {
                photo,
                detail: detail(photo),
            })
            .collect()
    };
    let has_mask = |photo: usize| {
        let path = setting.dataset.photos[photo].path.as_str();
        masked.binary_search(&path).is_ok()
    };
    let first = match args.detail {
        Detail::All => jobs(&|_| true),
        Detail::Some(_) | Detail::Masked => jobs(&has_mask),
    };
    pass(setting, engine, folder, &first, done, "classifying", voice)?;
    let Detail::Some(wanted) = args.detail else {
        return Ok(());
    };
    let chosen = match folder.selection()? {
        Some(chosen) => chosen,
        None => {
            let chosen = select(setting, folder, &has_mask, wanted)?;
            folder.write_selection(&chosen)?;
            chosen
        }
    };
    let second: Vec<Job> = jobs(&|_| true)
        .into_iter()
        .filter(|job| chosen.contains(&setting.dataset.photos[job.photo].id))
        .collect();
    pass(setting, engine, folder, &second, done, "projecting", voice)
}

/// One pass of the pipeline over those of the jobs' groups that are not done; what a group is made of depends on the
/// jobs alone, never on what is left to do.
fn pass(
    setting: &Setting,
    engine: &Engine,
    folder: &RunFolder,
    jobs: &[Job],
    done: &[Done],
    what: &'static str,
    voice: Voice,
) -> Result<()> {
    let is_done = |job: &Job| match done[job.photo] {
        Done::No => false,
        Done::Classified => !job.detail,
        Done::All => true,
    };
    let groups: Vec<Vec<Job>> = jobs
        .chunks(setting.batch)
        .filter(|group| !group.iter().all(is_done))
        .map(<[Job]>::to_vec)
        .collect();
    let left: usize = groups.iter().map(Vec::len).sum();
    let progress = Progress::new(voice, what, jobs.len(), jobs.len() - left);
    pipeline::run(setting, engine, &groups, folder, &progress)
}

fn select(
    setting: &Setting,
    folder: &RunFolder,
    has_mask: &dyn Fn(usize) -> bool,
    wanted: usize,
) -> Result<Vec<String>> {
    let photos = &setting.dataset.photos;
    let mut candidates = Vec::new();
    for (index, photo) in photos.iter().enumerate() {
        let record = folder.record(&photo.id)?;
        let shown = record
            .as_ref()
            .filter(|record| record.skipped.is_none() && !has_mask(index))
            .and_then(|record| record.condition(ORIGINAL));
        if let Some(original) = shown {
            candidates.push(Candidate::new(
                setting.dataset,
                index,
                &original.probabilities,
            ));
        }
    }
    let chosen = selection::choose(setting.dataset, &candidates, wanted, setting.seed);
    Ok(chosen.iter().map(|&photo| photos[photo].id.clone()).collect())
}

/// How far an interrupted run came with a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    No,
    Classified,
    All,
}

/// What an interrupted run left, if this one goes on with it; the photographs must not have changed since.
fn done_before(setting: &Setting, folder: &RunFolder) -> Result<Vec<Done>> {
    let photos = &setting.dataset.photos;
    let look = |photo: &PhotoFile| -> Result<Done> {
        let Some(record) = folder.record(&photo.id)? else {
            return Ok(Done::No);
        };
        if file_sha256(setting.dataset, photo) != record.sha256 {
            return Err(Error::RunFolder {
                path: folder.root().to_owned(),
                problem: format!(
                    "{} has changed since the run was begun; begin anew with --overwrite",
                    photo.path
                ),
            });
        }
        Ok(match record.detail || record.skipped.is_some() {
            true => Done::All,
            false => Done::Classified,
        })
    };
    photos.par_iter().map(look).collect()
}

/// sha256 of a photo's file as its record has it: empty where it cannot be read.
fn file_sha256(dataset: &Dataset, photo: &PhotoFile) -> String {
    dataset::file_sha256(&dataset.absolute(photo)).unwrap_or_default()
}

/// Refuses to take a finished run for one of photographs that have changed since.
fn unchanged(dataset: &Dataset, root: &Path, manifest: &Manifest) -> Result<()> {
    let contents: Vec<(String, String)> = dataset
        .photos
        .par_iter()
        .map(|photo| (photo.path.clone(), file_sha256(dataset, photo)))
        .collect();
    match summary::digest(&contents) == manifest.dataset.digest {
        true => Ok(()),
        false => Err(Error::RunFolder {
            path: root.to_owned(),
            problem: "holds a finished run, but photographs have changed since; begin anew with --overwrite".into(),
        }),
    }
}

/// Holds every region against its photo's size before the network runs; tells what was cut.
fn check_masks(dataset: &Dataset, masks: &Masks) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for path in masks.photos() {
        let size = dataset
            .photo(path)
            .and_then(|photo| dataset::upright_size(&dataset.absolute(photo)));
        match size {
            Some(size) => notes.extend(masks.for_photo(path, size)?.1),
            None => notes.push(format!("{path} cannot be read; its regions are not used")),
        }
    }
    Ok(notes)
}

/// A run folder inside the data set would be taken for photographs by the next run.
fn outside(dataset: &Path, out: &Path) -> Result<()> {
    let existing = |path: &Path| {
        std::path::absolute(path)
            .ok()?
            .ancestors()
            .find_map(|ancestor| ancestor.canonicalize().ok())
    };
    match (dataset.canonicalize().ok(), existing(out)) {
        (Some(dataset), Some(out)) if out.starts_with(&dataset) => Err(Error::RunFolder {
            path: out,
            problem: "lies inside the data set, where its pictures would be taken for photographs; choose another --out".into(),
        }),
        _ => Ok(()),
    }
}

/// `1 layer`, `5 layers`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

fn default_out(dataset: &Path, started: DateTime<Utc>) -> PathBuf {
    let whole = dataset.canonicalize().unwrap_or_else(|_| dataset.to_owned());
    let name = whole.file_name().map_or("photographs".into(), |name| name.to_string_lossy());
    Path::new("reports").join(format!("{name}-{}", started.format("%Y%m%dT%H%M%SZ")))
}

fn plan(
    args: &ReportArgs,
    model: &Model,
    stages: &[Stage],
    dataset: &Dataset,
    device: Device,
) -> Result<Plan> {
    let masks = match &args.masks {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(Error::io("cannot read", path))?;
            Some(sha256_hex(&bytes))
        }
        None => None,
    };
    let mut kinds = args.kinds.clone();
    kinds.sort();
    kinds.dedup();
    let layers: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    let label = |photo: &PhotoFile| photo.label.map(|label| dataset.labels.names[label].as_str());
    let listing = dataset
        .photos
        .iter()
        .flat_map(|photo| [photo.path.as_str(), label(photo).unwrap_or_default()]);
    Ok(Plan {
        schema: SCHEMA,
        tool: Tool {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            commit: option_env!("DECONVSCOPE_COMMIT").unwrap_or_default().into(),
        },
        device: device::name(device),
        libtorch: device::libtorch_version().into(),
        model: ModelFacts {
            name: model.network.name.clone(),
            file: model
                .weights_path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            sha256: model.weights_sha256.clone(),
            source: model.source.clone(),
            classes: model.classes.len(),
            class_names: sha256_of_texts(model.classes.iter().map(|class| class.name.as_str())),
            stages: layers.clone(),
        },
        preprocessing: model.preprocessing.clone(),
        options: RunOptions {
            top: args.top,
            layers,
            kinds,
            detail: args.detail.to_string(),
            arrays: args.arrays.to_string(),
            masks,
            fill: args.fill,
            limit: args.limit,
            seed: args.seed,
            batch: args.batch.unwrap_or(match device {
                Device::Cpu => 1,
                _ => 32,
            }),
            lang: args.lang.to_string(),
            single_file: args.single_file,
        },
        dataset: DatasetFacts {
            root: args.dataset.display().to_string(),
            photos: 0,
            skipped: 0,
            other_files: dataset.other_files,
            detail: 0,
            labels: dataset.labels.names.clone(),
            label_source: dataset.labels.source.name().into(),
            label_classes: dataset.labels.classes.clone(),
            listing: sha256_of_texts(listing),
            digest: String::new(),
        },
    })
}

fn manifest(plan: Plan, outcome: summary::Outcome, notes: Vec<String>) -> Manifest {
    Manifest {
        schema: plan.schema,
        tool: plan.tool,
        execution: Execution::default(),
        device: plan.device,
        libtorch: plan.libtorch,
        model: plan.model,
        dataset: DatasetFacts {
            photos: outcome.photos,
            skipped: outcome.skipped.len(),
            detail: outcome.detail,
            digest: outcome.digest,
            ..plan.dataset
        },
        preprocessing: plan.preprocessing,
        options: plan.options,
        rules: Rules::deconvnet(),
        skipped: outcome.skipped,
        notes,
        files: BTreeMap::new(),
    }
}
