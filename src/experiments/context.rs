//! What every experiment works with.

use std::path::Path;

use base::Result;
use dataset::{Dataset, Masks};
use engine::{Engine, Executor, Give};
use network::classes::Class;
use network::receptive_field::Field;
use network::shape::Shape;
use network::{Anatomy, Preprocessing, Stage};
use progress::{stopped, Progress, Voice};
use records::tables::{self, Row};
use records::{ProjectionKind, RunFolder};

use super::{Gallery, Room};

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
    /// How much goes through the network at once.
    pub room: &'a Room,
    /// Whether the raw maps are kept.
    pub arrays: bool,
    /// Workers.
    pub threads: usize,
}

impl Setting<'_> {
    /// Workers that look at photographs with engines, one for each device, until the user stops them.
    pub fn executor<'e>(&self, engines: &'e [Engine]) -> Executor<'e, Engine> {
        Executor::over(engines, self.threads).until(&stopped)
    }

    /// The shape of the layer of that number.
    pub fn shape(&self, layer: usize) -> Shape {
        self.anatomy.shapes()[self.stages[layer].node]
    }

    /// The receptive fields of the layer of that number.
    pub fn field(&self, layer: usize) -> &Field {
        &self.anatomy.signal_fields()[self.stages[layer].node]
    }
}

/// A setting, the network that looks at it, and the run folder that takes what is found.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Photographs and layers.
    pub setting: &'a Setting<'a>,
    /// The network on the first device.
    pub engine: &'a Engine,
    /// The network on every device.
    pub engines: &'a [Engine],
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

    /// Workers that look at photographs with the network until the user stops them.
    pub fn executor(&self) -> Executor<'a, Engine> {
        self.setting.executor(self.engines)
    }

    /// Takes items through the stages of [`Executor::stream`], counted; what they leave stands in their order.
    ///
    /// # Errors
    /// Those of [`Executor::stream`].
    pub fn look<'t, T: Sync, P: Send, S: Send, R: Send>(
        &self,
        what: &'static str,
        items: &'t [T],
        prepare: impl Fn(&'t T) -> Result<P> + Sync,
        compute: impl Fn(&Engine, P, &mut Give<'_, S>) -> Result<()> + Sync,
        finish: impl Fn(S) -> Result<R> + Sync,
    ) -> Result<Vec<Vec<R>>> {
        let progress = self.progress(what, items.len());
        let mut all = Vec::with_capacity(items.len());
        let workers = self.executor();
        workers.stream(items, prepare, compute, finish, |left| {
            progress.step();
            all.push(left);
            Ok(())
        })?;
        Ok(all)
    }

    /// Where its maps go.
    pub fn gallery(&self) -> Gallery<'a> {
        Gallery {
            root: self.root(),
            preprocessing: self.setting.preprocessing,
            arrays: self.setting.arrays,
        }
    }

    /// Writes a table whole.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub fn write<R: Row>(&self, rows: &[R]) -> Result<()> {
        tables::write(self.root(), rows)
    }
}
