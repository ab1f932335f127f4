//! The network and its deconvnet once more, slower and less complicated: nested loops in float64, no libtorch.

use std::collections::BTreeMap;

use deconvscope::engine::ReluRule;
use deconvscope::network::weights::Weights;
use deconvscope::network::{Curve, Network, Op, Window};

use crate::today;

/// Feature maps of one image, row-major; a vector is `n × 1 × 1`.
#[derive(Debug, Clone)]
pub(crate) struct Maps {
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) values: Vec<f64>,
}

impl Maps {
    pub(crate) fn zeros(channels: usize, height: usize, width: usize) -> Self {
        Self {
            channels,
            height,
            width,
            values: vec![0.0; channels * height * width],
        }
    }

    pub(crate) fn like(other: &Self) -> Self {
        Self::zeros(other.channels, other.height, other.width)
    }

    pub(crate) fn at(&self, channel: usize, y: usize, x: usize) -> usize {
        (channel * self.height + y) * self.width + x
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let (height, width) = (self.height, self.width);
        (0..self.channels)
            .flat_map(move |c| (0..height).flat_map(move |y| (0..width).map(move |x| (c, y, x))))
    }

    fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            values: self.values.iter().map(|&value| f(value)).collect(),
            ..*self
        }
    }

    /// As [`Self::at`], where an axis of length 1 stands for one of any length.
    fn repeated(&self, channel: usize, y: usize, x: usize) -> usize {
        let within = |at: usize, length: usize| if length == 1 { 0 } else { at };
        self.at(
            within(channel, self.channels),
            within(y, self.height),
            within(x, self.width),
        )
    }

    /// Cell by cell, axes of length 1 repeated.
    fn with(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut y = Self::zeros(
            self.channels.max(other.channels),
            self.height.max(other.height),
            self.width.max(other.width),
        );
        for (c, i, j) in y.clone().cells() {
            let [a, b] = [self, other].map(|maps| maps.values[maps.repeated(c, i, j)]);
            let at = y.at(c, i, j);
            y.values[at] = f(a, b);
        }
        y
    }
}

/// A forward pass: every node's output, and for each max pooling where each window's maximum was.
pub(crate) struct Pass<'a> {
    network: &'a Network,
    weights: &'a Weights,
    pub(crate) outputs: Vec<Maps>,
    pub(crate) switches: BTreeMap<usize, Vec<usize>>,
}

/// Windows along an axis. In ceil mode the last may hang over, unless it starts in the padding behind the input.
fn steps(length: usize, window: &Window, axis: usize, ceil: bool) -> usize {
    let padded = length + 2 * window.padding[axis];
    let starts = (0..padded).step_by(window.stride[axis]);
    let reach = (window.kernel[axis] - 1) * window.dilation[axis];
    let whole = starts
        .clone()
        .filter(|start| start + reach < padded)
        .count();
    match ceil {
        false => whole,
        true => {
            let covered = (whole - 1) * window.stride[axis] + reach + 1 == padded;
            let next = whole * window.stride[axis];
            whole + usize::from(!covered && next < length + window.padding[axis])
        }
    }
}

/// The cells of the input under the window at (y, x), with their place in the kernel.
fn under(window: &Window, input: &Maps, y: usize, x: usize) -> Vec<([usize; 2], [usize; 2])> {
    let mut cells = Vec::new();
    for i in 0..window.kernel[0] {
        for j in 0..window.kernel[1] {
            let row = y * window.stride[0] + i * window.dilation[0];
            let column = x * window.stride[1] + j * window.dilation[1];
            let inside = |at: usize, padding: usize, length: usize| {
                (at >= padding && at < length + padding).then(|| at - padding)
            };
            let row = inside(row, window.padding[0], input.height);
            let column = inside(column, window.padding[1], input.width);
            if let (Some(row), Some(column)) = (row, column) {
                cells.push(([i, j], [row, column]));
            }
        }
    }
    cells
}

