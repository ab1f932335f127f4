//! What becomes of the class while the photo is hidden, or shown, piece by piece (deletion and insertion; Petsiuk, Das &
//! Saenko, BMVC 2018).

use base::Result;
use engine::occlude::Occluder;
use engine::{to_values, Engine, Executor, Recording};

/// Steps from nothing to everything.
const STEPS: usize = 20;

/// Square pieces of a photo in the order in which they are hidden, and the colour that hides them.
pub(super) struct Pieces<'a> {
    order: Vec<Piece>,
    /// Rows and columns of the photo.
    size: [usize; 2],
    fill: &'a [f32],
}

/// Rows and columns of a piece: first and one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    rows: [usize; 2],
    columns: [usize; 2],
}

/// A curve of (share, probability).
pub(super) type Curve = Vec<(f64, f32)>;

/// The pieces of a photo of so many rows and columns, one stride wide, those first whose hiding costs the class most on average over
/// the positions that hide them; those that no position hides come last. Its probability is `clean`, and `hidden` by position.
pub(super) fn order(
    (clean, hidden): (f32, &[f32]),
    occluder: &Occluder,
    [height, width]: [usize; 2],
) -> Vec<Piece> {
    let step = |starts: &[usize]| match starts {
        [first, second, ..] => (second - first).max(1),
        _ => occluder.size.max(1),
    };
    let pieces = |starts: &[usize], side: usize| -> Vec<[usize; 2]> {
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
    for rows in pieces(&occluder.rows, height) {
        for columns in pieces(&occluder.columns, width) {
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
                    sum += f64::from(clean - hidden[r * wide + c]);
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
    pub(super) fn new(order: Vec<Piece>, size: [usize; 2], fill: &'a [f32]) -> Self {
        Self { order, size, fill }
    }

    /// The deletion and the insertion curve of a class, `images` inputs a pass.
    pub(super) fn curves(
        &self,
        workers: &Executor<'_, Engine>,
        images: usize,
        input: &[f32],
        class: usize,
    ) -> Result<(Curve, Curve)> {
        let steps: Vec<(bool, usize)> = [true, false]
            .into_iter()
            .flat_map(|hide| (0..=STEPS).map(move |step| (hide, step)))
            .collect();
        let image = |&(hide, step): &(bool, usize)| {
            let pieces = self.order.len() * step / STEPS;
            self.image(input, hide, pieces)
        };
        let passes: Vec<&[(bool, usize)]> = steps.chunks(images).collect();
        let look = |engine: &Engine, steps: &&[(bool, usize)]| -> Result<Curve> {
            let (values, shares): (Vec<Vec<f32>>, Vec<f64>) = steps.iter().map(image).unzip();
            let inputs: Vec<&[f32]> = values.iter().map(Vec::as_slice).collect();
            let trace = engine.forward(&engine.batch(&inputs)?, &Recording::default())?;
            let outputs = to_values(&trace.output)?;
            let probabilities = outputs.chunks_exact(outputs.len() / steps.len());
            let probabilities = probabilities.map(|classes| classes[class]);
            Ok(shares.into_iter().zip(probabilities).collect())
        };
        let mut deletion: Curve = workers.each(&passes, look)?.concat();
        let insertion = deletion.split_off(STEPS + 1);
        Ok((deletion, insertion))
    }

    /// The photo with the first pieces hidden (or alone shown), and the share of its pixels that they are.
    fn image(&self, input: &[f32], hide: bool, pieces: usize) -> (Vec<f32>, f64) {
        let [height, width] = self.size;
        let plane = height * width;
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
                    let from = channel * plane + row * width;
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
        let order = order((1.0, &[1.0, 0.5, 1.0, 0.0]), &occluder(), [7, 7]);
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
        let pieces = Pieces::new(order, [7, 7], &fill);
        let (hidden, share) = pieces.image(&[1.0; 49], true, 1);
        assert_eq!(hidden.iter().filter(|&&value| value == 0.5).count(), 4);
        assert_eq!((hidden[4 * 7 + 4], share), (0.5, 4.0 / 49.0));
        let (shown, share) = pieces.image(&[1.0; 49], false, 16);
        assert_eq!((shown, share), (vec![1.0; 49], 1.0));
    }
}
