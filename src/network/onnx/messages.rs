//! ONNX's messages, generated from its schema: `onnx.proto` of onnx 1.17.0.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]

include!(concat!(env!("OUT_DIR"), "/onnx/mod.rs"));

pub use onnx::*;
