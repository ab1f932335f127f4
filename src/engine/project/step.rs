//! One op of a network backwards.

use network::shape::Shape;
use network::{Op, Pairing, Reduction};
use tch::{TchError, Tensor};

use super::super::forward::{by_edges, leaky, pair, permutation, spans, vectors};
use super::super::local_response;
use super::super::parameters::Parameters;
use super::super::trace::Trace;
use super::super::Engine;
use super::{ReluRule, Walk};

impl Engine {
    /// One op backwards: adds the signal at a node's output to its inputs' signals.
    pub(super) fn step_back(
        &self,
        index: usize,
        g: &Tensor,
        walk: &mut Walk,
    ) -> Result<(), TchError> {
        let node = &self.network().nodes[index];
        if walk.rule == ReluRule::Gradient && is_derived(&node.op) {
            return self.derive(index, g, walk);
        }
        let below = self.anatomy.signals(index).next().unwrap_or(0);
        let shape = self.shape(below);
        let (height, width) = (shape.height as i64, shape.width as i64);
        let rows = g.size()[0];
        let signal = match (&node.op, &self.parameters[index]) {
            (Op::Conv { window, groups, .. }, Parameters::Affine { weight, .. }) => {
                let [stride, padding, dilation] = spans(window);
                let reach = |axis: usize, output: i64| {
                    (output - 1) * stride[axis] - 2 * padding[axis] + window.extent(axis) as i64
                };
                let left_over = [
                    height - reach(0, g.size()[2]),
                    width - reach(1, g.size()[3]),
                ];
                g.f_conv_transpose2d(
                    weight,
                    None::<&Tensor>,
                    stride,
                    padding,
                    left_over,
                    *groups as i64,
                    dilation,
                )?
            }
            (Op::Linear { .. }, Parameters::Affine { weight, .. }) => {
                vectors(&g.f_flatten(1, -1)?.f_matmul(weight)?)?
            }
            (Op::Relu | Op::LeakyRelu { .. } | Op::Clip { .. }, _) => {
                let signal = match (walk.rule, &node.op) {
                    (ReluRule::Gradient, _) => g.shallow_clone(),
                    (_, Op::LeakyRelu { slope }) => leaky(g, *slope)?,
                    _ => g.f_relu()?,
                };
                match walk.rule.looks_at_forward() {
                    true => {
                        signal.f_mul(&derivative(&node.op, &walk.operand((index, 0), rows)?)?)?
                    }
                    false => signal,
                }
            }
            (Op::Curve(_) | Op::PRelu { .. }, _) => {
                let [gain, opens_at] = match &node.op {
                    Op::Curve(curve) => [curve.gain(), curve.opens_at()],
                    _ => [1.0, 0.0],
                };
                let signal = scaled(g.f_relu()?, gain)?;
                let signal = match walk.rule.looks_at_forward() {
                    true => {
                        let open = walk.operand((index, 0), rows)?.f_gt(opens_at)?;
                        signal.f_mul(&open.f_to_kind(g.kind())?)?
                    }
                    false => signal,
                };
                gathered(signal, shape)?
            }
            (Op::Multiply | Op::Divide | Op::LayerNorm { .. } | Op::GroupNorm { .. }, _) => {
                gathered(g.f_mul(&walk.operand((index, 0), rows)?)?, shape)?
            }
            (Op::ConvTranspose { window, groups, .. }, Parameters::Affine { weight, .. }) => {
                let [stride, padding, dilation] = spans(window);
                let none = None::<&Tensor>;
                g.f_conv2d(weight, none, stride, padding, dilation, *groups as i64)?
                    .f_narrow(2, 0, height)?
                    .f_narrow(3, 0, width)?
            }
            (Op::Resample { .. }, Parameters::Mixings(axes)) => {
                let mut signal = g.shallow_clone();
                for ((mixing, axis), length) in axes.iter().zip(2..).zip([height, width]) {
                    if let Some(mixing) = mixing {
                        signal = mixing.back(&signal, axis, length)?;
                    }
                }
                signal
            }
            (Op::MaxPool { window, ceil }, _) => {
                let [stride, padding, dilation] = spans(window);
                let switches = walk.switches(index, rows)?;
                let plane = Tensor::f_empty([1], (g.kind(), g.device()))?
                    .f_expand([rows, shape.channels as i64, height, width], false)?;
                plane.f_max_pool2d_with_indices_backward(
                    g,
                    pair(window.kernel),
                    stride,
                    padding,
                    dilation,
                    *ceil,
                    &switches,
                )?
            }
            (
                Op::AveragePool {
                    window,
                    ceil,
                    padding_counts,
                },
                _,
            ) => {
                let [stride, padding, _] = spans(window);
                let plane = Tensor::f_empty([1], (g.kind(), g.device()))?
                    .f_expand([rows, shape.channels as i64, height, width], false)?;
                let kernel = pair(window.kernel);
                let counts = *padding_counts;
                plane.f_avg_pool2d_backward(g, kernel, stride, padding, *ceil, counts, None)?
            }
            (Op::GlobalAveragePool, _) => g
                .f_div_scalar(height * width)?
                .f_expand([-1, -1, height, width], false)?,
            (
                Op::Lrn {
                    size,
                    alpha,
                    beta,
                    k,
                },
                _,
            ) => match walk.rule {
                ReluRule::Gradient => {
                    let x = walk.operand((index, 0), rows)?;
                    local_response::backward(g, &x, *size, *alpha, *beta, *k)?
                }
                ReluRule::Deconvnet | ReluRule::Guided => g.shallow_clone(),
            },
            (
                Op::BatchNorm { .. } | Op::Scale { .. } | Op::Shift { .. },
                Parameters::Scale { scale, .. },
            ) => {
                let signal = match scale {
                    Some(scale) => g.f_mul(scale)?,
                    None => g.shallow_clone(),
                };
                gathered(signal, shape)?
            }
            (Op::ReduceChannels { .. }, _) => {
                let channels = shape.channels as i64;
                g.f_div_scalar(channels)?
                    .f_expand([-1, channels, -1, -1], false)?
            }
            (Op::Constant { .. }, _) => {
                let [channels, height, width] = shape.axes().map(|length| length as i64);
                Tensor::f_zeros([rows, channels, height, width], (g.kind(), g.device()))?
            }
            (Op::Concat, _) => {
                let mut first = 0;
                for &input in &node.inputs {
                    let channels = self.shape(input).channels as i64;
                    walk.add(input, g.f_narrow(1, first, channels)?)?;
                    first += channels;
                }
                return Ok(());
            }
            (Op::Add, _) => {
                for &input in &node.inputs {
                    walk.add(input, gathered(g.shallow_clone(), self.shape(input))?)?;
                }
                return Ok(());
            }
            (Op::Pad { edges, .. }, _) => {
                let back = edges.map(|edge| edge.map(|cells| -cells));
                g.f_constant_pad_nd(by_edges(back))?
            }
            (Op::Select { axis, .. }, Parameters::Indices(indices)) => {
                let [channels, height, width] = shape.axes().map(|length| length as i64);
                Tensor::f_zeros([rows, channels, height, width], (g.kind(), g.device()))?
                    .f_index_add(axis.number() as i64 + 1, indices, g)?
            }
            (Op::Permute { order }, _) => {
                let mut back = [0; 3];
                for (output, &input) in order.iter().enumerate() {
                    back[input] = output;
                }
                g.f_permute(permutation(back))?.f_contiguous()?
            }
            (Op::Flatten | Op::Reshape { .. }, _) => {
                g.f_reshape([rows, shape.channels as i64, height, width])?
            }
            (Op::Dropout, _) => g.shallow_clone(),
            (Op::Input | Op::Softmax | Op::Pairwise { .. } | Op::Choose, _) => {
                return Err(TchError::Shape("cannot be projected".into()));
            }
            (
                Op::Conv { .. }
                | Op::ConvTranspose { .. }
                | Op::Linear { .. }
                | Op::BatchNorm { .. }
                | Op::Scale { .. }
                | Op::Shift { .. }
                | Op::Resample { .. }
                | Op::Select { .. },
                _,
            ) => {
                return Err(TchError::Kind(
                    "the node's parameters were not uploaded".into(),
                ));
            }
        };
        walk.add(below, signal)
    }

