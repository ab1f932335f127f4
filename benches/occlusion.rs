//! What occlusion by windows costs against full inference of every occluded image, in turn, medians of the rounds; or the
//! peak memory of one photo's map.
//!
//! `occlusion time NETWORK OCCLUDER STRIDE [--threads 2] [--rounds 5] [--full WORKERS,BATCH]` runs a network of the zoo
//! with seeded weights on a seeded input and prints one JSON object of seconds. Full inference is what `Engine::forward`
//! does, in its fastest batch and way to use the threads, searched on few positions where it is not told; it is timed on
//! some of the positions and its time for all is in proportion, as is that of whole maps through the same kernels as the
//! windows (`whole`).
//!
//! `occlusion layers NETWORK OCCLUDER STRIDE` prints a table of the network's pieces, each from one convolution or linear
//! layer to the next: the multiplications of full inference over those of windows and of changed inputs, and the seconds of
//! full inference over those of windows, as differences between the network up to here and up to there.
//!
//! `occlusion windows NETWORK OCCLUDER STRIDE [--device cuda:0] [--rounds 5] [--start N] [--cell N]` prints the seconds of one
//! photo's map by windows alone, in the first round and the median of the others, with other costs of the device than its own.
//!
//! `occlusion memory NETWORK OCCLUDER STRIDE` prints MB: the peak before the map is begun, and the peak of all.

#[path = "../tests/occlusion/arithmetic.rs"]
mod arithmetic;
mod common;

use std::sync::Arc;
use std::time::Instant;

use arithmetic::{sum, work, Work};
use common::{arguments, median, model, normal, peak, Failure};
use deconvscope::engine::occlude::{Cut, Fast, FeatureMap, Occluder};
use deconvscope::engine::{device, to_values, Engine, Machine, Precision, Recording, Trace};
use deconvscope::network::projective_field::Span;
use deconvscope::network::{Anatomy, Model, Node, Op};
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

/// Positions that full inference is timed on.
const TIMED: usize = 96;
/// Positions that whole maps through the windows' kernels are timed on.
const WHOLE: usize = 64;

fn main() -> Result<(), Failure> {
    let arguments = arguments();
    let [what, name, size, stride, options @ ..] = &arguments[..] else {
        return Err("usage: occlusion time|layers|memory NETWORK OCCLUDER STRIDE [OPTIONS]".into());
    };
    let (size, stride) = (size.parse()?, stride.parse()?);
    let option = |name: &str| {
        let pair = options.chunks(2).find(|pair| pair[0] == name);
        pair.and_then(|pair| pair.get(1)).map(String::as_str)
    };
    let threads = option("--threads").unwrap_or("2").parse()?;
    let rounds = option("--rounds").unwrap_or("5").parse()?;
    let device = option("--device").unwrap_or("cpu").parse()?;
    let (devices, _) = device::open(&device, Precision::default())?;
    let bench = Bench::new(name, model(name)?, size, stride, threads, devices[0])?;
    match what.as_str() {
        "time" => {
            let way = match option("--full") {
                Some(way) => {
                    let (workers, batch) = way.split_once(',').ok_or("expected WORKERS,BATCH")?;
                    (workers.parse()?, batch.parse()?)
                }
                None => bench.best_way()?,
            };
            bench.time(way, rounds)
        }
        "windows" => {
            let cost = |name: &str| option(name).map(str::parse).transpose();
            bench.windows(rounds, cost("--start")?, cost("--cell")?)
        }
        "layers" => bench.layers(&model(name)?, stride, rounds),
        "memory" => bench.memory(),
        _ => Err("expected time, layers or memory".into()),
    }
}

struct Bench {
    name: String,
    engine: Engine,
    occluder: Occluder,
    input: Tensor,
    cut: Cut,
}

impl Bench {
    fn new(
        name: &str,
        model: Model,
        size: usize,
        stride: usize,
        threads: usize,
        device: Device,
    ) -> Result<Self, Failure> {
        let engine = Engine::new(&model, device)?;
        drop(model);
        let side = engine.network().input.height;
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let input: Vec<f32> = (0..3 * side * side).map(|_| normal(&mut random)).collect();
        Ok(Self {
            name: name.to_owned(),
            occluder: Occluder::grid(size, stride, [side; 2], vec![0.0; 3])?,
            input: engine.batch(&[&input])?,
            engine,
            cut: Cut {
                threads,
                ..Cut::on(Machine::of(device))
            },
        })
    }

