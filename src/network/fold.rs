//! Batch normalisation folded into the convolution before it.

use super::weights::{Array, Weights};
use super::{Network, Op};

/// Rewrites `conv → batch norm` as one convolution, weights included, wherever the convolution's output is read by
/// the batch norm alone. The other batch norms stay.
pub fn fold_batch_norm(network: &mut Network, weights: &mut Weights) {
    let mut at = 0;
    while at < network.nodes.len() {
        match foldable(network, at) {
            Some((conv, epsilon)) => fold(network, weights, conv, at, epsilon),
            None => at += 1,
        }
    }
}

fn foldable(network: &Network, at: usize) -> Option<(usize, f64)> {
    let Op::BatchNorm { epsilon } = network.nodes[at].op else {
        return None;
    };
    let conv = *network.nodes[at].inputs.first()?;
    let readers = network
        .nodes
        .iter()
        .filter(|node| node.inputs.contains(&conv));
    let alone = readers.count() == 1 && !network.stages.iter().any(|stage| stage.node == conv);
    (alone && matches!(network.nodes[conv].op, Op::Conv { .. })).then_some((conv, epsilon))
}

fn fold(network: &mut Network, weights: &mut Weights, conv: usize, norm: usize, epsilon: f64) {
    let conv_name = network.nodes[conv].name.clone();
    let norm_name = network.nodes[norm].name.clone();
    let take = |weights: &mut Weights, field: &str| {
        weights
            .remove(&format!("{norm_name}.{field}"))
            .map(|array| array.data)
            .unwrap_or_default()
    };
    let [gamma, beta, mean, variance] =
        ["weight", "bias", "running_mean", "running_var"].map(|field| take(weights, field));
    let scales: Vec<f64> = gamma
        .iter()
        .zip(&variance)
        .map(|(gamma, variance)| f64::from(*gamma) / (f64::from(*variance) + epsilon).sqrt())
        .collect();
    let old_bias = weights.remove(&format!("{conv_name}.bias"));
    let bias = scales.iter().enumerate().map(|(channel, scale)| {
        let before = old_bias
            .as_ref()
            .map_or(0.0, |bias| f64::from(bias.data[channel]));
        ((before - f64::from(mean[channel])) * scale + f64::from(beta[channel])) as f32
    });
    let bias = Array {
        shape: vec![scales.len()],
        data: bias.collect(),
    };
    weights.insert(format!("{conv_name}.bias"), bias);
    if let Some(filters) = weights.get_mut(&format!("{conv_name}.weight")) {
        let each = filters.data.len() / scales.len().max(1);
        for (filter, scale) in filters.data.chunks_mut(each.max(1)).zip(&scales) {
            for value in filter {
                *value = (f64::from(*value) * scale) as f32;
            }
        }
    }
    if let Op::Conv { bias, .. } = &mut network.nodes[conv].op {
        *bias = true;
    }
    remove_node(network, norm, conv);
}

/// Takes a node out; those that read it read `instead`.
fn remove_node(network: &mut Network, node: usize, instead: usize) {
    let rewire = |index: usize| match index {
        index if index == node => instead,
        index if index > node => index - 1,
        index => index,
    };
    network.nodes.remove(node);
    for other in &mut network.nodes {
        for input in &mut other.inputs {
            *input = rewire(*input);
        }
    }
    for stage in &mut network.stages {
        stage.node = rewire(stage.node);
    }
}
