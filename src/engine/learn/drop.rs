//! Which values a Dropout leaves out: drawn for each photograph by itself, without a state.

use network::shape::Shape;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, TchError, Tensor};

/// `[N, C, H, W]`: 0 with the probability `rate`, else 1 / (1 − rate), for each image by its number in `draws` and the node's.
pub(super) fn mask(
    draws: &[u64],
    node: usize,
    shape: Shape,
    rate: f64,
    kind: Kind,
) -> Result<Tensor, TchError> {
    let kept = (1.0 / (1.0 - rate)) as f32;
    let bound = rate * 4_294_967_296.0;
    let mut values = Vec::with_capacity(draws.len() * shape.cells());
    for &draw in draws {
        let mut random = ChaCha8Rng::seed_from_u64(draw);
        random.set_stream(node as u64);
        values.extend(
            (0..shape.cells()).map(|_| match f64::from(random.next_u32()) < bound {
                true => 0.0,
                false => kept,
            }),
        );
    }
    let [channels, height, width] = shape.axes().map(|length| length as i64);
    Tensor::f_from_slice(&values)?
        .f_view([draws.len() as i64, channels, height, width])?
        .f_to_kind(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(draws: &[u64], node: usize) -> Vec<f32> {
        let mask = mask(draws, node, Shape::of([50, 4, 5]), 0.25, Kind::Float).unwrap();
        Vec::try_from(mask.flatten(0, -1)).unwrap()
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
