//! The ops of today's networks once more: smooth rectifiers, normalisations, resampling, transposed convolutions.

use deconvscope::network::{
    Coordinates, Curve, Filter, Nearest, Op, Pairing, Reduction, Resampling,
};

use crate::replica::Maps;

pub(crate) fn curve(curve: Curve, x: f64) -> f64 {
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    match curve {
        Curve::Sigmoid => logistic(x),
        Curve::HardSigmoid { slope, offset } => (slope * x + offset).clamp(0.0, 1.0),
        Curve::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Curve::Tanh => x.tanh(),
        Curve::Elu {
            alpha,
            scale,
            width,
        } => {
            scale
                * if x > 0.0 {
                    x
                } else {
                    alpha * (x / width).exp_m1()
                }
        }
        Curve::Softplus => softplus(x),
        Curve::Softsign => x / (1.0 + x.abs()),
        Curve::Silu { slope } => x * logistic(slope * x),
        Curve::Mish => x * softplus(x).tanh(),
        Curve::Gelu { tanh: false } => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
        Curve::Gelu { tanh: true } => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            0.5 * x * (1.0 + inner.tanh())
        }
        Curve::Threshold { above } => {
            if x > above {
                x
            } else {
                0.0
            }
        }
        Curve::Abs => x.abs(),
        Curve::Sqrt => x.sqrt(),
        Curve::Exp => x.exp(),
        Curve::Log => x.ln(),
        Curve::Reciprocal => 1.0 / x,
        Curve::Power { exponent } => x.powf(exponent),
        Curve::Erf => erf(x),
    }
}

/// Its series of positive terms.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let mut term = x;
    let mut sum = x;
    for n in 1..400 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    sum * (-x * x).exp() * 2.0 / std::f64::consts::PI.sqrt()
}

/// Of two values.
pub(crate) fn pair(by: Pairing, a: f64, b: f64) -> f64 {
    let truth = |truth: bool| if truth { 1.0 } else { 0.0 };
    match by {
        Pairing::Maximum => a.max(b),
        Pairing::Minimum => a.min(b),
        Pairing::Power => a.powf(b),
        Pairing::Greater => truth(a > b),
        Pairing::GreaterOrEqual => truth(a >= b),
        Pairing::Equal => truth(a == b),
    }
}

/// A transposed convolution.
pub(crate) fn transposed(op: &Op, x: &Maps, filters: &[f64], bias: Option<Vec<f64>>) -> Maps {
    let Op::ConvTranspose {
        window,
        left_over,
        channels,
        ..
    } = op
    else {
        unreachable!()
    };
    let [high, wide] = [(0, x.height), (1, x.width)].map(|(axis, length)| {
        (length - 1) * window.stride[axis] + (window.kernel[axis] - 1) * window.dilation[axis] + 1
            - 2 * window.padding[axis]
            + left_over[axis]
    });
    let mut y = Maps::zeros(*channels, high, wide);
    if let Some(bias) = bias {
        for (c, row, column) in y.clone().cells() {
            let at = y.at(c, row, column);
            y.values[at] = bias[c];
        }
    }
    let shape = y.clone();
    laid(op, x, &shape, filters, |cell, over, weight| {
        y.values[over] += weight * x.values[cell];
    });
    y
}

/// How each cell of the input lays the filters `[C, C' / groups, rows, columns]` over the output: input cell, output cell,
/// weight.
pub(crate) fn laid(
    op: &Op,
    x: &Maps,
    y: &Maps,
    filters: &[f64],
    mut visit: impl FnMut(usize, usize, f64),
) {
    let Op::ConvTranspose { window, groups, .. } = op else {
        unreachable!()
    };
    let [rows, columns] = window.kernel;
    let (each, from) = (y.channels / groups, x.channels / groups);
    for (c, row, column) in x.cells() {
        for out in 0..each {
            for i in 0..rows {
                for j in 0..columns {
                    let place = |at: usize, axis: usize, tap: usize, length: usize| {
                        let at = at * window.stride[axis] + tap * window.dilation[axis];
                        let at = at.checked_sub(window.padding[axis]);
                        at.filter(|&at| at < length)
                    };
                    let (Some(y_row), Some(y_column)) =
                        (place(row, 0, i, y.height), place(column, 1, j, y.width))
                    else {
                        continue;
                    };
                    let filter = ((c * each + out) * rows + i) * columns + j;
                    let to = y.at(c / from * each + out, y_row, y_column);
                    visit(x.at(c, row, column), to, filters[filter]);
                }
            }
        }
    }
}

