//! Operators of today's networks that ask for what there is not: refused by node, operator and opset.

use super::super::messages::{NodeProto, TensorProto};
use super::{floats, import, int, integers, ints, node, number, of_input, text, with};
use crate::{Curve, Op};

#[track_caller]
fn refused(nodes: Vec<NodeProto>, constants: Vec<TensorProto>, words: &str) {
    let operator = nodes[0].op_type().to_owned();
    let problem = import(&of_input(&[1, 4, 6, 6], nodes, constants)).unwrap_err();
    assert!(problem.contains(words), "{problem}");
    assert!(
        problem.contains(&format!("({operator}, opset ")),
        "{problem}"
    );
}

#[test]
fn curves_whose_numbers_are_none() {
    let curve = |op: &str, attribute| with(node(op, &["x"], &["y"]), vec![attribute]);
    let odd = [
        curve("Elu", number("alpha", f32::NAN)),
        curve("Selu", number("gamma", f32::INFINITY)),
        curve("ThresholdedRelu", number("alpha", f32::NAN)),
    ];
    for odd in odd {
        refused(vec![odd], vec![], "expected a number");
    }
    refused(
        vec![curve("Celu", number("alpha", 0.0))],
        vec![],
        "alpha is 0",
    );
    let gelu = curve("Gelu", text("approximate", "sine"));
    refused(vec![gelu], vec![], "'sine'");
}

#[test]
fn slopes_and_scales_that_do_not_fit() {
    let prelu = || vec![node("PRelu", &["x", "s"], &["y"])];
    refused(
        prelu(),
        vec![floats("s", &[1], &[f32::NAN])],
        "slope of NaN",
    );
    refused(prelu(), vec![floats("s", &[0], &[])], "empty");
    refused(
        prelu(),
        vec![floats("s", &[5, 1, 1], &[0.1, 0.2, 0.3, 0.4, 0.5])],
        "do not fit",
    );
    let norm = |op: &str, attributes| vec![with(node(op, &["x", "s", "s"], &["y"]), attributes)];
    let three = || vec![floats("s", &[3], &[1.0; 3])];
    refused(norm("InstanceNormalization", vec![]), three(), "4 channels");
    let odd = number("epsilon", f32::NAN);
    refused(
        norm("InstanceNormalization", vec![odd]),
        three(),
        "epsilon is NaN",
    );
    for groups in [0, -1, 3, 8] {
        let groups = vec![int("num_groups", groups)];
        refused(norm("GroupNormalization", groups), three(), "num_groups");
    }
    let layer = norm("LayerNormalization", vec![int("axis", 0)]);
    refused(layer, three(), "images do not mix");
    refused(norm("LayerNormalization", vec![]), three(), "do not fit");
}

#[test]
fn maps_resized_to_what_cannot_be() {
    let resize = |attributes| vec![with(node("Resize", &["x", "", "s"], &["y"]), attributes)];
    let by = |scales: &[f32]| vec![floats("s", &[scales.len() as i64], scales)];
    for scales in [
        [1.0, 1.0, 1e9, 1.0],
        [1.0, 1.0, 1e-9, 1.0],
        [1.0, 1.0, f32::NAN, 1.0],
        [1.0, 1.0, -2.0, 1.0],
        [1.0, 1.0, f32::INFINITY, 1.0],
        [1.0, 1.0, 0.0, 1.0],
    ] {
        refused(resize(vec![]), by(&scales), "resamples");
    }
    refused(
        resize(vec![]),
        by(&[1.0, 2.0, 1.0, 1.0]),
        "rows and columns are supported",
    );
    refused(resize(vec![]), by(&[1.0, 2.0]), "expected 4");
    let odd = text("coordinate_transformation_mode", "sideways");
    refused(resize(vec![odd]), by(&[1.0, 1.0, 2.0, 2.0]), "'sideways'");
    let sized = |sizes: &[i64]| {
        let nodes = vec![node("Resize", &["x", "", "", "s"], &["y"])];
        (nodes, vec![integers("s", &[sizes.len() as i64], sizes)])
    };
    for (sizes, words) in [
        ([1, 4, 0, 6], "resamples"),
        ([1, 4, -3, 6], "negative"),
        ([1, 4, i64::MAX, 6], "resamples"),
        ([1, 4, 1 << 20, 1], "resamples"),
    ] {
        let (nodes, constants) = sized(&sizes);
        refused(nodes, constants, words);
    }
    refused(
        vec![node("Resize", &["x"], &["y"])],
        vec![],
        "neither scales nor sizes",
    );
}

