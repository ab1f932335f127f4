//! The same network with random weights in some of its layers.

use base::{Error, Result};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{TchError, Tensor};

use super::parameters::Parameters;
use super::Engine;

impl Engine {
    /// A twin in which the convolutions and linear layers among `nodes` have He-normal weights drawn by seed, and no biases.
    ///
    /// # Errors
    /// [`Error::Compute`].
    ///
    /// # Source
    /// Adebayo et al. 2018 (arXiv 1810.03292), the parameter randomisation test; He et al. 2015 for the weights.
    pub fn randomised(&self, nodes: &[usize], seed: u64) -> Result<Self> {
        let mut twin = self.clone();
        for &node in nodes {
            if let Parameters::Affine { weight, bias } = &mut twin.parameters[node] {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream(node as u64);
                *weight = he_normal(weight, &mut random)
                    .map_err(Error::compute("drawing random weights"))?;
                *bias = match bias {
                    Some(bias) => Some(
                        bias.f_zeros_like()
                            .map_err(Error::compute("drawing random weights"))?,
                    ),
                    None => None,
                };
            }
        }
        Ok(twin)
    }
}

fn he_normal(like: &Tensor, random: &mut ChaCha8Rng) -> Result<Tensor, TchError> {
    let size = like.size();
    let inputs: i64 = size.iter().skip(1).product();
    let deviation = (2.0 / inputs.max(1) as f64).sqrt();
    let values: Vec<f32> = (0..like.numel())
        .map(|_| (deviation * normal(random)) as f32)
        .collect();
    Tensor::f_from_slice(&values)?
        .f_view(size.as_slice())?
        .f_to_device(like.device())
}

/// A standard normal number (Box & Muller 1958).
pub fn normal(random: &mut ChaCha8Rng) -> f64 {
    let mut uniform = || (f64::from(random.next_u32()) + 0.5) / 4_294_967_296.0;
    let (radius, angle) = (uniform(), uniform());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
