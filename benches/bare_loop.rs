//! How long libtorch itself needs for the forward passes and projections of a folder, in a bare loop over inputs that
//! are already in memory: nothing is read, drawn or written while the clock runs.
//!
//! `bare_loop FOLDER [THREADS]` tries several batch sizes, as workers of one thread each and as one worker of all
//! threads, on a part of the folder, and times the whole folder with the fastest. `scripts/bench.py` sets the real
//! command against it.

use std::path::Path;
use std::time::Instant;

use deconvscope::dataset::{self, Dataset, DatasetOptions};
use deconvscope::engine::{Engine, Recording, ReluRule, Seed};
use deconvscope::network::{Model, ModelSource, Stage};
use tch::Device;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    let folder = arguments
        .next()
        .ok_or("usage: bare_loop FOLDER [THREADS]")?;
    let threads: usize = arguments.next().map_or(Ok(2), |n| n.parse())?;
    let model = Model::load(&ModelSource {
        name: "squeezenet1_1".into(),
        ..ModelSource::default()
    })?;
    let engine = Engine::new(&model, Device::Cpu)?;
    let stages = model.anatomy.select_stages(None)?;
    let dataset = Dataset::open(Path::new(&folder), &DatasetOptions::default(), &[])?;
    let inputs: Vec<Vec<f32>> = dataset
        .photos
        .iter()
        .filter_map(|photo| dataset::read(&dataset.absolute(photo)).ok())
        .map(|photo| dataset::input(&photo.pixels, &model.preprocessing))
        .collect::<Result<_, _>>()?;

    let sample = &inputs[..inputs.len().min(48)];
    let mut best = (f64::INFINITY, 1, 1);
    for workers in [threads, 1] {
        for batch in [1, 2, 4, 8, 16] {
            let seconds = (0..2)
                .map(|_| time(&engine, &stages, sample, workers, threads / workers, batch))
                .collect::<Result<Vec<f64>, _>>()?;
            let each = seconds.iter().copied().fold(f64::INFINITY, f64::min) / sample.len() as f64;
            eprintln!(
                "{workers} workers of {} threads, batch {batch}: {:.1} ms a photo",
                threads / workers,
                each * 1e3
            );
            if each < best.0 {
                best = (each, workers, batch);
            }
        }
    }
    let (_, workers, batch) = best;
    let seconds = time(&engine, &stages, &inputs, workers, threads / workers, batch)?;
    println!(
        "{seconds:.3} seconds for {} photos, {workers} workers, batch {batch}",
        inputs.len()
    );
    Ok(())
}

/// Seconds for one forward pass and ten projections (five stages, both kinds) of each input.
fn time(
    engine: &Engine,
    stages: &[Stage],
    inputs: &[Vec<f32>],
    workers: usize,
    threads: usize,
    batch: usize,
) -> Result<f64, Failure> {
    let share = inputs.len().div_ceil(workers);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let running: Vec<_> = inputs
            .chunks(share)
            .map(|inputs| {
                let engine = engine.clone();
                scope.spawn(move || {
                    tch::set_num_threads(threads as i32);
                    inputs
                        .chunks(batch)
                        .try_for_each(|inputs| pass(&engine, stages, inputs))
                })
            })
            .collect();
        running.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err("a worker panicked".into()))
        })
    })?;
    Ok(start.elapsed().as_secs_f64())
}

fn pass(engine: &Engine, stages: &[Stage], inputs: &[Vec<f32>]) -> Result<(), Failure> {
    let values: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let recording = Recording {
        activations: stages.iter().map(|stage| stage.node).collect(),
        rule: Some(ReluRule::Deconvnet),
        ..Recording::default()
    };
    let trace = engine.forward(&engine.batch(&values)?, &recording)?;
    let mut seeds = Vec::new();
    for image in 0..inputs.len() as i64 {
        for stage in stages {
            seeds.push(Seed::layer(image, stage.node));
            if let Some(unit) = engine.strongest_unit(&trace, image, stage.node)? {
                seeds.push(Seed::unit(image, stage.node, &unit));
            }
        }
    }
    let pixels = engine.project(&trace, &seeds, ReluRule::Deconvnet)?;
    let _ = std::hint::black_box(pixels);
    Ok(())
}
