//! The experiments of the papers: what each asks of a network's trace, and the record it leaves.
//!
//! Photographs go through the stages of an [`Executor`](engine::Executor). In [`pass::run`], which all of them take,
//! [`prepare`] makes the inputs of a photo in all its conditions, [`observe`] runs the network over them, [`record`] turns
//! what was seen into a [`records::PhotoRecord`].
//! When all are done [`summary`] makes the tables, with the figures of [`classification`] and of what the masks did.
//!
//! The other experiments have a room each, and stand in one list. What was asked of them on the command line is resolved
//! once into an [`Experiment`], which may look on while the photographs are classified and looks at some of them again
//! when all are done.

mod choice;
pub mod classification;
mod context;
mod contract;
pub mod evolution;
mod gallery;
mod grids;
mod list;
mod mask_effects;
mod mask_layers;
pub mod masking;
pub mod observe;
mod onlooker;
pub mod pass;
pub mod precision;
pub mod prepare;
pub mod record;
mod room;
pub mod selection;
mod spectrum;
mod ssim;
pub mod study;
pub mod summary;
pub mod training;

pub use context::{Context, Setting};
pub use contract::{hidden, options, regions, run, Asked, Boxes, Experiment};
pub use gallery::Gallery;
pub use onlooker::{Onlooker, Onlookers, Sighting};
pub use room::{Room, Share};

list::experiments! {
    correspondence: CorrespondenceArgs,
    invariance: InvarianceArgs,
    occlusion: OcclusionArgs,
    features: FeatureMapArgs,
    transfer: TransferArgs,
}
