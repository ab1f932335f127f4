//! `deconvscope plan`, `work`, `status` and `merge`: a run that many machines carry out, the same as one machine's.
//!
//! A shard is a part of the passes of the undivided run, done in a run folder of its own; to merge is to put the shards' records into
//! one run folder and to go on with it as with a run that was interrupted.

mod given;
mod merge;
mod plan;
mod status;
mod work;

pub(super) use merge::run as merge;
pub(super) use plan::{plan_of, run as plan};
pub(super) use status::run as status;
pub(super) use work::run as work;
