//! `deconvscope replicate`: what the inputs allow of both papers, and which of their claims held.

mod parts;
mod verdicts;

use std::path::Path;

use base::Result;
use engine::allocator;
use experiments::Experiment;
use progress::{say, Voice};
use vocabulary::Amount;

use super::report::clock::Clock;
use super::report::given::Given;
use super::report::{place, run_with};
use crate::cli::ReplicateArgs;
use parts::Parts;
use verdicts::Verdicts;

/// Photographs that are moved, enlarged and turned where nothing is said.
const TRANSFORMED: usize = 10;

pub(super) fn run(mut args: ReplicateArgs, voice: Voice) -> Result<u8> {
    allocator::share_freed_memory();
    let invariance = &mut args.report.experiments.invariance.invariance;
    *invariance = invariance.take().or(Some(Amount::Some(TRANSFORMED)));
    // The parts lie inside a folder that is known from here on.
    let root = place(&args.report, &Clock::start()?)?;
    args.report.run.out = Some(root.clone());
    let parts = Parts::of(&args, &root)?;
    let verdicts = Verdicts::of(&args, &parts)?;
    let verdicts =
        |_: &Given| -> Result<Option<Box<dyn Experiment>>> { Ok(Some(Box::new(verdicts))) };
    let carry_out = |root: &Path, clock: &mut Clock| carry_out(parts, root, clock, voice);
    run_with(&args.report, verdicts, carry_out, voice)
}

/// Carries out the parts; the greatest of their exit codes.
fn carry_out(parts: Parts, root: &Path, clock: &mut Clock, voice: Voice) -> Result<u8> {
    let mut code = 0;
    for (number, part) in parts.list.into_iter().enumerate() {
        let name = part.name.clone();
        say(voice, &format!("part {}: {name}", number + 1));
        let done = part.carry_out(voice);
        code = code.max(done.map_err(|error| error.resumable(root))?);
        clock.lap(&name);
    }
    say(voice, "the report");
    Ok(code)
}