    /// Workers and batch of full inference's fastest way.
    fn best_way(&self) -> Result<(usize, usize), Failure> {
        let images = occluded(&self.input, &self.occluder)?;
        let sample = images.narrow(0, 0, images.size()[0].min(32));
        let threads = self.cut.threads;
        let mut best = (f64::INFINITY, 1, 1);
        for workers in [threads, 1] {
            for batch in [1, 2, 4, 8, 16, 32] {
                if batch * workers > sample.size()[0] as usize {
                    continue;
                }
                let seconds = (0..2)
                    .map(|_| full(&self.engine, &sample, workers, threads / workers, batch))
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
        Ok((best.1, best.2))
    }

    fn time(&self, (workers, batch): (usize, usize), rounds: usize) -> Result<(), Failure> {
        let (engine, occluder) = (&self.engine, &self.occluder);
        let images = occluded(&self.input, occluder)?;
        let positions = occluder.positions();
        let slider = engine.slider(occluder.clone(), 0, self.cut)?;
        let sample: Vec<usize> = (0..5).collect();
        let fast = Fast::of(&slider, &sample, &sample)?;
        let whole = engine.slider(
            Occluder {
                size: engine.network().input.height,
                rows: vec![0; WHOLE],
                columns: vec![0],
                ..occluder.clone()
            },
            0,
            self.cut,
        )?;
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..rounds {
            let scale = positions as f64 / images.size()[0] as f64;
            let threads = self.cut.threads / workers;
            let all = scale * full(engine, &images, workers, threads, batch)?;
            tch::set_num_threads(1);
            let slid = |slide: &dyn Fn(&Trace) -> deconvscope::Result<()>| -> Result<f64, Failure> {
                let start = Instant::now();
                let clean = engine.forward(&self.input, &Recording::everything(engine))?;
                slide(&clean)?;
                Ok(start.elapsed().as_secs_f64())
            };
            times[0].push(all);
            times[1].push(slid(&|clean| slider.slide(clean, &[]).map(drop))?);
            times[2].push(
                positions as f64 / WHOLE as f64 * slid(&|clean| whole.slide(clean, &[]).map(drop))?,
            );
            if let Some(fast) = &fast {
                times[3].push(slid(&|clean| fast.slide(clean, &[]).map(drop))?);
            }
        }
        let over_windows = |times: &[f64], windows: &[f64]| {
            let mut ratios: Vec<f64> = times.iter().zip(windows).map(|(a, b)| a / b).collect();
            median(&mut ratios)
        };
        let work = sum(&work_by_node(engine.anatomy(), occluder));
        println!(
            "{{\"network\": \"{}\", \"positions\": {positions}, \"workers\": {workers}, \"batch\": {batch}, \
             \"full\": {:.4}, \"windows\": {:.4}, \"whole\": {:.4}, \"fast\": {:.4}, \
             \"ratio\": {:.3}, \"ratio_whole\": {:.3}, \"ratio_fast\": {:.3}, \
             \"bound_one_size\": {:.2}, \"bound_windows\": {:.2}, \"bound_changed\": {:.2}}}",
            self.name,
            median(&mut times[0].clone()),
            median(&mut times[1].clone()),
            median(&mut times[2].clone()),
            median(&mut times[3].clone()),
            over_windows(&times[0], &times[1]),
            over_windows(&times[2], &times[1]),
            over_windows(&times[0], &times[3]),
            work.full / work.one_size,
            work.full / work.windows,
            work.full / work.changed,
        );
        Ok(())
    }

    fn windows(&self, rounds: usize, start: Option<f64>, cell: Option<f64>) -> Result<(), Failure> {
        tch::set_num_threads(1);
        let engine = &self.engine;
        let own = self.cut.machine;
        let machine = Machine {
            start: start.unwrap_or(own.start),
            cell: cell.unwrap_or(own.cell),
            ..own
        };
        let cut = Cut {
            machine,
            ..self.cut
        };
        let last_map =
            (0..engine.network().nodes.len()).rfind(|&node| engine.shape(node).height > 1);
        let watched = FeatureMap {
            node: last_map.unwrap_or(0),
            feature: 0,
        };
        let begun = Instant::now();
        let slider = engine.slider(self.occluder.clone(), watched.node, cut)?;
        let ready = begun.elapsed().as_secs_f64();
        let mut times = Vec::new();
        let (mut forward, mut full) = (Vec::new(), Vec::new());
        for _ in 0..=rounds {
            let begun = Instant::now();
            let clean = engine.forward(&self.input, &Recording::everything(engine))?;
            to_values(&clean.output)?;
            forward.push(begun.elapsed().as_secs_f64());
            let found = slider.slide(&clean, &[watched])?;
            let values = to_values(&found.output)?;
            times.push(begun.elapsed().as_secs_f64());
            full = values;
        }
        let first = times.remove(0);
        println!(
            "{} start {:.1e} cell {:.0}: first {:.1} ms, then {:.2} ms (of it the clean pass {:.2}), made ready in {:.1} ms, {} passes, sum {}",
            self.name, machine.start, machine.cell, 1e3 * first, 1e3 * median(&mut times), 1e3 * median(&mut forward[1..].to_vec()),
            1e3 * ready, slider.passes(), full.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>(),
        );
        Ok(())
    }

    fn layers(&self, model: &Model, stride: usize, rounds: usize) -> Result<(), Failure> {
        let nodes = &model.network().nodes;
        let is_layer = |node: usize| matches!(nodes[node].op, Op::Conv { .. } | Op::Linear { .. });
        let layers: Vec<usize> = (0..nodes.len()).filter(|&node| is_layer(node)).collect();
        let images = occluded(&self.input, &self.occluder)?.narrow(0, 0, 8);
        let work = work_by_node(&model.anatomy, &self.occluder);
        let mut before = (0.0, 0.0);
        println!(
            "{:28} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "from", "GMAC", "windows", "changed", "achieved", "ms"
        );
        for (number, &layer) in layers.iter().enumerate() {
            let end = layers.get(number + 1).copied().unwrap_or(nodes.len());
            let mut network = model.network().clone();
            network.nodes.truncate(end);
            network.stages.clear();
            // So that what is left of a position is a vector and not a map.
            network.nodes.push(Node {
                name: "mean".into(),
                op: Op::GlobalAveragePool,
                inputs: vec![end - 1],
            });
            let prefix = Model {
                anatomy: Arc::new(Anatomy::of(network)?),
                ..model.clone()
            };
            let prefix = Self::new(
                &self.name,
                prefix,
                self.occluder.size,
                stride,
                self.cut.threads,
                Device::Cpu,
            )?;
            let slider = prefix
                .engine
                .slider(prefix.occluder.clone(), 0, prefix.cut)?;
            let (mut whole, mut windows) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                let each = full(&prefix.engine, &images, self.cut.threads, 1, 2)? / 8.0;
                whole.push(each * self.occluder.positions() as f64);
                tch::set_num_threads(1);
                let clean = prefix
                    .engine
                    .forward(&self.input, &Recording::everything(&prefix.engine))?;
                let start = Instant::now();
                slider.slide(&clean, &[])?;
                windows.push(start.elapsed().as_secs_f64());
            }
            // The least of the rounds: differences of medians would be lost in the machine's noise.
            let least = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
            let now = (least(&whole), least(&windows));
            let own = sum(&work[layer..end]);
            println!(
                "{:28} {:8.3} {:8.1} {:8.1} {:8.1} {:8.0}",
                nodes[layer].name,
                own.full / self.occluder.positions() as f64 / 1e9,
                own.full / own.windows,
                own.full / own.changed,
                (now.0 - before.0) / (now.1 - before.1),
                (now.1 - before.1) * 1e3,
            );
            before = now;
        }
        Ok(())
    }

    fn memory(&self) -> Result<(), Failure> {
        let before = peak()?;
        tch::set_num_threads(1);
        let slider = self.engine.slider(self.occluder.clone(), 0, self.cut)?;
        let clean = self
            .engine
            .forward(&self.input, &Recording::everything(&self.engine))?;
        slider.slide(&clean, &[])?;
        println!("{before:.0} {:.0}", peak()?);
        Ok(())
    }
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

fn work_by_node(anatomy: &Anatomy, occluder: &Occluder) -> Vec<Work> {
    let spans = |starts: &[usize]| -> Vec<Span> {
        let span = |&start: &usize| Span {
            start,
            end: start + occluder.size,
        };
        starts.iter().map(span).collect()
    };
    let (rows, columns) = (spans(&occluder.rows), spans(&occluder.columns));
    work(anatomy, &rows, &columns)
}
