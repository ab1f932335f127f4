//! The cells that may change, as geometry tells them, against those that do: each row and each column of the input is
//! changed in turn.

use deconvscope::engine::{Engine, Recording};
use deconvscope::network::projective_field::Span;
use deconvscope::network::shape::Shape;
use deconvscope::network::{Builder, Network, Op, Window};
use tch::{Kind, Tensor};

use crate::common::drawn;
use crate::common::random::Random;
use crate::common::{model, random_input, random_weights};
use crate::graphs::Draw;

/// Of float64, relative to the largest value: a batch's images need not come out alike to the last bit.
const ROUNDING: f64 = 1e-12;

/// For each line of the input along an axis (0 rows, 1 columns) and each node: where cells change when it does, and
/// where geometry says that they may. Nothing for a network that computes no numbers.
fn changes(network: &Network, axis: usize, random: &mut Random) -> Vec<(Option<Span>, Span)> {
    let lines = [network.input.height, network.input.width][axis];
    let model = model(network.clone(), random_weights(network, random));
    let engine = Engine::in_double(&model).unwrap();
    let clean = random_input(network, 1, random);
    let images: Vec<Tensor> = (0..lines as i64)
        .map(|line| {
            let image = clean.copy();
            let _ = image.narrow(2 + axis as i64, line, 1).g_add_scalar_(5.0);
            image
        })
        .chain([clean.copy()])
        .collect();
    let trace = engine
        .forward(&Tensor::cat(&images, 0), &Recording::everything(&engine))
        .unwrap();
    let mut found = Vec::new();
    for line in 0..lines {
        let span = Span {
            start: line,
            end: line + 1,
        };
        let expected = model.anatomy.spans(axis, span);
        for (node, expected) in expected.into_iter().enumerate() {
            let maps = &trace.activations[&node];
            let difference = maps.get(line as i64) - maps.get(lines as i64);
            let across = [0i64, 2 - axis as i64];
            let along = difference.abs().amax(&across[..], false);
            let least = ROUNDING * maps.abs().max().double_value(&[]);
            let cells = Vec::<bool>::try_from(along.gt(least)).unwrap();
            let first = cells.iter().position(|changed| *changed);
            let last = cells.iter().rposition(|changed| *changed);
            let changed = first.zip(last).map(|(start, last)| Span {
                start,
                end: last + 1,
            });
            found.push((changed, expected));
        }
        if !trace.activations.values().all(is_finite) {
            return Vec::new();
        }
    }
    found
}

fn is_finite(maps: &Tensor) -> bool {
    maps.isfinite().all().to_kind(Kind::Bool).int64_value(&[]) == 1
}

#[test]
fn nothing_changes_outside_its_span() {
    hold(60, drawn::network);
}

#[test]
fn nothing_changes_outside_its_span_in_todays_ops() {
    hold(60, drawn::today);
}

/// Draws so many networks.
pub(crate) fn hold(networks: u64, draw: Draw) {
    for seed in 0..networks {
        let mut random = Random(seed);
        let network = draw(&mut random);
        for axis in [0, 1] {
            for (changed, expected) in changes(&network, axis, &mut random) {
                let inside = changed.is_none_or(|changed| {
                    expected.start <= changed.start && changed.end <= expected.end
                });
                assert!(
                    inside,
                    "seed {seed}, axis {axis}: {changed:?} changes, not {expected:?}\n{network:#?}"
                );
            }
        }
    }
}

/// Where nothing is rectified and every kernel touches all cells that it spans, no cell is computed for nothing.
#[test]
fn all_of_a_span_changes_in_a_linear_network() {
    let mut net = Builder::of("linear", Shape::of([2, 19, 14]));
    let window = |kernel, stride, padding| Window {
        kernel,
        stride,
        padding,
        dilation: [1; 2],
    };
    let x = net.conv("first", 0, 4, window([5, 3], [2, 1], [2, 0]));
    let edges = [[0, 0], [-1, 2], [3, -2]];
    let x = net.node("pad", Op::Pad { edges, value: 0.3 }, &[x]);
    let pool = Op::AveragePool {
        window: window([3, 2], [2, 2], [1, 1]),
        ceil: true,
        padding_counts: false,
    };
    let x = net.node("pool", pool, &[x]);
    let left = net.conv("left", x, 3, window([3, 3], [1, 1], [1, 1]));
    let right = net.conv("right", x, 3, window([1, 1], [1, 1], [0, 0]));
    let x = net.node("stack", Op::Concat, &[left, right]);
    net.conv("last", x, 2, window([2, 3], [1, 2], [0, 1]));
    let network = net.finish();
    let mut random = Random(5);
    for axis in [0, 1] {
        let mut exact = 0;
        for (changed, expected) in changes(&network, axis, &mut random) {
            // What was cut off changes nothing, and a span is never empty.
            if let Some(changed) = changed {
                assert_eq!(changed, expected);
                exact += 1;
            }
        }
        assert!(exact > 80, "{exact}");
    }
}