#[test]
fn transposed_convolutions_that_do_not_fit() {
    let transposed =
        |attributes| vec![with(node("ConvTranspose", &["x", "w"], &["y"]), attributes)];
    let weights = |from: i64| {
        let values = vec![0.5; (from * 4) as usize];
        vec![floats("w", &[from, 1, 2, 2], &values)]
    };
    refused(transposed(vec![]), weights(3), "weights are for 3 channels");
    refused(transposed(vec![int("group", 0)]), weights(4), "group");
    let cut = vec![ints("pads", &[4, 4, 4, 4])];
    refused(transposed(cut), weights(4), "cut all off");
    let wide = vec![ints("strides", &[1 << 20, 1 << 20])];
    refused(transposed(wide), weights(4), "not a size");
    let shape = vec![ints("output_shape", &[0, 6])];
    refused(transposed(shape), weights(4), "ConvTranspose");
}

#[test]
fn blocks_that_do_not_come_out_even() {
    let blocks =
        |op: &str, size| vec![with(node(op, &["x"], &["y"]), vec![int("blocksize", size)])];
    for size in [0, -2, i64::MAX] {
        refused(blocks("SpaceToDepth", size), vec![], "blocksize");
        refused(blocks("DepthToSpace", size), vec![], "blocksize");
    }
    refused(blocks("SpaceToDepth", 4), vec![], "do not come to blocks");
    refused(blocks("DepthToSpace", 3), vec![], "do not come to blocks");
}

#[test]
fn stored_integers_whose_scales_do_not_fit() {
    let model = |scales: &[f32], attributes| {
        let stored = with(node("DequantizeLinear", &["q", "s"], &["w"]), attributes);
        let count = scales.len() as i64;
        let constants = vec![
            integers("q", &[2, 3], &[1; 6]),
            floats("s", &[count], scales),
        ];
        refused(
            vec![stored, node("MatMul", &["x", "w"], &["y"])],
            constants,
            "does not fit",
        );
    };
    model(&[0.5; 4], vec![]);
    model(&[0.5; 3], vec![int("axis", 0)]);
    model(&[0.5; 3], vec![int("block_size", 2)]);
}

/// The last op of a graph over `[1, 4, 6, 6]`.
fn last(nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> Op {
    let network = import(&of_input(&[1, 4, 6, 6], nodes, constants)).unwrap();
    network.network.nodes.last().unwrap().op.clone()
}

#[test]
fn an_instance_norm_spelled_out_is_one() {
    let mean = |from: &str, to: &str| {
        with(
            node("ReduceMean", &[from], &[to]),
            vec![ints("axes", &[2, 3])],
        )
    };
    let nodes = vec![
        mean("x", "m"),
        node("Sub", &["x", "m"], &["d"]),
        node("Mul", &["d", "d"], &["q"]),
        mean("q", "v"),
        node("Add", &["v", "e"], &["s"]),
        node("Sqrt", &["s"], &["r"]),
        node("Div", &["d", "r"], &["y"]),
    ];
    let Op::GroupNorm { groups, epsilon } = last(nodes, vec![floats("e", &[], &[0.25e-3])]) else {
        unreachable!()
    };
    assert_eq!(groups, 4);
    assert!((epsilon - 0.25e-3).abs() < 1e-9);
}

#[test]
fn steps_that_only_look_like_a_curve_stay() {
    let silu = |gate: &str| {
        vec![
            node("Clip", &["x", "low", "high"], &["c"]),
            node("Sigmoid", &[gate], &["g"]),
            node("Mul", &["x", "g"], &["y"]),
        ]
    };
    let bounds = || vec![floats("low", &[], &[-10.0]), floats("high", &[], &[10.0])];
    assert_eq!(
        last(silu("x"), bounds()),
        Op::Curve(Curve::Silu { slope: 1.0 })
    );
    assert_eq!(last(silu("c"), bounds()), Op::Multiply);
}

/// A long way from one branch of a product to the other.
#[test]
fn steps_are_not_followed_for_ever() {
    let mut nodes = Vec::new();
    let mut below = "x".to_owned();
    for number in 0..20_000 {
        let next = format!("v{number}");
        nodes.push(node("Neg", &[&below], &[&next]));
        below = next;
    }
    nodes.push(node("Mul", &["x", &below], &["y"]));
    assert_eq!(last(nodes, vec![]), Op::Multiply);
}
