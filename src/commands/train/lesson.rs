//! A training that can begin, and its way from an empty run folder to a finished one.

use std::path::{Path, PathBuf};

use base::digest::sha256_of_file;
use base::words::count;
use base::Result;
use engine::device;
use experiments::evolution::{Evolution, Options as EvolutionOptions};
use experiments::training::{Cache, Training};
use network::weights::Weights;
use network::{Model, Preprocessing, Whole, TRAINED};
use progress::{say, Voice};
use records::tables::MetricRow;
use records::{Plan, RunFolder, SkippedFile};
use serde_json::json;

use super::super::report::clock::Clock;
use super::super::report::given::Given;
use super::super::report::machine::Machine;
use super::super::report::passes::Held;
use super::super::report::{checks, open, plan, Begun, Run};
use super::begin::Begin;
use super::cost::Cost;
use super::course::{norms, recipe_name};
use super::longer;
use crate::cli::{CacheChoice, ReportArgs, TrainArgs, Val};

/// A training with the machine that it has, and the report that follows it.
pub(in crate::commands) struct Lesson<'a> {
    args: &'a TrainArgs,
    begin: Begin,
    root: PathBuf,
    source: String,
    weights: Weights,
    preprocessing: Preprocessing,
    machine: Machine,
    evolution: Option<EvolutionOptions>,
    pub(in crate::commands) look: Look,
}

/// The report on the photographs that are held back.
pub(in crate::commands) struct Look {
    pub(in crate::commands) args: ReportArgs,
    pub(in crate::commands) given: Given,
    pub(in crate::commands) plan: Plan,
}

impl<'a> Lesson<'a> {
    /// Makes all ready for a training whose run folder is to be `root`; nothing is written.
    pub(in crate::commands) fn ready(
        args: &'a TrainArgs,
        begin: Begin,
        root: &Path,
        voice: Voice,
    ) -> Result<Self> {
        let path = root.join(TRAINED);
        let mut report = args.report(&path);
        if let Some(Val::Folder(folder)) = &args.val {
            checks::outside(folder, root)?;
            report.data.dataset.clone_from(folder);
        }
        let (trainable, recipe) = (&begin.course.trainable, &begin.course.recipe);
        let photos = count(begin.photographs.split.training.len(), "photograph");
        let source = format!("trained by deconvscope on {photos}");
        let preprocessing = Training::preprocessing(trainable, recipe)?;
        let weights = recipe.init.weights_of(trainable, begin.course.seed)?;
        let untrained = Whole {
            network: &trainable.network,
            weights: &weights,
            classes: &begin.classes,
            preprocessing: &preprocessing,
            source: &source,
        };
        let model = Model::of(&untrained, &path, &trainable.sha256)?;
        let mut given = Given::of(model, begin.photographs.looked_at(), begin.notes.clone())?;
        let machine = Machine::for_training(&report.network, args.precision, &mut given, voice)?;
        let mut plan = plan::plan(&report, &given, &machine)?;
        let options = begin.options(args)?;
        plan.options.experiments.insert("training".into(), options);
        let evolution = args.evolution.resolve(&begin.course.snapshots)?;
        let followed = evolution.as_ref().map(|options| json!(options));
        let followed = followed.map(|options| ("evolution".into(), options));
        plan.options.experiments.extend(followed);
        Ok(Self {
            args,
            begin,
            root: root.to_owned(),
            source,
            weights,
            preprocessing,
            machine,
            evolution,
            look: Look {
                args: report,
                given,
                plan,
            },
        })
    }

    /// Says what is trained, on what, and where.
    pub(in crate::commands) fn announce(&self, voice: Voice) {
        let told = format!(
            "training {} from {} by the recipe {} on {}, {} held back, {} for {}",
            self.begin.course.trainable.network.name,
            match self.begin.course.trainable.weights.is_empty() {
                true => "random weights",
                false => "trained weights",
            },
            recipe_name(self.args),
            count(self.begin.photographs.split.training.len(), "photograph"),
            self.begin.photographs.split.validation.len(),
            self.machine.devices.join(", "),
            count(self.begin.course.recipe.epochs, "epoch")
        );
        say(voice, &told);
    }

    /// What it would take, by a micro-batch that is measured now.
    pub(in crate::commands) fn cost(&self) -> Result<Cost> {
        let recipe = &self.begin.course.recipe;
        let learning = recipe.learning(norms(self.args), self.args.precision);
        let on = (&self.machine, learning);
        Cost::of(&self.begin, &self.weights, &self.preprocessing, on)
    }

    /// Trains, looks at what came of it, and closes the folder; the exit code.
    pub(in crate::commands) fn carry_out(self, mut clock: Clock, voice: Voice) -> Result<u8> {
        let Self {
            args,
            begin,
            root,
            source,
            machine,
            evolution,
            mut look,
            ..
        } = self;
        let begun = match args.run.resume {
            true => longer::begun(&root, &look.plan)?,
            false => look.plan.clone(),
        };
        let folder = match open(&look.args, &root, &begun, &look.given, voice)? {
            Begun::Finished(code) => return Ok(code),
            Begun::Running(folder) => folder,
        };
        clock.lap("preparation");

        device::one_thread_here();
        let (course, photographs) = (&begin.course, &begin.photographs);
        let training = Training {
            dataset: &photographs.dataset,
            held_back: photographs
                .held_back
                .as_ref()
                .unwrap_or(&photographs.dataset),
            split: &photographs.split,
            trainable: &course.trainable,
            recipe: &course.recipe,
            frozen: course.frozen.clone(),
            norms: norms(args),
            precision: args.precision,
            snapshots: &course.snapshots,
            ten_crop: args.ten_crop,
            cache: args.cache.map(cache),
            engine: &machine.engines[0],
            threads: machine.threads,
            seed: course.seed,
            folder: &folder,
            voice,
        };
        let learnt = training.run().map_err(|error| error.resumable(&root))?;
        clock.lap("training");

        let trained = Whole {
            network: &learnt.network,
            weights: &learnt.weights,
            classes: &begin.classes,
            preprocessing: &learnt.preprocessing,
            source: &source,
        };
        let path = root.join(TRAINED);
        trained.write(&path)?;
        let model = Model::of(&trained, &path, &sha256_of_file(&path)?)?;
        let skipped = begin.left_out(&learnt.skipped);
        if let Some(options) = evolution {
            let (network, preprocessing) = (learnt.network, learnt.preprocessing);
            let evolution = Evolution::of(options, network, preprocessing);
            look.given.experiments.push(Box::new(evolution));
        }
        look.at(model, (folder, skipped, learnt.metrics), clock, voice)
    }
}

impl Look {
    /// Looks with a trained network, and closes the folder; the exit code.
    pub(in crate::commands) fn at(
        mut self,
        model: Model,
        (folder, skipped, metrics): (RunFolder, Vec<SkippedFile>, Vec<MetricRow>),
        clock: Clock,
        voice: Voice,
    ) -> Result<u8> {
        self.given.stages = model.anatomy.select_stages(None)?;
        self.plan.model.sha256.clone_from(&model.weights_sha256);
        self.given.model = model;
        let run = Run {
            args: &self.args,
            machine: Machine::open(&self.args.network, &mut self.given, voice)?,
            plan: self.plan,
            given: self.given,
            folder,
            skipped,
            metrics,
            held: Held::Against,
        };
        run.carry_out(clock, voice)
    }
}

fn cache(choice: CacheChoice) -> Cache {
    match choice {
        CacheChoice::Memory => Cache::Memory,
        CacheChoice::File => Cache::File,
        CacheChoice::None => Cache::None,
    }
}
