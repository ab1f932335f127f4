//! Where maps are strongest, and what they come to as a whole.

use std::ops::Range;

use tch::{Kind, TchError, Tensor};

use super::host::Host;
use super::seeds::Unit;

/// Every map of a node for one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapFacts<'a> {
    /// The strongest activation, `[C]`.
    pub maximum: &'a [f32],
    /// Mean over the cells, `[C]`.
    pub mean: &'a [f32],
    /// Root of the sum of squares over the cells, `[C]`.
    pub norm: &'a [f32],
}

/// The strongest cells of every map of a node.
#[derive(Debug)]
pub(super) enum Peaks {
    /// To be looked for in the maps themselves, `[N, C, H, W]`: on the CPU they need not be moved.
    In(Host<f32>, usize),
    /// Found on the device, from the strongest to the weakest: `[N, C]` activations and places, where they lie in what was read.
    Found(Vec<[Range<usize>; 2]>),
}

/// For each map `[N, C, H, W]` its strongest cells, as many as asked for: their activations and places, `[N, C]` each.
pub(super) fn strongest_cells(
    maps: &Tensor,
    maxima: &Tensor,
    most: usize,
) -> Result<Vec<[Tensor; 2]>, TchError> {
    let mut cells = maps.f_flatten(2, -1)?;
    let mut maxima = maxima.shallow_clone();
    let most = most.min(cells.size()[2] as usize);
    let mut found = Vec::with_capacity(most);
    while found.len() < most {
        let places = first_where(&cells.f_eq_tensor(&maxima.f_unsqueeze(-1)?)?)?;
        let done = found.len() + 1 == most;
        if !done {
            let place = places.f_unsqueeze(-1)?;
            cells = cells.f_scatter_value(2, &place, f64::NEG_INFINITY)?;
        }
        found.push([maxima, places]);
        maxima = match done {
            true => break,
            false => cells.f_amax([2i64].as_slice(), false)?,
        };
    }
    Ok(found)
}

/// The strongest unit of each image, the first of equals in (feature, y, x) order, from its maps `[N, C, H, W]` and their maxima
/// `[N, C]`: activations and places, `[N]` each. A device's argmax does not promise which of equals it tells.
pub(super) fn strongest_units(maps: &Tensor, maxima: &Tensor) -> Result<[Tensor; 2], TchError> {
    let cells = maps.f_flatten(2, -1)?;
    let size = cells.size();
    let (images, count) = (size[0], size[2]);
    let activations = maxima.f_amax([1i64].as_slice(), true)?;
    let features = first_where(&maxima.f_eq_tensor(&activations)?)?;
    let whose = features
        .f_view([images, 1, 1])?
        .f_expand([images, 1, count], false)?;
    let map = cells.f_gather(1, &whose, false)?.f_squeeze_dim(1)?;
    let cell = first_where(&map.f_eq_tensor(&activations)?)?;
    let places = features.f_mul_scalar(count)?.f_add(&cell)?;
    Ok([activations.f_squeeze_dim(1)?, places])
}

/// The first place along the last axis where it holds, i64; the last one where it holds nowhere.
pub(super) fn first_where(holds: &Tensor) -> Result<Tensor, TchError> {
    let count = holds.size().last().copied().unwrap_or(0);
    let places = Tensor::f_arange(count, (Kind::Int, holds.device()))?;
    let beyond = Tensor::f_full([1i64], count - 1, (Kind::Int, holds.device()))?;
    let places = places.f_where_self(holds, &beyond)?;
    places
        .f_amin([-1i64].as_slice(), false)?
        .f_to_kind(Kind::Int64)
}

/// The strongest positive cells of a map, at most `most`: the strongest first, of equals the first in (y, x) order.
pub(super) fn peaks_in(map: &[f32], feature: usize, width: usize, most: usize) -> Vec<Unit> {
    let unit = |place: usize| unit(feature, place, width, map[place]);
    strongest(map, most).into_iter().map(unit).collect()
}

/// The unit at a place of a map.
pub(super) fn unit(feature: usize, place: usize, width: usize, activation: f32) -> Unit {
    Unit {
        feature,
        y: place / width.max(1),
        x: place % width.max(1),
        activation,
    }
}

/// Where the strongest positive values stand, the strongest first, of equals the first.
fn strongest(values: &[f32], most: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::with_capacity(most.min(values.len()) + 1);
    for (at, &value) in values.iter().enumerate() {
        let weakest = match found.len() < most {
            true => 0.0,
            false => found.last().map_or(f32::INFINITY, |&last| values[last]),
        };
        if value > weakest {
            let place = found.partition_point(|&other| values[other] >= value);
            found.insert(place, at);
            found.truncate(most);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_come_first_and_of_equals_the_first() {
        let values = [0.0, 2.0, 5.0, 2.0, 5.0, -1.0, 1.0];
        assert_eq!(strongest(&values, 3), [2, 4, 1]);
        assert_eq!(strongest(&values, 1), [2]);
        assert_eq!(strongest(&values, 9), [2, 4, 1, 3, 6]);
        assert_eq!(strongest(&[0.0, -3.0], 2), [0; 0]);
        assert_eq!(strongest(&values, 0), [0; 0]);
    }

    /// As a device finds them.
    #[test]
    fn of_equals_the_first_is_found_without_argmax() {
        // Two images of three maps of 2×2 cells.
        let first = [0.0, 1.0, 1.0, 0.0, 2.0, 7.0, 7.0, 1.0, 7.0, 0.0, 0.0, 7.0];
        let second = [
            0.0, 0.0, 0.0, 0.0, -1.0, -2.0, -1.0, -3.0, 0.0, 3.0, 3.0, 2.0,
        ];
        let maps = Tensor::from_slice(&[first, second].concat()).view([2, 3, 2, 2]);
        let maxima = maps.amax([2i64, 3].as_slice(), false);
        let [activations, places] = strongest_units(&maps, &maxima).unwrap();
        assert_eq!(Vec::<f64>::try_from(activations).unwrap(), [7.0, 3.0]);
        assert_eq!(Vec::<i64>::try_from(places).unwrap(), [5, 9]);
        let found = strongest_cells(&maps, &maxima, 9).unwrap();
        assert_eq!(found.len(), 4);
        for (number, map) in [first, second].concat().chunks(4).enumerate() {
            let told = found.iter().map(|[activations, places]| {
                let at = [(number / 3) as i64, (number % 3) as i64];
                (
                    places.int64_value(&at) as usize,
                    activations.double_value(&at) as f32,
                )
            });
            let positive: Vec<usize> = told
                .take_while(|(_, activation)| *activation > 0.0)
                .map(|(place, _)| place)
                .collect();
            assert_eq!(positive, strongest(map, 4), "map {number}");
        }
        let nothing = Tensor::from_slice(&[f32::NAN; 4]).view([1, 1, 2, 2]);
        let maxima = nothing.amax([2i64, 3].as_slice(), false);
        let [_, places] = strongest_units(&nothing, &maxima).unwrap();
        assert_eq!(Vec::<i64>::try_from(places).unwrap(), [3]);
    }
}