    /// Carries the signal at a node's output back to its inputs by the true derivative, as libtorch knows it.
    fn derive(&self, index: usize, g: &Tensor, walk: &mut Walk) -> Result<(), TchError> {
        let node = &self.network().nodes[index];
        let rows = g.size()[0];
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for place in 0..node.inputs.len() {
            inputs.push(walk.operand((index, place), rows)?.f_detach()?);
        }
        let moving = match node.op {
            Op::Pairwise {
                by: Pairing::Greater | Pairing::GreaterOrEqual | Pairing::Equal,
            } => return Ok(()),
            Op::Choose => 1..inputs.len(),
            _ => 0..inputs.len(),
        };
        let gradients = tch::with_grad(|| -> Result<Vec<Tensor>, TchError> {
            for leaf in &inputs[moving.clone()] {
                let _ = leaf.f_set_requires_grad(true)?;
            }
            let operands: Vec<&Tensor> = inputs.iter().collect();
            let mut nothing = Trace::empty(g);
            let output = self.compute(index, &operands, operands[0], None, &mut nothing)?;
            let inner = output.f_mul(g)?.f_sum(g.kind())?;
            Tensor::f_run_backward(&[inner], &operands[moving.clone()], false, false)
        })?;
        for (&input, gradient) in node.inputs[moving].iter().zip(gradients) {
            walk.add(input, gradient)?;
        }
        Ok(())
    }
}

