//! What every room may use: errors and digests.

pub mod digest;
mod error;

pub use error::{Error, Result};
