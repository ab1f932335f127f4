//! `deconvscope train`: class folders in; a trained network and the run folder with its report out.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use base::digest::sha256_of_file;
use base::words::count;
use base::{Error, Result};
use dataset::{Dataset, DatasetOptions};
use engine::device;
use engine::learn::Norms;
use experiments::training::{Cache, Estimate, Recipe, Split, Training};
use network::classes::Class;
use network::{Anatomy, Model, ModelSource, Network, Preprocessing, Trainable, Whole, TRAINED};
use progress::{catch_interrupts, say, Voice};
use records::SkippedFile;
use serde_json::{json, Value};

use super::report::clock::Clock;
use super::report::given::Given;
use super::report::machine::Machine;
use super::report::plan;
use super::report::{open, place, Begun, Run};
use crate::cli::{BatchNorms, CacheChoice, TrainArgs};

pub(super) fn run(args: &TrainArgs, voice: Voice) -> Result<u8> {
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let root = place(&args.report(Path::new(TRAINED)), &clock)?;
    let report = args.report(&root.join(TRAINED));
    let Begin {
        dataset,
        split,
        trainable,
        recipe,
        frozen,
        classes,
        notes,
    } = Begin::read(args)?;
    notes.iter().for_each(|note| say(voice, note));

    let seed = args.data.seed;
    let preprocessing = Training::preprocessing(&trainable.network, &recipe)?;
    let source = format!(
        "trained by deconvscope on {}",
        count(split.training.len(), "photograph")
    );
    let begun = Whole {
        network: &trainable.network,
        weights: &recipe.init.weights_of(&trainable, seed)?,
        classes: &classes,
        preprocessing: &preprocessing,
        source: &source,
    };
    let model = Model::of(&begun, &root.join(TRAINED), &trainable.sha256)?;
    let mut given = Given::of(model, held_back(args, &dataset, &split)?, notes)?;
    let machine = Machine::open(&report.network, &mut given, voice)?;
    let mut plan = plan::plan(&report, &given, &machine)?;
    let options = options(args, &recipe, &trainable, &split, &dataset)?;
    plan.options.experiments.insert("training".into(), options);
    say(
        voice,
        &format!(
            "training {} on {}, {} held back, {} for {}",
            trainable.network.name,
            count(split.training.len(), "photograph"),
            split.validation.len(),
            machine.device,
            count(recipe.epochs, "epoch")
        ),
    );
    let norms = match args.batch_norms {
        BatchNorms::Trained => Norms::Trained,
        BatchNorms::Frozen => Norms::Frozen,
    };
    if args.dry_run {
        let learning = recipe.learning(norms);
        let on = (&machine.engines[0], machine.threads);
        let anatomy = Arc::new(Anatomy::of(trainable.network.clone())?);
        let estimate = Estimate::measure(&anatomy, begun.weights, &recipe, on, learning)?;
        let lines = told(&estimate, &recipe, &split, &preprocessing);
        return super::print(format!("{}\n", lines.join("\n")).as_bytes()).map(|()| 0);
    }
    let folder = match open(&report, &root, &plan, &given, voice)? {
        Begun::Finished(code) => return Ok(code),
        Begun::Running(folder) => folder,
    };
    clock.lap("preparation");

    let training = Training {
        dataset: &dataset,
        split: &split,
        trainable: &trainable,
        recipe: &recipe,
        frozen,
        norms,
        cache: args.cache.map(|cache| match cache {
            CacheChoice::Memory => Cache::Memory,
            CacheChoice::File => Cache::File,
            CacheChoice::None => Cache::None,
        }),
        engine: &machine.engines[0],
        threads: machine.threads,
        seed,
        folder: &folder,
        voice,
    };
    device::one_thread_here();
    let learnt = training.run().map_err(|error| error.resumable(&root))?;
    clock.lap("training");

    let whole = Whole {
        network: &learnt.network,
        weights: &learnt.weights,
        classes: &classes,
        preprocessing: &learnt.preprocessing,
        source: &source,
    };
    whole.write(&root.join(TRAINED))?;
    let sha256 = sha256_of_file(&root.join(TRAINED))?;
    given.model = Model::of(&whole, &root.join(TRAINED), &sha256)?;
    given.stages = given.model.anatomy.select_stages(None)?;
    plan.model.sha256 = sha256;
    let machine = Machine::open(&report.network, &mut given, voice)?;
    let skipped = learnt.skipped.iter();
    let skipped = skipped.filter(|(photo, _)| split.training.binary_search(photo).is_ok());
    let skipped = skipped
        .map(|(photo, skip)| SkippedFile {
            path: dataset.photos[*photo].path.clone(),
            reason: skip.to_string(),
        })
        .collect();
    let run = Run {
        args: &report,
        plan,
        given,
        machine,
        folder,
        skipped,
    };
    run.carry_out(clock, voice)
}

