//! `deconvscope check`: rules read, held against figures made by hand, and told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod grammar;
