//! `deconvscope report`: a folder of photographs in, the run folder with its report out.

mod checks;
mod clock;
mod given;
mod machine;
mod passes;
mod plan;
mod work;

use std::path::{Path, PathBuf};

use base::words::count;
use base::Result;
use chrono::{DateTime, Utc};
use experiments::Context;
use progress::{catch_interrupts, say, Voice};
use records::{Existing, Opened, RunFolder};

use crate::cli::{ReportArgs, RunArgs};
use clock::Clock;
use given::Given;
use machine::Machine;

pub(super) fn run(args: &ReportArgs, voice: Voice) -> Result<u8> {
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let (dataset, out) = (&args.data.dataset, args.run.out.clone());
    let root = out.unwrap_or_else(|| default_out(dataset, clock.started));
    checks::outside(dataset, &root)?;
    let mut given = Given::read(args)?;
    given.notes.iter().for_each(|note| say(voice, note));
    let machine = Machine::open(&args.network, &mut given, voice)?;
    let plan = plan::plan(args, &given, &machine)?;
    say(voice, &plan::in_short(&given, &machine.devices.join(", ")));

    let folder = match RunFolder::open(&root, &plan, existing(&args.run))? {
        Opened::Running(folder) => folder,
        Opened::Finished(manifest) => {
            checks::unchanged(&given.dataset, &root, &manifest)?;
            say(voice, &format!("already finished: {}", front(&root)));
            return Ok(exit_code(&args.run, manifest.skipped.len()));
        }
    };
    say(voice, &format!("run folder: {}", root.display()));
    machine.room.go_on(&folder)?;
    clock.lap("preparation");

    let setting = plan::setting(args, &given, &machine, &plan);
    let context = Context {
        setting: &setting,
        engine: &machine.engines[0],
        engines: &machine.engines,
        classes: &given.model.classes,
        folder: &folder,
        voice,
    };
    let worked = work::work(&context, args, &given, &mut clock);
    let outcome = worked.map_err(|error| error.resumable(&root))?;
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
    Ok(exit_code(&args.run, skipped))
}

fn existing(args: &RunArgs) -> Existing {
    match (args.resume, args.overwrite) {
        (true, _) => Existing::Resume,
        (_, true) => Existing::Overwrite,
        _ => Existing::Refuse,
    }
}

fn exit_code(args: &RunArgs, skipped: usize) -> u8 {
    match args.strict && skipped > 0 {
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
