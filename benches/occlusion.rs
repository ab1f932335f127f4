//! What occlusion by windows costs against full inference of every occluded image, in turn, medians of the rounds.
//!
//! `occlusion NETWORK OCCLUDER STRIDE [THREADS] [ROUNDS]` runs a network of the zoo with seeded weights on a seeded
//! input. Full inference is searched for its fastest batch and its fastest way to use the threads on few positions, and
//! timed on `TIMED` of them; its time for all is in proportion. Prints one JSON object.

use std::time::Instant;

use deconvscope::engine::occlude::{Cut, Fast, Occluder};
use deconvscope::engine::{Engine, Recording};
use deconvscope::network::projective_field::{self, Span, Work};
use deconvscope::network::{fold_batch_norm, shape, zoo, Model, Network, Op, Preprocessing};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Positions that full inference is timed on.
const TIMED: usize = 96;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    let usage = "usage: occlusion NETWORK OCCLUDER STRIDE [THREADS] [ROUNDS]";
    let name = arguments.next().ok_or(usage)?;
    let mut number = |default: Option<usize>| -> Result<usize, Failure> {
        match arguments.next() {
            Some(text) => Ok(text.parse()?),
            None => default.ok_or_else(|| usage.into()),
        }
    };
    let (size, stride) = (number(None)?, number(None)?);
    let (threads, rounds) = (number(Some(2))?, number(Some(5))?);
    let model = model(&name)?;
    let engine = Engine::new(&model, Device::Cpu)?;
    let side = model.network.input.height;
    let occluder = Occluder::grid(size, stride, side, vec![0.0; 3])?;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let input: Vec<f32> = (0..3 * side * side).map(|_| normal(&mut random)).collect();
    let input = engine.batch(&[&input])?;

    let images = occluded(&input, &occluder)?;
    let mut best = (f64::INFINITY, 1, 1);
    let sample = images.narrow(0, 0, images.size()[0].min(32));
    for workers in [threads, 1] {
        for batch in [1, 2, 4, 8, 16, 32] {
            if batch * workers > sample.size()[0] as usize {
                continue;
            }
            let seconds = (0..2)
                .map(|_| full(&engine, &sample, workers, threads / workers, batch))
                .collect::<Result<Vec<f64>, _>>()?;
            let each = seconds.into_iter().fold(f64::INFINITY, f64::min);
            eprintln!(
                "full, {workers} × {} threads, batch {batch}: {:.2} ms",
                threads / workers,
                each / sample.size()[0] as f64 * 1e3
            );
            if each < best.0 {
                best = (each, workers, batch);
            }
        }
    }
    let (_, workers, batch) = best;
    let scale = occluder.positions() as f64 / images.size()[0] as f64;
    let (mut whole, mut windows, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let cut = Cut {
        threads,
        ..Cut::default()
    };
    let slider = engine.slider(occluder.clone(), 0, cut)?;
    let sample: Vec<usize> = (0..5).collect();
    let fast = Fast::of(&slider, &sample, &sample)?;
    let mut fast_ratios = Vec::new();
    for _ in 0..rounds {
        let all = scale * full(&engine, &images, workers, threads / workers, batch)?;
        let start = Instant::now();
        tch::set_num_threads(1);
        let clean = engine.forward(&input, &Recording::everything(&engine))?;
        let found = slider.slide(&clean, &[])?;
        let _ = std::hint::black_box(found);
        let part = start.elapsed().as_secs_f64();
        eprintln!(
            "full {all:.3} s, windows {part:.3} s, ratio {:.2}",
            all / part
        );
        if let Some(fast) = &fast {
            let start = Instant::now();
            let clean = engine.forward(&input, &Recording::everything(&engine))?;
            let _ = std::hint::black_box(fast.slide(&clean, &[])?);
            fast_ratios.push(all / start.elapsed().as_secs_f64());
        }
        whole.push(all);
        windows.push(part);
        ratios.push(all / part);
    }
    let work = work(&model.network, &occluder)?;
    println!(
        "{{\"network\": \"{name}\", \"positions\": {}, \"full\": {:.4}, \"workers\": {workers}, \"batch\": {batch}, \"windows\": {:.4}, \"ratio\": {:.3}, \"ratio_fast\": {:.3}, \"bound_one_size\": {:.2}, \"bound_windows\": {:.2}, \"bound_changed\": {:.2}}}",
        occluder.positions(),
        median(&mut whole),
        median(&mut windows),
        median(&mut ratios),
        median(&mut fast_ratios),
        work.full / work.one_size,
        work.full / work.windows,
        work.full / work.changed,
    );
    Ok(())
}

