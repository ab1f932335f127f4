//! `deconvscope replicate`: what the inputs allow of both papers, and which of their claims held.

mod parts;
mod verdicts;

use base::{Error, Result};
use engine::allocator;
use progress::{catch_interrupts, say, Voice};
use vocabulary::Amount;

use super::report::clock::Clock;
use super::report::given::Given;
use super::report::machine::Machine;
use super::report::{open, place, plan, Begun, Run};
use crate::cli::ReplicateArgs;
use parts::Parts;
use verdicts::Verdicts;

/// Photographs that are moved, enlarged and turned where nothing is said.
const TRANSFORMED: usize = 10;

pub(super) fn run(mut args: ReplicateArgs, voice: Voice) -> Result<u8> {
    allocator::share_freed_memory();
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let invariance = &mut args.report.experiments.invariance.invariance;
    *invariance = invariance.take().or(Some(Amount::Some(TRANSFORMED)));
    let root = place(&args.report, &clock)?;
    let parts = Parts::of(&args, &root)?;
    let verdicts = Verdicts::of(&args, &parts)?;

    let mut given = Given::read(&args.report)?;
    given.experiments.push(Box::new(verdicts));
    given.notes.iter().for_each(|note| say(voice, note));
    let machine = Machine::open(&args.report.network, &mut given, voice)?;
    let plan = plan::plan(&args.report, &given, &machine)?;
    say(voice, &plan::in_short(&given, &machine.devices.join(", ")));
    let folder = match open(&args.report, &root, &plan, &given, voice)? {
        Begun::Finished(code) => return Ok(code),
        Begun::Running(folder) => folder,
    };
    machine.room.go_on(&folder)?;
    clock.lap("preparation");

    let mut skipped_some = 0;
    for (number, part) in parts.list.into_iter().enumerate() {
        let (name, place) = (part.name.clone(), number + 1);
        say(voice, &format!("part {place}: {name}"));
        let done = part.carry_out(voice).map_err(|error| match error {
            Error::Interrupted { .. } | Error::Stopped => Error::Interrupted { out: root.clone() },
            other => other,
        });
        skipped_some = skipped_some.max(done?);
        clock.lap(&name);
    }
    say(voice, "the report");
    let run = Run {
        args: &args.report,
        plan,
        given,
        machine,
        folder,
        skipped: Vec::new(),
        metrics: Vec::new(),
    };
    Ok(run.carry_out(clock, voice)?.max(skipped_some))
}
