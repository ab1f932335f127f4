//! `deconvscope merge`: finished shards become a run.

use base::words::{count, enumerate};
use base::{Error, Result};
use experiments::Context;
use progress::{catch_interrupts, say, stop_here, Voice};
use rayon::prelude::*;
use records::shards::{Agenda, PlanFolder, Portion, Shard};
use records::RunFolder;

use super::super::report::clock::Clock;
use super::super::report::given::Given;
use super::super::report::passes::{Held, Passes};
use super::super::report::{context, open as open_run, place, Begun, Run};
use super::given::{open, take_up, Due, TakenUp};
use crate::cli::MergeArgs;

/// Shards that are named where many are missing.
const NAMED: usize = 20;

pub(in crate::commands) fn run(args: &MergeArgs, voice: Voice) -> Result<u8> {
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let folder = open(&args.plan)?;
    let out = std::path::absolute(&args.out).map_err(Error::io("cannot find", &args.out))?;
    let due = folder.due();
    if let (Some(agenda), false) = (folder.agenda()?, folder.is_begun(due)?) {
        // A merge that was killed behind its last step, or one too many.
        next(&folder, args, &agenda, voice);
        return Ok(0);
    }
    let shards = verified(&folder, due)?;
    let mut taken_up = take_up(&folder, args.threads, Some(out), voice)?;
    taken_up.args.run.resume = !args.overwrite;
    taken_up.args.run.overwrite = args.overwrite;
    let all: Vec<usize> = (0..taken_up.given.dataset.photos.len()).collect();
    taken_up.same_sizes(&all)?;
    let root = place(&taken_up.args, &clock)?;
    let run = match open_run(&taken_up.args, &root, &taken_up.run, &taken_up.given, voice)? {
        Begun::Finished(code) => return Ok(code),
        Begun::Running(run) => run,
    };
    let further = put_together(&folder, &shards, &taken_up, &run, voice);
    let further = further.map_err(|error| again(error, args))?;
    if !further.is_empty() {
        folder.write_agenda(due + 1, &further)?;
        next(&folder, args, &further, voice);
        return Ok(0);
    }
    clock.lap("merging");
    let TakenUp {
        args: options,
        given,
        machine,
        run: planned,
        ..
    } = taken_up;
    let run = Run {
        args: &options,
        plan: planned,
        given,
        machine,
        folder: run,
        skipped: Vec::new(),
        metrics: Vec::new(),
        held: Held::Before,
    };
    let code = run
        .carry_out(clock, voice)
        .map_err(|error| again(error, args))?;
    folder.remove_stale_attempts()?;
    Ok(code)
}

/// Says what the round that is due is for.
fn next(folder: &PlanFolder, args: &MergeArgs, agenda: &Agenda, voice: Voice) {
    let (due, plan) = (told(agenda), args.plan.display());
    let round = folder.due();
    let before = round - 1;
    say(
        voice,
        &format!("round {before} is merged; round {round} is due: {due}"),
    );
    let last = folder.planned().shards - 1;
    say(voice, &format!("next: deconvscope work {plan} --shard K once more, K from 0 to {last}; then the same merge"));
}

