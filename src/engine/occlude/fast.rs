//! The fast mode: positions like the black squares of a chessboard with capped windows, the others put in between.
//!
//! Both are approximations after Krypton (Nakandala et al., SIGMOD 2019): far from the occluder the change is small, and
//! neighbouring positions hide nearly the same. How near the result comes is for the caller to tell from a sample of
//! positions that are computed exactly.

use base::{Error, Result};
use tch::{Device, TchError, Tensor};

use super::super::transfer::sent;
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
        let between = Between::of(self.high, self.wide, self.sample.engine.device);
        let between = between.map_err(Error::compute("putting positions in between"))?;
        let whole = |even: &Tensor, odd: &Tensor| {
            let all = between.fill(even, odd);
            all.map_err(Error::compute("putting positions in between"))
        };
        let sums = even.sums.iter().zip(&odd.sums);
        let all = Occlusion {
            output: whole(&even.output, &odd.output)?,
            scores: whole(&even.scores, &odd.scores)?,
            sums: sums
                .map(|(even, odd)| whole(even, odd))
                .collect::<Result<_>>()?,
            clean_sums: even.clean_sums,
        };
        Ok(Sketch {
            all,
            places: self.places.clone(),
            exact,
        })
    }
}

/// What is put between the positions that were computed: the mean of the neighbours on both sides.
struct Between {
    /// Up to four computed positions for each position: those of the even board, then those of the odd one, then nothing.
    sources: Vec<Tensor>,
    /// How many there are, as many as positions.
    counts: Tensor,
}

impl Between {
    fn of(high: usize, wide: usize, device: Device) -> Result<Self, TchError> {
        let boards = [high.div_ceil(2) * wide.div_ceil(2), (high / 2) * (wide / 2)];
        let nothing = boards[0] + boards[1];
        let computed = |row: usize, column: usize| match (row % 2, column % 2) {
            _ if row >= high || column >= wide => None,
            (0, 0) => Some(row / 2 * wide.div_ceil(2) + column / 2),
            (1, 1) => Some(boards[0] + row / 2 * (wide / 2) + column / 2),
            _ => None,
        };
        let mut sources: [Vec<i64>; 4] = Default::default();
        let mut counts = Vec::with_capacity(high * wide);
        for row in 0..high {
            for column in 0..wide {
                let beside = [
                    (row.checked_sub(1), Some(column)),
                    (Some(row + 1), Some(column)),
                    (Some(row), column.checked_sub(1)),
                    (Some(row), Some(column + 1)),
                ];
                let found: Vec<usize> = match computed(row, column) {
                    Some(own) => vec![own],
                    None => {
                        let beside = beside.into_iter();
                        beside
                            .filter_map(|(row, column)| computed(row?, column?))
                            .collect()
                    }
                };
                for (number, sources) in sources.iter_mut().enumerate() {
                    sources.push(found.get(number).copied().unwrap_or(nothing) as i64);
                }
                counts.push(found.len().max(1) as f32);
            }
        }
        Ok(Self {
            sources: sources
                .iter()
                .map(|numbers| sent(numbers, device))
                .collect::<Result<_, _>>()?,
            counts: sent(&counts, device)?,
        })
    }

    /// Values of all positions, `[positions]` or `[positions, features]`, from those of the boards.
    fn fill(&self, even: &Tensor, odd: &Tensor) -> Result<Tensor, TchError> {
        let mut size = even.size();
        size[0] = 1;
        let nothing = Tensor::f_zeros(&size, (even.kind(), even.device()))?;
        let computed = Tensor::f_cat(&[even, odd, &nothing], 0)?;
        let mut sums = computed.f_index_select(0, &self.sources[0])?;
        for numbers in &self.sources[1..] {
            sums = sums.f_add_(&computed.f_index_select(0, numbers)?)?;
        }
        size[0] = -1;
        size[1..].fill(1);
        sums.f_div(&self.counts.f_view(size.as_slice())?)
    }
}
