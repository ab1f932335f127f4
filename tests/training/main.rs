//! Training: gradients and steps against finite differences and PyTorch, and the command.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod archived;
mod bad_input;
mod command;
mod evolution;
mod exported;
mod finetune;
mod gradients;
mod precision;
mod small;
mod study;
mod transfer;
mod twin;
mod validation;
