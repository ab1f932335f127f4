//! What a training reads before it begins.

use std::collections::BTreeSet;
use std::path::Path;

use base::digest::sha256_of_texts;
use base::words::count;
use base::{Error, Result};
use dataset::{Dataset, DatasetOptions};
use experiments::training::{Recipe, Skipped, Split};
use network::classes::Class;
use network::{ModelSource, Network, Trainable};
use records::SkippedFile;
use serde_json::{json, Value};

use crate::cli::{BatchNorms, TrainArgs, Val};

/// All that a training reads before it begins.
pub(super) struct Begin {
    pub(super) dataset: Dataset,
    /// Those that are held back, where they lie in a folder of their own.
    pub(super) held_back: Option<Dataset>,
    pub(super) split: Split,
    pub(super) trainable: Trainable,
    pub(super) recipe: Recipe,
    pub(super) frozen: BTreeSet<usize>,
    pub(super) classes: Vec<Class>,
    pub(super) notes: Vec<String>,
}

impl Begin {
    pub(super) fn read(args: &TrainArgs) -> Result<Self> {
        let dataset = open_dataset(&args.data.dataset, &args.data.options())?;
        let (most, seed) = (args.per_class, args.data.seed);
        let held_back = match &args.val {
            Some(Val::Folder(folder)) => Some(open_held_back(args, folder)?),
            _ => None,
        };
        let split = match (&args.val, &held_back) {
            (_, Some(held_back)) => Split::of_two(&dataset, held_back, most, seed)?,
            (Some(Val::Share(share)), _) => Split::by_lot(&dataset, *share, most, seed)?,
            _ => match Split::told(&dataset, most, seed)? {
                Some(split) => split,
                None => Split::by_lot(&dataset, 0.1, most, seed)?,
            },
        };
        let names = &dataset.labels.names;
        let source = ModelSource {
            name: args.model.clone(),
            weights: args.weights.clone(),
            ..ModelSource::default()
        };
        let trainable = Trainable::of(&source, names.len())?;
        let recipe = recipe(args)?;
        let frozen = frozen(&trainable.network, &args.freeze)?;
        let of_held_back = held_back.iter().flat_map(|held_back| &held_back.notes);
        let of_held_back = of_held_back.filter(|note| !dataset.notes.contains(note));
        let notes = dataset.notes.iter().chain(&trainable.notes);
        let mut notes: Vec<String> = notes.chain(of_held_back).cloned().collect();
        let photos = split.training.len();
        if recipe.batch > photos {
            notes.push(format!(
                "a batch of {} is more than there is: every step has all {}",
                recipe.batch,
                count(photos, "photograph")
            ));
        }
        Ok(Self {
            classes: names.iter().map(Class::named).collect(),
            dataset,
            held_back,
            split,
            trainable,
            recipe,
            frozen,
            notes,
        })
    }

    /// The photographs that are looked at when the network is trained.
    pub(super) fn looked_at(&self, args: &TrainArgs) -> Result<Dataset> {
        let (of, mut looked_at) = match (&args.val, &self.held_back) {
            (Some(Val::Folder(folder)), Some(held_back)) => {
                (held_back, open_held_back(args, folder)?)
            }
            _ => (
                &self.dataset,
                open_dataset(&args.data.dataset, &args.data.options())?,
            ),
        };
        let kept = self.split.validation.iter();
        let kept: BTreeSet<&str> = kept.map(|&photo| of.photos[photo].path.as_str()).collect();
        looked_at.retain(|path| kept.contains(path));
        Ok(looked_at)
    }

    /// All that decides what comes of the training, but for the network and the data set.
    pub(super) fn options(&self, args: &TrainArgs) -> Result<Value> {
        let names = &self.dataset.labels.names;
        let listing = self.split.training.iter().flat_map(|&photo| {
            let photo = &self.dataset.photos[photo];
            let label = photo.label.map_or("", |label| names[label].as_str());
            [photo.path.as_str(), label]
        });
        let recipe = serde_json::to_value(&self.recipe);
        let mut options = recipe.map_err(|error| Error::Usage(format!("training: {error}")))?;
        let more = json!({
            "weights": self.trainable.sha256,
            "freeze": args.freeze,
            "batch_norms": match args.batch_norms {
                BatchNorms::Trained => "trained",
                BatchNorms::Frozen => "frozen",
            },
            "val": match &args.val {
                Some(Val::Share(share)) => json!(share),
                Some(Val::Folder(_)) => json!("a folder of its own"),
                None => Value::Null,
            },
            "ten_crop": args.ten_crop,
            "per_class": args.per_class,
            "photographs": self.split.training.len(),
            "training_listing": sha256_of_texts(listing),
        });
        if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
            options.extend(more);
        }
        Ok(options)
    }

    /// Photographs that were to be trained on and cannot be read.
    pub(super) fn left_out(&self, skipped: &[Skipped]) -> Vec<SkippedFile> {
        let told = |(photo, skip): &Skipped| SkippedFile {
            path: self.dataset.photos[*photo].path.clone(),
            reason: skip.to_string(),
        };
        skipped.iter().map(told).collect()
    }
}

fn open_dataset(root: &Path, options: &DatasetOptions) -> Result<Dataset> {
    let mut dataset = Dataset::open(root, options, &[])?;
    // A label's class is the one that is trained for it.
    let classes = (0..dataset.labels.names.len()).map(|label| vec![label]);
    dataset.labels.classes = classes.collect();
    Ok(dataset)
}

fn open_held_back(args: &TrainArgs, folder: &Path) -> Result<Dataset> {
    if args.data.labels.is_some() {
        return Err(Error::Usage(
            "--val takes the labels of a folder from its class folders, --labels from a table; hold back a share, as in --val 0.1".into(),
        ));
    }
    let [inner, outer] = [folder, &args.data.dataset].map(|path| path.canonicalize().ok());
    if inner
        .zip(outer)
        .is_some_and(|(a, b)| a.starts_with(&b) || b.starts_with(&a))
    {
        return Err(Error::dataset(
            folder,
            "lies inside the folder that is trained on, or around it, so that photographs would be trained on and held back alike; name two folders beside each other",
        ));
    }
    let options = DatasetOptions {
        split: None,
        limit: None,
        ..args.data.options()
    };
    open_dataset(folder, &options)
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
