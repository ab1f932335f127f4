//! What feature maps cost: their strongest units projected, and the scan that finds them. `scripts/bench_features.py` sets
//! both against Captum and against bare forward passes.
//!
//! `features noise FOLDER COUNT` writes pictures of seeded noise, for want of photographs.
//!
//! `features projections NETWORK STAGE PHOTOS REFERENCE [--limit N] [--maps 64] [--top 9] [--units N] [--sample 32]
//! [--threads 2]` finds the strongest units of maps drawn by seed, in a network of the zoo with He-normal filters. It
//! writes some of them to the file REFERENCE, with filters, inputs and what the units' projections should be, and prints
//! one JSON object of what was found. Then for each line that it reads it takes a round and prints the seconds of
//! projecting the units, the first N in their photos' order: given the photos' traces, and given decoded inputs.
//!
//! `features scan NETWORK PHOTOS [--seeded] [--rounds 3] [--threads 2]` prints the seconds of a scan of decoded inputs, of
//! bare forward passes up to the last layer that it looks at, and of bare forward passes through the whole network, in
//! turn, and the rounds' ratios.

mod common;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use common::{median, model, Failure};
use deconvscope::dataset::{self, Dataset, DatasetOptions, Masks};
use deconvscope::engine::patches::{Patch, Place, UnitProjector};
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{pool, Engine, Recording, ReluRule, Trace};
use deconvscope::experiments::features::{Features, LayerTally, Maps};
use deconvscope::experiments::pipeline::Watch;
use deconvscope::experiments::Setting;
use deconvscope::network::receptive_field::{self, Field};
use deconvscope::network::shape::Shape;
use deconvscope::network::{Model, ModelSource, Op, Stage};
use deconvscope::records::PhotoRecord;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use tch::{Device, Tensor};

/// Photos whose units are projected together, as in the second pass of `deconvscope features`.
const GROUP: usize = 8;
/// Projections that are held against Captum's.
const CHECKED: usize = 6;
/// Seconds that a round fills with passes.
const ROUND: f64 = 0.5;

/// Photos by number, each with units in it.
type Group = Vec<(usize, Vec<Unit>)>;
/// What the network sees of photos, by number.
type Inputs = BTreeMap<usize, Vec<f32>>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["noise", folder, count] => noise(Path::new(folder), count.parse()?),
        ["projections", network, stage, photos, reference, options @ ..] => {
            let stages = [(*stage).to_owned()];
            let limit = option(options, "--limit", usize::MAX)?;
            let subject = Subject::new(model(network)?, photos, Some(&stages), limit)?;
            projections(&subject, Path::new(reference), options)
        }
        ["scan", network, photos, options @ ..] => {
            let model = match options.contains(&"--seeded") {
                true => model(network)?,
                false => Model::load(&ModelSource {
                    name: (*network).to_owned(),
                    ..ModelSource::default()
                })?,
            };
            let subject = Subject::new(model, photos, None, usize::MAX)?;
            scan(&subject, options)
        }
        _ => Err("usage: features noise|projections|scan …".into()),
    }
}

fn option(options: &[&str], name: &str, default: usize) -> Result<usize, Failure> {
    let at = options.iter().position(|option| *option == name);
    match at.and_then(|at| options.get(at + 1)) {
        Some(value) => Ok(value.parse()?),
        None => Ok(default),
    }
}

/// A network, the layers of it that are looked at, and photographs.
struct Subject {
    model: Model,
    engine: Engine,
    stages: Vec<Stage>,
    shapes: Vec<Shape>,
    fields: Vec<Field>,
    dataset: Dataset,
    masks: Masks,
}

impl Subject {
    fn new(
        model: Model,
        photos: &str,
        stages: Option<&[String]>,
        limit: usize,
    ) -> Result<Self, Failure> {
        let options = DatasetOptions {
            limit: Some(limit),
            ..DatasetOptions::default()
        };
        let engine = Engine::new(&model, Device::Cpu)?;
        let stages = model.network.select_stages(stages)?;
        let fields = receptive_field::fields(&model.network)?;
        Ok(Self {
            shapes: stages.iter().map(|s| engine.shape(s.node)).collect(),
            fields: stages.iter().map(|s| fields[s.node]).collect(),
            stages,
            engine,
            dataset: Dataset::open(Path::new(photos), &options, &[])?,
            masks: Masks::default(),
            model,
        })
    }

