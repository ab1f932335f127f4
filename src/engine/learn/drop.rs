//! Which values a Dropout leaves out: drawn for each photograph by itself, without a state.

use base::{Error, Result};
use network::shape::Shape;
use network::Op;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, TchError, Tensor};

use super::Learner;

/// What the Dropouts leave out of a micro-batch.
#[derive(Debug)]
pub struct Dropped {
    /// By node `[N, C, H, W]` of bytes: 0 where a value is left out, else 1.
    kept: Vec<(usize, Tensor)>,
    /// What those that are kept are multiplied by: 1 / (1 − rate).
    factor: f32,
}

impl Dropped {
    /// What a node's values are multiplied by, `None` where they stay as they are.
    pub(super) fn factors(&self, node: usize, kind: Kind) -> Option<Result<Tensor, TchError>> {
        let (_, kept) = self.kept.iter().find(|(at, _)| *at == node)?;
        let factors = kept.f_to_kind(kind);
        Some(factors.and_then(|factors| factors.f_mul_scalar(f64::from(self.factor))))
    }
}

impl Learner {
    /// Draws what the Dropouts leave out of each image, by a number of its own.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn dropped(&self, draws: &[u64]) -> Result<Dropped> {
        let rate = self.learning.dropout;
        let nodes = self.engine.network().nodes.iter().enumerate();
        let drops = nodes.filter(|(_, node)| node.op == Op::Dropout && rate > 0.0);
        let kept = drops.map(|(node, _)| {
            let mask = mask(draws, node, self.engine.shape(node), rate);
            Ok((node, mask.map_err(Error::compute("dropout"))?))
        });
        Ok(Dropped {
            kept: kept.collect::<Result<_>>()?,
            factor: (1.0 / (1.0 - rate)) as f32,
        })
    }

    /// The same on the learner's device, without waiting for it.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn sent(&self, dropped: Dropped) -> Result<Dropped> {
        if !self.is_fed() {
            return Ok(dropped);
        }
        let send = |(node, mask): (usize, Tensor)| -> Result<(usize, Tensor), TchError> {
            let bytes = Vec::<u8>::try_from(mask.f_view([-1])?)?;
            let there = self.engine.feed.send(&[&bytes])?;
            Ok((node, there.f_view_as(&mask)?))
        };
        let kept = dropped.kept.into_iter().map(send);
        Ok(Dropped {
            kept: kept
                .collect::<Result<_, _>>()
                .map_err(Error::compute("dropout"))?,
            ..dropped
        })
    }

    /// What the dropouts of a micro-batch multiply by, `[N, C, H, W]`, under the nodes' names.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn masks(&self, dropped: &Dropped) -> Result<Vec<(String, Tensor)>> {
        let (nodes, kind) = (&self.engine.network().nodes, self.engine.kind);
        let named = dropped.kept.iter().filter_map(|&(node, _)| {
            let factors = dropped.factors(node, kind)?;
            let factors = factors.map_err(Error::compute("dropout"));
            Some(factors.map(|factors| (nodes[node].name.clone(), factors)))
        });
        named.collect()
    }
}

/// Which values of each image are kept, by its number in `draws` and the node's: all but a share of `rate`.
fn mask(draws: &[u64], node: usize, shape: Shape, rate: f64) -> Result<Tensor, TchError> {
    let bound = rate * 4_294_967_296.0;
    let mut values = Vec::with_capacity(draws.len() * shape.cells());
    for &draw in draws {
        let mut random = ChaCha8Rng::seed_from_u64(draw);
        random.set_stream(node as u64);
        let is_kept = (0..shape.cells()).map(|_| f64::from(random.next_u32()) >= bound);
        values.extend(is_kept.map(u8::from));
    }
    let [channels, height, width] = shape.axes().map(|length| length as i64);
    Tensor::f_from_slice(&values)?.f_view([draws.len() as i64, channels, height, width])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(draws: &[u64], node: usize) -> Vec<f32> {
        let dropped = Dropped {
            kept: vec![(
                node,
                mask(draws, node, Shape::of([50, 4, 5]), 0.25).unwrap(),
            )],
            factor: 1.0 / 0.75,
        };
        let factors = dropped.factors(node, Kind::Float).unwrap().unwrap();
        Vec::try_from(factors.flatten(0, -1)).unwrap()
    }

    #[test]
    fn a_quarter_is_left_out_and_the_mean_stays() {
        let all = values(&[1, 2, 3, 4], 7);
        assert!(all.iter().all(|&value| value == 0.0 || value == 1.0 / 0.75));
        let left_out = all.iter().filter(|&&value| value == 0.0).count();
        assert!((900..1100).contains(&left_out), "{left_out} of 4,000");
    }

    /// What is left out of an image does not depend on its neighbours.
    #[test]
    fn each_image_and_node_has_its_own() {
        let both = values(&[5, 9], 3);
        assert_eq!(values(&[5], 3), both[..1000]);
        assert_eq!(values(&[9], 3), both[1000..]);
        assert_ne!(values(&[5], 4), both[..1000]);
        assert_ne!(both[..1000], both[1000..]);
    }
}
