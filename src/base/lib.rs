//! What every room may use: errors, digests, text files and tables of others, and words of messages.

pub mod digest;
mod error;
mod lines;
pub mod table;
pub mod text;
pub mod words;

pub use error::{Error, Result};