/// Windows of a pooling along both axes.
fn pooled(window: &Window, input: &Maps, ceil: bool) -> Maps {
    let height = steps(input.height, window, 0, ceil);
    Maps::zeros(input.channels, height, steps(input.width, window, 1, ceil))
}

/// What the mean over the window at (y, x) divides by: its cells inside the input, or also those in the padding; what
/// hangs over the padding never counts.
fn divisor(window: &Window, input: &Maps, y: usize, x: usize, padding_counts: bool) -> f64 {
    let along = |at: usize, length: usize, axis: usize| {
        let cells = (0..window.kernel[axis]).map(|cell| at * window.stride[axis] + cell);
        let [outside, padding] = match padding_counts {
            true => [0, window.padding[axis]],
            false => [window.padding[axis], 0],
        };
        let end = length + window.padding[axis] + padding;
        cells.filter(|&cell| cell >= outside && cell < end).count()
    };
    (along(y, input.height, 0) * along(x, input.width, 1)) as f64
}

/// Where an op that only moves values finds that of an output cell.
fn source(op: &Op, x: &Maps, y: &Maps, cell: (usize, usize, usize)) -> Option<usize> {
    let (c, i, j) = cell;
    match op {
        Op::Pad { edges, .. } => {
            let inside = |at: usize, before: i64, length: usize| {
                usize::try_from(at as i64 - before)
                    .ok()
                    .filter(|&at| at < length)
            };
            let channel = inside(c, edges[0][0], x.channels)?;
            let row = inside(i, edges[1][0], x.height)?;
            Some(x.at(channel, row, inside(j, edges[2][0], x.width)?))
        }
        Op::Select { axis, indices } => {
            let mut from = [c, i, j];
            from[axis.number()] = indices[from[axis.number()]];
            Some(x.at(from[0], from[1], from[2]))
        }
        Op::Permute { order } => {
            let mut from = [0; 3];
            from[order[0]] = c;
            from[order[1]] = i;
            from[order[2]] = j;
            Some(x.at(from[0], from[1], from[2]))
        }
        _ => Some(y.at(c, i, j)),
    }
}

pub(crate) fn forward<'a>(network: &'a Network, weights: &'a Weights, image: Maps) -> Pass<'a> {
    let mut pass = Pass {
        network,
        weights,
        outputs: Vec::new(),
        switches: BTreeMap::new(),
    };
    for index in 0..network.nodes.len() {
        let output = pass.compute(index, &image);
        pass.outputs.push(output);
    }
    pass
}

