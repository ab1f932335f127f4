//! The forward walk, keeping the activations asked for and what the way back needs.

use base::{Error, Result};
use network::{Op, Pairing, Reduction, Window};
use tch::{Kind, TchError, Tensor};

use super::parameters::Parameters;
use super::project::is_derived;
use super::trace::Trace;
use super::transfer::read_back;
use super::{curve, local_response, precision};
use super::{Engine, ReluRule};

/// What a forward pass keeps.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Nodes whose outputs are kept.
    pub activations: Vec<usize>,
    /// The rule of the projections to come; `None` keeps nothing for the way back.
    pub rule: Option<ReluRule>,
    /// The last node to compute; `None` computes all.
    pub until: Option<usize>,
}

impl Engine {
    /// Runs a batch `[N, C, H, W]` of network inputs.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault (out of memory, wrong input size).
    pub fn forward(&self, input: &Tensor, recording: &Recording) -> Result<Trace> {
        let _no_grad = tch::no_grad_guard();
        let mut trace = Trace::empty(input);
        self.has_memory_for(trace.images.max(0) as usize, 0)
            .map_err(Error::compute("forward pass"))?;
        let mut values: Vec<Option<Tensor>> = Vec::with_capacity(self.network().nodes.len());
        let all = self.network().nodes.len();
        for index in 0..recording.until.map_or(all, |last| all.min(last + 1)) {
            let node = &self.network().nodes[index];
            let inputs: Vec<&Tensor> = node
                .inputs
                .iter()
                .filter_map(|&at| values[at].as_ref())
                .collect();
            let value = self
                .compute(index, &inputs, input, recording.rule, &mut trace)
                .map_err(Error::compute(format!(
                    "forward pass at node '{}' ({})",
                    node.name,
                    node.op.describe()
                )))?;
            let value = match self.kind == Kind::BFloat16 && self.network().logits() == Some(index)
            {
                true => value
                    .f_to_kind(Kind::Float)
                    .map_err(Error::compute("reading the scores"))?,
                false => value,
            };
            if recording.activations.contains(&index) {
                trace.activations.insert(index, value.shallow_clone());
            }
            values.push(Some(value));
            for &at in &node.inputs {
                if self.anatomy.last_readers()[at] == index {
                    values[at] = None;
                }
            }
        }
        if let Some(output) = values.pop().flatten() {
            trace.output = output;
        }
        Ok(trace)
    }

