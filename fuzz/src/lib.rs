//! The crate's readers by themselves: `network` computes no tensor, so what is fuzzed needs no libtorch and is built in
//! a minute.

#![allow(
    dead_code,
    clippy::all,
    reason = "the rest of the crate uses it, and the crate's own build checks it"
)]

#[path = "../../src/digest.rs"]
mod digest;
#[path = "../../src/error.rs"]
mod error;
pub mod mutation;
#[path = "../../src/network/mod.rs"]
pub mod network;

pub use error::{Error, Result};
