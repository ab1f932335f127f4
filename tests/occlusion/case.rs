//! One network on one input: what windows give, what full inference gives, and how far apart they are.

use deconvscope::engine::occlude::{Cut, FeatureMap, Occluder, Occlusion};
use deconvscope::engine::{to_values, Engine, Recording, Trace};
use deconvscope::network::Model;
use tch::{Device, Tensor};

use crate::full::{scores_node, Full};
use crate::worst::{change, difference, range};

pub(crate) struct Case {
    pub(crate) engine: Engine,
    pub(crate) clean: Trace,
    pub(crate) input: Tensor,
    pub(crate) watched: Vec<FeatureMap>,
}

/// What windows give for all positions, as numbers.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) output: Vec<f32>,
    pub(crate) scores: Vec<f32>,
    pub(crate) sums: Vec<Vec<f32>>,
}

/// The largest differences as parts of what is allowed: at most 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts {
    /// Of 1e-5.
    pub(crate) probability: f64,
    /// Of 1e-4 of the range of the scores.
    pub(crate) range: f64,
    /// Of 1e-3 of the largest change of a score over the positions.
    pub(crate) change: f64,
    /// Of 1e-4 of a watched map's sum or of that sum's range, whichever is larger.
    pub(crate) sum: f64,
}

impl Parts {
    pub(crate) fn most(self, other: Self) -> Self {
        Self {
            probability: self.probability.max(other.probability),
            range: self.range.max(other.range),
            change: self.change.max(other.change),
            sum: self.sum.max(other.sum),
        }
    }

    pub(crate) fn hold(self) -> bool {
        [self.probability, self.range, self.change, self.sum]
            .iter()
            .all(|part| *part <= 1.0)
    }
}

impl std::fmt::Display for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "probabilities {:.4}, scores {:.4} of range and {:.4} of change, sums {:.4}",
            self.probability, self.range, self.change, self.sum
        )
    }
}

impl Found {
    fn of(occlusion: &Occlusion) -> Self {
        Self {
            output: to_values(&occlusion.output).unwrap(),
            scores: to_values(&occlusion.scores).unwrap(),
            sums: occlusion.sums.clone(),
        }
    }

    /// What it gives at some positions, given by number.
    pub(crate) fn at(&self, positions: &[usize], all: usize) -> Self {
        let pick = |values: &Vec<f32>| -> Vec<f32> {
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
}

impl Case {
    /// Watches the strongest map of each of the nodes.
    pub(crate) fn new(model: &Model, input: &Tensor, watched: &[usize]) -> Self {
        tch::set_num_threads(1);
        let engine = Engine::new(model, Device::Cpu).unwrap();
        let clean = engine
            .forward(input, &Recording::everything(&engine))
            .unwrap();
        let maps = watched
            .iter()
            .map(|&node| engine.strongest_map(&clean, 0, node).unwrap());
        Self {
            watched: maps.collect(),
            clean,
            input: input.shallow_clone(),
            engine,
        }
    }

    pub(crate) fn windows(&self, occluder: &Occluder, cut: Cut) -> Found {
        let last = self.watched.iter().map(|map| map.node).max();
        let slider = self
            .engine
            .slider(occluder.clone(), last.unwrap_or(0), cut)
            .unwrap();
        Found::of(&slider.slide(&self.clean, &self.watched).unwrap())
    }

    pub(crate) fn full(&self, occluder: &Occluder, positions: &[usize]) -> Full {
        Full::of(
            &self.engine,
            &self.input,
            occluder,
            positions,
            &self.watched,
        )
    }

    /// The clean image's values before a last softmax.
    pub(crate) fn clean_scores(&self) -> Vec<f32> {
        to_values(&self.clean.activations[&scores_node(self.engine.network())]).unwrap()
    }

    pub(crate) fn parts(&self, found: &Found, full: &Full) -> Parts {
        let off = difference(&found.scores, &full.scores);
        let sums = self.watched.iter().zip(found.sums.iter().zip(&full.sums));
        let sums = sums.map(|(map, (found, full))| {
            let whole = self.engine.summed_map(&self.clean, 0, *map).unwrap();
            part(
                difference(found, full),
                1e-4 * range(full).max(f64::from(whole.abs())),
            )
        });
        Parts {
            probability: match self.engine.network().has_classifier() {
                true => part(difference(&found.output, &full.output), 1e-5),
                false => 0.0,
            },
            range: part(off, 1e-4 * range(&full.scores)),
            change: part(off, 1e-3 * change(&full.scores, &self.clean_scores())),
            sum: sums.fold(0.0, f64::max),
        }
    }
}

fn part(off: f64, bound: f64) -> f64 {
    match off == 0.0 {
        true => 0.0,
        false => off / bound,
    }
}