    /// Keeps of a node's inputs what a rule needs on the way back.
    fn keep(
        &self,
        index: usize,
        inputs: &[&Tensor],
        rule: ReluRule,
        trace: &mut Trace,
    ) -> Result<(), TchError> {
        let node = &self.network().nodes[index];
        let gradient = rule == ReluRule::Gradient;
        match &node.op {
            op if gradient && is_derived(op) => {
                let all = inputs.iter().zip(0..);
                let kept = all.map(|(input, place)| ((index, place), input.shallow_clone()));
                trace.operands.extend(kept);
            }
            Op::Lrn { .. } if gradient => {
                trace.operands.insert((index, 0), inputs[0].shallow_clone());
            }
            Op::Curve(_) | Op::PRelu { .. } if rule.looks_at_forward() => {
                trace.operands.insert((index, 0), inputs[0].shallow_clone());
            }
            op @ (Op::Multiply | Op::Divide) => {
                let held = self.anatomy.held(index);
                let place = node.inputs.iter().rposition(|&input| Some(input) == held);
                if let Some(place) = place {
                    let held = match op {
                        Op::Divide => inputs[place].f_reciprocal()?,
                        _ => inputs[place].shallow_clone(),
                    };
                    trace.operands.insert((index, 0), held);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn compute(
        &self,
        index: usize,
        inputs: &[&Tensor],
        image: &Tensor,
        rule: Option<ReluRule>,
        trace: &mut Trace,
    ) -> Result<Tensor, TchError> {
        let x = inputs.first().copied().unwrap_or(image);
        let op = &self.network().nodes[index].op;
        if let Some(rule) = rule {
            self.keep(index, inputs, rule, trace)?;
        }
        match (op, &self.parameters[index]) {
            (Op::Input, _) => x.f_to_device(self.device)?.f_to_kind(self.kind),
            (Op::Conv { window, groups, .. }, Parameters::Affine { weight, bias }) => {
                if self.tf32 {
                    return precision::convolution(x, (weight, bias.as_ref()), window, *groups);
                }
                let [stride, padding, dilation] = spans(window);
                x.f_conv2d(
                    weight,
                    bias.as_ref(),
                    stride,
                    padding,
                    dilation,
                    *groups as i64,
                )
            }
            (
                Op::ConvTranspose {
                    window,
                    left_over,
                    groups,
                    ..
                },
                Parameters::Affine { weight, bias },
            ) => {
                let [stride, padding, dilation] = spans(window);
                x.f_conv_transpose2d(
                    weight,
                    bias.as_ref(),
                    stride,
                    padding,
                    pair(*left_over),
                    *groups as i64,
                    dilation,
                )
            }
            (Op::Linear { .. }, Parameters::Affine { weight, bias }) => {
                let x = x.f_flatten(1, -1)?;
                match self.tf32 {
                    true => precision::linear(&x, weight, bias.as_ref()),
                    false => vectors(&x.f_linear(weight, bias.as_ref())?),
                }
            }
            (Op::Relu | Op::LeakyRelu { .. } | Op::Clip { .. }, _) => {
                let y = match op {
                    Op::LeakyRelu { slope } => leaky(x, *slope)?,
                    Op::Clip { min, max } => x.f_clamp(*min, *max)?,
                    _ => x.f_relu()?,
                };
                if rule.is_some_and(ReluRule::looks_at_forward) && !is_derived(op) {
                    trace.operands.insert((index, 0), y.shallow_clone());
                }
                Ok(y)
            }
            (Op::Curve(kind), _) => curve::forward(x, *kind),
            (
                Op::PRelu { .. },
                Parameters::Scale {
                    scale: Some(slope), ..
                },
            ) => x.f_relu()?.f_add(&x.f_clamp_max(0.0)?.f_mul(slope)?),
            (Op::MaxPool { window, ceil }, _) => {
                let [stride, padding, dilation] = spans(window);
                let kernel = pair(window.kernel);
                if rule.is_none() {
                    return x.f_max_pool2d(kernel, stride, padding, dilation, *ceil);
                }
                let (y, switches) =
                    x.f_max_pool2d_with_indices(kernel, stride, padding, dilation, *ceil)?;
                trace.switches.insert(index, switches);
                Ok(y)
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
                let kernel = pair(window.kernel);
                x.f_avg_pool2d(kernel, stride, padding, *ceil, *padding_counts, None)
            }
            (Op::GlobalAveragePool, _) => x.f_mean_dim([2i64, 3].as_slice(), true, None),
            // Along neighbouring values: across strides libtorch rounds otherwise.
            (Op::ReduceChannels { by }, _) => match by {
                Reduction::Mean => {
                    let cells = x.f_movedim_int(1, -1)?.f_contiguous()?;
                    cells
                        .f_mean_dim([-1i64].as_slice(), true, None)?
                        .f_movedim_int(-1, 1)
                }
                Reduction::Maximum => x.f_amax([1i64].as_slice(), true),
            },
            (Op::Resample { .. }, Parameters::Mixings(axes)) => {
                let mut mixed = x.shallow_clone();
                for (mixing, axis) in axes.iter().zip(2..) {
                    if let Some(mixing) = mixing {
                        mixed = mixing.apply(&mixed, axis)?;
                    }
                }
                Ok(mixed)
            }
            (Op::LayerNorm { epsilon }, _) => {
                let cells = x.f_movedim_int(1, -1)?.f_contiguous()?;
                let channels = [x.size()[1]];
                let none = None::<&Tensor>;
                let (y, _, scale) = cells.f_native_layer_norm(channels, none, none, *epsilon)?;
                if rule.is_some_and(|rule| rule != ReluRule::Gradient) {
                    trace
                        .operands
                        .insert((index, 0), scale.f_movedim_int(-1, 1)?);
                }
                y.f_movedim_int(-1, 1)
            }
            // As cells in a row: where the order of axes is open, as with one map, libtorch may add them up one by one.
            (Op::GroupNorm { groups, epsilon }, _) => {
                let none = None::<&Tensor>;
                let (images, channels, groups) = (x.size()[0], x.size()[1], *groups as i64);
                let cells = x.numel() as i64 / (images * channels).max(1);
                let (y, _, scale) = x
                    .f_contiguous()?
                    .f_flatten(2, -1)?
                    .f_native_group_norm(none, none, images, channels, cells, groups, *epsilon)?;
                if rule.is_some_and(|rule| rule != ReluRule::Gradient) {
                    let of_maps = scale
                        .f_view([images, groups, 1])?
                        .f_expand([images, groups, channels / groups.max(1)], false)?
                        .f_reshape([images, channels, 1, 1])?;
                    trace.operands.insert((index, 0), of_maps);
                }
                y.f_view_as(x)
            }
            (
                Op::Lrn {
                    size,
                    alpha,
                    beta,
                    k,
                },
                _,
            ) => local_response::forward(x, *size, *alpha, *beta, *k),
            (
                Op::BatchNorm { .. } | Op::Scale { .. } | Op::Shift { .. },
                Parameters::Scale { scale, shift },
            ) => {
                let scaled = match scale {
                    Some(scale) => x.f_mul(scale)?,
                    None => x.shallow_clone(),
                };
                match shift {
                    Some(shift) => scaled.f_add(shift),
                    None => Ok(scaled),
                }
            }
            (Op::Concat, _) => Tensor::f_cat(inputs, 1),
            (Op::Add, _) => inputs[1..]
                .iter()
                .try_fold(x.shallow_clone(), |sum, other| sum.f_add(other)),
            (Op::Multiply, _) => x.f_mul(inputs[1]),
            (Op::Divide, _) => x.f_div(inputs[1]),
            (Op::Pairwise { by }, _) => {
                let other = inputs[1];
                match by {
                    Pairing::Maximum => x.f_maximum(other),
                    Pairing::Minimum => x.f_minimum(other),
                    Pairing::Power => x.f_pow(other),
                    Pairing::Greater => x.f_gt_tensor(other)?.f_to_kind(x.kind()),
                    Pairing::GreaterOrEqual => x.f_ge_tensor(other)?.f_to_kind(x.kind()),
                    Pairing::Equal => x.f_eq_tensor(other)?.f_to_kind(x.kind()),
                }
            }
            (Op::Choose, _) => inputs[1].f_where_self(&x.f_ne(0.0)?, inputs[2]),
            (
                Op::Constant { .. },
                Parameters::Scale {
                    shift: Some(value), ..
                },
            ) => {
                let [channels, height, width] = self.shape(index).axes().map(|axis| axis as i64);
                let size = [x.size()[0], channels, height, width];
                value.f_expand(size, false)?.f_contiguous()
            }
            (Op::Pad { edges, value }, _) => x.f_pad(by_edges(*edges), "constant", *value),
            (Op::Select { axis, .. }, Parameters::Indices(indices)) => {
                x.f_index_select(axis.number() as i64 + 1, indices)
            }
            (Op::Permute { order }, _) => x.f_permute(permutation(*order))?.f_contiguous(),
            (Op::Reshape { shape }, _) => {
                let [channels, height, width] = shape.axes().map(|length| length as i64);
                x.f_reshape([-1, channels, height, width])
            }
            (Op::Flatten, _) => vectors(&x.f_flatten(1, -1)?),
            (Op::Dropout, _) => Ok(x.shallow_clone()),
            // Along neighbouring values: across strides libtorch rounds otherwise.
            (Op::Softmax, _) => x
                .f_movedim_int(1, -1)?
                .f_contiguous()?
                .f_softmax(-1, None)?
                .f_movedim_int(-1, 1),
            (
                Op::Conv { .. }
                | Op::ConvTranspose { .. }
                | Op::Linear { .. }
                | Op::BatchNorm { .. }
                | Op::Scale { .. }
                | Op::Shift { .. }
                | Op::PRelu { .. }
                | Op::Constant { .. }
                | Op::Resample { .. }
                | Op::Select { .. },
                _,
            ) => Err(TchError::Kind(
                "the node's parameters were not uploaded".into(),
            )),
        }
    }
}

/// Stride, padding and dilation as libtorch takes them.
pub(super) fn spans(window: &Window) -> [[i64; 2]; 3] {
    [window.stride, window.padding, window.dilation].map(pair)
}

/// What pads (or cuts) the edges, as libtorch takes it: the last axis first.
pub(super) fn by_edges([channels, rows, columns]: [[i64; 2]; 3]) -> [i64; 6] {
    let ([front, back], [top, bottom], [left, right]) = (channels, rows, columns);
    [left, right, top, bottom, front, back]
}

/// An order of the axes of one image as that of a batch.
pub(super) fn permutation(order: [usize; 3]) -> [i64; 4] {
    let [a, b, c] = order.map(|axis| axis as i64 + 1);
    [0, a, b, c]
}

/// `[N, F]` as maps of one cell.
pub(super) fn vectors(flat: &Tensor) -> Result<Tensor, TchError> {
    flat.f_unsqueeze(-1)?.f_unsqueeze(-1)
}

/// `x` where it is positive, `slope · x` elsewhere.
pub(super) fn leaky(x: &Tensor, slope: f64) -> Result<Tensor, TchError> {
    x.f_relu()?.f_add(&x.f_clamp_max(0.0)?.f_mul_scalar(slope)?)
}

pub(super) fn pair(values: [usize; 2]) -> [i64; 2] {
    values.map(|value| value as i64)
}

/// The values of a tensor, row-major, read back from its device.
///
/// # Errors
/// [`Error::Compute`].
pub fn to_values(tensor: &Tensor) -> Result<Vec<f32>> {
    read_back(&[tensor])?[0].all()
}