    fn setting(&self, threads: usize) -> Setting<'_> {
        Setting {
            dataset: &self.dataset,
            applied: &self.masks,
            masks: &self.masks,
            parts: &self.masks,
            preprocessing: &self.model.preprocessing,
            stages: &self.stages,
            shapes: &self.shapes,
            fields: &self.fields,
            kinds: &[],
            fill: [128; 3],
            seed: 0,
            // What it is on a processor.
            batch: 1,
            arrays: false,
            threads,
        }
    }

    /// Of all photos that can be read.
    fn inputs(&self) -> Result<Inputs, Failure> {
        let (dataset, preprocessing) = (&self.dataset, &self.model.preprocessing);
        let photos: Vec<usize> = (0..dataset.photos.len()).collect();
        let input = |&photo: &usize| {
            let path = dataset.absolute(&dataset.photos[photo]);
            let read = dataset::read(&path).ok()?;
            let input = dataset::input(&read.pixels, preprocessing);
            Some(input.map(|input| (photo, input)))
        };
        let inputs: Result<_, _> = photos.par_iter().filter_map(input).collect();
        Ok(inputs?)
    }
}

struct Unwatched;

impl Watch for Unwatched {
    fn done(&self, _: &PhotoRecord) {}

    fn step(&self) {}

    fn stopped(&self) -> bool {
        false
    }
}

fn projections(subject: &Subject, reference: &Path, options: &[&str]) -> Result<(), Failure> {
    let threads = option(options, "--threads", 2)?;
    let maps = option(options, "--maps", 64)?;
    let top = option(options, "--top", 9)?;
    let found = strongest(subject, maps, top, threads)?;
    let all: usize = found.iter().map(|(_, units)| units.len()).sum();
    let timed = first(found, option(options, "--units", all)?);
    let bench = Projections {
        inputs: subject.inputs()?,
        projector: subject.engine.unit_projector(subject.stages[0].node)?,
        groups: timed
            .chunks(GROUP.min(timed.len().div_ceil(threads)).max(1))
            .map(<[_]>::to_vec)
            .collect(),
        subject,
        threads,
    };
    let units: usize = timed.iter().map(|(_, units)| units.len()).sum();
    bench.write_reference(&timed, option(options, "--sample", 32)?, reference)?;
    let traced = bench.traced()?;
    bench.given_traces(&traced)?;
    let facts = serde_json::json!({"found": all, "units": units, "photos": timed.len()});
    println!("{facts}");
    for line in std::io::stdin().lines() {
        line?;
        let round = serde_json::json!({
            "projections": seconds(|| bench.given_traces(&traced))?,
            "second_pass": seconds(|| bench.given_inputs())?,
        });
        println!("{round}");
    }
    Ok(())
}

/// The strongest units of maps drawn by seed, by photo.
fn strongest(subject: &Subject, maps: usize, top: usize, threads: usize) -> Result<Group, Failure> {
    let setting = subject.setting(threads);
    let features = Features {
        setting: &setting,
        top,
        per_image: 1,
    };
    let tallies = features.scan(&subject.engine, &Unwatched)?;
    let tallies = tallies.ok_or("the scan was stopped")?;
    let mut by_photo: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
    for &map in &features.chosen(&tallies, &Maps::Drawn(maps))[0] {
        for found in &tallies[0].maps[map].strongest {
            by_photo.entry(found.photo).or_default().push(found.unit);
        }
    }
    Ok(by_photo.into_iter().collect())
}

/// So many units, in their photos' order.
fn first(photos: Group, mut count: usize) -> Group {
    let mut taken = Vec::new();
    for (photo, mut units) in photos {
        units.truncate(count);
        count -= units.len();
        if !units.is_empty() {
            taken.push((photo, units));
        }
    }
    taken
}

struct Projections<'a> {
    subject: &'a Subject,
    inputs: Inputs,
    projector: UnitProjector,
    groups: Vec<Group>,
    threads: usize,
}

/// A group's traces as one, where they are needed, and its units. Tensors may not be shared between threads without a lock.
type Traced = Mutex<(Option<Trace>, Vec<Place>)>;

