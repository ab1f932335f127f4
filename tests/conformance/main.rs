//! Imported networks held against other programs: onnxruntime, PyTorch and Captum; photographs as inputs against torchvision, timm and Keras. `make conformance` makes the
//! references and runs this; without the folder that `DECONVSCOPE_CONFORMANCE` names every test says that it was skipped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

/// One test for each network, so that one's failure hides no other's.
macro_rules! each {
    ($check:expr; $($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            ($check)(stringify!($name));
        })+
    };
}

#[path = "../common/mod.rs"]
mod common;
mod fine_tuned;
mod forms;
mod inputs;
mod light;
mod reference;
mod reports;
#[path = "../support/mod.rs"]
mod support;
mod timm;
mod torchvision;
