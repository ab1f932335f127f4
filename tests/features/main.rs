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

use std::sync::atomic::{AtomicUsize, Ordering};

use deconvscope::experiments::pipeline::Watch;
use deconvscope::network::{Model, ModelSource};
use deconvscope::records::PhotoRecord;

/// Counts, and never stops.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Watch for Counted {
    fn done(&self, _: &PhotoRecord) {}

    fn step(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        false
    }
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
