//! What every room may use: errors, digests and words of messages.

pub mod digest;
mod error;
pub mod words;

pub use error::{Error, Result};
