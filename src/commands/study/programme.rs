//! What a study is going to train: its file and the command line in one.

use std::collections::BTreeSet;
use std::path::Path;

use base::{Error, Result};
use experiments::study::{Study, Variant};
use network::Anatomy;
use records::VARIANTS;
use serde_json::{json, Map, Value};
use vocabulary::Amount;

use super::super::train::course::{Course, Part};
use crate::cli::{RunArgs, StudyArgs, TrainArgs};

/// A study with all that the command line says of it.
pub(super) struct Programme {
    pub(super) study: Study,
    /// As for a training of the base.
    pub(super) args: TrainArgs,
    pub(super) seeds: Vec<u64>,
}

/// One of its trainings.
pub(super) struct Training<'a> {
    pub(super) variant: &'a Variant,
    pub(super) seed: u64,
    /// Whether its variant is trained with other seeds, too.
    is_one_of_several: bool,
}

impl Training<'_> {
    /// Its run folder inside the study's.
    pub(super) fn folder(&self) -> String {
        match self.is_one_of_several {
            true => format!("{VARIANTS}/{}-seed-{}", self.variant.name, self.seed),
            false => format!("{VARIANTS}/{}", self.variant.name),
        }
    }

    /// What it is, for people.
    pub(super) fn told(&self) -> String {
        match self.is_one_of_several {
            true => format!("{}, seed {}", self.variant.name, self.seed),
            false => self.variant.name.clone(),
        }
    }
}

impl Programme {
    /// Of the command line.
    pub(super) fn of(args: &StudyArgs) -> Result<Self> {
        let mut study = Study::read(&args.study)?;
        if !args.variants.is_empty() {
            study = study.only(&args.variants)?;
        }
        let given = &args.train;
        let args_of_all = TrainArgs {
            model: given.model.clone().or(Some(study.model.clone())),
            recipe: given.recipe.clone().or(study.recipe.clone()),
            set: study.set().into_iter().chain(given.set.clone()).collect(),
            detail: Some(given.detail.clone().unwrap_or(Amount::Some(0))),
            snapshots: given.snapshots.clone().or(Some(Amount::None)),
            ..given.clone()
        };
        let seeds = match args.seeds.is_empty() {
            true => vec![given.data.seed],
            false => args.seeds.clone(),
        };
        let programme = Self {
            study,
            args: args_of_all,
            seeds,
        };
        let mut folders = BTreeSet::new();
        let mut trainings = programme.trainings().into_iter();
        match trainings.find(|training| !folders.insert(training.folder())) {
            Some(twice) => Err(Error::Usage(format!(
                "{} would be trained twice; tell each seed once, and choose names that differ",
                twice.told()
            ))),
            None => Ok(programme),
        }
    }

    /// Variant by variant, the base first, each with every seed.
    pub(super) fn trainings(&self) -> Vec<Training<'_>> {
        let of_variant = |variant| {
            self.seeds.iter().map(move |&seed| Training {
                variant,
                seed,
                is_one_of_several: self.seeds.len() > 1,
            })
        };
        self.study.all().flat_map(of_variant).collect()
    }

    /// The networks of all variants, whose shapes fit.
    pub(super) fn networks(&self, classes: usize) -> Result<Vec<Anatomy>> {
        let network = |variant: &Variant| {
            let part = self.part(variant, self.seeds[0]);
            let course = Course::of(&self.args, &part, classes);
            let anatomy = course.and_then(|course| Anatomy::of(course.trainable.network));
            anatomy.map_err(|error| of_variant(error, variant))
        };
        self.study.all().map(network).collect()
    }

    /// What is trained, and how.
    pub(super) fn course(&self, training: &Training<'_>, classes: usize) -> Result<Course> {
        let part = self.part(training.variant, training.seed);
        let course = Course::of(&self.args, &part, classes);
        course.map_err(|error| of_variant(error, training.variant))
    }

    fn part(&self, variant: &Variant, seed: u64) -> Part {
        let told = json!({
            "study": self.study.name,
            "variant": variant.name,
            "training_seed": seed,
        });
        Part {
            edits: variant.edits(),
            recipe: variant.recipe(),
            seed: Some(seed),
            told: match told {
                Value::Object(told) => told,
                _ => Map::new(),
            },
        }
    }

    /// The command line of one of its trainings, in that folder, where it goes on with what is there or replaces it.
    pub(super) fn args_in(&self, folder: &Path, overwrite: bool) -> TrainArgs {
        TrainArgs {
            run: RunArgs {
                out: Some(folder.to_owned()),
                resume: !overwrite,
                overwrite,
                ..self.args.run.clone()
            },
            ..self.args.clone()
        }
    }
}

/// With the variant that it is about.
fn of_variant(error: Error, variant: &Variant) -> Error {
    let name = &variant.name;
    match error {
        Error::Usage(problem) => Error::Usage(format!("variant '{name}': {problem}")),
        Error::Network {
            network,
            node,
            problem,
        } => Error::Network {
            network: format!("{network}, variant '{name}'"),
            node,
            problem,
        },
        Error::UnknownName {
            kind,
            name: unknown,
            known,
            also,
            advice,
        } => Error::UnknownName {
            kind,
            name: unknown,
            known,
            also,
            advice: format!("{advice} (variant '{name}')"),
        },
        other => other,
    }
}
