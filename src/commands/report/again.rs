//! The experiments that look at some photographs again when all are done: correspondence and invariance.

use crate::cli::{ReportArgs, Voice};
use crate::dataset::{Dataset, Masks};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::experiments::{correspondence, Setting};
use crate::network::{Model, Stage};
use crate::progress::Progress;
use crate::records::tables::{self, MetricRow};
use crate::records::RunFolder;

use super::checks;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Again {
    /// Parts to compare; none where correspondence was not asked for.
    pub(super) parts: Masks,
    /// The layers to compare them at.
    pub(super) layers: Vec<Stage>,
    random_places: usize,
}

impl Again {
    pub(super) fn read(args: &ReportArgs, model: &Model, dataset: &Dataset) -> Result<Self> {
        let network = &model.network;
        let (parts, layers) = match &args.parts {
            Some(path) => (
                Masks::read_parts(path, dataset)?,
                match args.correspondence_layers.as_deref() {
                    Some(names) => network.select_stages(Some(names))?,
                    None => network.late_stages()?,
                },
            ),
            None => (Masks::default(), Vec::new()),
        };
        Ok(Self {
            parts,
            layers,
            random_places: args.random_places,
        })
    }

    /// What is worth saying aloud before the network runs.
    pub(super) fn notes(&self, dataset: &Dataset) -> Result<Vec<String>> {
        let mut notes = self.parts.notes.clone();
        notes.extend(checks::masks(dataset, &self.parts)?);
        Ok(notes)
    }

    /// Runs what was asked for and writes its tables; the photographs' own must be there.
    pub(super) fn run(
        &self,
        setting: &Setting,
        engine: &Engine,
        folder: &RunFolder,
        voice: Voice,
    ) -> Result<()> {
        let root = folder.root();
        let interrupted = || Error::Interrupted {
            out: root.to_owned(),
        };
        let mut metrics = Vec::new();
        if !self.layers.is_empty() {
            let photos = self.parts.photos().count();
            let progress = Progress::new(voice, "comparing parts", photos, 0);
            let (layers, places) = (&self.layers, self.random_places);
            let found = correspondence::compare(setting, engine, layers, places, &progress)?
                .ok_or_else(interrupted)?;
            tables::write(root, &found.parts)?;
            tables::write(root, &found.summary)?;
            tables::write(root, &found.pairs)?;
            metrics.extend(found.metrics);
        }
        if !metrics.is_empty() {
            let mut all: Vec<MetricRow> = tables::read(root)?;
            all.extend(metrics);
            tables::write(root, &all)?;
        }
        Ok(())
    }
}
