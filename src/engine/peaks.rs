//! What the maps of a layer come to for each image: their sums and strongest cells, gathered on the device.

use base::{Error, Result};
use tch::{TchError, Tensor};

use super::maps;
use super::seeds::Unit;
use super::transfer::Values;
use super::{Engine, Trace};

/// The maps of a node for one image.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPeaks {
    /// The map that is strongest in sum; the first of equals.
    pub strongest: usize,
    /// The strongest unit of each map; the first maximum in (y, x) order.
    pub units: Vec<Unit>,
}

impl Engine {
    /// What [`Engine::peaks_told`] makes peaks of, on the device: sums, strongest values and their places, each
    /// `[images, maps]`.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn map_peaks(&self, trace: &Trace, node: usize) -> Result<[Tensor; 3]> {
        let find = || -> Result<[Tensor; 3], TchError> {
            let recorded = trace.recorded(node)?;
            let cells = recorded.f_flatten(2, -1)?;
            let values = cells.f_amax([2i64].as_slice(), true)?;
            let places = maps::first_where(&cells.f_eq_tensor(&values)?)?;
            Ok([
                recorded.f_sum_dim_intlist([2i64, 3].as_slice(), false, None)?,
                values.f_squeeze_dim(2)?,
                places,
            ])
        };
        find().map_err(Error::compute("finding the strongest activations"))
    }

    /// The peaks of each image, from what [`Engine::map_peaks`] found, on the CPU.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn peaks_told(&self, node: usize, found: &[Values]) -> Result<Vec<MapPeaks>> {
        let [sums, values, places] = found else {
            return Err(Error::Compute {
                doing: "reading peaks".into(),
                message: "expected sums, values and places".into(),
            });
        };
        let (width, count) = (self.shape(node).width, self.shape(node).channels.max(1));
        let (sums, values) = (sums.all::<f32>()?, values.all::<f32>()?);
        let places = places.all::<i64>()?;
        let each = sums
            .chunks_exact(count)
            .zip(values.chunks_exact(count))
            .zip(places.chunks_exact(count));
        Ok(each
            .map(|((sums, values), places)| {
                let unit = |(feature, (&activation, &place)): (usize, (&f32, &i64))| {
                    maps::unit(feature, place as usize, width, activation)
                };
                MapPeaks {
                    strongest: first_of_largest(sums),
                    units: values.iter().zip(places).enumerate().map(unit).collect(),
                }
            })
            .collect())
    }
}

/// What is no number counts as the largest, as in libtorch.
fn first_of_largest(values: &[f32]) -> usize {
    let larger = |a: f32, b: f32| a > b || (a.is_nan() && !b.is_nan());
    let all = 0..values.len();
    let found = all.reduce(|best, at| match larger(values[at], values[best]) {
        true => at,
        false => best,
    });
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_the_largest() {
        assert_eq!(first_of_largest(&[0.5, 2.0, 2.0, -1.0]), 1);
        assert_eq!(first_of_largest(&[0.5, f32::NAN, 2.0, f32::NAN]), 1);
        assert_eq!(first_of_largest(&[]), 0);
    }
}
