//! Intervals and tests: what a difference between two figures is worth. Every function says when it is not defined
//! instead of returning NaN; the values agree with SciPy's (`tests/statistics.rs`).

mod bootstrap;
pub mod exchange;
mod jackknife;
mod mcnemar;
mod mean;
mod median;
mod multiple;
mod proportion;
mod rank;
mod trend;
mod wilcoxon;

pub use bootstrap::{interval, mean_interval, RESAMPLES};
pub use jackknife::jackknife;
pub use mcnemar::{mcnemar, McNemar};
pub use mean::{bounded_mean, mean, resampled, Resampled};
pub use median::median;
pub use multiple::{holm, p_of_interval};
pub use proportion::{paired_difference, share_difference, wilson, PairedCounts};
pub use rank::{correlation, rank_correlation};
pub use trend::trend;
pub use wilcoxon::{wilcoxon, Method, Wilcoxon};

/// The normal distribution's 97.5 % quantile.
const Z95: f64 = 1.959_963_984_540_054;
