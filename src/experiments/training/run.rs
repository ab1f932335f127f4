//! A training from its first step to its last.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::Result;
use dataset::Dataset;
use engine::learn::{Learner, Norms};
use engine::{Engine, Precision};
use network::weights::Weights;
use network::{Anatomy, Network, Preprocessing, Size, Trainable};
use progress::{Progress, Voice};
use records::tables::MetricRow;
use records::RunFolder;

use super::frames::{Cache, Frames, Skipped};
use super::mean;
use super::recipe::{Mean, Recipe, View};
use super::snapshots::Snapshots;
use super::split::Split;
use super::ten_crop;
use super::trouble;
use super::view::Viewer;

/// A training that is to be carried out.
#[derive(Debug)]
pub struct Training<'a> {
    /// The photographs that are trained on.
    pub dataset: &'a Dataset,
    /// Those that are held back: the same data set, or one of their own with the same labels.
    pub held_back: &'a Dataset,
    /// Which are trained on, and which are held back.
    pub split: &'a Split,
    /// The network, and the weights that it begins with.
    pub trainable: &'a Trainable,
    /// How it is trained.
    pub recipe: &'a Recipe,
    /// Nodes whose parameters stay as they are.
    pub frozen: BTreeSet<usize>,
    /// What batch norms do.
    pub norms: Norms,
    /// In which convolutions and linear layers multiply while it learns.
    pub precision: Precision,
    /// Behind which epochs its weights are kept.
    pub snapshots: &'a Snapshots,
    /// Whether the photographs held back are shown by ten crops, too, when all is done.
    pub ten_crop: bool,
    /// Where frames are kept; by their size where nothing is said.
    pub cache: Option<Cache>,
    /// One that looks with the network, where it computes.
    pub engine: &'a Engine,
    /// Workers.
    pub threads: usize,
    /// Of everything that is drawn by lot.
    pub seed: u64,
    /// Takes what is left behind.
    pub folder: &'a RunFolder,
    /// How much is said.
    pub voice: Voice,
}

/// What a training comes to.
#[derive(Debug)]
pub struct Learnt {
    /// The network, behind the shift that subtracts the mean where the recipe has one.
    pub network: Network,
    /// Its parameters, batch norms not folded.
    pub weights: Weights,
    /// From photograph to its input.
    pub preprocessing: Preprocessing,
    /// Photographs that were to be trained on and could not be read, with the reason.
    pub skipped: Vec<Skipped>,
    /// What was measured when all was done.
    pub metrics: Vec<MetricRow>,
}

impl Training<'_> {
    /// Trains, going on where an interrupted run stopped, and writes the tables.
    ///
    /// # Errors
    /// [`Error::Dataset`] where too few photographs can be read; [`Error::Diverged`]; [`Error::Compute`];
    /// [`Error::Io`]; [`Error::Stopped`] where the user stopped it.
    pub fn run(&self) -> Result<Learnt> {
        self.carry_out().map_err(|error| trouble::told(error, self))
    }

    fn carry_out(&self) -> Result<Learnt> {
        let recipe = self.recipe;
        let preprocessing = Self::preprocessing(self.trainable, recipe)?;
        let anatomy = Arc::new(Anatomy::of(self.trainable.network.clone())?);
        let squares = Preprocessing {
            crop: Size::square(recipe.side(preprocessing.crop.height)),
            ..preprocessing.clone()
        };
        let progress = Progress::new(self.voice, "decoding", self.photos(), 0);
        let of_training = (self.dataset, &self.split.training[..], "training");
        let (training, skipped) = self.frames(of_training, &squares, &progress)?;
        let of_validation = (self.held_back, &self.split.validation[..], "validation");
        let (validation, _) = self.frames(of_validation, &preprocessing, &progress)?;
        drop(progress);
        let mean = match recipe.input.mean {
            Mean::Pixel => Some(mean::of(&training)?),
            Mean::Preset => None,
        };
        let centre = mean
            .as_ref()
            .map(|mean| mean::centre_of(mean, squares.crop, preprocessing.crop));
        let view = |view: View, flip: bool, margin: u32| Viewer {
            view,
            flip,
            preprocessing: preprocessing.clone(),
            margin,
            seed: self.seed,
        };
        let margin = (squares.crop.height - preprocessing.crop.height) / 2;
        let look = view(View::Centre, false, margin);
        let show = view(recipe.input.view, recipe.input.flip, 0);
        let parts = [(&training, &show), (&validation, &look)];
        let means = (mean.as_deref(), centre.as_deref());
        let learner = self.learn(&anatomy, parts, means)?;
        let metrics = match self.ten_crop {
            true => self.ten_crops(&learner, (&validation.decoded_again(squares), &show))?,
            false => Vec::new(),
        };

        let mut learnt = Learnt {
            network: self.trainable.network.clone(),
            weights: learner.weights()?,
            preprocessing,
            skipped,
            metrics,
        };
        if let Some(mean) = centre {
            learnt.network = learnt.network.behind_shift(mean::NODE);
            let shape = learnt.network.input.axes();
            learnt.weights.extend([mean::shift(&mean, shape)]);
        }
        Ok(learnt)
    }

    fn photos(&self) -> usize {
        self.split.training.len() + self.split.validation.len()
    }

    fn ten_crops(
        &self,
        learner: &Learner,
        squares: (&Frames<'_>, &Viewer),
    ) -> Result<Vec<MetricRow>> {
        let progress = Progress::new(self.voice, "ten crops", squares.0.len(), 0);
        let (engine, batch) = (learner.engine()?, self.recipe.micro_batch);
        let errors = ten_crop::errors(&engine, squares, batch, self.threads, &progress)?;
        for row in &errors {
            let error = 100.0 * row.value;
            progress.line(&format!("{}: {error:.1} %", row.metric.replace('_', " ")));
        }
        Ok(errors)
    }
}
