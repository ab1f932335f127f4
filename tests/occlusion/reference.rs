//! Full inference of every occluded image.

use deconvscope::engine::occlude::{Cut, FeatureMap, Occluder};
use deconvscope::engine::{to_values, Engine, Recording, Trace};
use deconvscope::network::{Model, Network, Op};
use tch::{Device, Tensor};

/// Positions over all of an input that need not be square.
pub(crate) fn grid(network: &Network, size: usize, stride: usize) -> Occluder {
    let starts = |length: usize| (0..=length - size.min(length)).step_by(stride).collect();
    Occluder {
        size,
        fill: (0..network.input.channels)
            .map(|channel| 0.3 - 0.2 * channel as f32)
            .collect(),
        rows: starts(network.input.height),
        columns: starts(network.input.width),
    }
}

pub(crate) struct Case {
    engine: Engine,
    clean: Trace,
    input: Tensor,
    watched: Vec<FeatureMap>,
}

/// What full inference gives.
pub(crate) struct Full {
    pub(crate) output: Vec<f32>,
    pub(crate) scores: Vec<f32>,
    pub(crate) sums: Vec<Vec<f32>>,
}

impl Case {
    pub(crate) fn new(model: &Model, input: &Tensor) -> Self {
        tch::set_num_threads(1);
        let engine = Engine::new(model, Device::Cpu).unwrap();
        let clean = engine
            .forward(input, &Recording::everything(&engine))
            .unwrap();
        let maps = |node: &usize| engine.shape(*node).height > 1;
        let watched = (1..model.network.nodes.len())
            .filter(maps)
            .map(|node| engine.strongest_map(&clean, 0, node).unwrap())
            .collect();
        Self {
            engine,
            clean,
            input: input.shallow_clone(),
            watched,
        }
    }

    /// With only the last of the maps watched.
    pub(crate) fn watching_the_last(mut self) -> Self {
        self.watched = self.watched.split_off(self.watched.len().saturating_sub(1));
        self
    }

    /// Node before a last softmax.
    fn scores(&self) -> usize {
        let nodes = &self.engine.network().nodes;
        let last = nodes.len() - 1;
        match nodes[last].op {
            Op::Softmax => nodes[last].inputs[0],
            _ => last,
        }
    }

    pub(crate) fn full(&self, occluder: &Occluder) -> Full {
        let scores = self.scores();
        let mut activations: Vec<usize> = self.watched.iter().map(|map| map.node).collect();
        activations.push(scores);
        let recording = Recording {
            activations,
            rule: None,
        };
        let mut full = Full {
            output: Vec::new(),
            scores: Vec::new(),
            sums: self.watched.iter().map(|_| Vec::new()).collect(),
        };
        let fill = Tensor::from_slice(&occluder.fill).view([1, -1, 1, 1]);
        let size = occluder.size as i64;
        for &row in &occluder.rows {
            let images: Vec<Tensor> = occluder
                .columns
                .iter()
                .map(|&column| {
                    let image = self.input.copy();
                    let _ = image
                        .narrow(2, row as i64, size)
                        .narrow(3, column as i64, size)
                        .copy_(&fill);
                    image
                })
                .collect();
            for images in images.chunks(16) {
                let trace = self
                    .engine
                    .forward(&Tensor::cat(images, 0), &recording)
                    .unwrap();
                full.output.extend(to_values(&trace.output).unwrap());
                full.scores
                    .extend(to_values(&trace.activations[&scores]).unwrap());
                for (sums, map) in full.sums.iter_mut().zip(&self.watched) {
                    for image in 0..images.len() as i64 {
                        sums.push(self.engine.summed_map(&trace, image, *map).unwrap());
                    }
                }
            }
        }
        full
    }

    /// Holds occlusion by windows against full inference; gives the largest change of the scores over positions.
    pub(crate) fn agrees(&self, occluder: &Occluder) -> f32 {
        let full = self.full(occluder);
        let name = format!(
            "{} with {} pixels at {:?}…",
            self.engine.network().name,
            occluder.size,
            &occluder.rows[..occluder.rows.len().min(3)]
        );
        let clean = to_values(&self.clean.activations[&self.scores()]).unwrap();
        for cut in [
            Cut {
                threads: 1,
                ..Cut::default()
            },
            Cut {
                threads: 2,
                bytes: 1 << 20,
            },
        ] {
            let watched = self.watched.iter().map(|map| map.node).max().unwrap_or(0);
            let slider = self.engine.slider(occluder.clone(), watched, cut).unwrap();
            let found = slider.slide(&self.clean, &self.watched).unwrap();
            let scores = to_values(&found.scores).unwrap();
            assert_eq!(scores.len(), full.scores.len(), "{name}");
            let probability = worst(&to_values(&found.output).unwrap(), &full.output);
            assert!(
                !self.engine.network().has_classifier() || probability <= 1e-5,
                "{name}: probabilities off by {probability:.1e}"
            );
            let (low, high) = range(&full.scores);
            let change = largest_change(&full.scores, &clean);
            let bound = (1e-4 * (high - low)).min(1e-3 * change);
            let off = worst(&scores, &full.scores);
            assert!(
                off <= bound,
                "{name}: scores off by {off:.1e}, bound {bound:.1e}"
            );
            for ((found, full), map) in found.sums.iter().zip(&full.sums).zip(&self.watched) {
                let (low, high) = range(full);
                let whole = self.engine.summed_map(&self.clean, 0, *map).unwrap();
                let scale = (high - low).max(whole.abs());
                let off = worst(found, full);
                assert!(
                    off <= 1e-4 * scale.max(1e-6),
                    "{name}: map of node {} off by {off:.1e}",
                    map.node
                );
            }
        }
        largest_change(&full.scores, &clean)
    }
}

fn worst(found: &[f32], full: &[f32]) -> f32 {
    assert_eq!(found.len(), full.len());
    let pairs = found.iter().zip(full);
    pairs
        .map(|(a, b)| match (a - b).abs() {
            off if off.is_nan() => f32::INFINITY,
            off => off,
        })
        .fold(0.0, f32::max)
}

fn range(values: &[f32]) -> (f32, f32) {
    let of = |fold: fn(f32, f32) -> f32, start| values.iter().copied().fold(start, fold);
    (of(f32::min, f32::INFINITY), of(f32::max, f32::NEG_INFINITY))
}

/// Over all positions and classes.
fn largest_change(scores: &[f32], clean: &[f32]) -> f32 {
    let each = scores
        .chunks(clean.len())
        .map(|scores| worst(scores, clean));
    each.fold(0.0, f32::max)
}
