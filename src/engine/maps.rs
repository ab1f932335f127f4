//! What maps come to as a whole: their strongest cells, sums and squares, image by image.

use base::{Error, Result};
use tch::{TchError, Tensor};

use super::forward::to_values;
use super::seeds::Unit;
use super::{Engine, Trace};

/// Every map of a node for each image of a trace, image by image.
#[derive(Debug, Clone, PartialEq)]
pub struct MapFacts {
    /// The strongest activation, `[N, C]`.
    pub maximum: Vec<f32>,
    /// Mean over the cells, `[N, C]`.
    pub mean: Vec<f32>,
    /// Root of the sum of squares over the cells, `[N, C]`.
    pub norm: Vec<f32>,
}

impl Engine {
    /// Sums up every map of a recorded node.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn map_facts(&self, trace: &Trace, node: usize) -> Result<MapFacts> {
        let cells = [2i64, 3];
        let facts = || -> Result<[Tensor; 3], TchError> {
            let maps = trace.recorded(node)?;
            Ok([
                maps.f_amax(cells.as_slice(), false)?,
                maps.f_mean_dim(cells.as_slice(), false, None)?,
                maps.f_norm_scalaropt_dim(2.0, cells.as_slice(), false)?,
            ])
        };
        let [maximum, mean, norm] = facts().map_err(Error::compute("summing up maps"))?;
        Ok(MapFacts {
            maximum: to_values(&maximum)?,
            mean: to_values(&mean)?,
            norm: to_values(&norm)?,
        })
    }

    /// The strongest cells of some maps of one image, at most `most` each: the strongest first, of equals the first in (y, x)
    /// order; only positive ones. Nothing is read back where no map is asked for.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn peaks(
        &self,
        trace: &Trace,
        image: i64,
        node: usize,
        maps: &[usize],
        most: usize,
    ) -> Result<Vec<Vec<Unit>>> {
        // Most photographs have none once the lists are full.
        if maps.is_empty() {
            return Ok(Vec::new());
        }
        let width = self.shape(node).width;
        let numbers: Vec<i64> = maps.iter().map(|&map| map as i64).collect();
        let chosen = || -> Result<Tensor, TchError> {
            let numbers = Tensor::f_from_slice(&numbers)?.f_to_device(self.device)?;
            let maps = trace.recorded(node)?.f_select(0, image)?;
            maps.f_index_select(0, &numbers)
        };
        let values = to_values(&chosen().map_err(Error::compute("choosing maps"))?)?;
        let cells = (values.len() / maps.len().max(1)).max(1);
        let each = values.chunks_exact(cells).zip(maps);
        Ok(each
            .map(|(values, &feature)| {
                let unit = |place: usize| Unit {
                    feature,
                    y: place / width,
                    x: place % width,
                    activation: values[place],
                };
                strongest(values, most).into_iter().map(unit).collect()
            })
            .collect())
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
}
