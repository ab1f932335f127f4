//! Small networks drawn by lot, with occluders, places and watched maps drawn by lot: a property test. A failure names
//! its seed; [`Drawn::of`] makes the case again.

use deconvscope::engine::occlude::{Cut, Occluder};
use deconvscope::engine::to_values;
use deconvscope::network::Model;
use tch::Tensor;

use crate::case::{Case, Found};
use crate::common::drawn;
use crate::common::random::Random;
use crate::common::{model, random_input, random_weights};
use crate::full::Full;
use crate::occluders;
use crate::worst::{change, difference};

const CASES: u64 = 600;
/// Of the largest value: what rounding of sums of some hundred terms may come to in a few layers.
const ROUNDING: f64 = 2e-5;

struct Drawn {
    model: Model,
    input: Tensor,
    watched: Vec<usize>,
    occluder: Occluder,
}

impl Drawn {
    fn of(seed: u64) -> Self {
        let mut random = Random(seed);
        let network = drawn::network(&mut random);
        let weights = random_weights(&network, &mut random);
        Self {
            input: random_input(&network, 1, &mut random),
            watched: occluders::watched(&mut random, network.nodes.len()),
            occluder: occluders::occluder(&mut random, network.input),
            model: model(network, weights),
        }
    }

    fn describe(&self) -> String {
        let nodes = self.model.network.nodes.iter();
        let each = nodes.map(|node| format!("{} = {:?} of {:?}", node.name, node.op, node.inputs));
        format!(
            "{}\nwatched {:?}, {:?}",
            each.collect::<Vec<_>>().join("\n"),
            self.watched,
            self.occluder
        )
    }
}

/// How far two sets of values are apart for values of that size.
fn excess(found: &[f32], full: &[f32], scale: f64) -> f64 {
    difference(found, full) / (ROUNDING * scale)
}

fn largest(values: &[f32]) -> f64 {
    difference(values, &vec![0.0; values.len()])
}

/// The largest of the differences as parts of what is allowed, with their names.
fn differences(case: &Case, found: &Found, full: &Full) -> Vec<(String, f64)> {
    let scale = |values: &[f32]| largest(values).max(1e-3);
    let mut all = vec![
        (
            "output".to_owned(),
            excess(&found.output, &full.output, scale(&full.output)),
        ),
        (
            "scores".to_owned(),
            excess(&found.scores, &full.scores, scale(&full.scores)),
        ),
    ];
    assert_eq!(found.sums.len(), case.watched.len());
    for (map, (found, full)) in case.watched.iter().zip(found.sums.iter().zip(&full.sums)) {
        let clean = &case.clean.activations[&map.node];
        let cells = to_values(&clean.get(0).get(map.feature as i64).abs()).unwrap();
        let scale = scale(full).max(cells.iter().sum::<f32>().into());
        all.push((
            format!("sum at node {}", map.node),
            excess(found, full, scale),
        ));
    }
    all
}

/// Whether the scores change by far more than the difference allowed; `None` for a network that computes no numbers
/// (maxima over padding alone).
fn agrees(seed: u64) -> Option<bool> {
    let drawn = Drawn::of(seed);
    let case = Case::new(&drawn.model, &drawn.input, &drawn.watched);
    let finite = |maps: &Tensor| largest(&to_values(maps).unwrap()) < 1e4;
    if !case.clean.activations.values().all(finite) {
        return None;
    }
    let all: Vec<usize> = (0..drawn.occluder.positions()).collect();
    let full = case.full(&drawn.occluder, &all);
    for bytes in [Cut::default().bytes, 3000, 1] {
        let found = [1, 2].map(|threads| {
            case.windows(
                &drawn.occluder,
                Cut {
                    threads,
                    bytes,
                    cap: 1.0,
                },
            )
        });
        for (what, excess) in differences(&case, &found[0], &full) {
            assert!(
                excess <= 1.0,
                "seed {seed}, passes of {bytes} bytes: {what} off by {excess:.2} of what is allowed\n{}",
                drawn.describe()
            );
        }
        let [one, two] = &found;
        assert_eq!(
            one,
            two,
            "seed {seed}: two workers give other bits\n{}",
            drawn.describe()
        );
    }
    let clean = case.clean_scores();
    Some(change(&full.scores, &clean) > 1e3 * ROUNDING * largest(&clean))
}

#[test]
fn drawn_graphs_agree() {
    let cases: Vec<bool> = (0..CASES).filter_map(agrees).collect();
    let telling = cases.iter().filter(|it| **it).count();
    println!(
        "{} graphs agree; in {telling} the occluder changes a score by more than 2 %",
        cases.len()
    );
    assert!(cases.len() as u64 > CASES * 9 / 10);
    assert!(
        telling > cases.len() * 2 / 3,
        "{telling} of {}",
        cases.len()
    );
}
