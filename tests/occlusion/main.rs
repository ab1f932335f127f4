//! Occlusion by windows against full inference of every occluded image: small networks, random graphs, and six large
//! networks on a photograph.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod answers;
mod arithmetic;
mod bad_input;
mod calibrated;
mod case;
#[path = "../common/mod.rs"]
mod common;
mod graphs;
mod large;
mod occluders;
mod photograph;
mod proofs;
mod saved;
mod small;
mod spans;
