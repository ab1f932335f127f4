//! The fast mode: positions like the black squares of a chessboard with capped windows, the others put in between.
//!
//! Both are approximations after Krypton (Nakandala et al., SIGMOD 2019): far from the occluder the change is small, and
//! neighbouring positions hide nearly the same. How near the result comes is for the caller to tell from a sample of
//! positions that are computed exactly.

use base::{Error, Result};
use tch::Tensor;

use super::super::forward::to_values;
use super::super::Trace;
use super::clean::Clean;
use super::{FeatureMap, Occlusion, Slider};

/// Windows are no longer than this part of a map.
const CAP: f64 = 0.7;
/// Axes with fewer positions are not worth it.
const FEWEST: usize = 8;

/// A slider's fast twin.
#[derive(Debug, Clone)]
pub struct Fast {
    /// Even rows and columns of positions, then odd ones.
    boards: [Slider; 2],
    sample: Slider,
    /// The sample's places among all positions.
    places: Vec<usize>,
    high: usize,
    wide: usize,
}

/// What a fast twin gives.
#[derive(Debug)]
pub struct Sketch {
    /// All positions.
    pub all: Occlusion,
    /// Places among all positions of those that were computed exactly as well.
    pub places: Vec<usize>,
    /// What they are exactly.
    pub exact: Occlusion,
}

impl Fast {
    /// Makes the twin ready; the sample is all pairs of the given numbers of rows and columns of positions. `None` where
    /// there are too few positions.
    ///
    /// # Errors
    /// As [`super::Engine::slider`].
    pub fn of(slider: &Slider, rows: &[usize], columns: &[usize]) -> Result<Option<Self>> {
        let occluder = slider.occluder();
        let (high, wide) = (occluder.rows.len(), occluder.columns.len());
        if high < FEWEST || wide < FEWEST {
            return Ok(None);
        }
        let board = |first: usize| {
            let some = |all: &[usize]| all.iter().copied().skip(first).step_by(2).collect();
            slider.elsewhere(some(&occluder.rows), some(&occluder.columns), CAP)
        };
        let pick = |all: &[usize], some: &[usize]| some.iter().map(|&at| all[at]).collect();
        let sampled = rows
            .iter()
            .flat_map(|row| columns.iter().map(move |column| row * wide + column));
        Ok(Some(Self {
            boards: [board(0)?, board(1)?],
            sample: slider.elsewhere(
                pick(&occluder.rows, rows),
                pick(&occluder.columns, columns),
                1.0,
            )?,
            places: sampled.collect(),
            high,
            wide,
        }))
    }

    /// As [`Slider::slide`], and the sample.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault.
    pub fn slide(&self, clean: &Trace, watched: &[FeatureMap]) -> Result<Sketch> {
        let kept = Clean::of(&self.sample.engine, clean, self.sample.end)?;
        let slide = |slider: &Slider| slider.slide_over(&kept, clean, watched);
        let [even, odd] = &self.boards;
        let (even, odd, exact) = (slide(even)?, slide(odd)?, slide(&self.sample)?);
        let whole = |even: &Tensor, odd: &Tensor| -> Result<Tensor> {
            let features = even.size().get(1).copied().unwrap_or(1).max(1);
            let values = self.between(&to_values(even)?, &to_values(odd)?, features as usize);
            Tensor::f_from_slice(&values)
                .and_then(|all| all.f_view([-1, features]))
                .map_err(Error::compute("putting positions in between"))
        };
        let sums = even.sums.iter().zip(&odd.sums);
        let all = Occlusion {
            output: whole(&even.output, &odd.output)?,
            scores: whole(&even.scores, &odd.scores)?,
            sums: sums.map(|(even, odd)| self.between(even, odd, 1)).collect(),
        };
        Ok(Sketch {
            all,
            places: self.places.clone(),
            exact,
        })
    }

    /// Values of all positions, `features` each; where none was computed, the mean of the neighbours on both sides.
    fn between(&self, even: &[f32], odd: &[f32], features: usize) -> Vec<f32> {
        let computed = |row: usize, column: usize| -> Option<&[f32]> {
            let (from, wide) = match (row % 2, column % 2) {
                (0, 0) => (even, self.wide.div_ceil(2)),
                (1, 1) => (odd, self.wide / 2),
                _ => return None,
            };
            let at = (row / 2 * wide + column / 2) * features;
            from.get(at..at + features)
        };
        let mut all = Vec::with_capacity(self.high * self.wide * features);
        for row in 0..self.high {
            for column in 0..self.wide {
                if let Some(values) = computed(row, column) {
                    all.extend_from_slice(values);
                    continue;
                }
                let beside = [
                    (row.checked_sub(1), Some(column)),
                    ((row + 1 < self.high).then_some(row + 1), Some(column)),
                    (Some(row), column.checked_sub(1)),
                    (Some(row), (column + 1 < self.wide).then_some(column + 1)),
                ];
                let beside: Vec<&[f32]> = beside
                    .into_iter()
                    .filter_map(|(row, column)| computed(row?, column?))
                    .collect();
                all.extend((0..features).map(|feature| {
                    let sum: f32 = beside.iter().map(|values| values[feature]).sum();
                    sum / beside.len().max(1) as f32
                }));
            }
        }
        all
    }
}
