//! Linear classifiers on features, of which only the Gram matrix is known: a split of the photographs, a number a class and a
//! penalty are each a part of it, so features are computed once.
//!
//! All is float64, one thread, and the same for the same input. Solutions come with the gap that is left to the optimum. The
//! values agree with scikit-learn's (`tests/classifiers.rs`).

mod gram;
mod multinomial;
mod one_vs_rest;
mod svm;

pub use gram::Gram;
pub use multinomial::Multinomial;
pub use one_vs_rest::OneVsRest;
pub use svm::Svm;

/// Why a classifier could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// All examples are of one class.
    OneClass,
    /// A product of two examples is not a finite number.
    NotFinite,
    /// The optimum was not reached in so many steps.
    Unsolved(usize),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OneClass => f.write_str("all examples are of one class"),
            Self::NotFinite => f.write_str("the features are not finite numbers"),
            Self::Unsolved(steps) => write!(f, "no solution within {steps} steps"),
        }
    }
}

impl std::error::Error for Failure {}

/// Which value is the largest; of equals the first.
fn largest(values: impl IntoIterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (at, value) in values.into_iter().enumerate() {
        if value > best.1 {
            best = (at, value);
        }
    }
    best.0
}
