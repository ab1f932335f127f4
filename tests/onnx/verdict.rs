//! Whether a case passes, and if not, for which of few reasons it need not.

use crate::case::Case;
use crate::run::{as_constants, as_maps, excess, expected, Outputs};

/// The operators that the import knows, and those that it computes where all they read is constant.
pub(crate) const KNOWN: &[&str] = &[
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "Div",
    "Dropout",
    "Flatten",
    "Gather",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LRN",
    "LeakyRelu",
    "MatMul",
    "MaxPool",
    "Mul",
    "Pad",
    "Range",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Shape",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Split",
    "Squeeze",
    "Sub",
    "Sum",
    "Transpose",
    "Unsqueeze",
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
        (Verdict::Failed(why), None) => match reason(&why) {
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
