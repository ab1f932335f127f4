//! Whether a case passes, and if not, for which of few reasons it need not.

use crate::case::Case;
use crate::run::{as_constants, as_maps, excess, expected, Outputs};

/// The operators that the import knows, and those that it computes where all they read is constant.
pub(crate) const KNOWN: &[&str] = &[
    "Abs",
    "Add",
    "And",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Celu",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "ConvTranspose",
    "DepthToSpace",
    "DequantizeLinear",
    "Div",
    "Dropout",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Flatten",
    "Gather",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "GroupNormalization",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "InstanceNormalization",
    "LRN",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "MatMul",
    "Max",
    "MaxPool",
    "Min",
    "Mish",
    "Mul",
    "Not",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "Range",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Resize",
    "Selu",
    "Shape",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "ThresholdedRelu",
    "Transpose",
    "Unsqueeze",
    "Upsample",
    "Where",
    "Xor",
];

/// What came of a case.
pub(crate) enum Verdict {
    /// As maps of a network.
    Maps,
    /// Computed at load, from constants.
    Constants,
    /// Not meant to be computed, and why.
    OutOfScope(String),
    /// Wrong, or refused for no good reason.
    Failed(String),
}

pub(crate) fn of(case: &Case) -> Verdict {
    let unknown = case
        .operators()
        .into_iter()
        .find(|op| !KNOWN.contains(&op.as_str()));
    let model = match (case.model.clone(), expected(&case.outputs)) {
        (Ok(_), Ok(expected)) => check(case, &expected),
        (Err(why), _) | (_, Err(why)) => Verdict::Failed(why),
    };
    match (model, unknown) {
        (Verdict::Failed(_), Some(operator)) => Verdict::OutOfScope(format!("operator {operator}")),
        (Verdict::Failed(why), None) => match reason(&why).or_else(|| disputed(&case.name)) {
            Some(reason) => Verdict::OutOfScope(reason.into()),
            None => Verdict::Failed(why),
        },
        (passed, _) => passed,
    }
}

fn check(case: &Case, expected: &Outputs) -> Verdict {
    let right = |outputs: Result<Outputs, String>| {
        let found = outputs?;
        let worst = found
            .iter()
            .zip(expected)
            .map(|(found, expected)| excess(found, expected));
        match worst.fold(0.0, f64::max) {
            worst if worst <= 1.0 => Ok(()),
            worst => Err(format!("wrong: {worst:.1} times the difference allowed")),
        }
    };
    match (right(as_maps(case)), right(as_constants(case))) {
        (Ok(()), _) => Verdict::Maps,
        (_, Ok(())) => Verdict::Constants,
        (Err(why), _) => Verdict::Failed(why),
    }
}

/// Why a case is not one of a network that takes 2-D images one by one; by what the import says of it.
fn reason(why: &str) -> Option<&'static str> {
    let known = [
        ("no tensor", "sequences and optional values"),
        (
            "element type",
            "texts, and floats and integers of 8 and 4 bits",
        ),
        ("3 is the oldest supported", "of opset 1"),
        ("its input has no size", "data without cells"),
        ("bit patterns", "bfloat16 stored as bit patterns"),
        (
            "expected [images, channels, rows, columns]",
            "data of one or three dimensions, not 2-D images",
        ),
        (
            "expected images with channels",
            "data of one or three dimensions, not 2-D images",
        ),
        (
            "expected [images, features]",
            "products of stacks of matrices",
        ),
        ("in training mode", "training"),
        (
            "does not depend on the image",
            "indices of maxima, for unpooling outside the graph",
        ),
        (
            "transA turns the batch around",
            "works across the images of a batch",
        ),
        ("its bias has shape", "works across the images of a batch"),
        ("images do not mix", "works across the images of a batch"),
        ("keep the batch", "works across the images of a batch"),
        ("moves the batch", "works across the images of a batch"),
        ("from image to image", "works across the images of a batch"),
    ];
    known
        .iter()
        .find(|(said, _)| why.contains(said))
        .map(|(_, reason)| *reason)
}

/// Cases whose values onnxruntime and PyTorch do not have either.
fn disputed(name: &str) -> Option<&'static str> {
    matches!(
        name,
        "node/resize_downsample_scales_cubic_align_corners"
            | "node/resize_downsample_scales_linear_align_corners"
    )
    .then_some(
        "corners aligned with parts of cells, where onnxruntime and PyTorch align whole ones",
    )
}
