//! What a training reads before it begins.

use std::collections::BTreeSet;
use std::path::Path;

use base::digest::sha256_of_texts;
use base::{Error, Result};
use dataset::Dataset;
use experiments::training::{Recipe, Skipped, Snapshots, Split};
use network::classes::Class;
use network::{ModelSource, Network, Trainable};
use records::SkippedFile;
use serde_json::{json, Value};
use vocabulary::Amount;

use crate::cli::{BatchNorms, TrainArgs};

/// All that a training reads before it begins.
pub(super) struct Begin {
    pub(super) dataset: Dataset,
    pub(super) split: Split,
    pub(super) trainable: Trainable,
    pub(super) recipe: Recipe,
    pub(super) snapshots: Snapshots,
    pub(super) frozen: BTreeSet<usize>,
    pub(super) classes: Vec<Class>,
    pub(super) notes: Vec<String>,
}

impl Begin {
    pub(super) fn read(args: &TrainArgs) -> Result<Self> {
        let dataset = open_dataset(args)?;
        let seed = args.data.seed;
        let told = match args.val {
            Some(_) => None,
            None => Split::told(&dataset, args.per_class, seed)?,
        };
        let split = match told {
            Some(split) => split,
            None => Split::by_lot(&dataset, args.val.unwrap_or(0.1), args.per_class, seed)?,
        };
        let names = &dataset.labels.names;
        let source = ModelSource {
            name: args.model.clone(),
            weights: args.weights.clone(),
            ..ModelSource::default()
        };
        let trainable = Trainable::of(&source, names.len())?;
        let recipe = recipe(args)?;
        let snapshots = Snapshots::of(args.snapshots.as_ref(), recipe.epochs)?;
        let frozen = frozen(&trainable.network, &args.freeze)?;
        let notes = [&dataset.notes[..], &trainable.notes].concat();
        Ok(Self {
            classes: names.iter().map(Class::named).collect(),
            dataset,
            split,
            trainable,
            recipe,
            snapshots,
            frozen,
            notes,
        })
    }

    /// The photographs that are looked at when the network is trained.
    pub(super) fn held_back(&self, args: &TrainArgs) -> Result<Dataset> {
        let mut held_back = open_dataset(args)?;
        let kept = self.split.validation.iter();
        let kept: BTreeSet<&str> = kept
            .map(|&photo| self.dataset.photos[photo].path.as_str())
            .collect();
        held_back.retain(|path| kept.contains(path));
        Ok(held_back)
    }

    /// All that decides what comes of the training, but for the network and the data set.
    pub(super) fn options(&self, args: &TrainArgs) -> Result<Value> {
        let listing = self.split.training.iter();
        let listing = listing.map(|&photo| self.dataset.photos[photo].path.as_str());
        let recipe = serde_json::to_value(&self.recipe);
        let mut options = recipe.map_err(|error| Error::Usage(format!("training: {error}")))?;
        let more = json!({
            "weights": self.trainable.sha256,
            "freeze": args.freeze,
            "batch_norms": match args.batch_norms {
                BatchNorms::Trained => "trained",
                BatchNorms::Frozen => "frozen",
            },
            "val": args.val,
            "per_class": args.per_class,
            "snapshots": Amount::from(&self.snapshots),
            "photographs": self.split.training.len(),
            "training_listing": sha256_of_texts(listing),
        });
        if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
            options.extend(more);
        }
        Ok(options)
    }

    /// The photographs that were to be trained on and cannot be read.
    pub(super) fn left_out(&self, skipped: &[Skipped]) -> Vec<SkippedFile> {
        let of_training = |(photo, _): &&Skipped| self.split.training.binary_search(photo).is_ok();
        let told = |(photo, skip): &Skipped| SkippedFile {
            path: self.dataset.photos[*photo].path.clone(),
            reason: skip.to_string(),
        };
        skipped.iter().filter(of_training).map(told).collect()
    }
}

fn open_dataset(args: &TrainArgs) -> Result<Dataset> {
    let mut dataset = Dataset::open(&args.data.dataset, &args.data.options(), &[])?;
    // A label's class is the one that is trained for it.
    let classes = (0..dataset.labels.names.len()).map(|label| vec![label]);
    dataset.labels.classes = classes.collect();
    Ok(dataset)
}

fn recipe(args: &TrainArgs) -> Result<Recipe> {
    let usual = match args.weights.is_some() || is_file(&args.model) {
        true => "finetune",
        false => "zf",
    };
    let name = args.recipe.as_deref().unwrap_or(usual);
    let path = Path::new(name);
    match path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        false => Recipe::named(name, &args.changes()),
        true => {
            let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
            Recipe::of_text(&text, &args.changes())
        }
    }
}

fn is_file(model: &str) -> bool {
    Path::new(model).is_file()
}

/// The nodes whose names begin so.
fn frozen(network: &Network, names: &[String]) -> Result<BTreeSet<usize>> {
    let mut frozen = BTreeSet::new();
    for name in names {
        let begins = |node: &str| {
            let rest = node.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let nodes = network.nodes.iter().enumerate();
        let found: Vec<usize> = nodes
            .filter(|(_, node)| begins(&node.name))
            .map(|(index, _)| index)
            .collect();
        if found.is_empty() {
            return Err(Error::UnknownName {
                kind: "layer",
                name: name.clone(),
                known: network
                    .nodes
                    .iter()
                    .skip(1)
                    .map(|node| node.name.clone())
                    .collect(),
                also: Vec::new(),
                advice: String::new(),
            });
        }
        frozen.extend(found);
    }
    Ok(frozen)
}
