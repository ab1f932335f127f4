//! What a run is given: the network, the photographs, what is hidden of them, and the experiments.

use base::{Error, Result};
use dataset::{Dataset, Masks};
use experiments::{Asked, Experiment};
use network::{Model, ModelSource, Stage};

use super::checks;
use crate::cli::{MaskSource, ReportArgs};

/// All that a run reads before it begins.
#[derive(Debug)]
pub(in crate::commands) struct Given {
    pub(in crate::commands) model: Model,
    /// The layers that are shown.
    pub(in crate::commands) stages: Vec<Stage>,
    pub(in crate::commands) dataset: Dataset,
    /// Regions to hide in turn.
    pub(in crate::commands) masks: Masks,
    /// Regions that are hidden before anything else.
    pub(in crate::commands) applied: Masks,
    pub(in crate::commands) experiments: Vec<Box<dyn Experiment>>,
    /// What is worth saying aloud before the network runs.
    pub(in crate::commands) notes: Vec<String>,
}

impl Given {
    pub(in crate::commands) fn read(args: &ReportArgs) -> Result<Self> {
        let model = Model::load(&ModelSource {
            name: args.network.model.clone(),
            weights: args.network.weights.clone(),
            classes: args.network.classes.clone(),
            scores: args.network.reading.scores,
            output_node: args.network.reading.output_node.clone(),
            batch_norm: args.network.reading.batch_norm,
            preset: args.network.preprocessing.preset,
            preprocessing: args.network.preprocessing.changes(),
        })?;
        let stages = model.anatomy.select_stages(args.layers.as_deref())?;
        let mut dataset = Dataset::open(&args.data.dataset, &args.data.options(), &model.classes)?;
        let table = regions(args, &dataset)?;
        let mut of_masks = table.notes.clone();
        of_masks.extend(table.held_against_photos(&dataset)?);
        let (masks, applied) = match &args.apply_masks {
            Some(region) => (Masks::default(), table.only(region)?),
            None => (table, Masks::default()),
        };
        if args.apply_masks.is_some() && !args.keep_unmasked {
            checks::only_masked(&mut dataset, &applied, &model.preprocessing)?;
        }
        let mut notes = [&model.notes[..], &dataset.notes, &of_masks].concat();
        let asked = Asked {
            model: &model,
            stages: &stages,
            dataset: &dataset,
            has_regions: args.masks.is_some() && args.apply_masks.is_none(),
            finds_regions: args.masks == Some(MaskSource::Worst),
        };
        Ok(Self {
            experiments: args.experiments.resolve(&asked, &mut notes)?,
            model,
            stages,
            dataset,
            masks,
            applied,
            notes,
        })
    }
}

impl Given {
    /// Of a network, and photographs of which nothing is hidden.
    pub(in crate::commands) fn of(
        model: Model,
        dataset: Dataset,
        notes: Vec<String>,
    ) -> Result<Self> {
        Ok(Self {
            stages: model.anatomy.select_stages(None)?,
            model,
            dataset,
            masks: Masks::default(),
            applied: Masks::default(),
            experiments: Vec::new(),
            notes,
        })
    }
}

/// The table of `--masks`; empty where the regions are yet to be found.
fn regions(args: &ReportArgs, dataset: &Dataset) -> Result<Masks> {
    match &args.masks {
        Some(MaskSource::Table(path)) => Masks::read(path, dataset),
        Some(MaskSource::Worst) if args.apply_masks.is_some() => Err(Error::Usage(
            "--apply-masks needs a table of --masks, not worst".into(),
        )),
        Some(MaskSource::Worst) | None => Ok(Masks::default()),
    }
}
