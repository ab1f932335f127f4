//! What every experiment works with.

use std::path::Path;

use crate::dataset::{Dataset, Masks};
use crate::engine::Engine;
use crate::error::Result;
use crate::network::classes::Class;
use crate::network::receptive_field::Field;
use crate::network::shape::Shape;
use crate::network::{Anatomy, Preprocessing, Stage};
use crate::progress::{Progress, Voice};
use crate::records::tables::{self, Row};
use crate::records::{ProjectionKind, RunFolder};

use super::workers;

/// Photographs, layers, and what is done with them.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The photographs.
    pub dataset: &'a Dataset,
    /// Regions that are hidden before anything else, as if the photographs had been taken so.
    pub applied: &'a Masks,
    /// Regions to hide in turn, beside the photograph as it is.
    pub masks: &'a Masks,
    /// From photograph to input.
    pub preprocessing: &'a Preprocessing,
    /// The network.
    pub anatomy: &'a Anatomy,
    /// The layers that are shown, from the input upwards.
    pub stages: &'a [Stage],
    /// What of a layer is projected.
    pub kinds: &'a [ProjectionKind],
    /// Colour of a hidden region.
    pub fill: [u8; 3],
    /// Seed of everything that is drawn by lot.
    pub seed: u64,
    /// Inputs in one pass of the network.
    pub batch: usize,
    /// Whether the raw maps are kept.
    pub arrays: bool,
    /// Workers.
    pub threads: usize,
}

impl Setting<'_> {
    /// The shape of the layer of that number.
    pub fn shape(&self, layer: usize) -> Shape {
        self.anatomy.shapes()[self.stages[layer].node]
    }

    /// The receptive fields of the layer of that number.
    pub fn field(&self, layer: usize) -> &Field {
        &self.anatomy.fields()[self.stages[layer].node]
    }
}

/// A setting, the network that looks at it, and the run folder that takes what is found.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Photographs and layers.
    pub setting: &'a Setting<'a>,
    /// The network.
    pub engine: &'a Engine,
    /// Its classes.
    pub classes: &'a [Class],
    /// Where records, tables and pictures go.
    pub folder: &'a RunFolder,
    /// How much is said.
    pub voice: Voice,
}

impl<'a> Context<'a> {
    /// The run folder's path.
    pub fn root(&self) -> &'a Path {
        self.folder.root()
    }

    /// A bar for work on so many photographs.
    pub fn progress(&self, what: &'static str, total: usize) -> Progress {
        Progress::new(self.voice, what, total, 0)
    }

    /// Does `work` for every item, beside each other and counted; the results stand in the items' order.
    ///
    /// # Errors
    /// One of those that `work` ended with; [`crate::Error::Stopped`] where the user stopped it.
    pub fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        progress: &Progress,
        work: impl Fn(&Engine, &T) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let counted = |engine: &Engine, item: &T| {
            let result = work(engine, item)?;
            progress.step();
            Ok(result)
        };
        workers::each(self.setting.threads, self.engine, items, counted)
    }

    /// Writes a table whole.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn write<R: Row>(&self, rows: &[R]) -> Result<()> {
        tables::write(self.root(), rows)
    }
}
