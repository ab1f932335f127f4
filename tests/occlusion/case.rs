//! One network on one input: what windows give and what full inference gives, each held against float64.

use deconvscope::engine::occlude::{Cut, FeatureMap, Occluder};
use deconvscope::engine::{Engine, Recording, Trace};
use deconvscope::network::Model;
use tch::{Device, Tensor};

use crate::answers::{scores_node, Answers};
use crate::common::rounding::{largest, Rounding};
use crate::common::{doubles, strongest_map};

pub(crate) struct Case {
    pub(crate) engine: Engine,
    /// The same network in float64.
    exact: Engine,
    pub(crate) clean: Trace,
    pub(crate) input: Tensor,
    pub(crate) watched: Vec<FeatureMap>,
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
            .map(|&node| strongest_map(&engine, &clean, node));
        Self {
            watched: maps.collect(),
            clean,
            input: input.shallow_clone(),
            exact: Engine::in_double(model).unwrap(),
            engine,
        }
    }

    pub(crate) fn windows(&self, occluder: &Occluder, cut: Cut) -> Answers {
        let last = self.watched.iter().map(|map| map.node).max();
        let slider = self
            .engine
            .slider(occluder.clone(), last.unwrap_or(0), cut)
            .unwrap();
        Answers::by_windows(&slider.slide(&self.clean, &self.watched).unwrap())
    }

    pub(crate) fn full(&self, occluder: &Occluder, positions: &[usize]) -> Answers {
        self.answers(&self.engine, &self.input, occluder, positions)
    }

    pub(crate) fn exact(&self, occluder: &Occluder, positions: &[usize]) -> Answers {
        self.answers(&self.exact, &self.input, occluder, positions)
    }

    fn answers(
        &self,
        engine: &Engine,
        input: &Tensor,
        occluder: &Occluder,
        positions: &[usize],
    ) -> Answers {
        Answers::in_full(engine, input, occluder, positions, &self.watched)
    }

    /// Full inference for these positions, in both precisions. Where that takes no time, of the mirrored input as well: among
    /// few numbers float32 may come near float64 by chance.
    pub(crate) fn others(&self, occluder: &Occluder, positions: &[usize]) -> Others {
        let mirrored = [vec![2], vec![3], vec![2, 3]].map(|axes| {
            let input = self.input.flip(axes);
            let single = self.answers(&self.engine, &input, occluder, positions);
            single.off(&self.answers(&self.exact, &input, occluder, positions))
        });
        Others {
            full: self.full(occluder, positions),
            exact: self.exact(occluder, positions),
            mirrored: mirrored.to_vec(),
        }
    }

    /// The clean image's values before a last softmax.
    pub(crate) fn clean_scores(&self) -> Vec<f64> {
        doubles(&self.clean.activations[&scores_node(self.engine.network())])
    }

    /// How far windows and full inference are from float64 at the same positions: the output, the scores, and each watched
    /// map's sum, which is a sum of the clean map's cells and of what changes.
    pub(crate) fn roundings(&self, windows: &Answers, others: &Others) -> Vec<(String, Rounding)> {
        assert_eq!(windows.sums.len(), self.watched.len());
        let clean = &self.clean.activations;
        let sums = self.watched.iter().map(|map| {
            let cells = doubles(&clean[&map.node].get(0).get(map.feature as i64).abs());
            (format!("sum at node {}", map.node), cells.iter().sum())
        });
        let scales = [
            ("output".to_owned(), largest(&doubles(&self.clean.output))),
            ("scores".to_owned(), largest(&self.clean_scores())),
        ];
        let named = scales.into_iter().chain(sums);
        let ways = windows.lists().zip(others.full.lists());
        named
            .zip(ways.zip(others.exact.lists()))
            .enumerate()
            .map(|(number, ((name, scale), ((ours, theirs), exact)))| {
                let elsewhere = others.mirrored.iter().map(|off| off[number]);
                let rounding = Rounding::of(ours, theirs, exact)
                    .on_scale(scale)
                    .other_off_by(elsewhere.fold(0.0, f64::max));
                (name, rounding)
            })
            .collect()
    }
}

/// What windows are held against.
pub(crate) struct Others {
    /// Full inference in float32.
    pub(crate) full: Answers,
    /// In float64.
    pub(crate) exact: Answers,
    /// How far float32 is from float64 on like inputs, list by list.
    pub(crate) mirrored: Vec<Vec<f64>>,
}
