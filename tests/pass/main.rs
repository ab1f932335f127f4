//! The pass that classifies and projects, as it is on a processor and as it is on a GPU: what it is fed, what it tells and how
//! often it waits, what it allocates, and what it does where the device's memory is too small.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod case;
mod inputs;
mod memory;
mod structure;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is counted is counted for the process: its tests run one after another.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}