impl Projections<'_> {
    fn traced(&self) -> Result<Vec<Traced>, Failure> {
        let traced = |group: &Group| -> deconvscope::Result<Traced> {
            let trace = trace(&self.subject.engine, &self.projector, &self.inputs, group)?;
            Ok(Mutex::new((trace, places(group))))
        };
        Ok(self.groups.iter().map(traced).collect::<Result<_, _>>()?)
    }

    fn given_traces(&self, traced: &[Traced]) -> Result<(), Failure> {
        let kit = || Ok(self.projector.clone());
        let project = |_: &Engine, projector: &UnitProjector, item: &Traced| {
            let (trace, places) = &*locked(item);
            black_box(projector.project(trace.as_ref(), places)?);
            Ok(())
        };
        let engine = &self.subject.engine;
        pool::each(engine, self.threads, traced, &|| false, kit, project)?;
        Ok(())
    }

    fn given_inputs(&self) -> Result<(), Failure> {
        let (engine, inputs) = (&self.subject.engine, &self.inputs);
        let kit = || engine.unit_projector(self.subject.stages[0].node);
        let project = |engine: &Engine, projector: &UnitProjector, group: &Group| {
            let trace = trace(engine, projector, inputs, group)?;
            black_box(projector.project(trace.as_ref(), &places(group))?);
            Ok(())
        };
        pool::each(engine, self.threads, &self.groups, &|| false, kit, project)?;
        Ok(())
    }

    /// For Captum: the filters, units spread over those that are timed with their photos, and what some of their
    /// projections should be.
    fn write_reference(&self, timed: &Group, sample: usize, path: &Path) -> Result<(), Failure> {
        let units: Vec<(usize, Unit)> = timed
            .iter()
            .flat_map(|(photo, units)| units.iter().map(|unit| (*photo, *unit)))
            .collect();
        let sample: Vec<(usize, Unit)> = spread(sample, units.len()).map(|at| units[at]).collect();
        let mut photos: Vec<usize> = sample.iter().map(|(photo, _)| *photo).collect();
        photos.dedup();
        let (mut rows, mut activations) = (Vec::new(), Vec::new());
        for (photo, unit) in &sample {
            let row = photos.iter().position(|at| at == photo).unwrap_or_default();
            rows.extend([row, unit.feature, unit.y, unit.x].map(|number| number as i64));
            activations.push(unit.activation);
        }
        let checked: Vec<usize> = spread(CHECKED, sample.len()).collect();
        let ours: Vec<Tensor> = checked
            .iter()
            .map(|&at| self.projection(sample[at]))
            .collect::<Result<_, _>>()?;
        let inputs: Vec<Tensor> = photos
            .iter()
            .map(|photo| self.subject.engine.batch(&[&self.inputs[photo]]))
            .collect::<Result<_, _>>()?;
        let checked: Vec<i64> = checked.into_iter().map(|at| at as i64).collect();
        let mut tensors: Vec<(String, Tensor)> = vec![
            ("inputs".into(), Tensor::f_cat(&inputs, 0)?),
            (
                "units".into(),
                Tensor::f_from_slice(&rows)?.f_view([-1, 4])?,
            ),
            ("activations".into(), Tensor::f_from_slice(&activations)?),
            ("checked".into(), Tensor::f_from_slice(&checked)?),
            ("projections".into(), Tensor::f_stack(&ours, 0)?),
        ];
        let network = &self.subject.model.network;
        for node in &network.nodes {
            if !matches!(node.op, Op::Conv { .. }) {
                continue;
            }
            for field in ["weight", "bias"] {
                let name = format!("{}.{field}", node.name);
                let array = &self.subject.model.weights[&name];
                let shape: Vec<i64> = array.shape.iter().map(|&length| length as i64).collect();
                let values = Tensor::f_from_slice(&array.data)?.f_view(shape.as_slice())?;
                tensors.push((name, values));
            }
        }
        Ok(Tensor::write_safetensors(&tensors, path)?)
    }

    /// A unit's projection laid into an empty image.
    fn projection(&self, (photo, unit): (usize, Unit)) -> Result<Tensor, Failure> {
        let group = vec![(photo, vec![unit])];
        let trace = trace(&self.subject.engine, &self.projector, &self.inputs, &group)?;
        let patches = self.projector.project(trace.as_ref(), &places(&group))?;
        let [patch] = &patches[..] else {
            return Err("expected one patch".into());
        };
        let input = self.subject.model.network.input;
        let Patch { y, x, width, .. } = *patch;
        let mut image = vec![0f32; input.cells()];
        for (at, row) in patch.values.chunks_exact(width.max(1)).enumerate() {
            let (channel, below) = (at / patch.height, at % patch.height);
            let first = (channel * input.height + y + below) * input.width + x;
            image[first..first + width].copy_from_slice(row);
        }
        let shape = input.axes().map(|length| length as i64);
        Ok(Tensor::f_from_slice(&image)?.f_view(shape)?)
    }
}

