//! What a run does once it has its folder.

use std::path::Path;

use base::{Error, Result};
use engine::Precision;
use experiments::summary::{self, Outcome};
use experiments::{self, Context, Setting};
use progress::stop_here;
use records::tables::MetricRow;
use records::Manifest;

use super::super::render;
use super::clock::Clock;
use super::given::Given;
use super::passes::{Held, Passes};
use crate::cli::{MaskSource, ReportArgs};

/// Classifies the photographs, shows some in detail, writes the tables, and runs the experiments. To what these measure is added
/// what was measured before.
pub(super) fn work(
    context: &Context<'_>,
    args: &ReportArgs,
    given: &Given,
    (metrics, held): (Vec<MetricRow>, Held),
    clock: &mut Clock,
) -> Result<Outcome> {
    let found = match &args.masks {
        Some(MaskSource::Worst) => experiments::regions(context, &given.experiments)?,
        _ => None,
    };
    let found = found.map(experiments::hidden);
    let setting = Setting {
        masks: found.as_ref().unwrap_or(context.setting.masks),
        ..*context.setting
    };
    let context = Context {
        setting: &setting,
        ..*context
    };
    Passes::new(&context, &given.experiments, held)?.work(&args.detail)?;
    clock.lap("photographs");
    let scores = setting.anatomy.network().scores;
    let written = summary::write(
        context.folder,
        &given.dataset,
        context.classes,
        scores,
        args.top,
    );
    let outcome = match written {
        Err(nothing @ Error::Dataset { .. }) => {
            context.folder.discard()?;
            return Err(nothing);
        }
        outcome => outcome?,
    };
    clock.lap("tables");
    let precision = match args.network.precision {
        Precision::Float32 => None,
        _ => Some(experiments::precision::measure(&context)?),
    };
    experiments::run(&context, &given.experiments, metrics)?;
    clock.lap("experiments");
    stop_here()?;
    Ok(Outcome {
        precision,
        ..outcome
    })
}

/// Draws the pages.
pub(super) fn pages(root: &Path, manifest: &Manifest, clock: &mut Clock) -> Result<()> {
    render::pages(root, manifest)?;
    clock.lap("pages");
    stop_here()
}
