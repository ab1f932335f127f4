//! Curves and normalisations that exporters spell out in steps, found by what they compute: the steps between a node and
//! one below it are computed for a few numbers and held against what they may mean.

use super::lowering::Lowering;
use crate::shape::Shape;
use crate::{Curve, Op, Pairing, Reduction};

/// Steps that are looked at from one node down.
const MOST_STEPS: usize = 24;
/// Constants are rounded to float32, some as `0.7978846`.
const ROUNDING: f64 = 2e-6;
/// Numbers that steps are computed for; their mean and spread are none that a formula has.
const SAMPLES: [f64; 11] = [-2.9, -2.1, -1.3, -0.7, -0.2, 0.1, 0.45, 0.9, 1.6, 2.3, 3.0];
/// Numbers that a curve is told from others by that are cut off somewhere.
const FAR: [f64; 6] = [-1e3, -40.0, -8.0, 8.0, 40.0, 1e3];

/// What a mean among the steps is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Channels,
    Maps,
}

impl Lowering {
    /// Puts one op for each node that is the last of such steps.
    pub(super) fn recognise(&mut self) {
        for at in 0..self.network.nodes.len() {
            let product =
                |at: usize| matches!(self.network.nodes[at].op, Op::Multiply | Op::Divide);
            let node = &self.network.nodes[at];
            let ends = match &node.op {
                Op::Scale { shape } => *shape == [1; 3] && product(node.inputs[0]),
                _ => product(at),
            };
            if !ends {
                continue;
            }
            if let Some((op, below)) = self.contrast(at).or_else(|| self.meant(at)) {
                let node = &mut self.network.nodes[at];
                self.weights.remove(&format!("{}.weight", node.name));
                node.op = op;
                node.inputs = vec![below];
            }
        }
    }

    /// What a node computes of one below it, where that is known by a name.
    fn meant(&self, end: usize) -> Option<(Op, usize)> {
        let steps = self.steps(end);
        // Products and sums alone are no curve and no norm.
        let telling = |&at: &usize| {
            let op = &self.network.nodes[at].op;
            matches!(
                op,
                Op::Curve(_) | Op::Clip { .. } | Op::ReduceChannels { .. } | Op::GlobalAveragePool
            )
        };
        if !steps.iter().any(telling) {
            return None;
        }
        let shape = self.shapes[end];
        let from = steps
            .iter()
            .copied()
            .filter(|&at| at != end && self.shapes[at] == shape);
        for below in from {
            let samples = [&SAMPLES[..], &FAR].concat();
            if let Some(found) = self.computed(&steps, below, Over::Channels, &samples) {
                let mut curves = CURVES.into_iter();
                if let Some(curve) = curves.find(|curve| is(*curve, &samples, &found)) {
                    return Some((Op::Curve(curve), below));
                }
            }
            if let Some(norm) = self.norm(below, &steps) {
                return Some((norm, below));
            }
        }
        None
    }

