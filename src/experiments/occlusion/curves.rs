//! What becomes of the class while the photo is hidden, or shown, piece by piece (deletion and insertion; Petsiuk, Das &
//! Saenko, BMVC 2018).

use crate::engine::occlude::Occluder;
use crate::engine::{pool, to_values, Engine, Recording};
use crate::error::Result;
use crate::records::occlusion::OccludedClasses;

/// Steps from nothing to everything.
const STEPS: usize = 20;

/// Square pieces of a photo in the order in which they are hidden, and the colour that hides them.
pub(super) struct Pieces<'a> {
    order: Vec<Piece>,
    side: usize,
    fill: &'a [f32],
}

/// Rows and columns of a piece: first and one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    rows: [usize; 2],
    columns: [usize; 2],
}

/// A curve of (share, probability).
type Curve = Vec<(f64, f32)>;

/// The pieces of a photo of `side` pixels, one stride wide, those first whose hiding costs the class most on average over
/// the positions that hide them; those that no position hides come last.
pub(super) fn order(classes: &OccludedClasses, occluder: &Occluder, side: u32) -> Vec<Piece> {
    let side = side as usize;
    let step = |starts: &[usize]| match starts {
        [first, second, ..] => (second - first).max(1),
        _ => occluder.size.max(1),
    };
    let pieces = |starts: &[usize]| -> Vec<[usize; 2]> {
        let step = step(starts);
        let firsts = (0..side).step_by(step);
        firsts
            .map(|first| [first, (first + step).min(side)])
            .collect()
    };
    let hides = |start: usize, [first, end]: [usize; 2]| {
        start <= first && end.min(first + 1) <= start + occluder.size
    };
    let wide = occluder.columns.len();
    let mut found: Vec<(f64, Piece)> = Vec::new();
    for rows in pieces(&occluder.rows) {
        for columns in pieces(&occluder.columns) {
            let (mut sum, mut count) = (0.0, 0);
            for (r, _) in occluder
                .rows
                .iter()
                .enumerate()
                .filter(|(_, &y)| hides(y, rows))
            {
                for (c, _) in occluder
                    .columns
                    .iter()
                    .enumerate()
                    .filter(|(_, &x)| hides(x, columns))
                {
                    sum += f64::from(classes.clean - classes.probability[r * wide + c]);
                    count += 1;
                }
            }
            let cost = match count {
                0 => f64::NEG_INFINITY,
                _ => sum / f64::from(count),
            };
            found.push((cost, Piece { rows, columns }));
        }
    }
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.into_iter().map(|(_, piece)| piece).collect()
}

impl<'a> Pieces<'a> {
    pub(super) fn new(order: Vec<Piece>, side: usize, fill: &'a [f32]) -> Self {
        Self { order, side, fill }
    }

    /// The deletion and the insertion curve of a class. One input a pass: what else is in a pass changes the last bits.
    pub(super) fn curves(
        &self,
        engine: &Engine,
        threads: usize,
        input: &[f32],
        class: usize,
    ) -> Result<(Curve, Curve)> {
        let steps: Vec<(bool, usize)> = [true, false]
            .into_iter()
            .flat_map(|hide| (0..=STEPS).map(move |step| (hide, step)))
            .collect();
        let look = |engine: &Engine, _: &(), &(hide, step): &(bool, usize)| -> Result<(f64, f32)> {
            let pieces = self.order.len() * step / STEPS;
            let (values, share) = self.image(input, hide, pieces);
            let trace = engine.forward(&engine.batch(&[&values])?, &Recording::default())?;
            let probabilities = to_values(&trace.output)?;
            Ok((share, probabilities[class]))
        };
        let mut deletion = pool::each(engine, threads, &steps, &|| false, || Ok(()), look)?;
        let insertion = deletion.split_off(STEPS + 1);
        Ok((deletion, insertion))
    }

    /// The photo with the first pieces hidden (or alone shown), and the share of its pixels that they are.
    fn image(&self, input: &[f32], hide: bool, pieces: usize) -> (Vec<f32>, f64) {
        let plane = self.side * self.side;
        let covered = |fill: f32| vec![fill; plane];
        let (mut values, source): (Vec<f32>, Vec<f32>) = {
            let grey: Vec<f32> = self.fill.iter().flat_map(|&fill| covered(fill)).collect();
            match hide {
                true => (input.to_vec(), grey),
                false => (grey, input.to_vec()),
            }
        };
        let mut pixels = 0;
        for piece in &self.order[..pieces] {
            let [left, right] = piece.columns;
            for row in piece.rows[0]..piece.rows[1] {
                for channel in 0..self.fill.len() {
                    let from = channel * plane + row * self.side;
                    let cells = from + left..from + right;
                    values[cells.clone()].copy_from_slice(&source[cells]);
                }
                pixels += right - left;
            }
        }
        (values, pixels as f64 / plane as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occluder() -> Occluder {
        Occluder {
            size: 4,
            fill: vec![0.5],
            rows: vec![0, 2],
            columns: vec![0, 2],
        }
    }

    #[test]
    fn the_piece_that_costs_most_is_hidden_first() {
        let classes = OccludedClasses {
            class: 0,
            is_label: true,
            first_clean: 0,
            clean: 1.0,
            probability: vec![1.0, 0.5, 1.0, 0.0],
            first: vec![0; 4],
            first_probability: vec![1.0; 4],
            deletion: Vec::new(),
            insertion: Vec::new(),
        };
        let order = order(&classes, &occluder(), 7);
        assert_eq!(order.len(), 16);
        // Hidden by the last position alone.
        let corner = Piece {
            rows: [4, 6],
            columns: [4, 6],
        };
        assert_eq!(order[0], corner);
        // Rows and columns from 6 on are hidden by no position.
        let uncovered = |piece: &Piece| piece.rows[0] == 6 || piece.columns[0] == 6;
        assert!(order[9..].iter().all(uncovered));
        let fill = [0.5];
        let pieces = Pieces::new(order, 7, &fill);
        let (hidden, share) = pieces.image(&[1.0; 49], true, 1);
        assert_eq!(hidden.iter().filter(|&&value| value == 0.5).count(), 4);
        assert_eq!((hidden[4 * 7 + 4], share), (0.5, 4.0 / 49.0));
        let (shown, share) = pieces.image(&[1.0; 49], false, 16);
        assert_eq!((shown, share), (vec![1.0; 49], 1.0));
    }
}
