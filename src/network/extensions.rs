//! Ways back to the pixels that the papers do not know.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Anatomy, Op};

/// A rule that extends the deconvnet's to ops that the papers' networks do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// A smooth rectifier, or one with learned slopes, lets through what a ReLU would.
    SmoothRectifier,
    /// A product lets its signal through, times the value that the gate had in the forward pass; a quotient likewise.
    Gate,
    /// A normalisation by the image's own statistics multiplies with the scale that it had; its mean is left out.
    OwnStatistics,
    /// Resampling and transposed convolution go back by their transposes.
    Resampling,
}

/// Such a rule in force, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The rule.
    pub rule: Beyond,
    /// The ops, as they are described, in alphabetical order.
    pub ops: Vec<String>,
    /// Nodes that it is in force at.
    pub nodes: usize,
}

impl Beyond {
    fn of(op: &Op) -> Option<Self> {
        match op {
            Op::Curve(curve) if curve.is_rectifier() => Some(Self::SmoothRectifier),
            Op::PRelu { .. } => Some(Self::SmoothRectifier),
            Op::Multiply | Op::Divide => Some(Self::Gate),
            Op::LayerNorm { .. } | Op::GroupNorm { .. } => Some(Self::OwnStatistics),
            Op::ConvTranspose { .. } | Op::Resample { .. } => Some(Self::Resampling),
            _ => None,
        }
    }
}

impl Extension {
    /// For a note: `gates (multiply)`.
    pub(super) fn describe(&self) -> String {
        let what = match self.rule {
            Beyond::SmoothRectifier => "smooth rectifiers",
            Beyond::Gate => "gates",
            Beyond::OwnStatistics => "norms of the image's own statistics",
            Beyond::Resampling => "resampled maps",
        };
        format!("{what} ({})", self.ops.join(", "))
    }
}

impl Anatomy {
    /// The rules beyond the papers' that projections of some nodes go by, those that cannot be projected left out.
    pub fn extensions(&self, of: impl IntoIterator<Item = usize>) -> Vec<Extension> {
        let mut reached = vec![false; self.shapes().len()];
        for node in of {
            reached[node] |= self.blocked()[node].is_none();
        }
        let mut found: BTreeMap<Beyond, (BTreeSet<String>, usize)> = BTreeMap::new();
        for node in (0..reached.len()).rev().filter(|&node| node > 0) {
            if !reached[node] {
                continue;
            }
            self.signals(node).for_each(|input| reached[input] = true);
            let op = &self.network().nodes[node].op;
            if let Some(rule) = Beyond::of(op) {
                let (ops, nodes) = found.entry(rule).or_default();
                ops.insert(op.describe());
                *nodes += 1;
            }
        }
        let extension = |(rule, (ops, nodes)): (Beyond, (BTreeSet<String>, usize))| Extension {
            rule,
            ops: ops.into_iter().collect(),
            nodes,
        };
        found.into_iter().map(extension).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Builder, Curve, Window};

    #[test]
    fn only_what_the_signal_meets_is_named() {
        let mut net = Builder::new("gated", 8);
        let silu = Op::Curve(Curve::Silu { slope: 1.0 });
        let x = net.conv("conv", 0, 4, Window::square(3, 1, 1));
        let low = net.node("low", silu.clone(), &[x]);
        let mean = net.node("mean", Op::GlobalAveragePool, &[low]);
        // In the gate's own branch.
        let gate = net.node("mish", Op::Curve(Curve::Mish), &[mean]);
        let gate = net.node("gate", Op::Curve(Curve::Sigmoid), &[gate]);
        let product = net.node("product", Op::Multiply, &[low, gate]);
        let high = net.node("high", silu, &[product]);
        let anatomy = Anatomy::of(net.finish()).unwrap();
        let named = |node: usize| -> Vec<(Beyond, String, usize)> {
            let extensions = anatomy.extensions([node]).into_iter();
            extensions
                .map(|it| (it.rule, it.ops.join(", "), it.nodes))
                .collect()
        };
        let silu = |nodes| (Beyond::SmoothRectifier, "silu".to_owned(), nodes);
        assert_eq!(named(x), []);
        assert_eq!(named(low), [silu(1)]);
        let gated = (Beyond::Gate, "multiply".to_owned(), 1);
        assert_eq!(named(high), [silu(2), gated]);
        assert_eq!(named(gate), []);
    }
}
