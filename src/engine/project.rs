//! The deconvnet: activations walked back to the pixels (ZF §2.1).

use base::{Error, Result};
use network::shape::Shape;
use network::Op;
use tch::{TchError, Tensor};

use super::forward::{by_edges, leaky, pair, permutation, spans, vectors, Trace};
use super::local_response;
use super::parameters::Parameters;
use super::seeds::Seed;
use super::transfer::sent;
use super::Engine;

/// What a ReLU does to the signal on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReluRule {
    /// The signal itself is rectified, whatever the forward pass did (ZF §2.1).
    Deconvnet,
    /// Rectified, and zero where the forward activation was zero (Springenberg et al. 2015).
    Guided,
    /// Zero where the forward activation was zero: the gradient (Simonyan et al. 2014).
    Gradient,
}

impl ReluRule {
    pub(super) fn looks_at_forward(self) -> bool {
        !matches!(self, Self::Deconvnet)
    }
}

/// Signals on their way back: the first rows of all seeds, in the order of [`Walk::images`].
struct Walk<'a> {
    trace: &'a Trace,
    rule: ReluRule,
    /// The image of each row, i64 on the device.
    images: Tensor,
    signals: Vec<Option<Tensor>>,
}

impl Engine {
    /// Walks seeds back to the pixels, all in one pass: the batch grows where a seed's node is reached.
    ///
    /// # Shapes
    /// `[seeds, C, H, W]` of the input in the seeds' order, in network input units (for kinds `unit` and `layer` positively
    /// homogeneous in the seed). The result is not rectified.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault, also for a trace that was recorded for another rule.
    ///
    /// # Source
    /// ZF §2.1; overlapping pools add up, contrast normalisation is skipped but for [`ReluRule::Gradient`].
    pub fn project(&self, trace: &Trace, seeds: &[Seed], rule: ReluRule) -> Result<Tensor> {
        let _no_grad = tch::no_grad_guard();
        self.has_memory_for(0, seeds.len())
            .map_err(Error::compute("projection"))?;
        let mut order: Vec<usize> = (0..seeds.len()).collect();
        order.sort_by_key(|&seed| std::cmp::Reverse(seeds[seed].node));
        let images: Vec<i64> = order.iter().map(|&seed| seeds[seed].image).collect();
        let images = sent(&images, self.device).map_err(Error::compute("projection"))?;
        let mut walk = Walk {
            trace,
            rule,
            images,
            signals: self.network().nodes.iter().map(|_| None).collect(),
        };
        let mut started = 0;
        for index in (0..self.network().nodes.len()).rev() {
            let node = &self.network().nodes[index];
            let here = order[started..]
                .iter()
                .take_while(|&&seed| seeds[seed].node == index)
                .count();
            let new: Vec<&Seed> = order[started..started + here]
                .iter()
                .map(|&seed| &seeds[seed])
                .collect();
            let step = || -> Result<(), TchError> {
                if !new.is_empty() {
                    let signals = self.signals(trace, index, &new)?;
                    walk.start(index, started as i64, signals)?;
                }
                match walk.signals[index].take() {
                    Some(signal) if index > 0 => self.step_back(index, &signal, &mut walk),
                    signal => {
                        walk.signals[index] = signal;
                        Ok(())
                    }
                }
            };
            let mut step = step;
            step().map_err(Error::compute(format!(
                "projection at node '{}' ({})",
                node.name,
                node.op.describe()
            )))?;
            started += here;
        }
        let mut rank = vec![0i64; order.len()];
        for (row, &seed) in order.iter().enumerate() {
            rank[seed] = row as i64;
        }
        let pixels = walk.signals.swap_remove(0);
        let restore = || -> Result<Tensor, TchError> {
            let pixels =
                pixels.ok_or_else(|| TchError::Shape("no seed reached the input".into()))?;
            pixels.f_index_select(0, &sent(&rank, self.device)?)
        };
        restore().map_err(Error::compute("projection"))
    }

