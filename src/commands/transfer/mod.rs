//! `deconvscope transfer`: class folders in; out comes which layer's features tell the classes apart, and what a network comes to
//! that has seen nothing else.

mod scratch;

use base::Result;
use engine::allocator;
use experiments::Experiment;
use progress::Voice;

use super::{report, shards};
use crate::cli::TransferCommandArgs;
use scratch::FromScratch;

pub(super) fn run(args: Box<TransferCommandArgs>, voice: Voice) -> Result<u8> {
    let report = args.report();
    if let Some(shards) = args.shards {
        return shards::plan_of(&report, shards, voice).map(|()| 0);
    }
    if args.scratch.scratch.is_none() {
        return report::run(&report, voice);
    }
    allocator::share_freed_memory();
    let from_scratch = |given: &report::given::Given| -> Result<Option<Box<dyn Experiment>>> {
        Ok(Some(Box::new(FromScratch::of(*args, given)?)))
    };
    report::run_with(&report, from_scratch, |_, _| Ok(0), voice)
}