/// The parts of an axis' cells in one of the output.
fn parts(axis: &Resampling, at: usize, length: usize) -> Vec<f64> {
    let (x, last) = (at as f64, length as f64 - 1.0);
    let place = match axis.coordinates {
        Coordinates::HalfPixel => (x + 0.5) / axis.scale - 0.5,
        Coordinates::AlignCorners => x * last / (axis.length as f64 - 1.0),
        Coordinates::Asymmetric => x / axis.scale,
        _ => unreachable!("ONNX' own cases have the others"),
    };
    let cells = (0..length).map(|cell| cell as f64);
    match axis.filter {
        Filter::Nearest { rounding } => {
            let nearest = match rounding {
                Nearest::Floor => place.floor(),
                Nearest::Ceil => place.ceil(),
                Nearest::PreferFloor => (place - 0.5).ceil(),
                Nearest::PreferCeil => (place + 0.5).floor(),
            };
            let nearest = nearest.clamp(0.0, last);
            cells
                .map(|cell| if cell == nearest { 1.0 } else { 0.0 })
                .collect()
        }
        _ => {
            let place = place.clamp(0.0, last);
            cells
                .map(|cell| (1.0 - (cell - place).abs()).max(0.0))
                .collect()
        }
    }
}

pub(crate) fn resampled(axes: &[Resampling; 2], x: &Maps) -> Maps {
    let mut y = Maps::zeros(x.channels, axes[0].length, axes[1].length);
    let shape = y.clone();
    mixed(axes, x, &shape, |cell, over, part| {
        y.values[over] += part * x.values[cell];
    });
    y
}

/// What of each cell of the input is in each one of the output: input cell, output cell, part.
pub(crate) fn mixed(
    [rows, columns]: &[Resampling; 2],
    x: &Maps,
    y: &Maps,
    mut visit: impl FnMut(usize, usize, f64),
) {
    for (c, row, column) in y.cells() {
        let down = parts(rows, row, x.height);
        let across = parts(columns, column, x.width);
        for (i, part) in down.iter().enumerate() {
            for (j, other) in across.iter().enumerate() {
                visit(x.at(c, i, j), y.at(c, row, column), part * other);
            }
        }
    }
}

pub(crate) fn over_channels(by: Reduction, x: &Maps) -> Maps {
    let mut y = Maps::zeros(1, x.height, x.width);
    for (_, row, column) in y.clone().cells() {
        let cells = (0..x.channels).map(|c| x.values[x.at(c, row, column)]);
        let to = y.at(0, row, column);
        y.values[to] = match by {
            Reduction::Mean => cells.sum::<f64>() / x.channels as f64,
            Reduction::Maximum => cells.fold(f64::MIN, f64::max),
        };
    }
    y
}

/// Cells that have one number are normalised together.
pub(crate) fn normalised(x: &Maps, epsilon: f64, number: impl Fn(usize, usize) -> usize) -> Maps {
    let mut y = Maps::like(x);
    for (at, (mean, scale)) in statistics(x, epsilon, number).into_iter().enumerate() {
        y.values[at] = (x.values[at] - mean) * scale;
    }
    y
}

/// What each cell is multiplied with where it is normalised.
pub(crate) fn scales(x: &Maps, epsilon: f64, number: impl Fn(usize, usize) -> usize) -> Vec<f64> {
    let statistics = statistics(x, epsilon, number).into_iter();
    statistics.map(|(_, scale)| scale).collect()
}

/// Of each cell the mean of those with its number, and one over their deviation.
fn statistics(x: &Maps, epsilon: f64, number: impl Fn(usize, usize) -> usize) -> Vec<(f64, f64)> {
    let plane = x.height * x.width;
    let group = |at: usize| number(at / plane, at % plane);
    let of = |at: usize| {
        let mates = (0..x.values.len()).filter(|&other| group(other) == group(at));
        let mates: Vec<f64> = mates.map(|other| x.values[other]).collect();
        let count = mates.len() as f64;
        let mean = mates.iter().sum::<f64>() / count;
        let variance = mates.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        (mean, 1.0 / (variance + epsilon).sqrt())
    };
    (0..x.values.len()).map(of).collect()
}
