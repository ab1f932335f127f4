//! Which network is trained, and how.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::{Error, Result};
use engine::learn::{can_learn, Norms};
use experiments::training::{Recipe, Snapshots};
use network::{Anatomy, Edits, ModelSource, Trainable};
use serde_json::{Map, Value};

use super::begin::{frozen, is_file};
use crate::cli::{BatchNorms, TrainArgs};

/// What a study decides about one of its trainings.
#[derive(Debug, Default)]
pub(in crate::commands) struct Part {
    /// Of the network.
    pub(in crate::commands) edits: Edits,
    /// Values of the recipe, over all that the command line tells.
    pub(in crate::commands) recipe: BTreeMap<String, String>,
    /// Of weights, order, views and dropout; that of the data set where nothing is said.
    pub(in crate::commands) seed: Option<u64>,
    /// What stands about it among the run's options.
    pub(in crate::commands) told: Map<String, Value>,
}

/// All that decides what comes of a training but the photographs.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Course {
    pub(in crate::commands) trainable: Trainable,
    pub(in crate::commands) recipe: Recipe,
    /// Behind which epochs weights are kept.
    pub(in crate::commands) snapshots: Snapshots,
    pub(in crate::commands) frozen: BTreeSet<usize>,
    pub(in crate::commands) seed: u64,
    pub(super) told: Map<String, Value>,
}

impl Course {
    /// For so many classes.
    pub(in crate::commands) fn of(args: &TrainArgs, part: &Part, classes: usize) -> Result<Self> {
        let source = ModelSource {
            name: args.model().to_owned(),
            weights: args.weights.clone(),
            ..ModelSource::default()
        };
        let trainable = Trainable::of(&source, classes)?.edited(&part.edits)?;
        let recipe = recipe(args, &part.recipe)?;
        let frozen = frozen(&trainable.network, &args.freeze)?;
        let anatomy = Anatomy::of(trainable.network.clone())?;
        can_learn(&anatomy, norms(args), &frozen)?;
        Ok(Self {
            frozen,
            trainable,
            snapshots: Snapshots::of(args.snapshots.as_ref(), recipe.epochs)?,
            recipe,
            seed: part.seed.unwrap_or(args.data.seed),
            told: part.told.clone(),
        })
    }
}

/// What batch norms do.
pub(super) fn norms(args: &TrainArgs) -> Norms {
    match args.batch_norms {
        BatchNorms::Trained => Norms::Trained,
        BatchNorms::Frozen => Norms::Frozen,
    }
}

/// The recipe that values are changed of.
pub(super) fn recipe_name(args: &TrainArgs) -> &str {
    let usual = match args.weights.is_some() || is_file(args.model()) {
        true => "finetune",
        false => "zf",
    };
    args.recipe.as_deref().unwrap_or(usual)
}

fn recipe(args: &TrainArgs, of_part: &BTreeMap<String, String>) -> Result<Recipe> {
    let mut changes = args.changes();
    changes.extend(of_part.clone());
    let name = recipe_name(args);
    let path = Path::new(name);
    match path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        false => Recipe::named(name, &changes),
        true => {
            let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
            Recipe::of_text(&text, &changes)
        }
    }
}
