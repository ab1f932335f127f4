//! What the two papers claim, held against what runs measured: claims as data, verdicts with their intervals.
//!
//! A claim names figures of `data/metrics.csv` in the language of `check`; [`judge`] decides each by the figure's 95 % interval.

mod file;
mod judge;
mod junit;
mod verdict;

pub use file::{read, Claim, Words};
pub use judge::{judge, Judged, Part};
pub use junit::junit;

/// The papers' claims.
pub const PAPERS: &str = include_str!("papers.toml");
/// The part of a replication that looks at the photographs with the network: its own run.
pub const REPORT: &str = "report";
/// The part that trains a network and follows it.
pub const TRAIN: &str = "train";
/// The part that trains linear classifiers on features.
pub const TRANSFER: &str = "transfer";
