//! What a device computes, held against the CPU; `scripts/gpu_check.sh` runs it.
//!
//! `device agreement MODEL PHOTOS [--device cuda] [--limit 24] [--batch 8]` projects the strongest unit and all of each stage of
//! a network of the zoo, for photographs of a folder, on the CPU and on the device. There the CPU's choices are taken: where a
//! pooling window has its maximum, and which unit is the strongest. What is left is rounding. Printed is one JSON object: how
//! many projections, and the largest difference of each relative to its own largest value, the worst and the median.
//!
//! `device forward MODEL [--device cuda] [--batch 32] [--seconds 2] [--precision float32]` prints photographs a second of bare
//! forward passes of a batch that lies ready on the device.

mod common;

use std::path::Path;
use std::time::Instant;

use common::{arguments, median, option, Failure};
use deconvscope::dataset::{self, Dataset, DatasetOptions};
use deconvscope::engine::{device, to_values, Engine, Recording, ReluRule, Seed, Trace};
use deconvscope::network::{Model, ModelSource};
use tch::Device;

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    device::one_thread_here();
    match &arguments[..] {
        ["agreement", model, photos, options @ ..] => agreement(model, photos, options),
        ["forward", model, options @ ..] => forward(model, options),
        _ => Err("usage: device agreement MODEL PHOTOS [OPTIONS] | forward MODEL [OPTIONS]".into()),
    }
}

/// The engine on the device that the options name.
fn engine(model: &Model, options: &[&str]) -> Result<Engine, Failure> {
    let choice = option(options, "--device").unwrap_or("cpu").parse()?;
    let precision = option(options, "--precision")
        .unwrap_or("float32")
        .parse()?;
    let (devices, _) = device::open(&choice, precision)?;
    Ok(Engine::new(model, devices[0])?.classifying_in(precision)?)
}

fn named(model: &str) -> Result<Model, Failure> {
    Ok(Model::load(&ModelSource {
        name: model.into(),
        ..ModelSource::default()
    })?)
}

/// Where each projection starts: image, layer, and its strongest unit, or all of it.
struct Start {
    image: i64,
    node: usize,
    unit: Option<deconvscope::engine::seeds::Unit>,
}

fn agreement(model: &str, photos: &str, options: &[&str]) -> Result<(), Failure> {
    let model = named(model)?;
    let number = |name: &str, default: usize| option(options, name).map_or(Ok(default), str::parse);
    let (limit, batch) = (number("--limit", 24)?, number("--batch", 8)?);
    let on_cpu = Engine::new(&model, Device::Cpu)?;
    let on_device = engine(&model, options)?;
    let chosen = DatasetOptions {
        limit: Some(limit),
        ..DatasetOptions::default()
    };
    let dataset = Dataset::open(Path::new(photos), &chosen, &[])?;
    let photos = dataset.photos.iter();
    let read = photos.filter_map(|photo| dataset::read(&dataset.absolute(photo)).ok());
    let inputs: Vec<Vec<f32>> = read
        .map(|photo| dataset::input(&photo.pixels, &model.preprocessing))
        .collect::<Result<_, _>>()?;
    let nodes: Vec<usize> = model
        .anatomy
        .select_stages(None)?
        .iter()
        .map(|stage| stage.node)
        .collect();
    let recording = Recording {
        activations: nodes.clone(),
        rule: Some(ReluRule::Deconvnet),
        ..Recording::default()
    };
    let mut differences = Vec::new();
    for inputs in inputs.chunks(batch) {
        let values: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        let [cpu, device] =
            [&on_cpu, &on_device].map(|engine| engine.forward(&engine.batch(&values)?, &recording));
        let (cpu, device) = (cpu?, device?);
        let mut starts = Vec::new();
        for image in 0..inputs.len() as i64 {
            for &node in &nodes {
                let unit = on_cpu.strongest_unit(&cpu, image, node)?;
                let kinds = unit.map(Some).into_iter().chain([None]);
                starts.extend(kinds.map(|unit| Start { image, node, unit }));
            }
        }
        let ours = projected(&on_cpu, &cpu, &starts)?;
        let theirs = projected(&on_device, &device.choosing_as(&cpu)?, &starts)?;
        let pixels = ours.len() / starts.len();
        for (ours, theirs) in ours.chunks_exact(pixels).zip(theirs.chunks_exact(pixels)) {
            let largest =
                |values: &mut dyn Iterator<Item = f32>| values.fold(0f32, |a, b| a.max(b.abs()));
            let scale = largest(&mut ours.iter().copied());
            let difference = largest(&mut ours.iter().zip(theirs).map(|(a, b)| a - b));
            differences.push(f64::from(difference / scale));
        }
    }
    let worst = differences.iter().copied().fold(0.0, f64::max);
    println!(
        "{{\"projections\": {}, \"worst\": {worst:e}, \"median\": {:e}}}",
        differences.len(),
        median(&mut differences)
    );
    Ok(())
}

/// Each starts with the activations that the trace has.
fn projected(engine: &Engine, trace: &Trace, starts: &[Start]) -> Result<Vec<f32>, Failure> {
    let seed = |start: &Start| -> deconvscope::Result<Seed> {
        let &Start { image, node, unit } = start;
        match unit {
            None => Ok(Seed::layer(image, node)),
            Some(mut unit) => {
                unit.activation = engine.activation(trace, image, node, &unit)?;
                Ok(Seed::unit(image, node, &unit))
            }
        }
    };
    let seeds: Vec<Seed> = starts.iter().map(seed).collect::<Result<_, _>>()?;
    Ok(to_values(&engine.project(
        trace,
        &seeds,
        ReluRule::Deconvnet,
    )?)?)
}

fn forward(model: &str, options: &[&str]) -> Result<(), Failure> {
    let model = match named(model) {
        Ok(model) if model.network().has_classifier() => model,
        _ => common::model(model)?,
    };
    let engine = engine(&model, options)?;
    let batch: i64 = option(options, "--batch").map_or(Ok(32), str::parse)?;
    let wanted: f64 = option(options, "--seconds").map_or(Ok(2.0), str::parse)?;
    let [channels, height, width] = engine.network().input.axes().map(|length| length as i64);
    let input = tch::Tensor::f_zeros(
        [batch, channels, height, width],
        (tch::Kind::Float, engine.device()),
    )?;
    let pass = || -> Result<(), Failure> {
        to_values(&engine.classify(&input, &Recording::default())?.output)?;
        Ok(())
    };
    (0..3).try_for_each(|_| pass())?;
    let (started, mut passes) = (Instant::now(), 0);
    while started.elapsed().as_secs_f64() < wanted {
        pass()?;
        passes += 1;
    }
    println!(
        "{:.1}",
        (passes * batch) as f64 / started.elapsed().as_secs_f64()
    );
    Ok(())
}
