//! A network trained from random weights on what each split trains on, in run folders of their own.

use std::collections::{BTreeMap, BTreeSet};

use base::digest::draw;
use base::words::count;
use base::{Error, Result};
use dataset::Dataset;
use experiments::training::{Recipe, Split};
use experiments::transfer::scratch::{tell, Part};
use experiments::{Context, Experiment};
use progress::{say, stop_here};
use records::tables::{MetricRow, TransferScratchRow};
use records::{Answers, Manifest, Run, VARIANTS};
use serde_json::{json, Map, Value};

use super::super::report::clock::Clock;
use super::super::report::given::Given;
use super::super::train::begin::{Begin, Photographs};
use super::super::train::course::{Course, Part as Decided};
use super::super::train::lesson::Lesson;
use crate::cli::{TrainArgs, TransferCommandArgs};

/// The trainings, when the splits are drawn.
#[derive(Debug)]
pub(super) struct FromScratch {
    args: TransferCommandArgs,
    training: TrainArgs,
    recipe: Recipe,
    splits: usize,
}

impl FromScratch {
    /// As the command line tells.
    ///
    /// # Errors
    /// Those of a training's network and recipe; [`Error::Usage`] for a recipe that looks at the photographs that are tested.
    pub(super) fn of(args: TransferCommandArgs, given: &Given) -> Result<Self> {
        let network = args.scratch.scratch.clone().unwrap_or_default();
        let training = args.training(&network);
        let classes = given.dataset.labels.names.len();
        let recipe = course(&training, &Decided::default(), classes)?.recipe;
        if recipe.heeds_validation() {
            return Err(Error::Usage(format!(
                "--scratch-recipe {}: its rate or its end depends on the photographs that are tested, whose accuracy would be too good; take small, or --scratch-set schedule=cosine without early_stopping",
                args.scratch.scratch_recipe
            )));
        }
        Ok(Self {
            splits: args.scratch.scratch_splits.unwrap_or(usize::MAX),
            args,
            training,
            recipe,
        })
    }

    /// Trains on a part's photographs, and tells what the network made of those that are tested.
    fn train(&self, context: &Context<'_>, part: &Part) -> Result<TransferScratchRow> {
        let folder = format!("{VARIANTS}/scratch-{}-{}", part.per_class, part.split);
        let root = context.root().join(&folder);
        let mut args = self.training.clone();
        args.run.out = Some(root.clone());
        let photographs = photographs(context.setting.dataset, part);
        let [number, split] = [part.per_class, part.split].map(|number| number.to_string());
        let told = json!({ "transfer_per_class": part.per_class, "transfer_split": part.split });
        let decided = Decided {
            seed: Some(draw(args.data.seed, &["scratch", &number, &split])),
            told: match told {
                Value::Object(told) => told,
                _ => Map::new(),
            },
            ..Decided::default()
        };
        let course = course(&args, &decided, photographs.labels().len())?;
        let network = course.trainable.network.name.clone();
        let lesson = Lesson::ready(&args, Begin::of(photographs, course), &root, context.voice)?;
        lesson.announce(context.voice);
        lesson.carry_out(Clock::start()?, context.voice)?;

        let run = Run::new(&root, Manifest::read(&root)?);
        let answers = Answers::read(&run)?.by_id.into_iter();
        let right = answers.filter_map(|(id, answer)| Some((id, answer.right?)));
        let right: BTreeMap<String, bool> = right.collect();
        if right.len() != part.tested.len() {
            return Err(Error::run_folder(
                &root,
                format!(
                    "tells of {}, {} were to be tested; begin anew with --overwrite",
                    count(right.len(), "photograph"),
                    part.tested.len()
                ),
            ));
        }
        Ok(TransferScratchRow {
            network,
            per_class: part.per_class,
            split: part.split,
            trained: part.trained.len(),
            accuracy: part.accuracy(context, &right),
            tested: part.tested.len(),
            run: folder,
        })
    }
}

impl Experiment for FromScratch {
    fn name(&self) -> &'static str {
        "scratch"
    }

    fn options(&self) -> serde_json::Result<Value> {
        Ok(json!({
            "network": self.args.scratch.scratch,
            "splits": self.args.scratch.scratch_splits,
            "recipe": serde_json::to_value(&self.recipe)?,
        }))
    }

    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let parts = Part::all(context, self.splits)?;
        let mut rows = Vec::with_capacity(parts.len());
        for (number, part) in parts.iter().enumerate() {
            stop_here()?;
            let told = format!(
                "from scratch {} of {}: {} of each class, split {}",
                number + 1,
                parts.len(),
                part.per_class,
                part.split
            );
            say(context.voice, &told);
            rows.push(self.train(context, part)?);
        }
        tell(context, &rows)
    }
}

/// The network and the recipe; of a file's weights nothing is taken over.
fn course(args: &TrainArgs, decided: &Decided, classes: usize) -> Result<Course> {
    let mut course = Course::of(args, decided, classes)?;
    course.trainable.weights.clear();
    course.trainable.sha256.clear();
    Ok(course)
}

/// A part's photographs alone, those that are tested held back; the labels are those that take part.
fn photographs(dataset: &Dataset, part: &Part) -> Photographs {
    let mut of_part = dataset.clone();
    let mut labels: Vec<usize> = part
        .trained
        .iter()
        .filter_map(|&photo| dataset.photos[photo].label)
        .collect();
    labels.sort_unstable();
    labels.dedup();
    for photo in &mut of_part.photos {
        photo.label = photo
            .label
            .and_then(|label| labels.binary_search(&label).ok());
    }
    of_part.labels.names = labels
        .iter()
        .map(|&label| dataset.labels.names[label].clone())
        .collect();
    of_part.labels.classes = (0..labels.len()).map(|label| vec![label]).collect();
    let takes_part = |photo: &usize| {
        [&part.trained, &part.tested]
            .iter()
            .any(|of| of.binary_search(photo).is_ok())
    };
    let kept: Vec<usize> = (0..dataset.photos.len()).filter(takes_part).collect();
    let paths: BTreeSet<&str> = kept
        .iter()
        .map(|&photo| &*dataset.photos[photo].path)
        .collect();
    of_part.retain(|path| paths.contains(path));
    let among = |photos: &[usize]| -> Vec<usize> {
        let places = photos.iter();
        places
            .filter_map(|photo| kept.binary_search(photo).ok())
            .collect()
    };
    Photographs {
        split: Split {
            training: among(&part.trained),
            validation: among(&part.tested),
        },
        dataset: of_part,
        held_back: None,
    }
}
