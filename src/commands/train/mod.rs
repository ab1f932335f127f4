//! `deconvscope train`: class folders in; a trained network and the run folder with its report out.

mod begin;
mod cost;
mod longer;

use std::path::Path;

use base::digest::sha256_of_file;
use base::words::count;
use base::Result;
use engine::device;
use engine::learn::Norms;
use experiments::training::{Cache, Training};
use network::{Model, Whole, TRAINED};
use progress::{catch_interrupts, say, Voice};

use super::report::clock::Clock;
use super::report::given::Given;
use super::report::machine::Machine;
use super::report::{checks, open, place, plan, Begun, Run};
use crate::cli::{BatchNorms, CacheChoice, TrainArgs, Val};
use begin::Begin;

pub(super) fn run(args: &TrainArgs, voice: Voice) -> Result<u8> {
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let root = place(&args.report(Path::new(TRAINED)), &clock)?;
    if let Some(Val::Folder(folder)) = &args.val {
        checks::outside(folder, &root)?;
    }
    let path = root.join(TRAINED);
    let mut report = args.report(&path);
    if let Some(Val::Folder(folder)) = &args.val {
        report.data.dataset.clone_from(folder);
    }
    let begin = Begin::read(args)?;
    begin.notes.iter().for_each(|note| say(voice, note));

    let (trainable, recipe) = (&begin.trainable, &begin.recipe);
    let photos = count(begin.split.training.len(), "photograph");
    let source = format!("trained by deconvscope on {photos}");
    let preprocessing = Training::preprocessing(&trainable.network, recipe)?;
    let untrained = Whole {
        network: &trainable.network,
        weights: &recipe.init.weights_of(trainable, args.data.seed)?,
        classes: &begin.classes,
        preprocessing: &preprocessing,
        source: &source,
    };
    let model = Model::of(&untrained, &path, &trainable.sha256)?;
    let mut given = Given::of(model, begin.looked_at(args)?, begin.notes.clone())?;
    let machine = Machine::open(&report.network, &mut given, voice)?;
    let mut plan = plan::plan(&report, &given, &machine)?;
    let options = begin.options(args)?;
    plan.options.experiments.insert("training".into(), options);
    say(
        voice,
        &format!(
            "training {} on {photos}, {} held back, {} for {}",
            trainable.network.name,
            begin.split.validation.len(),
            machine.devices.join(", "),
            count(recipe.epochs, "epoch")
        ),
    );
    if args.dry_run {
        let on = (&machine, norms(args));
        let cost = cost::told(&begin, untrained.weights, &preprocessing, on)?;
        return super::print(cost.as_bytes()).map(|()| 0);
    }
    let begun = match args.run.resume {
        true => longer::begun(&root, &plan)?,
        false => plan.clone(),
    };
    let folder = match open(&report, &root, &begun, &given, voice)? {
        Begun::Finished(code) => return Ok(code),
        Begun::Running(folder) => folder,
    };
    clock.lap("preparation");

    device::one_thread_here();
    let training = Training {
        dataset: &begin.dataset,
        held_back: begin.held_back.as_ref().unwrap_or(&begin.dataset),
        split: &begin.split,
        trainable,
        recipe,
        frozen: begin.frozen.clone(),
        norms: norms(args),
        ten_crop: args.ten_crop,
        cache: args.cache.map(cache),
        engine: &machine.engines[0],
        threads: machine.threads,
        seed: args.data.seed,
        folder: &folder,
        voice,
    };
    let learnt = training.run().map_err(|error| error.resumable(&root))?;
    clock.lap("training");

    let trained = Whole {
        network: &learnt.network,
        weights: &learnt.weights,
        preprocessing: &learnt.preprocessing,
        ..untrained
    };
    trained.write(&path)?;
    let sha256 = sha256_of_file(&path)?;
    given.model = Model::of(&trained, &path, &sha256)?;
    given.stages = given.model.anatomy.select_stages(None)?;
    plan.model.sha256 = sha256;
    let run = Run {
        args: &report,
        plan,
        machine: Machine::open(&report.network, &mut given, voice)?,
        given,
        folder,
        skipped: begin.left_out(&learnt.skipped),
        metrics: learnt.metrics,
    };
    run.carry_out(clock, voice)
}

fn norms(args: &TrainArgs) -> Norms {
    match args.batch_norms {
        BatchNorms::Trained => Norms::Trained,
        BatchNorms::Frozen => Norms::Frozen,
    }
}

fn cache(choice: CacheChoice) -> Cache {
    match choice {
        CacheChoice::Memory => Cache::Memory,
        CacheChoice::File => Cache::File,
        CacheChoice::None => Cache::None,
    }
}
