//! What feature maps cost: their strongest units projected, and the scan that finds them. `scripts/bench_features.py` sets
//! both against Captum and against bare forward passes.
//!
//! `features noise FOLDER COUNT` writes pictures of seeded noise, for want of photographs.
//!
//! `features projections NETWORK STAGE PHOTOS REFERENCE [--limit N] [--maps 64] [--top 9] [--units N] [--sample 32]
//! [--threads 2] [--device cuda:0]` finds the strongest units of maps drawn by seed, in a network of the zoo with He-normal filters. It
//! writes some of them to the file REFERENCE, with filters, inputs and what the units' projections should be, and prints
//! one JSON object of what was found. Then for each line that it reads it takes a round and prints the seconds of
//! projecting the units, the first N in their photos' order: given the photos' traces, and given decoded inputs.
//!
//! `features scan NETWORK PHOTOS [--seeded] [--rounds 3] [--threads 2] [--device cuda:0]` prints the seconds of a scan of decoded inputs, of
//! bare forward passes up to the last layer that it looks at, and of bare forward passes through the whole network, in
//! turn, and the rounds' ratios.

#[path = "../common/mod.rs"]
mod common;
mod noise;
mod projections;
mod scan;
mod subject;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use common::{arguments, median, model, option, Failure};
use deconvscope::engine::{device, Precision};
use deconvscope::network::{Model, ModelSource};
use subject::Subject;
use tch::Device;

/// Seconds that a round fills with passes.
const ROUND: f64 = 0.5;

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["noise", folder, count] => noise::noise(Path::new(folder), count.parse()?),
        ["projections", network, stage, photos, reference, options @ ..] => {
            let stages = [(*stage).to_owned()];
            let limit = number(options, "--limit", usize::MAX)?;
            let model = model(network)?;
            let subject = Subject::new(model, photos, Some(&stages), limit, asked_for(options)?)?;
            projections::projections(&subject, Path::new(reference), options)
        }
        ["scan", network, photos, options @ ..] => {
            let model = match options.contains(&"--seeded") {
                true => model(network)?,
                false => Model::load(&ModelSource {
                    name: (*network).to_owned(),
                    ..ModelSource::default()
                })?,
            };
            let subject = Subject::new(model, photos, None, usize::MAX, asked_for(options)?)?;
            scan::scan(&subject, options)
        }
        _ => Err("usage: features noise|projections|scan …".into()),
    }
}

fn number(options: &[&str], name: &str, default: usize) -> Result<usize, Failure> {
    match option(options, name) {
        Some(value) => Ok(value.parse()?),
        None => Ok(default),
    }
}

/// Where the network runs: the CPU unless `--device` names another.
fn asked_for(options: &[&str]) -> Result<Device, Failure> {
    let choice = option(options, "--device").unwrap_or("cpu").parse()?;
    let (devices, _) = device::open(&choice, Precision::default())?;
    Ok(devices[0])
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
