//! The scan of a data set against bare forward passes.

use std::hint::black_box;
use std::sync::Mutex;

use deconvscope::engine::{pool, Engine, Recording};
use deconvscope::experiments::features::{Features, LayerTally};
use deconvscope::network::shape::Shape;
use tch::Tensor;

use crate::common::{median, Failure};
use crate::subject::Subject;
use crate::{locked, option, seconds};

pub(crate) fn scan(subject: &Subject, options: &[&str]) -> Result<(), Failure> {
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
        photos: &subject.photos,
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
