//! Intervals and tests: what a difference between two figures is worth. Every function says when it is not defined
//! instead of returning NaN; the values agree with SciPy's (`tests/statistics.rs`).

mod bootstrap;
pub mod exchange;
mod mcnemar;
mod mean;
mod multiple;
mod proportion;
mod wilcoxon;

pub use bootstrap::{mean_interval, RESAMPLES};
pub use mcnemar::{mcnemar, McNemar};
pub use mean::{mean, resampled, Resampled};
pub use multiple::{holm, p_of_interval};
pub use proportion::{paired_difference, wilson, PairedCounts};
pub use wilcoxon::{wilcoxon, Method, Wilcoxon};

/// The normal distribution's 97.5 % quantile.
const Z95: f64 = 1.959_963_984_540_054;
