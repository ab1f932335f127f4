//! What a training reads before it begins.

use std::collections::BTreeSet;
use std::path::Path;

use base::digest::sha256_of_texts;
use base::{Error, Result};
use dataset::Dataset;
use experiments::training::{Skipped, Split};
use network::classes::Class;
use network::Network;
use records::SkippedFile;
use serde_json::{json, Value};
use vocabulary::Amount;

use super::course::{Course, Part};
use crate::cli::{BatchNorms, TrainArgs};

/// All that a training reads before it begins.
pub(in crate::commands) struct Begin {
    pub(in crate::commands) dataset: Dataset,
    pub(in crate::commands) split: Split,
    pub(in crate::commands) course: Course,
    pub(in crate::commands) classes: Vec<Class>,
    pub(in crate::commands) notes: Vec<String>,
}

impl Begin {
    pub(super) fn read(args: &TrainArgs) -> Result<Self> {
        let (dataset, split) = photographs(args)?;
        let course = Course::of(args, &Part::default(), dataset.labels.names.len())?;
        Ok(Self::of((dataset, split), course))
    }

    pub(in crate::commands) fn of((dataset, split): (Dataset, Split), course: Course) -> Self {
        Self {
            classes: dataset.labels.names.iter().map(Class::named).collect(),
            notes: [&dataset.notes[..], &course.trainable.notes].concat(),
            dataset,
            split,
            course,
        }
    }

    /// The photographs that are looked at when the network is trained.
    pub(in crate::commands) fn held_back(&self, args: &TrainArgs) -> Result<Dataset> {
        let mut held_back = open_dataset(args)?;
        let kept = self.split.validation.iter();
        let kept: BTreeSet<&str> = kept
            .map(|&photo| self.dataset.photos[photo].path.as_str())
            .collect();
        held_back.retain(|path| kept.contains(path));
        Ok(held_back)
    }

    /// All that decides what comes of the training, but for the network and the data set.
    pub(in crate::commands) fn options(&self, args: &TrainArgs) -> Result<Value> {
        let listing = self.split.training.iter();
        let listing = listing.map(|&photo| self.dataset.photos[photo].path.as_str());
        let recipe = serde_json::to_value(&self.course.recipe);
        let mut options = recipe.map_err(|error| Error::Usage(format!("training: {error}")))?;
        let more = json!({
            "weights": self.course.trainable.sha256,
            "freeze": args.freeze,
            "batch_norms": match args.batch_norms {
                BatchNorms::Trained => "trained",
                BatchNorms::Frozen => "frozen",
            },
            "val": args.val,
            "per_class": args.per_class,
            "snapshots": Amount::from(&self.course.snapshots),
            "photographs": self.split.training.len(),
            "training_listing": sha256_of_texts(listing),
        });
        if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
            options.extend(more);
            options.extend(self.course.told.clone());
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

/// The photographs, and which of them are held back.
pub(in crate::commands) fn photographs(args: &TrainArgs) -> Result<(Dataset, Split)> {
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
    Ok((dataset, split))
}

pub(super) fn is_file(model: &str) -> bool {
    Path::new(model).is_file()
}

/// The nodes whose names begin so.
pub(super) fn frozen(network: &Network, names: &[String]) -> Result<BTreeSet<usize>> {
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