impl Pass<'_> {
    fn parameter(&self, node: usize, field: &str) -> Option<Vec<f64>> {
        let name = format!("{}.{field}", self.network.nodes[node].name);
        let array = self.weights.get(&name)?;
        Some(array.data.iter().copied().map(f64::from).collect())
    }

    /// A parameter that is broadcast over maps.
    fn maps(&self, node: usize, field: &str, [channels, height, width]: [usize; 3]) -> Maps {
        Maps {
            channels,
            height,
            width,
            values: self.parameter(node, field).unwrap(),
        }
    }

    /// What a batch norm multiplies each map with, and what it adds.
    fn norm(&self, node: usize, epsilon: f64) -> Vec<[f64; 2]> {
        let [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"]
            .map(|field| self.parameter(node, field).unwrap());
        (0..gamma.len())
            .map(|c| {
                let scale = gamma[c] / (variance[c] + epsilon).sqrt();
                [scale, beta[c] - mean[c] * scale]
            })
            .collect()
    }

    /// Every product of a convolution: output cell, input cell, weight.
    fn products(&self, node: usize, x: &Maps, y: &Maps, mut visit: impl FnMut(usize, usize, f64)) {
        let Op::Conv { window, groups, .. } = &self.network.nodes[node].op else {
            unreachable!()
        };
        let filters = self.parameter(node, "weight").unwrap();
        let each = x.channels / groups;
        for (out, row, column) in y.cells() {
            let group = out / (y.channels / groups);
            for channel in 0..each {
                for ([i, j], [cell_row, cell_column]) in under(window, x, row, column) {
                    let filter = (out * each + channel) * window.kernel[0] + i;
                    visit(
                        y.at(out, row, column),
                        x.at(group * each + channel, cell_row, cell_column),
                        filters[filter * window.kernel[1] + j],
                    );
                }
            }
        }
    }

    fn compute(&mut self, node: usize, image: &Maps) -> Maps {
        let network = self.network;
        let inputs = &network.nodes[node].inputs;
        let Some(&below) = inputs.first() else {
            return image.clone();
        };
        let x = self.outputs[below].clone();
        match &network.nodes[node].op {
            Op::Input => unreachable!(),
            Op::Conv {
                window, channels, ..
            } => {
                let size = [
                    steps(x.height, window, 0, false),
                    steps(x.width, window, 1, false),
                ];
                let mut y = Maps::zeros(*channels, size[0], size[1]);
                if let Some(bias) = self.parameter(node, "bias") {
                    for (c, i, j) in y.clone().cells() {
                        let at = y.at(c, i, j);
                        y.values[at] = bias[c];
                    }
                }
                let shape = y.clone();
                self.products(node, &x, &shape, |out, cell, weight| {
                    y.values[out] += weight * x.values[cell];
                });
                y
            }
            Op::Linear { features } => {
                let weight = self.parameter(node, "weight").unwrap();
                let mut y = Maps::zeros(*features, 1, 1);
                y.values = self.parameter(node, "bias").unwrap();
                let length = x.values.len();
                for (out, value) in y.values.iter_mut().enumerate() {
                    for (cell, x) in x.values.iter().enumerate() {
                        *value += weight[out * length + cell] * x;
                    }
                }
                y
            }
            Op::Relu => x.map(|value| if value > 0.0 { value } else { 0.0 }),
            Op::LeakyRelu { slope } => x.map(|value| leaky(value, *slope)),
            Op::Clip { min, max } => x.map(|value| value.clamp(*min, *max)),
            Op::Curve(kind) => x.map(|value| today::curve(*kind, value)),
            Op::PRelu { shape } => x.with(&self.maps(node, "slope", *shape), leaky),
            op @ Op::ConvTranspose { .. } => {
                let filters = self.parameter(node, "weight").unwrap();
                today::transposed(op, &x, &filters, self.parameter(node, "bias"))
            }
            Op::Resample { axes } => today::resampled(axes, &x),
            Op::ReduceChannels { by } => today::over_channels(*by, &x),
            Op::LayerNorm { epsilon } => today::normalised(&x, *epsilon, |_, cell| cell),
            Op::GroupNorm { groups, epsilon } => {
                let each = x.channels / groups;
                today::normalised(&x, *epsilon, |channel, _| channel / each)
            }
            Op::Pairwise { by } => x.with(&self.outputs[inputs[1]], |a, b| today::pair(*by, a, b)),
            Op::Choose => {
                let yes = x.with(&self.outputs[inputs[1]], |at, yes| {
                    if at != 0.0 {
                        yes
                    } else {
                        f64::NAN
                    }
                });
                yes.with(&self.outputs[inputs[2]], |yes, no| {
                    if yes.is_nan() {
                        no
                    } else {
                        yes
                    }
                })
            }
            Op::Constant { shape } => x.with(&self.maps(node, "value", *shape), |_, value| value),
            Op::MaxPool { window, ceil } => {
                let mut y = pooled(window, &x, *ceil);
                let mut switches = Vec::new();
                for (c, i, j) in y.clone().cells() {
                    let cells = under(window, &x, i, j);
                    let mut best = x.at(c, cells[0].1[0], cells[0].1[1]);
                    for (_, [row, column]) in cells {
                        let cell = x.at(c, row, column);
                        if x.values[cell] > x.values[best] {
                            best = cell;
                        }
                    }
                    let at = y.at(c, i, j);
                    y.values[at] = x.values[best];
                    switches.push(best);
                }
                self.switches.insert(node, switches);
                y
            }
            Op::AveragePool {
                window,
                ceil,
                padding_counts,
            } => {
                let mut y = pooled(window, &x, *ceil);
                for (c, i, j) in y.clone().cells() {
                    let at = y.at(c, i, j);
                    let cells = divisor(window, &x, i, j, *padding_counts);
                    for (_, [row, column]) in under(window, &x, i, j) {
                        y.values[at] += x.values[x.at(c, row, column)] / cells;
                    }
                }
                y
            }
            Op::GlobalAveragePool => {
                let mut y = Maps::zeros(x.channels, 1, 1);
                for (c, i, j) in x.cells() {
                    y.values[c] += x.values[x.at(c, i, j)] / (x.height * x.width) as f64;
                }
                y
            }
            Op::Lrn {
                size,
                alpha,
                beta,
                k,
            } => {
                let mut y = Maps::like(&x);
                for (c, i, j) in x.cells() {
                    let first = c.saturating_sub(size / 2);
                    let last = (c + (size - 1) / 2).min(x.channels - 1);
                    let squares: f64 = (first..=last)
                        .map(|c| x.values[x.at(c, i, j)].powi(2))
                        .sum();
                    let at = x.at(c, i, j);
                    y.values[at] = x.values[at] / (k + alpha * squares / *size as f64).powf(*beta);
                }
                y
            }
            Op::BatchNorm { epsilon } => {
                let norm = self.norm(node, *epsilon);
                let mut y = Maps::like(&x);
                for (c, i, j) in x.cells() {
                    let at = x.at(c, i, j);
                    y.values[at] = x.values[at] * norm[c][0] + norm[c][1];
                }
                y
            }
            Op::Concat => {
                let mut y = Maps::zeros(0, x.height, x.width);
                for &input in inputs {
                    y.channels += self.outputs[input].channels;
                    y.values.extend(&self.outputs[input].values);
                }
                y
            }
            Op::Scale { shape } => x.with(&self.maps(node, "weight", *shape), |a, b| a * b),
            Op::Shift { shape } => x.with(&self.maps(node, "bias", *shape), |a, b| a + b),
            Op::Add => inputs[1..].iter().fold(x, |sum, &input| {
                sum.with(&self.outputs[input], |a, b| a + b)
            }),
            Op::Multiply => x.with(&self.outputs[inputs[1]], |a, b| a * b),
            Op::Divide => x.with(&self.outputs[inputs[1]], |a, b| a / b),
            op @ (Op::Pad { .. }
            | Op::Select { .. }
            | Op::Permute { .. }
            | Op::Reshape { .. }
            | Op::Flatten
            | Op::Dropout) => {
                let axes = [x.channels, x.height, x.width];
                let [channels, height, width] = match op {
                    Op::Pad { edges, .. } => {
                        let along = |axis: usize| {
                            let [before, after] = edges[axis];
                            (axes[axis] as i64 + before + after) as usize
                        };
                        [along(0), along(1), along(2)]
                    }
                    Op::Select { axis, indices } => {
                        let mut axes = axes;
                        axes[axis.number()] = indices.len();
                        axes
                    }
                    Op::Permute { order } => order.map(|axis| axes[axis]),
                    Op::Reshape { shape } => shape.axes(),
                    Op::Flatten => [x.values.len(), 1, 1],
                    _ => axes,
                };
                let edge = match op {
                    Op::Pad { value, .. } => *value,
                    _ => f64::NAN,
                };
                let mut y = Maps::zeros(channels, height, width);
                for cell in y.clone().cells() {
                    let at = y.at(cell.0, cell.1, cell.2);
                    y.values[at] = source(op, &x, &y, cell).map_or(edge, |from| x.values[from]);
                }
                y
            }
            Op::Softmax => {
                let largest = x.values.iter().copied().fold(f64::MIN, f64::max);
                let sum: f64 = x.values.iter().map(|value| (value - largest).exp()).sum();
                x.map(|value| (value - largest).exp() / sum)
            }
        }
    }

    /// Walks a signal at a node's output back to the pixels.
    pub(crate) fn project(&self, node: usize, seed: &Maps, rule: ReluRule) -> Maps {
        let mut signals: Vec<Maps> = self.outputs.iter().map(Maps::like).collect();
        signals[node] = seed.clone();
        for index in (1..=node).rev() {
            let above = signals[index].clone();
            if above.values.iter().all(|&signal| signal == 0.0) {
                continue;
            }
            self.step_back(index, &above, rule, &mut signals);
        }
        signals.swap_remove(0)
    }

    fn step_back(&self, node: usize, g: &Maps, rule: ReluRule, signals: &mut [Maps]) {
        let inputs = &self.network.nodes[node].inputs;
        let below = inputs[0];
        let x = &self.outputs[below];
        let to = &mut signals[below].values;
        match &self.network.nodes[node].op {
            Op::Conv { .. } => self.products(node, x, g, |out, cell, weight| {
                to[cell] += weight * g.values[out];
            }),
            Op::Linear { .. } => {
                let weight = self.parameter(node, "weight").unwrap();
                for (out, signal) in g.values.iter().enumerate() {
                    for (cell, to) in to.iter_mut().enumerate() {
                        *to += weight[out * x.values.len() + cell] * signal;
                    }
                }
            }
            op @ (Op::Relu | Op::LeakyRelu { .. } | Op::Clip { .. }) => {
                let rectified = |signal: f64| match op {
                    Op::LeakyRelu { slope } => leaky(signal, *slope),
                    _ => signal.max(0.0),
                };
                let derivative = |x: f64| match op {
                    Op::LeakyRelu { slope } if x <= 0.0 => *slope,
                    Op::Clip { max, .. } if x >= *max => 0.0,
                    _ if x <= 0.0 => 0.0,
                    _ => 1.0,
                };
                for (cell, &signal) in g.values.iter().enumerate() {
                    to[cell] += match rule {
                        ReluRule::Deconvnet => rectified(signal),
                        ReluRule::Guided => rectified(signal) * derivative(x.values[cell]),
                        ReluRule::Gradient => signal * derivative(x.values[cell]),
                    };
                }
            }
            Op::MaxPool { .. } => {
                for (signal, &switch) in g.values.iter().zip(&self.switches[&node]) {
                    to[switch] += signal;
                }
            }
            Op::AveragePool {
                window,
                padding_counts,
                ..
            } => {
                for (c, i, j) in g.cells() {
                    let cells = divisor(window, x, i, j, *padding_counts);
                    for (_, [row, column]) in under(window, x, i, j) {
                        to[x.at(c, row, column)] += g.values[g.at(c, i, j)] / cells;
                    }
                }
            }
            Op::GlobalAveragePool => {
                for (c, i, j) in x.cells() {
                    to[x.at(c, i, j)] += g.values[c] / (x.height * x.width) as f64;
                }
            }
            Op::BatchNorm { epsilon } => {
                let norm = self.norm(node, *epsilon);
                for (c, i, j) in x.cells() {
                    let at = x.at(c, i, j);
                    to[at] += g.values[at] * norm[c][0];
                }
            }
            Op::Concat => {
                let mut first = 0;
                for &input in inputs {
                    let to = &mut signals[input].values;
                    let part = &g.values[first..first + to.len()];
                    to.iter_mut()
                        .zip(part)
                        .for_each(|(to, signal)| *to += signal);
                    first += part.len();
                }
            }
            Op::Add => {
                for &input in inputs {
                    for (c, i, j) in g.cells() {
                        let to = &mut signals[input];
                        let cell = to.repeated(c, i, j);
                        to.values[cell] += g.values[g.at(c, i, j)];
                    }
                }
            }
            Op::Scale { shape } => {
                let scale = self.maps(node, "weight", *shape);
                for (c, i, j) in g.cells() {
                    to[x.repeated(c, i, j)] +=
                        g.values[g.at(c, i, j)] * scale.values[scale.repeated(c, i, j)];
                }
            }
            Op::Shift { .. } => {
                for (c, i, j) in g.cells() {
                    to[x.repeated(c, i, j)] += g.values[g.at(c, i, j)];
                }
            }
            // Contrast normalisation is skipped on the way back; its derivative is for autograd to check.
            op @ (Op::Lrn { .. }
            | Op::Pad { .. }
            | Op::Select { .. }
            | Op::Permute { .. }
            | Op::Reshape { .. }
            | Op::Flatten
            | Op::Dropout) => {
                for cell in g.cells() {
                    if let Some(from) = source(op, x, g, cell) {
                        to[from] += g.values[g.at(cell.0, cell.1, cell.2)];
                    }
                }
            }
            Op::ReduceChannels { .. } => {
                for (c, i, j) in x.cells() {
                    to[x.at(c, i, j)] += g.values[g.at(0, i, j)] / x.channels as f64;
                }
            }
            Op::Constant { .. } => {}
            op @ (Op::Curve(_) | Op::PRelu { .. }) => {
                let (gain, opens_at) = match op {
                    Op::Curve(Curve::Elu { scale, .. }) => (*scale, 0.0),
                    Op::Curve(Curve::Threshold { above }) => (1.0, *above),
                    _ => (1.0, 0.0),
                };
                for (c, i, j) in g.cells() {
                    let (signal, cell) = (g.values[g.at(c, i, j)], x.repeated(c, i, j));
                    if signal > 0.0 && (rule == ReluRule::Deconvnet || x.values[cell] > opens_at) {
                        to[cell] += signal * gain;
                    }
                }
            }
            Op::LayerNorm { epsilon } => {
                let scale = today::scales(x, *epsilon, |_, cell| cell);
                let all = g.values.iter().zip(scale).enumerate();
                all.for_each(|(cell, (signal, scale))| to[cell] += signal * scale);
            }
            Op::GroupNorm { groups, epsilon } => {
                let each = x.channels / groups;
                let scale = today::scales(x, *epsilon, |channel, _| channel / each);
                let all = g.values.iter().zip(scale).enumerate();
                all.for_each(|(cell, (signal, scale))| to[cell] += signal * scale);
            }
            op @ (Op::Multiply | Op::Divide) => {
                // In the tests' networks gates are called so.
                let first = &self.network.nodes[inputs[0]].name;
                let held = match op {
                    Op::Multiply if first.starts_with("gate") => 0,
                    _ => 1,
                };
                let (gate, signal) = (&self.outputs[inputs[held]], inputs[1 - held]);
                for (c, i, j) in g.cells() {
                    let gate = gate.values[gate.repeated(c, i, j)];
                    let to = &mut signals[signal];
                    let cell = to.repeated(c, i, j);
                    to.values[cell] += match op {
                        Op::Multiply => g.values[g.at(c, i, j)] * gate,
                        _ => g.values[g.at(c, i, j)] / gate,
                    };
                }
            }
            op @ Op::ConvTranspose { .. } => {
                let filters = self.parameter(node, "weight").unwrap();
                today::laid(op, x, g, &filters, |cell, over, weight| {
                    to[cell] += weight * g.values[over];
                });
            }
            Op::Resample { axes } => today::mixed(axes, x, g, |cell, over, part| {
                to[cell] += part * g.values[over];
            }),
            Op::Input | Op::Softmax | Op::Pairwise { .. } | Op::Choose => unreachable!(),
        }
    }
}

fn leaky(x: f64, slope: f64) -> f64 {
    if x > 0.0 {
        x
    } else {
        slope * x
    }
}
