//! Full inference of occluded images: the square is painted over the input and the whole network run.

use std::thread;

use deconvscope::engine::occlude::{FeatureMap, Occluder};
use deconvscope::engine::{to_values, Engine, Recording};
use deconvscope::network::{Network, Op};
use tch::Tensor;

/// Images in one pass.
const BATCH: usize = 8;
const WORKERS: usize = 2;

/// What the network gives at some positions, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Full {
    pub(crate) output: Vec<f32>,
    pub(crate) scores: Vec<f32>,
    /// By watched map.
    pub(crate) sums: Vec<Vec<f32>>,
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

impl Full {
    /// Runs the network for the positions given by number, counted row by row.
    pub(crate) fn of(
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
            full.output.extend(to_values(&trace.output).unwrap());
            full.scores
                .extend(to_values(&trace.activations[&scores]).unwrap());
            for (sums, map) in full.sums.iter_mut().zip(watched) {
                let image = 0..batch.len() as i64;
                sums.extend(image.map(|image| engine.summed_map(&trace, image, *map).unwrap()));
            }
        }
        full
    }
}
