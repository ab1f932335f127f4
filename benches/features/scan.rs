//! The scan of a data set against bare forward passes.

use std::hint::black_box;
use std::sync::Mutex;

use deconvscope::engine::{Engine, Executor, Questions, Recording};
use deconvscope::experiments::features::{LayerTally, Scan};
use deconvscope::experiments::{Onlooker, Sighting};
use tch::Tensor;

use crate::common::{median, Failure};
use crate::subject::Subject;
use crate::{locked, number, seconds};

/// Decoded photographs by number, one in each. Tensors may not be shared between threads without a lock.
pub(crate) struct Batches<'a> {
    subject: &'a Subject,
    threads: usize,
    batches: Vec<(usize, Mutex<Tensor>)>,
}

impl<'a> Batches<'a> {
    pub(crate) fn new(subject: &'a Subject, threads: usize) -> Result<Self, Failure> {
        let inputs = subject.inputs()?.into_iter();
        let batch = |(photo, input): (usize, Vec<f32>)| {
            Ok((photo, Mutex::new(subject.engine.batch(&[&input])?)))
        };
        Ok(Self {
            subject,
            threads,
            batches: inputs.map(batch).collect::<deconvscope::Result<_>>()?,
        })
    }

    fn each(
        &self,
        work: impl Fn(&Engine, usize, &Tensor) -> deconvscope::Result<()> + Sync,
    ) -> Result<(), Failure> {
        let workers = Executor::new(&self.subject.engine, self.threads);
        workers.each(&self.batches, |engine, (photo, batch)| {
            work(engine, *photo, &locked(batch))
        })?;
        Ok(())
    }

    /// The last layer that a scan looks at.
    fn last(&self) -> Option<usize> {
        self.subject.stages.iter().map(|stage| stage.node).max()
    }

    pub(crate) fn scanned(&self, top: usize) -> Result<Vec<LayerTally>, Failure> {
        let setting = self.subject.setting(self.threads);
        let scan = Scan::new(&setting, (top, 1), None, Box::new(|_| Ok(())));
        let recording = Recording {
            activations: setting.stages.iter().map(|stage| stage.node).collect(),
            until: self.last(),
            rule: None,
        };
        let questions = Questions {
            nodes: &recording.activations,
            peaks: Some(1),
            ..Questions::default()
        };
        self.each(|engine, photo, batch| {
            let trace = engine.forward(batch, &recording)?;
            scan.see(
                &engine.ask(&trace, &questions)?,
                &[Sighting {
                    image: 0,
                    photo,
                    sha256: "",
                }],
            )
        })?;
        Ok(scan.found().tallies())
    }

    fn bare(&self, until: Option<usize>) -> Result<(), Failure> {
        let recording = Recording {
            until,
            ..Recording::default()
        };
        self.each(|engine, _, batch| {
            black_box(engine.forward(batch, &recording)?);
            Ok(())
        })
    }
}

pub(crate) fn scan(subject: &Subject, options: &[&str]) -> Result<(), Failure> {
    let photos = Batches::new(subject, number(options, "--threads", 2)?)?;
    let looked = || photos.scanned(9).map(drop);
    let bare = |until: Option<usize>| photos.bare(until);
    let last = photos.last();
    looked()?;
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..number(options, "--rounds", 3)? {
        times[0].push(seconds(looked)?);
        times[1].push(seconds(|| bare(last))?);
        times[2].push(seconds(|| bare(None))?);
    }
    let ratio = |over: &[f64]| {
        let mut ratios: Vec<f64> = times[0].iter().zip(over).map(|(a, b)| a / b).collect();
        median(&mut ratios)
    };
    let facts = serde_json::json!({
        "photos": photos.batches.len(),
        "ratio": ratio(&times[1]),
        "ratio_whole": ratio(&times[2]),
        "scan": median(&mut times[0].clone()),
        "bare": median(&mut times[1].clone()),
        "whole": median(&mut times[2].clone()),
    });
    println!("{facts}");
    Ok(())
}
