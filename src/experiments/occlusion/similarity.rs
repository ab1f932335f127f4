//! How near the numbers of the fast mode come to the exact ones.

use records::occlusion::Similarity;

use super::seen::Seen;
use crate::ssim::ssim;

/// Compares what was seen at all positions with what is exact at some of them; the two lists of places pair up.
pub(super) fn similarity(all: &Seen, places: &[usize], exact: &Seen) -> Similarity {
    let compared = |all: &[f32], exact: &[f32]| -> (f64, f64) {
        let found: Vec<f32> = places.iter().map(|&at| all[at]).collect();
        let (low, high) = range(all.iter().chain(exact));
        structural(&found, exact, high - low)
    };
    let (map, error) = compared(&all.map_activation, &exact.map_activation);
    let (low, high) = range(all.map_activation.iter().chain(&exact.map_activation));
    Similarity {
        sampled: places.len(),
        probability: (!all.probability.is_empty())
            .then(|| compared(&all.probability, &exact.probability)),
        map: (
            map,
            if high > low {
                error / (high - low)
            } else {
                0.0
            },
        ),
    }
}

fn range<'a>(values: impl Iterator<Item = &'a f32>) -> (f64, f64) {
    let limits = (f64::INFINITY, f64::NEG_INFINITY);
    values.fold(limits, |(low, high), &value| {
        (low.min(value.into()), high.max(value.into()))
    })
}

/// Structural similarity of two lists of a map of that range, taken as one window, and their greatest difference.
fn structural(found: &[f32], exact: &[f32], range: f64) -> (f64, f64) {
    let pairs = found.iter().zip(exact);
    let pairs: Vec<(f64, f64)> = pairs.map(|(&x, &y)| (x.into(), y.into())).collect();
    let worst = pairs.iter().map(|(x, y)| (x - y).abs());
    (ssim(&pairs, range), worst.fold(0.0, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_is_one_for_the_same_and_less_for_others() {
        let values = [0.1, 0.5, 0.9, 0.3];
        assert_eq!(structural(&values, &values, 0.8), (1.0, 0.0));
        let (unlike, worst) = structural(&[0.9, 0.5, 0.1, 0.3], &values, 0.8);
        assert!(unlike < 0.0, "{unlike}");
        assert!((worst - 0.8).abs() < 1e-6);
        assert_eq!(structural(&[2.0; 3], &[2.0; 3], 0.0), (1.0, 0.0));
    }

    #[test]
    fn errors_of_map_activations_are_parts_of_their_range() {
        let seen = |values: &[f32]| Seen {
            map_activation: values.to_vec(),
            ..Seen::default()
        };
        let told = similarity(&seen(&[0.0, 2.0, 4.0]), &[1, 2], &seen(&[3.0, 4.0]));
        assert_eq!((told.sampled, told.probability), (2, None));
        assert_eq!(told.map.1, 0.25);
    }
}
