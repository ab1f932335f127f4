//! What a training reads before it begins.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base::digest::sha256_of_texts;
use base::words::count;
use base::{Error, Result};
use dataset::{Dataset, DatasetOptions};
use experiments::training::{Skipped, Split};
use network::classes::Class;
use network::Network;
use records::SkippedFile;
use serde_json::{json, Value};
use vocabulary::Amount;

use super::copies;
use super::course::{Course, Part};
use crate::cli::{BatchNorms, TrainArgs, Val};

/// The photographs, and which of them are held back.
pub(in crate::commands) struct Photographs {
    pub(in crate::commands) dataset: Dataset,
    /// Those that are held back, where they lie in a folder of their own.
    pub(in crate::commands) held_back: Option<Dataset>,
    pub(in crate::commands) split: Split,
}

/// All that a training reads before it begins.
pub(in crate::commands) struct Begin {
    pub(in crate::commands) photographs: Photographs,
    pub(in crate::commands) course: Course,
    pub(in crate::commands) classes: Vec<Class>,
    pub(in crate::commands) notes: Vec<String>,
}

impl Begin {
    pub(super) fn read(args: &TrainArgs) -> Result<Self> {
        let photographs = Photographs::read(args)?;
        let course = Course::of(args, &Part::default(), photographs.labels().len())?;
        Ok(Self::of(photographs, course))
    }

    pub(in crate::commands) fn of(photographs: Photographs, course: Course) -> Self {
        let Photographs {
            dataset, held_back, ..
        } = &photographs;
        let of_held_back = held_back.iter().flat_map(|held_back| &held_back.notes);
        let of_held_back = of_held_back.filter(|note| !dataset.notes.contains(note));
        let notes = dataset.notes.iter().chain(&course.trainable.notes);
        let mut notes: Vec<String> = notes.chain(of_held_back).cloned().collect();
        let copies = photographs.copies();
        if copies > 0 {
            notes.push(format!(
                "{copies} of the {} have the same content as one that is trained on: of them the validation tells nothing",
                count(photographs.split.validation.len(), "photograph held back")
            ));
        }
        let photos = photographs.split.training.len();
        if course.recipe.batch > photos {
            notes.push(format!(
                "a batch of {} is more than there is: every step has all {}",
                course.recipe.batch,
                count(photos, "photograph")
            ));
        }
        Self {
            classes: photographs.labels().iter().map(Class::named).collect(),
            notes,
            photographs,
            course,
        }
    }

    /// All that decides what comes of the training, but for the network and the data set.
    pub(in crate::commands) fn options(&self, args: &TrainArgs) -> Result<Value> {
        let Photographs { dataset, split, .. } = &self.photographs;
        let listing = split.training.iter().flat_map(|&photo| {
            let photo = &dataset.photos[photo];
            let label = photo
                .label
                .map_or("", |label| &*dataset.labels.names[label]);
            [photo.path.as_str(), label]
        });
        let recipe = serde_json::to_value(&self.course.recipe);
        let mut options = recipe.map_err(|error| Error::Usage(format!("training: {error}")))?;
        let more = json!({
            "weights": self.course.trainable.sha256,
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
            "precision": args.precision.to_string(),
            "ten_crop": args.ten_crop,
            "per_class": args.per_class,
            "snapshots": Amount::from(&self.course.snapshots),
            "photographs": split.training.len(),
            "training_listing": sha256_of_texts(listing),
        });
        if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
            options.extend(more);
            options.extend(self.course.told.clone());
        }
        Ok(options)
    }

    /// Photographs that were to be trained on and cannot be read.
    pub(super) fn left_out(&self, skipped: &[Skipped]) -> Vec<SkippedFile> {
        let told = |(photo, skip): &Skipped| SkippedFile {
            path: self.photographs.dataset.photos[*photo].path.clone(),
            reason: skip.to_string(),
        };
        skipped.iter().map(told).collect()
    }
}

impl Photographs {
    /// Reads which there are.
    pub(in crate::commands) fn read(args: &TrainArgs) -> Result<Self> {
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
        Ok(Self {
            dataset,
            held_back,
            split,
        })
    }

    /// How many of those that are held back are trained on, too, under another name.
    fn copies(&self) -> usize {
        let paths = |dataset: &Dataset, chosen: &[usize]| -> Vec<PathBuf> {
            let chosen = chosen.iter();
            chosen
                .map(|&photo| dataset.root.join(&dataset.photos[photo].path))
                .collect()
        };
        let held_back = self.held_back.as_ref().unwrap_or(&self.dataset);
        copies::count(
            &paths(&self.dataset, &self.split.training),
            &paths(held_back, &self.split.validation),
        )
    }

    /// The names of the classes.
    pub(in crate::commands) fn labels(&self) -> &[String] {
        &self.dataset.labels.names
    }

    /// Those that are looked at when the network is trained.
    pub(in crate::commands) fn looked_at(&self) -> Dataset {
        let mut looked_at = self.held_back.as_ref().unwrap_or(&self.dataset).clone();
        if self.held_back.is_some() {
            looked_at.unlisted += self.dataset.unlisted;
        }
        let kept = self.split.validation.iter();
        let kept: BTreeSet<String> = kept
            .map(|&photo| looked_at.photos[photo].path.clone())
            .collect();
        looked_at.retain(|path| kept.contains(path));
        looked_at
    }
}

fn open_dataset(root: &Path, options: &DatasetOptions) -> Result<Dataset> {
    if options.label_map.is_some() {
        return Err(Error::Usage(
            "--label-map tells which classes of a trained network are a label's; a network that is trained has a class for each label".into(),
        ));
    }
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
