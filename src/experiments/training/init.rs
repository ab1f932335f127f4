//! Weights to begin with, drawn by seed: each parameter by its own name, so that a network with a layer more has the others
//! as before.

use base::digest::draw;
use base::Result;
use engine::normal;
use network::shape::Parameter;
use network::weights::{Array, Weights};
use network::{Anatomy, Op, Trainable};
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How weights are drawn. Biases are 0, batch norms the identity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// Normal with that standard deviation (ZF §3.1: 1e-2).
    Normal(f64),
    /// Normal with a variance of 2 over the inputs of a unit (He et al. 2015).
    He,
}

impl Init {
    /// All parameters of a network.
    pub fn weights(self, anatomy: &Anatomy, seed: u64) -> Weights {
        let parameters = anatomy.parameters();
        let named = |parameter: Parameter| {
            let data = self.values(anatomy, &parameter, seed);
            let Parameter { name, shape } = parameter;
            (name, Array { shape, data })
        };
        parameters.into_iter().map(named).collect()
    }

    /// All parameters of a network that brings some of its own.
    ///
    /// # Errors
    /// [`base::Error::Network`] where the network contradicts itself.
    pub fn weights_of(self, trainable: &Trainable, seed: u64) -> Result<Weights> {
        let anatomy = Anatomy::of(trainable.network.clone())?;
        let mut weights = self.weights(&anatomy, seed);
        weights.extend(trainable.weights.clone());
        Ok(weights)
    }

    fn values(self, anatomy: &Anatomy, parameter: &Parameter, seed: u64) -> Vec<f32> {
        let count: usize = parameter.shape.iter().product();
        let (node, field) = parameter.name.rsplit_once('.').unwrap_or_default();
        let nodes = &anatomy.network().nodes;
        let op = nodes.iter().find(|other| other.name == node);
        let has_filters = op.is_some_and(|node| {
            let op = &node.op;
            matches!(
                op,
                Op::Conv { .. } | Op::ConvTranspose { .. } | Op::Linear { .. }
            )
        });
        match (has_filters, field) {
            (true, "weight") => {
                let inputs: usize = parameter.shape.iter().skip(1).product();
                let deviation = match self {
                    Self::Normal(deviation) => deviation,
                    Self::He => (2.0 / inputs.max(1) as f64).sqrt(),
                };
                let mut random = ChaCha8Rng::seed_from_u64(draw(seed, &["init", &parameter.name]));
                (0..count)
                    .map(|_| (deviation * normal(&mut random)) as f32)
                    .collect()
            }
            (false, "weight" | "running_var") => vec![1.0; count],
            (_, "slope") => vec![0.25; count],
            _ => vec![0.0; count],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::zoo;

    #[test]
    fn weights_are_as_wide_as_they_should_be() {
        let anatomy = Anatomy::of(zoo::find("zfnet").unwrap().network()).unwrap();
        for (init, fc8) in [
            (Init::Normal(0.01), 0.01),
            (Init::He, (2.0_f64 / 4096.0).sqrt()),
        ] {
            let weights = init.weights(&anatomy, 1);
            let deviation = |name: &str| {
                let values = &weights[name].data;
                let squares: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
                (squares / values.len() as f64).sqrt()
            };
            assert!((deviation("fc8.weight") / fc8 - 1.0).abs() < 0.01);
            assert_eq!(deviation("fc8.bias"), 0.0);
        }
    }

    #[test]
    fn each_parameter_has_its_own() {
        let anatomy = Anatomy::of(zoo::find("resnet18").unwrap().network()).unwrap();
        let weights = Init::He.weights(&anatomy, 1);
        let again = Init::He.weights(&anatomy, 2);
        let of = |weights: &Weights, name: &str| weights[name].data[..4].to_vec();
        let (a, b) = ("layer1.0.conv1.weight", "layer1.0.conv2.weight");
        assert_ne!(of(&weights, a), of(&weights, b));
        assert_ne!(of(&weights, a), of(&again, a));
        assert_eq!(of(&weights, "bn1.weight"), [1.0; 4]);
        assert_eq!(of(&weights, "bn1.running_var"), [1.0; 4]);
        assert_eq!(of(&weights, "bn1.running_mean"), [0.0; 4]);
    }
}