/// The shards of all rounds up to this one, every file read; those that are to be done again are named.
fn verified(folder: &PlanFolder, due: usize) -> Result<Vec<(usize, usize, Shard)>> {
    let all: Vec<(usize, usize)> = (1..=due)
        .flat_map(|round| (0..folder.planned().shards).map(move |number| (round, number)))
        .collect();
    let look = |&(round, number): &(usize, usize)| (round, number, folder.verified(round, number));
    let found: Vec<_> = all.par_iter().map(look).collect();
    let (mut shards, mut missing, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
    for (round, number, shard) in found {
        match shard {
            Ok(Some(shard)) => shards.push((round, number, shard)),
            Ok(None) => missing.push(format!("{number} of round {round}")),
            Err(error) => damaged.push(error.to_string()),
        }
    }
    if missing.is_empty() && damaged.is_empty() {
        return Ok(shards);
    }
    let mut told: Vec<String> = damaged.iter().take(NAMED).cloned().collect();
    if damaged.len() > NAMED {
        told.push(format!("{} more are damaged", damaged.len() - NAMED));
    }
    if !missing.is_empty() {
        let mut named: Vec<String> = missing.iter().take(NAMED).cloned().collect();
        if missing.len() > NAMED {
            named.push(format!("{} more", missing.len() - NAMED));
        }
        let are = if missing.len() == 1 { "is" } else { "are" };
        told.push(format!(
            "{} {are} missing: {}; do them with `deconvscope work`, `deconvscope status` tells how far they are",
            count(missing.len(), "shard"),
            enumerate(&named)
        ));
    }
    Err(Error::run_folder(
        folder.root(),
        format!("nothing was merged: {}", told.join("; ")),
    ))
}

/// Puts records, arrays and pictures of all shards into the run folder, and what experiments kept together; what is to be looked at
/// again.
fn put_together(
    folder: &PlanFolder,
    shards: &[(usize, usize, Shard)],
    taken_up: &TakenUp,
    run: &RunFolder,
    voice: Voice,
) -> Result<Agenda> {
    say(
        voice,
        &format!("putting together {}", count(shards.len(), "shard")),
    );
    for (round, number, shard) in shards {
        stop_here()?;
        folder.pour(*round, *number, shard, run.root())?;
    }
    let TakenUp {
        args,
        given,
        machine,
        ..
    } = taken_up;
    let setting = taken_up.setting();
    let context = context(&setting, given, machine, run, voice);
    let records: Vec<_> = shards
        .iter()
        .map(|(round, number, _)| folder.records_of(*round, *number))
        .collect();
    for experiment in &given.experiments {
        experiment.join(&context, &records)?;
    }
    match taken_up.due {
        Due::Regions => return sought(&context, given),
        Due::All => {}
        Due::Further(_) => return Ok(Agenda::default()),
    }
    let passes = Passes::new(&context, &given.experiments, Held::Before)?;
    let mut agenda = Agenda {
        hidden: folder.agenda()?.and_then(|agenda| agenda.hidden),
        detail: passes.chosen(&args.detail)?,
        ..Agenda::default()
    };
    for experiment in &given.experiments {
        let portions = experiment.again(&context)?;
        if !portions.is_empty() {
            agenda.again.insert(experiment.name().to_owned(), portions);
        }
    }
    Ok(agenda)
}

/// What is to be hidden when all photographs are passed.
fn sought(context: &Context<'_>, given: &Given) -> Result<Agenda> {
    let found = experiments::regions(context, &given.experiments)?;
    let boxes = found.into_iter().flatten();
    let hidden = boxes.map(|(path, rect)| (path, [rect.x, rect.y, rect.width, rect.height]));
    Ok(Agenda {
        hidden: Some(hidden.collect()),
        over_all: true,
        ..Agenda::default()
    })
}

fn told(agenda: &Agenda) -> String {
    let mut parts = Vec::new();
    if agenda.over_all {
        parts.push("all photographs".to_owned());
    }
    if !agenda.detail.is_empty() {
        parts.push(format!(
            "{} in detail",
            count(agenda.detail.len(), "photograph")
        ));
    }
    let again = agenda.again.iter();
    parts.extend(
        again.map(|(name, portions)| format!("{name} of {}", Portion::photos(portions).len())),
    );
    parts.join(", ")
}

/// An interrupted merge goes on by the same command.
fn again(error: Error, args: &MergeArgs) -> Error {
    match error {
        Error::Stopped | Error::Interrupted { .. } => Error::Interrupted {
            with: format!(
                "deconvscope merge {} --out {}",
                args.plan.display(),
                args.out.display()
            ),
        },
        other => other,
    }
}
