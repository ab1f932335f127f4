//! Batch normalisations, and scales and shifts of whole maps, folded into the convolution or linear layer before them.

use super::weights::{Array, Weights};
use super::{Network, Op};

/// Rewrites `conv → batch norm` as one convolution, weights included, wherever the convolution's output is read by
/// the batch norm alone; likewise after a linear layer, and for a scale or shift that is one number a map. The others
/// stay.
pub fn fold_batch_norm(network: &mut Network, weights: &mut Weights) {
    let mut readers = vec![0_usize; network.nodes.len()];
    for node in &network.nodes {
        node.inputs.iter().for_each(|&input| readers[input] += 1);
    }
    for stage in &network.stages {
        readers[stage.node] += 1;
    }
    let mut places: Vec<usize> = Vec::with_capacity(network.nodes.len());
    let mut kept: Vec<super::Node> = Vec::with_capacity(network.nodes.len());
    for mut node in std::mem::take(&mut network.nodes) {
        let below = node.inputs.first().copied();
        let host = below
            .filter(|&below| readers[below] == 1)
            .map(|below| places[below]);
        let host =
            host.filter(|&host| matches!(kept[host].op, Op::Conv { .. } | Op::Linear { .. }));
        let per_map = host.and_then(|host| {
            let maps = weights.get(&format!("{}.weight", kept[host].name))?.shape[0];
            PerMap::take(&node, maps, weights).map(|per_map| (host, per_map))
        });
        if let Some((host, per_map)) = per_map {
            per_map.fold_into(&mut kept[host], weights);
            places.push(host);
            continue;
        }
        node.inputs
            .iter_mut()
            .for_each(|input| *input = places[*input]);
        places.push(kept.len());
        kept.push(node);
    }
    network.nodes = kept;
    for stage in &mut network.stages {
        stage.node = places[stage.node];
    }
}

/// What is done to each map: `(x − mean) · scale + shift`.
struct PerMap(Vec<[f64; 3]>);

impl PerMap {
    /// Takes a node's parameters, where it does the same to all cells of a map.
    fn take(node: &super::Node, maps: usize, weights: &mut Weights) -> Option<Self> {
        let one_a_map = |shape: &[usize; 3]| matches!(shape, [channels, 1, 1] if *channels == 1 || *channels == maps);
        let mut values = |field: &str| -> Vec<f64> {
            let array = weights.remove(&format!("{}.{field}", node.name));
            let data = array.map(|array| array.data).unwrap_or_default();
            let spread = if data.len() == 1 { maps } else { 1 };
            let each = data.into_iter().map(f64::from);
            each.flat_map(|value| std::iter::repeat_n(value, spread))
                .collect()
        };
        Some(Self(match &node.op {
            Op::BatchNorm { epsilon } => {
                let (gamma, beta) = (values("weight"), values("bias"));
                let (mean, variance) = (values("running_mean"), values("running_var"));
                (0..maps)
                    .map(|map| {
                        [
                            mean[map],
                            gamma[map] / (variance[map] + epsilon).sqrt(),
                            beta[map],
                        ]
                    })
                    .collect()
            }
            Op::Scale { shape } if one_a_map(shape) => values("weight")
                .into_iter()
                .map(|scale| [0.0, scale, 0.0])
                .collect(),
            Op::Shift { shape } if one_a_map(shape) => values("bias")
                .into_iter()
                .map(|shift| [0.0, 1.0, shift])
                .collect(),
            _ => return None,
        }))
    }

    fn fold_into(self, host: &mut super::Node, weights: &mut Weights) {
        let old = weights.remove(&format!("{}.bias", host.name));
        let bias = self
            .0
            .iter()
            .enumerate()
            .map(|(map, [mean, scale, shift])| {
                let before = old.as_ref().map_or(0.0, |bias| f64::from(bias.data[map]));
                ((before - mean) * scale + shift) as f32
            });
        let bias = Array {
            shape: vec![self.0.len()],
            data: bias.collect(),
        };
        weights.insert(format!("{}.bias", host.name), bias);
        if let Some(filters) = weights.get_mut(&format!("{}.weight", host.name)) {
            let each = (filters.data.len() / self.0.len().max(1)).max(1);
            for (filter, [_, scale, _]) in filters.data.chunks_mut(each).zip(&self.0) {
                for value in filter {
                    *value = (f64::from(*value) * scale) as f32;
                }
            }
        }
        if let Op::Conv { bias, .. } = &mut host.op {
            *bias = true;
        }
    }
}
