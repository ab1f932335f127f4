//! Features for linear classifiers: activations as vectors of length 1, and their inner products.

use base::{Error, Result};
use network::shape::Shape;
use tch::{Kind, TchError, Tensor};

use super::device;
use super::host::Host;
use super::transfer::read_back;
use super::{Engine, Trace};

/// How a layer's activations become a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vectors {
    /// The recorded node.
    pub node: usize,
    /// Averaged in space to so many cells a side; `None` as they are.
    pub grid: Option<usize>,
}

impl Vectors {
    /// Of a node whose activations have that shape: averaged over the finest grid that leaves at most `most` values, but for
    /// those that are not more.
    pub fn of(node: usize, shape: Shape, most: usize) -> Self {
        let finest = (1..=shape.height.min(shape.width))
            .take_while(|side| side * side * shape.channels <= most)
            .last()
            .unwrap_or(1);
        Self {
            node,
            grid: (shape.cells() > most).then_some(finest),
        }
    }

    /// Values of a vector.
    pub fn length(&self, shape: Shape) -> usize {
        match self.grid {
            Some(side) => shape.channels * side * side,
            None => shape.cells(),
        }
    }
}

impl Engine {
    /// The vectors of all images of a pass, `[N, length]` row-major: each of length 1, or zero where nothing is active.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn vectors(&self, trace: &Trace, vectors: Vectors) -> Result<Host<f32>> {
        let compute = || -> Result<Tensor, TchError> {
            let recorded = trace.recorded(vectors.node)?;
            let averaged = match vectors.grid {
                Some(side) => recorded.f_adaptive_avg_pool2d([side as i64; 2])?,
                None => recorded.shallow_clone(),
            };
            let flat = averaged.f_flatten(1, -1)?;
            let norms = flat.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?;
            flat.f_div(&norms.f_clamp_min(f64::from(f32::MIN_POSITIVE))?)
        };
        let _no_grad = tch::no_grad_guard();
        let told = compute().map_err(Error::compute("making features"))?;
        self.read(&told)
    }
}

/// Inner products in float64 of vectors of `length` values with others: `[a, b]` row-major.
///
/// # Errors
/// [`Error::Compute`] where values are no whole number of vectors.
pub fn products(a: &[f32], b: &[f32], length: usize) -> Result<Vec<f64>> {
    device::one_thread_here();
    let compute = || -> Result<Tensor, TchError> {
        let rows = |values: &[f32]| -> Result<Tensor, TchError> {
            let rows = Tensor::f_from_slice(values)?.f_view([-1, length as i64])?;
            rows.f_to_kind(Kind::Double)
        };
        rows(a)?.f_mm(&rows(b)?.f_tr()?)
    };
    let told = compute().map_err(Error::compute("multiplying features"))?;
    read_back(&[&told])?[0].all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_layers_are_averaged_over_the_finest_grid_that_fits() {
        let of = |shape: [usize; 3]| {
            let vectors = Vectors::of(0, Shape::of(shape), 9216);
            (vectors.grid, vectors.length(Shape::of(shape)))
        };
        // ZF's layer 5, AlexNet's conv1 and conv5, a linear layer, and one with more maps than values.
        assert_eq!(of([256, 6, 6]), (None, 9216));
        assert_eq!(of([64, 55, 55]), (Some(12), 9216));
        assert_eq!(of([256, 13, 13]), (Some(6), 9216));
        assert_eq!(of([4096, 1, 1]), (None, 4096));
        assert_eq!(of([10_000, 2, 3]), (Some(1), 10_000));
    }

    #[test]
    fn products_are_sums_of_products() {
        let found = products(&[1.0, 2.0, 3.0, 4.0], &[0.5, -1.0], 2).unwrap();
        assert_eq!(found, [-1.5, -2.5]);
        assert!(products(&[1.0, 2.0, 3.0], &[1.0, 2.0], 2).is_err());
    }
}
