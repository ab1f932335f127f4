//! What feature maps look for (ZF fig. 2): the scan against a search through everything, and runs as a user makes them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod first_layer;
mod randomisation;
mod run;
mod scan;
#[path = "../support/mod.rs"]
mod support;

use deconvscope::network::{Model, ModelSource};
use deconvscope::progress::{Progress, Voice};

/// Counts, and says nothing.
fn counted() -> Progress {
    Progress::new(Voice::Quiet, "counting", 0, 0)
}

/// A network with its installed weights; `None`, said aloud, where they are not there.
fn installed(name: &str) -> Option<Model> {
    let source = ModelSource {
        name: name.into(),
        ..ModelSource::default()
    };
    match Model::load(&source) {
        Ok(model) => Some(model),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}
