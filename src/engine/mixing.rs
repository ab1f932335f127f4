//! Rows and columns that are mixed from neighbouring ones.

use network::{Resampling, Tap};
use tch::{Device, Kind, TchError, Tensor};

/// How the cells of an axis are mixed.
#[derive(Debug)]
pub(super) struct Mixing {
    /// For each cell of the output.
    pub(super) taps: Vec<Tap>,
    /// The first, second and so on cell that each is mixed from, i64, and their parts; these are left out where all are 1.
    cells: Vec<(Tensor, Option<Tensor>)>,
}

/// The `place`-th cell that is mixed, and its part; a cell that there is and no part of it where there are fewer.
pub(super) fn nth(tap: &Tap, place: usize) -> (i64, f32) {
    match tap.weights.get(place) {
        Some(&weight) => ((tap.first + place) as i64, weight),
        None => (tap.first as i64, 0.0),
    }
}

impl Mixing {
    /// `None` for an axis that stays as it is.
    ///
    /// # Errors
    /// What libtorch says.
    pub(super) fn of(
        resampling: &Resampling,
        length: usize,
        device: Device,
        kind: Kind,
    ) -> Result<Option<Self>, TchError> {
        if resampling.is_none(length) {
            return Ok(None);
        }
        let taps = resampling.taps(length);
        let most = taps.iter().map(|tap| tap.weights.len()).max().unwrap_or(0);
        let cells = (0..most).map(|place| {
            let each = taps.iter().map(|tap| nth(tap, place));
            let (numbers, weights): (Vec<i64>, Vec<f32>) = each.unzip();
            let plain = most == 1 && weights.iter().all(|&weight| weight == 1.0);
            let weights = match plain {
                true => None,
                false => Some(
                    Tensor::f_from_slice(&weights)?
                        .f_to_kind(kind)?
                        .f_to_device(device)?,
                ),
            };
            Ok((
                Tensor::f_from_slice(&numbers)?.f_to_device(device)?,
                weights,
            ))
        });
        let cells = cells.collect::<Result<_, TchError>>()?;
        Ok(Some(Self { taps, cells }))
    }

    /// Made of each of its tensors.
    pub(super) fn each<E>(&self, of: &impl Fn(&Tensor) -> Result<Tensor, E>) -> Result<Self, E> {
        let pair = |(numbers, weights): &(Tensor, Option<Tensor>)| {
            Ok((of(numbers)?, weights.as_ref().map(of).transpose()?))
        };
        Ok(Self {
            taps: self.taps.clone(),
            cells: self.cells.iter().map(pair).collect::<Result<_, E>>()?,
        })
    }

    /// The transpose of [`Self::apply`]: signals of mixed maps added up at the cells of an axis of `length` that they were mixed
    /// from.
    pub(super) fn back(&self, g: &Tensor, axis: i64, length: i64) -> Result<Tensor, TchError> {
        let mut size = g.size();
        size[axis as usize] = length;
        let mut sum = Tensor::f_zeros(size, (g.kind(), g.device()))?;
        for (numbers, weights) in &self.cells {
            sum = sum.f_index_add(axis, numbers, &weighted(g, weights.as_ref(), axis)?)?;
        }
        Ok(sum)
    }

    /// How many cells one is mixed from at most, and whether their parts are all 1.
    pub(super) fn depth(&self) -> (usize, bool) {
        let plain = self.cells.iter().all(|(_, weights)| weights.is_none());
        (self.cells.len(), plain)
    }

    /// Mixes maps `[N, C, H, W]` along an axis of theirs.
    pub(super) fn apply(&self, x: &Tensor, axis: i64) -> Result<Tensor, TchError> {
        let mut sum: Option<Tensor> = None;
        for (numbers, weights) in &self.cells {
            let picked = x.f_index_select(axis, numbers)?;
            let part = weighted(&picked, weights.as_ref(), axis)?;
            sum = Some(match sum {
                Some(sum) => sum.f_add(&part)?,
                None => part,
            });
        }
        sum.ok_or_else(|| TchError::Shape("nothing is mixed".into()))
    }
}

/// The cells of an axis, each times its part.
fn weighted(cells: &Tensor, parts: Option<&Tensor>, axis: i64) -> Result<Tensor, TchError> {
    match parts {
        Some(parts) => {
            let mut size = vec![1; cells.dim()];
            size[axis as usize] = -1;
            cells.f_mul(&parts.f_view(size.as_slice())?)
        }
        None => Ok(cells.shallow_clone()),
    }
}