    /// One op backwards: adds the signal at a node's output to its inputs' signals.
    fn step_back(&self, index: usize, g: &Tensor, walk: &mut Walk) -> Result<(), TchError> {
        let node = &self.network().nodes[index];
        let below = node.inputs.first().copied().unwrap_or(0);
        let shape = self.shape(below);
        let (height, width) = (shape.height as i64, shape.width as i64);
        let rows = g.size()[0];
        let refused = |why: &str| TchError::Shape(format!("cannot be projected: {why}"));
        node.op.projectable().map_err(refused)?;
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
                    true => signal.f_mul(&derivative(&node.op, &walk.operand(index, rows)?)?)?,
                    false => signal,
                }
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
                    let x = walk.operand(index, rows)?;
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
            (
                Op::Input
                | Op::Softmax
                | Op::Curve(_)
                | Op::PRelu { .. }
                | Op::ConvTranspose { .. }
                | Op::Resample { .. }
                | Op::LayerNorm { .. }
                | Op::GroupNorm { .. }
                | Op::Multiply
                | Op::Divide
                | Op::Pairwise { .. }
                | Op::Choose,
                _,
            ) => {
                return Err(refused("a projection ends at the input"));
            }
            (
                Op::Conv { .. }
                | Op::Linear { .. }
                | Op::BatchNorm { .. }
                | Op::Scale { .. }
                | Op::Shift { .. }
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

impl Walk<'_> {
    /// Lets new seeds join at a node, behind the `started` rows that are under way.
    fn start(&mut self, node: usize, started: i64, new: Tensor) -> Result<(), TchError> {
        let before = match self.signals[node].take() {
            Some(signal) => Some(with_rows(signal, started)?),
            None if started == 0 => None,
            None => {
                let mut size = new.size();
                size[0] = started;
                Some(Tensor::f_zeros(size, (new.kind(), new.device()))?)
            }
        };
        self.signals[node] = Some(match before {
            Some(before) => Tensor::f_cat(&[before, new], 0)?,
            None => new,
        });
        Ok(())
    }

    /// Adds a signal to a node's; where one has fewer rows, the missing ones are zero.
    fn add(&mut self, node: usize, signal: Tensor) -> Result<(), TchError> {
        self.signals[node] = Some(match self.signals[node].take() {
            None => signal,
            Some(other) => {
                let rows = signal.size()[0].max(other.size()[0]);
                with_rows(other, rows)?.f_add(&with_rows(signal, rows)?)?
            }
        });
        Ok(())
    }

    fn switches(&self, node: usize, rows: i64) -> Result<Tensor, TchError> {
        let switches = self.trace.switches.get(&node);
        self.per_row(switches, rows)
    }

    fn operand(&self, node: usize, rows: i64) -> Result<Tensor, TchError> {
        self.per_row(self.trace.operands.get(&node), rows)
    }

    /// What the trace recorded for each image, once for each row.
    fn per_row(&self, recorded: Option<&Tensor>, rows: i64) -> Result<Tensor, TchError> {
        let recorded = recorded
            .ok_or_else(|| TchError::Kind("the trace was not recorded for this rule".into()))?;
        match self.trace.images {
            1 => {
                let mut size = recorded.size();
                size[0] = rows;
                recorded.f_expand(size, false)
            }
            _ => recorded.f_index_select(0, &self.images.f_narrow(0, 0, rows)?),
        }
    }
}

fn with_rows(signal: Tensor, rows: i64) -> Result<Tensor, TchError> {
    let mut missing = signal.size();
    missing[0] = rows - missing[0];
    if missing[0] == 0 {
        return Ok(signal);
    }
    let zeros = Tensor::f_zeros(missing, (signal.kind(), signal.device()))?;
    Tensor::f_cat(&[signal, zeros], 0)
}
