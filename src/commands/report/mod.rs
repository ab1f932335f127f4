//! `deconvscope report`: a folder of photographs in, the run folder with its report out.

mod checks;
mod experiments;
mod features;
mod occlusion;
mod passes;
mod plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::cli::{Arrays, MaskSource, ReportArgs, Voice};
use crate::dataset::{Dataset, DatasetOptions, Masks};
use crate::engine::{device, Engine};
use crate::error::{Error, Result};
use crate::experiments::features::{Found, Scan};
use crate::experiments::pipeline::Onlooker;
use crate::experiments::{summary, Setting};
use crate::network::{receptive_field, Model, ModelSource};
use crate::progress::{self, say};
use crate::records::{Execution, Existing, Opened, RunFolder};

use super::render;

pub(super) fn run(args: &ReportArgs, voice: Voice) -> Result<u8> {
    let started = Utc::now();
    let mut clock = Clock::default();
    progress::catch_interrupts()?;
    let source_date = checks::source_date()?;

    let mut model = Model::load(&ModelSource {
        name: args.network.model.clone(),
        weights: args.network.weights.clone(),
        classes: args.network.classes.clone(),
        preset: args.network.preprocessing.preset,
        preprocessing: args.network.preprocessing.changes(),
    })?;
    let stages = model.network.select_stages(args.layers.as_deref())?;
    let mut dataset = Dataset::open(
        &args.data.dataset,
        &DatasetOptions {
            labels: args.data.labels.clone(),
            label_map: args.data.label_map.clone(),
            limit: args.data.limit,
            seed: args.data.seed,
        },
        &model.classes,
    )?;
    let table = match &args.masks {
        Some(MaskSource::Table(path)) => Masks::read(path, &dataset)?,
        Some(MaskSource::Worst) if args.apply_masks.is_some() => {
            return Err(Error::Usage(
                "--apply-masks needs a table of --masks, not worst".into(),
            ));
        }
        Some(MaskSource::Worst) | None => Masks::default(),
    };
    let root = args
        .run
        .out
        .clone()
        .unwrap_or_else(|| default_out(&args.data.dataset, started));
    checks::outside(&args.data.dataset, &root)?;
    let masks_notes = [table.notes.clone(), checks::masks(&dataset, &table)?];
    let (masks, applied) = match &args.apply_masks {
        Some(region) => (Masks::default(), table.only(region)?),
        None => (table, Masks::default()),
    };
    if args.apply_masks.is_some() && !args.keep_unmasked {
        checks::only_masked(&mut dataset, &applied, &model.preprocessing)?;
    }
    let experiments = experiments::Experiments::read(args, &model, &stages, &dataset)?;
    let experiment_notes = experiments.notes(&dataset)?;
    let notes: Vec<String> = [&model.notes, &dataset.notes]
        .into_iter()
        .chain(&masks_notes)
        .chain([&experiment_notes])
        .flatten()
        .cloned()
        .collect();
    for note in &notes {
        say(voice, note);
    }

    let instructions = args.network.instructions.put_in_force()?;
    device::one_thread_here();
    let (device, note) = device::open(args.network.device)?;
    if let Some(note) = note {
        say(voice, &note);
    }
    let engine = Engine::new(&model, device)?;
    // The engine has its own copy.
    model.weights.clear();
    let node_fields = receptive_field::fields(&model.network)?;
    let fields: Vec<_> = stages.iter().map(|stage| node_fields[stage.node]).collect();
    let shapes: Vec<_> = stages
        .iter()
        .map(|stage| engine.shape(stage.node))
        .collect();
    let threads = args
        .network
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let plan = plan::plan(
        args,
        &model,
        &stages,
        &dataset,
        &experiments,
        (device, instructions),
    )?;
    let setting = Setting {
        dataset: &dataset,
        applied: &applied,
        masks: &masks,
        parts: &experiments.parts,
        preprocessing: &model.preprocessing,
        shapes: &shapes,
        stages: &stages,
        fields: &fields,
        kinds: &plan.options.kinds,
        fill: args.fill,
        seed: args.data.seed,
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

    let existing = match (args.run.resume, args.run.overwrite) {
        (true, _) => Existing::Resume,
        (_, true) => Existing::Overwrite,
        _ => Existing::Refuse,
    };
    let folder = match RunFolder::open(&root, &plan, existing)? {
        Opened::Running(folder) => folder,
        Opened::Finished(manifest) => {
            checks::unchanged(&dataset, &root, &manifest)?;
            say(
                voice,
                &format!("already finished: {}", root.join("index.html").display()),
            );
            return Ok(exit_code(args, manifest.skipped.len()));
        }
    };
    say(voice, &format!("run folder: {}", root.display()));
    clock.lap("preparation");

    let worst = match (&args.masks, &experiments.occlusion) {
        (Some(MaskSource::Worst), Some(occlusion)) => {
            Some(occlusion.worst(&setting, &engine, &folder, voice)?)
        }
        _ => None,
    };
    let setting = Setting {
        masks: worst.as_ref().unwrap_or(&masks),
        ..setting
    };
    let mut done = passes::done_before(&setting, &folder)?;
    stop_here(&root)?;
    let keep = |found: &Found| features::keep(&folder, found);
    let looked = experiments.features.as_ref();
    let scan = looked.map(|looked| looked.scan(&setting, &folder, &mut done, &keep));
    let scan = scan.transpose()?;
    let passes = passes::Passes {
        setting: &setting,
        engine: &engine,
        folder: &folder,
        done: &done,
        onlooker: scan.as_ref().map(|scan| scan as &dyn Onlooker),
        voice,
    };
    passes.work(args)?;
    clock.lap("photographs");

    let outcome = match summary::write(&folder, &dataset, &model.classes, args.top) {
        Err(nothing @ Error::Dataset { .. }) => {
            folder.discard()?;
            return Err(nothing);
        }
        outcome => outcome?,
    };
    clock.lap("tables");
    let tallies = scan.map(Scan::tallies);
    experiments.run(&setting, &engine, &model.classes, &folder, tallies, voice)?;
    clock.lap("experiments");
    stop_here(&root)?;
    let skipped = outcome.skipped.len();
    let mut manifest = plan::manifest(args, plan, outcome, notes);
    render::pages(folder.root(), &manifest)?;
    clock.lap("pages");
    stop_here(&root)?;
    let rfc3339 = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    manifest.execution = match source_date {
        Some(time) => Execution::at(rfc3339(time), manifest.execution.instructions),
        None => Execution {
            instructions: manifest.execution.instructions,
            command: std::env::args().collect(),
            out: root.display().to_string(),
            threads,
            started: rfc3339(started),
            finished: rfc3339(Utc::now()),
            seconds: clock.seconds.clone(),
        },
    };
    folder.finish(manifest)?;

    if voice.verbose {
        for (phase, seconds) in &clock.seconds {
            say(voice, &format!("{phase}: {seconds:.1} s"));
        }
    }
    if skipped > 0 {
        let were = if skipped == 1 { "was" } else { "were" };
        say(
            voice,
            &format!(
                "{} {were} skipped; the report names them",
                count(skipped, "photograph")
            ),
        );
    }
    say(
        voice,
        &format!("report: {}", root.join("index.html").display()),
    );
    Ok(exit_code(args, skipped))
}

fn exit_code(args: &ReportArgs, skipped: usize) -> u8 {
    match args.run.strict && skipped > 0 {
        true => 3,
        false => 0,
    }
}

/// Ends the run between two phases where the user asked for it.
fn stop_here(root: &Path) -> Result<()> {
    match progress::stopped() {
        true => Err(Error::Interrupted {
            out: root.to_owned(),
        }),
        false => Ok(()),
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

/// `1 layer`, `5 layers`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

fn default_out(dataset: &Path, started: DateTime<Utc>) -> PathBuf {
    let whole = dataset
        .canonicalize()
        .unwrap_or_else(|_| dataset.to_owned());
    let name = whole
        .file_name()
        .map_or("photographs".into(), |name| name.to_string_lossy());
    Path::new("reports").join(format!("{name}-{}", started.format("%Y%m%dT%H%M%SZ")))
}