/// What a training would take, line by line.
fn told(
    estimate: &Estimate,
    recipe: &Recipe,
    split: &Split,
    preprocessing: &Preprocessing,
) -> Vec<String> {
    let photos = split.training.len();
    let side = u64::from(recipe.side(preprocessing.crop.height));
    let frames = (photos as u64 * side * side * 3) >> 20;
    let steps = photos.div_ceil(recipe.batch);
    let hours = (recipe.epochs * photos) as f64 / estimate.speed / 3600.0;
    vec![
        format!(
            "{:.2} million parameters, {:.1} million multiplications a photograph",
            estimate.parameters as f64 / 1e6,
            estimate.multiply_adds as f64 / 1e6
        ),
        format!("{frames} MiB of decoded photographs"),
        format!(
            "{}, {} each: {} in all",
            count(recipe.epochs, "epoch"),
            count(steps, "step"),
            steps * recipe.epochs
        ),
        format!(
            "about {:.0} photographs/s now, {}",
            estimate.speed,
            match hours < 1.0 {
                true => count((60.0 * hours).ceil() as usize, "minute"),
                false => format!("{hours:.1} hours"),
            }
        ),
    ]
}

/// All that a training reads before it begins.
struct Begin {
    dataset: Dataset,
    split: Split,
    trainable: Trainable,
    recipe: Recipe,
    frozen: BTreeSet<usize>,
    classes: Vec<Class>,
    notes: Vec<String>,
}

impl Begin {
    fn read(args: &TrainArgs) -> Result<Self> {
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
        let frozen = frozen(&trainable.network, &args.freeze)?;
        let notes = [&dataset.notes[..], &trainable.notes].concat();
        Ok(Self {
            classes: names.iter().map(Class::named).collect(),
            dataset,
            split,
            trainable,
            recipe,
            frozen,
            notes,
        })
    }
}

fn open_dataset(args: &TrainArgs) -> Result<Dataset> {
    let options = DatasetOptions {
        labels: args.data.labels.clone(),
        label_map: args.data.label_map.clone(),
        label_level: args.data.label_level,
        split: args.data.split.clone(),
        limit: args.data.limit,
        seed: args.data.seed,
    };
    let mut dataset = Dataset::open(&args.data.dataset, &options, &[])?;
    // A label's class is the one that is trained for it.
    let classes = (0..dataset.labels.names.len()).map(|label| vec![label]);
    dataset.labels.classes = classes.collect();
    Ok(dataset)
}

/// The photographs that are looked at when the network is trained.
fn held_back(args: &TrainArgs, dataset: &Dataset, split: &Split) -> Result<Dataset> {
    let mut held_back = open_dataset(args)?;
    let kept: BTreeSet<&str> = split
        .validation
        .iter()
        .map(|&photo| dataset.photos[photo].path.as_str())
        .collect();
    held_back.retain(|path| kept.contains(path));
    Ok(held_back)
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

/// All that decides what comes of the training, but for the network and the data set.
fn options(
    args: &TrainArgs,
    recipe: &Recipe,
    trainable: &Trainable,
    split: &Split,
    dataset: &Dataset,
) -> Result<Value> {
    let listed = |photos: &[usize]| {
        let paths = photos
            .iter()
            .map(|&photo| dataset.photos[photo].path.as_str());
        base::digest::sha256_of_texts(paths)
    };
    let recipe = serde_json::to_value(recipe);
    let mut options = recipe.map_err(|error| Error::Usage(format!("training: {error}")))?;
    let more = json!({
        "weights": trainable.sha256,
        "freeze": args.freeze,
        "batch_norms": match args.batch_norms {
            BatchNorms::Trained => "trained",
            BatchNorms::Frozen => "frozen",
        },
        "val": args.val,
        "per_class": args.per_class,
        "photographs": split.training.len(),
        "training_listing": listed(&split.training),
    });
    if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
        options.extend(more);
    }
    Ok(options)
}
