//! `deconvscope train`: class folders in; a trained network and the run folder with its report out.

pub(super) mod begin;
mod copies;
pub(super) mod cost;
pub(super) mod course;
pub(super) mod lesson;
mod longer;

use base::Result;
use engine::allocator;
use progress::{catch_interrupts, say, Voice};

use super::report::clock::Clock;
use super::report::place;
use crate::cli::TrainArgs;
use begin::Begin;
use lesson::Lesson;

pub(super) fn run(args: &TrainArgs, voice: Voice) -> Result<u8> {
    allocator::share_freed_memory();
    let clock = Clock::start()?;
    catch_interrupts()?;
    let root = place(&args.report(network::TRAINED.as_ref()), &clock)?;
    let begin = Begin::read(args)?;
    begin.notes.iter().for_each(|note| say(voice, note));
    let lesson = Lesson::ready(args, begin, &root, voice)?;
    lesson.announce(voice);
    if args.dry_run {
        return super::print(lesson.cost()?.to_string().as_bytes()).map(|()| 0);
    }
    lesson.carry_out(clock, voice)
}