/// A group's traces as one; `None` where projections need none.
fn trace(
    engine: &Engine,
    projector: &UnitProjector,
    inputs: &Inputs,
    group: &Group,
) -> deconvscope::Result<Option<Trace>> {
    let Some(last) = projector.last_switches() else {
        return Ok(None);
    };
    let recording = Recording {
        rule: Some(ReluRule::Deconvnet),
        until: Some(last),
        ..Recording::default()
    };
    let pass = |(photo, _): &(usize, Vec<Unit>)| {
        engine.forward(&engine.batch(&[&inputs[photo]])?, &recording)
    };
    let traces: Vec<Trace> = group.iter().map(pass).collect::<Result<_, _>>()?;
    Trace::together(&traces).map(Some)
}

fn places(group: &Group) -> Vec<Place> {
    let photos = group.iter().enumerate();
    let of_photo = |(image, (_, units)): (usize, &(usize, Vec<Unit>))| {
        let place = move |&unit: &Unit| Place {
            image: image as i64,
            unit,
        };
        units.iter().map(place).collect::<Vec<_>>()
    };
    photos.flat_map(of_photo).collect()
}

/// At most so many numbers below `of`, spread over it.
fn spread(count: usize, of: usize) -> impl Iterator<Item = usize> {
    let count = count.min(of);
    (0..count).map(move |at| at * of / count)
}

fn scan(subject: &Subject, options: &[&str]) -> Result<(), Failure> {
    let threads = option(options, "--threads", 2)?;
    let engine = &subject.engine;
    let batches: Vec<(usize, Mutex<Tensor>)> = subject
        .inputs()?
        .into_iter()
        .map(|(photo, input)| Ok((photo, Mutex::new(engine.batch(&[&input])?))))
        .collect::<deconvscope::Result<_>>()?;
    let setting = subject.setting(threads);
    let features = Features {
        setting: &setting,
        top: 9,
        per_image: 1,
    };
    let each = |work: &(dyn Fn(&Engine, usize, &Tensor) -> deconvscope::Result<()> + Sync)| {
        let pass = |engine: &Engine, (): &(), (photo, batch): &(usize, Mutex<Tensor>)| {
            work(engine, *photo, &locked(batch))
        };
        pool::each(engine, threads, &batches, &|| false, || Ok(()), pass)
    };
    let looked = || -> Result<(), Failure> {
        let empty = |shape: &Shape| {
            let cells = shape.height * shape.width;
            let labels = subject.dataset.labels.names.len();
            Mutex::new(LayerTally::new(shape.channels, cells, features.top, labels))
        };
        let tallies: Vec<Mutex<LayerTally>> = subject.shapes.iter().map(empty).collect();
        each(&|engine, photo, batch| features.look(engine, batch, &[photo], &tallies))?;
        Ok(())
    };
    let bare = |until: Option<usize>| -> Result<(), Failure> {
        let recording = Recording {
            until,
            ..Recording::default()
        };
        each(&|engine, _, batch| {
            black_box(engine.forward(batch, &recording)?);
            Ok(())
        })?;
        Ok(())
    };
    let last = subject.stages.iter().map(|stage| stage.node).max();
    looked()?;
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..option(options, "--rounds", 3)? {
        times[0].push(seconds(looked)?);
        times[1].push(seconds(|| bare(last))?);
        times[2].push(seconds(|| bare(None))?);
    }
    let ratio = |over: &[f64]| {
        let mut ratios: Vec<f64> = times[0].iter().zip(over).map(|(a, b)| a / b).collect();
        median(&mut ratios)
    };
    let facts = serde_json::json!({
        "photos": batches.len(),
        "ratio": ratio(&times[1]),
        "ratio_whole": ratio(&times[2]),
        "scan": median(&mut times[0].clone()),
        "bare": median(&mut times[1].clone()),
        "whole": median(&mut times[2].clone()),
    });
    println!("{facts}");
    Ok(())
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds of a pass, the median of as many as fill a round.
fn seconds(pass: impl Fn() -> Result<(), Failure>) -> Result<f64, Failure> {
    let mut times: Vec<f64> = Vec::new();
    while times.iter().sum::<f64>() < ROUND {
        let start = Instant::now();
        pass()?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(median(&mut times))
}

/// Patches of colour, from large to small from one picture to the next.
fn noise(folder: &Path, count: usize) -> Result<(), Failure> {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for number in 0..count {
        let side = 4 << (number % 5);
        let patches = RgbImage::from_fn(side, side, |_, _| {
            let [red, green, blue, _] = random.next_u32().to_le_bytes();
            Rgb([red, green, blue])
        });
        let picture = imageops::resize(&patches, 320, 240, FilterType::Triangle);
        picture.save(folder.join(format!("{number:04}.png")))?;
    }
    Ok(())
}
