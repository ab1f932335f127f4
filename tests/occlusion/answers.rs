//! What a network gives with the square at each position: by windows, by full inference in float32, and by full inference
//! in float64, where the square is painted over the input and the whole network run.

use std::thread;

use deconvscope::engine::occlude::{FeatureMap, Occluder, Occlusion};
use deconvscope::engine::{Engine, Recording};
use deconvscope::network::{Network, Op};
use tch::{Kind, Tensor};

use crate::common::doubles;
use crate::common::rounding::distance;

/// Images in one pass.
const BATCH: usize = 8;
const WORKERS: usize = 2;

/// Numbers, one position after the other.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answers {
    pub(crate) output: Vec<f64>,
    pub(crate) scores: Vec<f64>,
    /// By watched map.
    pub(crate) sums: Vec<Vec<f64>>,
}

/// The node before a last softmax; the last one where there is none.
pub(crate) fn scores_node(network: &Network) -> usize {
    let last = network.nodes.len() - 1;
    match network.nodes[last].op {
        Op::Softmax => network.nodes[last].inputs[0],
        _ => last,
    }
}

/// The input with the square at a row and a column; what reaches beyond the input is cut off.
fn occluded(input: &Tensor, occluder: &Occluder, [row, column]: [usize; 2]) -> Tensor {
    let image = input.copy();
    let under = |axis: i64, start: usize| {
        let room = image.size()[axis as usize] - start as i64;
        (start as i64, (occluder.size as i64).min(room))
    };
    let ((top, height), (left, width)) = (under(2, row), under(3, column));
    let fill = Tensor::from_slice(&occluder.fill).view([1, -1, 1, 1]);
    let mut square = image.narrow(2, top, height).narrow(3, left, width);
    square.copy_(&fill.expand_as(&square));
    image
}

impl Answers {
    /// What windows gave.
    pub(crate) fn by_windows(occlusion: &Occlusion) -> Self {
        let sums = occlusion.sums.iter();
        Self {
            output: doubles(&occlusion.output),
            scores: doubles(&occlusion.scores),
            sums: sums.map(doubles).collect(),
        }
    }

    /// Runs the whole network, in the engine's precision, for the positions given by number, counted row by row.
    pub(crate) fn in_full(
        engine: &Engine,
        input: &Tensor,
        occluder: &Occluder,
        positions: &[usize],
        watched: &[FeatureMap],
    ) -> Self {
        let share = positions.len().div_ceil(WORKERS).max(1);
        let parts: Vec<Self> = thread::scope(|scope| {
            let run = |part: &[usize]| {
                let (engine, input, part) = (engine.clone(), input.copy(), part.to_vec());
                scope.spawn(move || Self::alone(&engine, &input, occluder, &part, watched))
            };
            let running: Vec<_> = positions.chunks(share).map(run).collect();
            running.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let mut all = Self::empty(watched);
        for part in parts {
            all.output.extend(part.output);
            all.scores.extend(part.scores);
            for (sums, more) in all.sums.iter_mut().zip(part.sums) {
                sums.extend(more);
            }
        }
        all
    }

    fn empty(watched: &[FeatureMap]) -> Self {
        Self {
            sums: vec![Vec::new(); watched.len()],
            ..Self::default()
        }
    }

    fn alone(
        engine: &Engine,
        input: &Tensor,
        occluder: &Occluder,
        positions: &[usize],
        watched: &[FeatureMap],
    ) -> Self {
        tch::set_num_threads(1);
        let scores = scores_node(engine.network());
        let nodes = watched.iter().map(|map| map.node).chain([scores]);
        let recording = Recording {
            activations: nodes.collect(),
            rule: None,
            ..Recording::default()
        };
        let wide = occluder.columns.len();
        let mut full = Self::empty(watched);
        for batch in positions.chunks(BATCH) {
            let places = batch
                .iter()
                .map(|at| [occluder.rows[at / wide], occluder.columns[at % wide]]);
            let images: Vec<Tensor> = places
                .map(|place| occluded(input, occluder, place))
                .collect();
            let trace = engine
                .forward(&Tensor::cat(&images, 0), &recording)
                .unwrap();
            full.output.extend(doubles(&trace.output));
            full.scores.extend(doubles(&trace.activations[&scores]));
            for (sums, map) in full.sums.iter_mut().zip(watched) {
                let maps = trace.activations[&map.node].select(1, map.feature as i64);
                let each = maps.sum_dim_intlist([1i64, 2].as_slice(), false, Kind::Double);
                sums.extend(doubles(&each));
            }
        }
        full
    }

    /// The numbers at some of `all` positions, given by number.
    pub(crate) fn at(&self, positions: &[usize], all: usize) -> Self {
        let pick = |values: &Vec<f64>| -> Vec<f64> {
            assert_eq!(values.len() % all, 0, "not a value for each position");
            let each = values.len() / all;
            let rows = positions.iter();
            rows.flat_map(|at| values[at * each..(at + 1) * each].iter().copied())
                .collect()
        };
        Self {
            output: pick(&self.output),
            scores: pick(&self.scores),
            sums: self.sums.iter().map(pick).collect(),
        }
    }

    /// The output, the scores, each watched map's sums.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &Vec<f64>> {
        [&self.output, &self.scores].into_iter().chain(&self.sums)
    }

    /// How far each list is from another way's.
    pub(crate) fn off(&self, other: &Self) -> Vec<f64> {
        let pairs = self.lists().zip(other.lists());
        pairs
            .map(|(found, expected)| distance(found, expected))
            .collect()
    }

    /// For each list the position, of `all`, where another way's is furthest away.
    pub(crate) fn furthest_from(&self, other: &Self, all: usize) -> Vec<usize> {
        let furthest = |(ours, theirs): (&Vec<f64>, &Vec<f64>)| -> usize {
            let each = ours.len() / all;
            let off = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
            let worst = off
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            worst.map_or(0, |(at, _)| at / each)
        };
        self.lists().zip(other.lists()).map(furthest).collect()
    }
}
