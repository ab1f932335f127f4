//! What PyTorch's exporters make of layers and idioms that ONNX has under another name.

use super::super::messages::{ModelProto, NodeProto, TensorProto};
use super::{floats, import, integers, ints, node, of_input, text, with};
use crate::Op;

fn ops(nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> Vec<Op> {
    let imported = import(&model(nodes, constants)).unwrap();
    let nodes = imported.network.nodes.into_iter();
    nodes.skip(1).map(|node| node.op).collect()
}

fn model(nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> ModelProto {
    of_input(&[1, 7, 6, 6], nodes, constants)
}

fn number(name: &str, value: f32) -> TensorProto {
    floats(name, &[], &[value])
}

/// `torch.nn.LocalResponseNorm(size)` with the pads at both ends of the channels.
fn contrast(size: i64, [before, after]: [i64; 2]) -> (Vec<NodeProto>, Vec<TensorProto>) {
    let pads = [0, 0, before, 0, 0, 0, 0, after, 0, 0];
    let pooled = vec![
        ints("kernel_shape", &[size, 1, 1]),
        ints("strides", &[1, 1, 1]),
    ];
    let nodes = vec![
        node("Mul", &["x", "x"], &["square"]),
        node("Reshape", &["square", "deep"], &["depth"]),
        node("Pad", &["depth", "pads"], &["padded"]),
        with(node("AveragePool", &["padded"], &["mean"]), pooled),
        node("Squeeze", &["mean", "one"], &["flat"]),
        node("Mul", &["flat", "alpha"], &["scaled"]),
        node("Add", &["scaled", "k"], &["sum"]),
        node("Pow", &["sum", "beta"], &["power"]),
        node("Div", &["x", "power"], &["y"]),
    ];
    let constants = vec![
        integers("deep", &[5], &[1, 1, 7, 6, -1]),
        integers("pads", &[10], &pads),
        integers("one", &[1], &[1]),
        number("alpha", 0.5),
        number("k", 2.0),
        number("beta", 0.75),
    ];
    (nodes, constants)
}

#[test]
fn a_contrast_normalisation_spelled_out_is_one() {
    let (nodes, constants) = contrast(5, [2, 2]);
    let (alpha, beta, k) = (0.5, 0.75, 2.0);
    let lrn = Op::Lrn {
        size: 5,
        alpha,
        beta,
        k,
    };
    assert_eq!(ops(nodes, constants), [lrn]);
    // Of other neighbours, and of an even number: computed as it is spelled.
    for (size, ends) in [(5, [1, 3]), (4, [2, 1])] {
        let (nodes, constants) = contrast(size, ends);
        let ops = ops(nodes, constants);
        assert!(
            ops.iter().any(|op| matches!(op, Op::Conv { .. })),
            "{ops:?}"
        );
        assert!(
            !ops.iter().any(|op| matches!(op, Op::Lrn { .. })),
            "{ops:?}"
        );
    }
}

/// With pads that the pooling itself adds it is not over the channels alone.
#[test]
fn a_depth_that_is_padded_by_the_pooling_is_refused() {
    let (mut nodes, constants) = contrast(5, [2, 2]);
    nodes[3].attribute.push(text("auto_pad", "SAME_UPPER"));
    let problem = import(&model(nodes, constants)).map(drop).unwrap_err();
    assert!(problem.contains("AveragePool"), "{problem}");
}

/// A view of the mean of maps that lie channels last.
#[test]
fn cells_laid_out_in_a_row_and_taken_up_again_are_the_same_maps() {
    let viewed = |indices: &[i64]| {
        let nodes = vec![
            node("GlobalAveragePool", &["x"], &["mean"]),
            node("Reshape", &["mean", "row"], &["laid"]),
            node("Gather", &["laid", "indices"], &["viewed"]),
            node("Flatten", &["viewed"], &["y"]),
        ];
        let constants = vec![
            integers("row", &[1], &[-1]),
            integers("indices", &[1, 7, 1, 1], indices),
        ];
        import(&model(nodes, constants))
    };
    let imported = viewed(&[0, 1, 2, 3, 4, 5, 6]).unwrap();
    let ops: Vec<Op> = imported
        .network
        .nodes
        .into_iter()
        .map(|node| node.op)
        .collect();
    assert!(matches!(ops[1], Op::GlobalAveragePool), "{ops:?}");
    assert!(
        !ops.iter().any(|op| matches!(op, Op::Select { .. })),
        "{ops:?}"
    );
    let problem = viewed(&[0, 1, 2, 3, 4, 6, 5]).map(drop).unwrap_err();
    assert!(problem.contains("batch"), "{problem}");
}

/// `x * gate.expand_as(x)`: the gate stays a gate; beside nothing of the whole shape it is repeated.
#[test]
fn what_is_expanded_beside_the_whole_is_not_repeated() {
    let gated = |last: NodeProto| {
        let nodes = vec![
            node("GlobalAveragePool", &["x"], &["mean"]),
            node("Sigmoid", &["mean"], &["gate"]),
            node("Expand", &["gate", "shape"], &["wide"]),
            last,
        ];
        ops(nodes, vec![integers("shape", &[4], &[1, 7, 6, 6])])
    };
    let product = gated(node("Mul", &["x", "wide"], &["y"]));
    assert!(
        matches!(product[..], [Op::GlobalAveragePool, _, Op::Multiply]),
        "{product:?}"
    );
    let alone = gated(node("Relu", &["wide"], &["y"]));
    assert!(
        matches!(
            alone[..],
            [
                Op::GlobalAveragePool,
                _,
                Op::Shift { shape: [7, 6, 6] },
                Op::Relu
            ]
        ),
        "{alone:?}"
    );
}

#[test]
fn a_mean_is_a_sum_and_its_share() {
    for inputs in [&["x", "r"][..], &["x", "r", "r"]] {
        let nodes = vec![node("Relu", &["x"], &["r"]), node("Mean", inputs, &["y"])];
        let imported = import(&model(nodes, vec![])).unwrap();
        let last = imported.network.nodes.last().unwrap();
        assert_eq!(last.op, Op::Scale { shape: [1; 3] });
        let share = &imported.weights[&format!("{}.weight", last.name)].data;
        assert_eq!(share[..], [1.0 / inputs.len() as f32]);
    }
}

/// Standardised weights, as a batch norm in training mode and in steps.
#[test]
fn weights_that_are_computed_from_constants_are_constants() {
    let standardised = vec![
        node("ReduceMean", &["w"], &["mean"]),
        node("Sub", &["w", "mean"], &["w0"]),
        node("ReduceL2", &["w0"], &["norm"]),
        node("Clip", &["norm", "least"], &["held"]),
        node("Div", &["w0", "held"], &["w1"]),
        node("Conv", &["x", "w1"], &["y"]),
    ];
    let constants = vec![
        floats("w", &[1, 7, 1, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
        number("least", 1e-6),
    ];
    let imported = import(&model(standardised, constants)).unwrap();
    let weights: Vec<f32> = imported.weights.values().next().unwrap().data.to_vec();
    let norm = 28f32.sqrt();
    for (at, weight) in weights.iter().enumerate() {
        assert!(
            (weight - (at as f32 - 3.0) / norm).abs() < 1e-6,
            "{weights:?}"
        );
    }
}
