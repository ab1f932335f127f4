//! Products of examples with examples.

use ndarray::Array2;

use super::Failure;

/// Inner products of examples (rows) with other examples (columns), or with themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Gram(Array2<f64>);

impl Gram {
    /// Of all products.
    ///
    /// # Errors
    /// [`Failure::NotFinite`].
    pub fn new(products: Array2<f64>) -> Result<Self, Failure> {
        if !products.iter().all(|value| value.is_finite()) {
            return Err(Failure::NotFinite);
        }
        Ok(Self(match products.is_standard_layout() {
            true => products,
            false => products.as_standard_layout().into_owned(),
        }))
    }

    /// All products, row by row.
    pub fn products(&self) -> &Array2<f64> {
        &self.0
    }

    /// Examples of the rows.
    pub fn rows(&self) -> usize {
        self.0.nrows()
    }

    /// These rows and columns alone, in their order.
    pub fn part(&self, rows: &[usize], columns: &[usize]) -> Self {
        let at = |(row, column): (usize, usize)| self.0[[rows[row], columns[column]]];
        Self(Array2::from_shape_fn((rows.len(), columns.len()), at))
    }

    /// An example's products.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        let columns = self.0.ncols();
        let all = self.0.as_slice().unwrap_or_default();
        &all[row * columns..(row + 1) * columns]
    }
}