    /// A node and those below it that are reached by steps that can be computed, the nearest first.
    fn steps(&self, end: usize) -> Vec<usize> {
        let mut found = vec![end];
        let mut next = 0;
        while next < found.len() && found.len() < MOST_STEPS {
            let node = &self.network.nodes[found[next]];
            if is_step(&node.op) {
                for &input in &node.inputs {
                    if !found.contains(&input) && found.len() < MOST_STEPS {
                        found.push(input);
                    }
                }
            }
            next += 1;
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }

    fn norm(&self, below: usize, steps: &[usize]) -> Option<Op> {
        let Shape { channels, .. } = self.shapes[below];
        for over in [Over::Channels, Over::Maps] {
            let samples = [1.0, 1e-2, 1e3].map(|times| SAMPLES.map(|sample| sample * times));
            let found = samples
                .iter()
                .map(|samples| self.computed(steps, below, over, samples));
            let Some(found) = found.collect::<Option<Vec<_>>>() else {
                continue;
            };
            let shifts = steps.iter().filter_map(|&at| self.shift(at));
            for epsilon in shifts.filter(|epsilon| (0.0..0.1).contains(epsilon)) {
                let like = |samples: &[f64], found: &[f64]| {
                    let count = samples.len() as f64;
                    let mean = samples.iter().sum::<f64>() / count;
                    let squares = samples.iter().map(|x| (x - mean).powi(2));
                    let deviation = (squares.sum::<f64>() / count + epsilon).sqrt();
                    let pairs = samples.iter().zip(found);
                    let off = |(x, y): (&f64, &f64)| ((x - mean) / deviation - y).abs();
                    pairs.map(off).all(|off| off <= ROUNDING * 10.0)
                };
                let mut all = samples.iter().zip(&found);
                if all.all(|(samples, found)| like(samples, found)) {
                    return Some(match over {
                        Over::Channels => Op::LayerNorm { epsilon },
                        Over::Maps => Op::GroupNorm {
                            groups: channels,
                            epsilon,
                        },
                    });
                }
            }
        }
        None
    }

    /// The one number that a node scales or shifts by.
    pub(super) fn number(&self, at: usize, field: &str) -> Option<f64> {
        let name = format!("{}.{field}", self.network.nodes[at].name);
        match self.weights.get(&name)?.data[..] {
            [number] => Some(f64::from(number)),
            _ => None,
        }
    }

    pub(super) fn shift(&self, at: usize) -> Option<f64> {
        match self.network.nodes[at].op {
            Op::Shift { .. } => self.number(at, "bias"),
            _ => None,
        }
    }

    /// What the last of some steps computes where one below it has these values, along what means are taken over; `None`
    /// where it depends on others too.
    fn computed(
        &self,
        steps: &[usize],
        below: usize,
        over: Over,
        values: &[f64],
    ) -> Option<Vec<f64>> {
        let mut known: Vec<(usize, Vec<f64>)> = vec![(below, values.to_vec())];
        self.compute(*steps.first()?, steps, over, &mut known)
    }

    fn compute(
        &self,
        at: usize,
        steps: &[usize],
        over: Over,
        known: &mut Vec<(usize, Vec<f64>)>,
    ) -> Option<Vec<f64>> {
        if let Some((_, values)) = known.iter().find(|(node, _)| *node == at) {
            return Some(values.clone());
        }
        let node = &self.network.nodes[at];
        if !steps.contains(&at) {
            return None;
        }
        let mut inputs = Vec::with_capacity(node.inputs.len());
        for &input in &node.inputs {
            inputs.push(self.compute(input, steps, over, known)?);
        }
        let mut inputs = inputs.into_iter();
        let first = inputs.next()?;
        let each = |of: &dyn Fn(f64) -> f64| first.iter().map(|&x| of(x)).collect::<Vec<f64>>();
        let paired = |of: &dyn Fn(f64, f64) -> f64, others: &mut dyn Iterator<Item = Vec<f64>>| {
            others.fold(first.clone(), |so_far, other| {
                so_far.iter().zip(other).map(|(a, b)| of(*a, b)).collect()
            })
        };
        let mean = || each(&|_| first.iter().sum::<f64>() / first.len() as f64);
        let values = match &node.op {
            Op::Relu => each(&|x| x.max(0.0)),
            Op::LeakyRelu { slope } => each(&|x| if x > 0.0 { x } else { slope * x }),
            Op::Clip { min, max } if min <= max => each(&|x| x.clamp(*min, *max)),
            Op::Curve(curve) => each(&|x| value(*curve, x)),
            Op::Scale { .. } => {
                let factor = self.number(at, "weight")?;
                each(&|x| x * factor)
            }
            Op::Shift { .. } => {
                let more = self.number(at, "bias")?;
                each(&|x| x + more)
            }
            Op::Dropout => first.clone(),
            Op::Add => paired(&|a, b| a + b, &mut inputs),
            Op::Multiply => paired(&|a, b| a * b, &mut inputs),
            Op::Divide => paired(&|a, b| a / b, &mut inputs),
            Op::Pairwise { by } => match by {
                Pairing::Maximum => paired(&f64::max, &mut inputs),
                Pairing::Minimum => paired(&f64::min, &mut inputs),
                _ => return None,
            },
            Op::ReduceChannels {
                by: Reduction::Mean,
            } if over == Over::Channels => mean(),
            Op::GlobalAveragePool if over == Over::Maps => mean(),
            _ => return None,
        };
        known.push((at, values.clone()));
        Some(values)
    }
}

/// Whether an op is one of those that can be computed for numbers alone.
fn is_step(op: &Op) -> bool {
    matches!(
        op,
        Op::Relu
            | Op::LeakyRelu { .. }
            | Op::Clip { .. }
            | Op::Curve(_)
            | Op::Scale { shape: [1, 1, 1] }
            | Op::Shift { shape: [1, 1, 1] }
            | Op::Dropout
            | Op::Add
            | Op::Multiply
            | Op::Divide
            | Op::Pairwise { .. }
            | Op::ReduceChannels { .. }
            | Op::GlobalAveragePool
    )
}

/// Curves that are spelled out.
const CURVES: [Curve; 7] = [
    Curve::Silu { slope: 1.0 },
    Curve::Silu { slope: 1.702 },
    Curve::Gelu { tanh: false },
    Curve::Gelu { tanh: true },
    Curve::Mish,
    Curve::HardSwish,
    Curve::Softsign,
];

fn is(curve: Curve, samples: &[f64], found: &[f64]) -> bool {
    let like = |(x, y): (&f64, &f64)| {
        let expected = value(curve, *x);
        (expected - y).abs() <= ROUNDING * expected.abs().max(1.0)
    };
    samples.iter().zip(found).all(like)
}

fn value(curve: Curve, x: f64) -> f64 {
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    match curve {
        Curve::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Curve::HardSigmoid { slope, offset } => (slope * x + offset).clamp(0.0, 1.0),
        Curve::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Curve::Tanh => x.tanh(),
        Curve::Elu {
            alpha,
            scale,
            width,
        } => match x > 0.0 {
            true => scale * x,
            false => scale * alpha * (x / width).exp_m1(),
        },
        Curve::Softplus => softplus(x),
        Curve::Softsign => x / (1.0 + x.abs()),
        Curve::Silu { slope } => x / (1.0 + (-slope * x).exp()),
        Curve::Mish => x * softplus(x).tanh(),
        Curve::Gelu { tanh: false } => x * 0.5 * (1.0 + error_function(x / 2f64.sqrt())),
        Curve::Gelu { tanh: true } => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            x * 0.5 * (1.0 + inner.tanh())
        }
        Curve::Threshold { above } => match x > above {
            true => x,
            false => 0.0,
        },
        Curve::Abs => x.abs(),
        Curve::Sqrt => x.sqrt(),
        Curve::Exp => x.exp(),
        Curve::Log => x.ln(),
        Curve::Reciprocal => 1.0 / x,
        Curve::Power { exponent } => x.powf(exponent),
        Curve::Erf => error_function(x),
    }
}

/// Its series of positive terms.
fn error_function(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let mut term = x;
    let mut sum = x;
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
    }
    sum * (-x * x).exp() * 2.0 / std::f64::consts::PI.sqrt()
}