/// 0 where there are none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// He-normal filters; the batch norms are the identity.
fn model(name: &str) -> Result<Model, Failure> {
    let mut network = zoo::find(name)?.network();
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let parameters = shape::parameters(&network)?;
    let mut weights = deconvscope::network::weights::Weights::new();
    for parameter in parameters {
        let cells: usize = parameter.shape.iter().product();
        let inputs: usize = parameter.shape.iter().skip(1).product();
        let node = parameter.name.rsplit_once('.').map_or("", |(node, _)| node);
        let is_norm = network
            .nodes
            .iter()
            .any(|at| at.name == node && matches!(at.op, Op::BatchNorm { .. }));
        let scale = (2.0 / inputs as f32).sqrt();
        let data = match (is_norm, parameter.name.rsplit('.').next()) {
            (true, Some("weight" | "running_var")) => vec![1.0; cells],
            (false, Some("weight")) => (0..cells).map(|_| scale * normal(&mut random)).collect(),
            _ => vec![0.0; cells],
        };
        let shape = parameter.shape;
        weights.insert(
            parameter.name,
            deconvscope::network::weights::Array { shape, data },
        );
    }
    fold_batch_norm(&mut network, &mut weights);
    Ok(Model {
        network,
        weights,
        weights_path: Default::default(),
        weights_sha256: String::new(),
        source: String::new(),
        preprocessing: Preprocessing::torchvision(),
        classes: Vec::new(),
        notes: Vec::new(),
    })
}

/// The sum of four uniform numbers, near enough to normal.
fn normal(random: &mut ChaCha8Rng) -> f32 {
    let sum: f64 = (0..4)
        .map(|_| f64::from(random.next_u32()) / f64::from(u32::MAX))
        .sum();
    ((sum - 2.0) * 3f64.sqrt()) as f32
}

/// Positions spread over the grid.
fn occluded(input: &Tensor, occluder: &Occluder) -> Result<Tensor, Failure> {
    let positions = occluder.positions();
    let timed = positions.min(TIMED);
    let size = occluder.size as i64;
    let images: Vec<Tensor> = (0..timed)
        .map(|at| {
            let position = at * positions / timed;
            let (row, column) = (
                position / occluder.columns.len(),
                position % occluder.columns.len(),
            );
            let image = input.copy();
            let _ = image
                .narrow(2, occluder.rows[row] as i64, size)
                .narrow(3, occluder.columns[column] as i64, size)
                .fill_(0.0);
            image
        })
        .collect();
    Ok(Tensor::f_cat(&images, 0)?)
}

/// Seconds of full inference.
fn full(
    engine: &Engine,
    images: &Tensor,
    workers: usize,
    threads: usize,
    batch: usize,
) -> Result<f64, Failure> {
    let count = images.size()[0] as usize;
    let share = count.div_ceil(workers);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers)
            .map(|worker| {
                let engine = engine.clone();
                let from = worker * share;
                let mine = images.narrow(0, from as i64, share.min(count - from) as i64);
                scope.spawn(move || -> Result<(), Failure> {
                    tch::set_num_threads(threads as i32);
                    for part in mine.f_split(batch as i64, 0)? {
                        let trace = engine.forward(&part, &Recording::default())?;
                        let _ = std::hint::black_box(trace);
                    }
                    Ok(())
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

fn work(network: &Network, occluder: &Occluder) -> Result<Work, Failure> {
    let shapes = shape::shapes(network)?;
    let spans = |starts: &[usize]| -> Vec<Span> {
        let span = |&start: &usize| Span {
            start,
            end: start + occluder.size,
        };
        starts.iter().map(span).collect()
    };
    let nodes = projective_field::work(
        network,
        &shapes,
        &spans(&occluder.rows),
        &spans(&occluder.columns),
    );
    Ok(nodes.into_iter().fold(Work::default(), |sum, node| Work {
        full: sum.full + node.full,
        one_size: sum.one_size + node.one_size,
        windows: sum.windows + node.windows,
        changed: sum.changed + node.changed,
    }))
}
