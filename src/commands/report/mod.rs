//! `deconvscope report`: a folder of photographs in, the run folder with its report out.

pub(super) mod checks;
pub(super) mod clock;
pub(super) mod given;
pub(super) mod machine;
pub(super) mod part;
pub(super) mod passes;
pub(super) mod plan;
mod work;

use std::path::{Path, PathBuf};

use base::words::count;
use base::Result;
use chrono::{DateTime, Utc};
use dataset::Dataset;
use experiments::{Context, Experiment, Setting};
use progress::{before_leaving, catch_interrupts, say, Voice};
use records::tables::MetricRow;
use records::{Existing, Opened, Plan, RunFolder, SkippedFile};

use crate::cli::{ReportArgs, RunArgs};
use clock::Clock;
use given::Given;
use machine::Machine;
use passes::Held;

pub(super) fn run(args: &ReportArgs, voice: Voice) -> Result<u8> {
    run_with(args, |_| Ok(None), |_, _| Ok(0), voice)
}

/// With an experiment more, made when it is known what the run is given; it comes last. What is done `before` the photographs are
/// looked at is done inside the run folder; its exit code counts where it is the greater.
pub(super) fn run_with(
    args: &ReportArgs,
    more: impl FnOnce(&Given) -> Result<Option<Box<dyn Experiment>>>,
    before: impl FnOnce(&Path, &mut Clock) -> Result<u8>,
    voice: Voice,
) -> Result<u8> {
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let root = place(args, &clock)?;
    let mut given = Given::read(args)?;
    given.experiments.extend(more(&given)?);
    given.notes.iter().for_each(|note| say(voice, note));
    let machine = Machine::open(&args.network, &mut given, voice)?;
    let plan = plan::plan(args, &given, &machine)?;
    say(voice, &plan::in_short(&given, &machine.devices.join(", ")));
    match open(args, &root, &plan, &given, voice)? {
        Begun::Finished(code) => Ok(code),
        Begun::Running(folder) => {
            machine.room.go_on(&folder)?;
            clock.lap("preparation");
            let code = before(&root, &mut clock)?;
            let run = Run {
                args,
                plan,
                given,
                machine,
                folder,
                skipped: Vec::new(),
                metrics: Vec::new(),
                held: Held::Against,
            };
            Ok(run.carry_out(clock, voice)?.max(code))
        }
    }
}

/// Where the run goes.
pub(super) fn place(args: &ReportArgs, clock: &Clock) -> Result<PathBuf> {
    let (dataset, out) = (&args.data.dataset, args.run.out.clone());
    let root = out.unwrap_or_else(|| default_out(dataset, clock.started));
    checks::outside(dataset, &root)?;
    Ok(root)
}

/// A run folder that was taken into use, or the exit code of a run that had been finished.
pub(super) enum Begun {
    Running(RunFolder),
    Finished(u8),
}

pub(super) fn open(
    args: &ReportArgs,
    root: &Path,
    plan: &Plan,
    given: &Given,
    voice: Voice,
) -> Result<Begun> {
    match RunFolder::open(root, plan, existing(&args.run))? {
        Opened::Running(folder) => {
            before_leaving(folder.sealer());
            say(voice, &format!("run folder: {}", root.display()));
            Ok(Begun::Running(folder))
        }
        Opened::Finished(manifest) => {
            checks::unchanged(&given.dataset, root, &manifest)?;
            say(voice, &format!("already finished: {}", front(root)));
            Ok(Begun::Finished(exit_code(
                &args.run,
                manifest.skipped.len(),
                &given.dataset,
            )))
        }
    }
}

/// A run that has its folder.
pub(super) struct Run<'a> {
    pub(super) args: &'a ReportArgs,
    pub(super) plan: Plan,
    pub(super) given: Given,
    pub(super) machine: Machine,
    pub(super) folder: RunFolder,
    /// Files that were skipped before.
    pub(super) skipped: Vec<SkippedFile>,
    /// What was measured before.
    pub(super) metrics: Vec<MetricRow>,
    /// Whether photographs that have a record are held against it.
    pub(super) held: Held,
}

impl Run<'_> {
    /// Does the work, draws the pages and closes the folder.
    pub(super) fn carry_out(self, mut clock: Clock, voice: Voice) -> Result<u8> {
        let Self {
            args,
            plan,
            mut given,
            machine,
            folder,
            skipped,
            metrics,
            held,
        } = self;
        let root = folder.root().to_owned();
        let setting = plan::setting(args, &given, &machine, &plan);
        let context = context(&setting, &given, &machine, &folder, voice);
        let worked = work::work(&context, args, &given, (metrics, held), &mut clock);
        let mut outcome = worked.map_err(|error| error.resumable(&root))?;
        outcome.skipped.extend(skipped);
        let skipped = outcome.skipped.len();
        given.notes.extend(machine.room.note());
        let mut manifest = plan::manifest(args, plan, outcome, given.notes);
        let drawn = work::pages(&root, &manifest, &mut clock);
        drawn.map_err(|error| error.resumable(&root))?;
        manifest.execution = clock.execution(root.display().to_string(), &machine);
        folder.finish(manifest)?;

        clock.tell(voice);
        if skipped > 0 {
            let were = if skipped == 1 { "was" } else { "were" };
            let photographs = count(skipped, "photograph");
            let told = format!("{photographs} {were} skipped; the report names them");
            say(voice, &told);
        }
        say(voice, &format!("report: {}", front(&root)));
        Ok(exit_code(&args.run, skipped, &given.dataset))
    }
}

/// What experiments work with.
pub(super) fn context<'a>(
    setting: &'a Setting<'a>,
    given: &'a Given,
    machine: &'a Machine,
    folder: &'a RunFolder,
    voice: Voice,
) -> Context<'a> {
    Context {
        setting,
        engine: &machine.engines[0],
        engines: &machine.engines,
        classes: &given.model.classes,
        folder,
        voice,
    }
}

fn existing(args: &RunArgs) -> Existing {
    match (args.resume, args.overwrite) {
        (true, _) => Existing::Resume,
        (_, true) => Existing::Overwrite,
        _ => Existing::Refuse,
    }
}

/// Where photographs were skipped, or what may hold some could not be looked into.
fn exit_code(args: &RunArgs, skipped: usize, dataset: &Dataset) -> u8 {
    match args.strict && skipped + dataset.unlisted > 0 {
        true => 3,
        false => 0,
    }
}

/// The page to open.
fn front(root: &Path) -> String {
    root.join("index.html").display().to_string()
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