/// Ops whose true derivative is left to libtorch: it needs their inputs.
pub(in super::super) fn is_derived(op: &Op) -> bool {
    match op {
        Op::Curve(_)
        | Op::PRelu { .. }
        | Op::Multiply
        | Op::Divide
        | Op::Pairwise { .. }
        | Op::Choose
        | Op::LayerNorm { .. }
        | Op::GroupNorm { .. }
        | Op::Softmax => true,
        Op::ReduceChannels { by } => *by == Reduction::Maximum,
        Op::Clip { min, .. } => *min != 0.0,
        _ => false,
    }
}

fn scaled(signal: Tensor, by: f64) -> Result<Tensor, TchError> {
    match by {
        1.0 => Ok(signal),
        by => signal.f_mul_scalar(by),
    }
}

/// The derivative of a rectifier where its output was `y`.
fn derivative(op: &Op, y: &Tensor) -> Result<Tensor, TchError> {
    let on = y.f_gt(0.0)?;
    match op {
        Op::LeakyRelu { slope } => {
            let on = on.f_to_kind(y.kind())?;
            on.f_mul_scalar(1.0 - slope)?.f_add_scalar(*slope)
        }
        Op::Clip { max, .. } => on.f_logical_and(&y.f_lt(*max)?)?.f_to_kind(y.kind()),
        _ => on.f_to_kind(y.kind()),
    }
}

/// The signal of cells that were repeated by broadcasting, added up.
fn gathered(signal: Tensor, shape: Shape) -> Result<Tensor, TchError> {
    let size = signal.size();
    let repeated: Vec<i64> = shape
        .axes()
        .iter()
        .zip(1..)
        .filter(|(&length, axis)| length == 1 && size[*axis as usize] > 1)
        .map(|(_, axis)| axis)
        .collect();
    match repeated.is_empty() {
        true => Ok(signal),
        false => signal.f_sum_dim_intlist(repeated, true, None),
    }
}
