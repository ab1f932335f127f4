//! The experiments that look at photographs again when all are done: correspondence, invariance, occlusion and features.

use crate::cli::{Chosen, ReportArgs, Voice};
use crate::dataset::{Dataset, Masks};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::experiments::features::LayerTally;
use crate::experiments::{correspondence, invariance, Setting};
use crate::network::classes::Class;
use crate::network::{Model, Stage};
use crate::progress::Progress;
use crate::records::tables::{self, MetricRow};
use crate::records::RunFolder;

use super::checks;
use super::features::Features;
use super::occlusion::Occlusion;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Experiments {
    /// Parts to compare; none where correspondence was not asked for.
    pub(super) parts: Masks,
    /// The layers to compare them at.
    pub(super) layers: Vec<Stage>,
    random_places: usize,
    transformed: Option<Transformed>,
    /// First and last stage, where the transformed photographs' features are looked at.
    ends: Vec<Stage>,
    pub(super) occlusion: Option<Occlusion>,
    pub(super) features: Option<Features>,
    notes: Vec<String>,
}

/// The photographs to transform.
#[derive(Debug)]
enum Transformed {
    Drawn(usize),
    /// By their numbers in the data set.
    Named(Vec<usize>),
}

impl Experiments {
    pub(super) fn read(
        args: &ReportArgs,
        model: &Model,
        stages: &[Stage],
        dataset: &Dataset,
    ) -> Result<Self> {
        let network = &model.network;
        let late = network.late_stages()?;
        let mut ends: Vec<Stage> = network.stages.first().into_iter().cloned().collect();
        ends.extend(late.last().cloned());
        ends.dedup();
        let (occlusion, notes) = Occlusion::read(args, model)?;
        let (parts, layers) = match &args.parts {
            Some(path) => (
                Masks::read_parts(path, dataset)?,
                match args.correspondence_layers.as_deref() {
                    Some(names) => network.select_stages(Some(names))?,
                    None => late,
                },
            ),
            None => (Masks::default(), Vec::new()),
        };
        Ok(Self {
            parts,
            layers,
            random_places: args.random_places,
            transformed: match &args.invariance {
                None => None,
                Some(Chosen::Drawn(number)) => Some(Transformed::Drawn(*number)),
                Some(Chosen::Named(names)) => Some(Transformed::Named(numbers(names, dataset)?)),
            },
            ends,
            occlusion,
            features: Features::read(args, model, stages)?,
            notes,
        })
    }

    /// What is worth saying aloud before the network runs.
    pub(super) fn notes(&self, dataset: &Dataset) -> Result<Vec<String>> {
        let mut notes = self.parts.notes.clone();
        notes.extend(self.notes.iter().cloned());
        notes.extend(checks::masks(dataset, &self.parts)?);
        Ok(notes)
    }

    /// Runs what was asked for and writes its tables; the photographs' own must be there. `tallies` are what the scan found.
    pub(super) fn run(
        &self,
        setting: &Setting,
        engine: &Engine,
        classes: &[Class],
        folder: &RunFolder,
        tallies: Option<Vec<LayerTally>>,
        voice: Voice,
    ) -> Result<()> {
        let mut metrics = self.correspondence(setting, engine, folder, voice)?;
        metrics.extend(self.invariance(setting, engine, classes, folder, voice)?);
        if let Some(occlusion) = &self.occlusion {
            metrics.extend(occlusion.run(setting, engine, classes, folder, voice)?);
        }
        if let (Some(features), Some(tallies)) = (&self.features, tallies) {
            metrics.extend(features.run(setting, engine, folder, &tallies, voice)?);
        }
        if metrics.is_empty() {
            return Ok(());
        }
        let mut all: Vec<MetricRow> = tables::read(folder.root())?;
        all.extend(metrics);
        tables::write(folder.root(), &all)
    }

    fn correspondence(
        &self,
        setting: &Setting,
        engine: &Engine,
        folder: &RunFolder,
        voice: Voice,
    ) -> Result<Vec<MetricRow>> {
        if self.layers.is_empty() {
            return Ok(Vec::new());
        }
        let (layers, places, root) = (&self.layers, self.random_places, folder.root());
        let progress = Progress::new(voice, "comparing parts", self.parts.photos().count(), 0);
        let found = correspondence::compare(setting, engine, layers, places, &progress)?
            .ok_or_else(|| interrupted(folder))?;
        tables::write(root, &found.parts)?;
        tables::write(root, &found.summary)?;
        tables::write(root, &found.pairs)?;
        Ok(found.metrics)
    }

    fn invariance(
        &self,
        setting: &Setting,
        engine: &Engine,
        classes: &[Class],
        folder: &RunFolder,
        voice: Voice,
    ) -> Result<Vec<MetricRow>> {
        let photos = match &self.transformed {
            None => return Ok(Vec::new()),
            Some(Transformed::Drawn(number)) => invariance::drawn(setting, folder, *number)?,
            Some(Transformed::Named(photos)) => photos.clone(),
        };
        let (layers, root) = (&self.ends, folder.root());
        let progress = Progress::new(voice, "transforming", photos.len(), 0);
        let found = invariance::vary(setting, engine, layers, &photos, classes, root, &progress)?
            .ok_or_else(|| interrupted(folder))?;
        tables::write(root, &found.distances)?;
        tables::write(root, &found.probabilities)?;
        Ok(found.metrics)
    }
}

pub(super) fn interrupted(folder: &RunFolder) -> Error {
    Error::Interrupted {
        out: folder.root().to_owned(),
    }
}

/// The photographs' numbers in the data set, each once, in its order.
fn numbers(names: &[String], dataset: &Dataset) -> Result<Vec<usize>> {
    let found: Result<Vec<usize>> = names.iter().map(|name| dataset.find(name)).collect();
    let mut numbers = found?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}
