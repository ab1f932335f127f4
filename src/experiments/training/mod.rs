//! Training: the papers' recipe, and watching what it does (ZF §3, §4.1 and 4.2; R §3, §5).
//!
//! [`Recipe`] is all that decides what comes of a training, as data. Photographs are decoded once into [`Frames`]; what is
//! shown of them in an epoch, in which order, and what dropout leaves out is drawn from a hash of the seed, the epoch and the
//! photograph's path, so that it depends on nothing else. [`steps`] lets all workers pass micro-batches and adds them up in
//! their order; behind each epoch [`evaluate`] looks at the photographs that were held back.

mod doctor;
mod epochs;
mod estimate;
mod evaluate;
mod feed;
mod filters;
mod frames;
mod init;
mod keep;
mod mean;
mod order;
mod pass;
mod photographs;
mod recipe;
mod run;
mod schedule;
pub(crate) mod snapshots;
mod split;
mod steps;
mod ten_crop;
mod trouble;
mod view;
mod watch;

pub use estimate::Estimate;
pub use frames::{Cache, Skipped};
pub use init::Init;
pub use recipe::{Mean, Recipe, View};
pub use run::{Learnt, Training};
pub use snapshots::{is_epoch, snapshot, Snapshots};
pub use split::Split;
