//! What becomes of the class while the photo is hidden, or shown, piece by piece (deletion and insertion; Petsiuk, Das &
//! Saenko, BMVC 2018).

use engine::occlude::{Occluder, PieceByPiece, Pieces};

/// Steps from nothing to everything.
const STEPS: usize = 20;

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

/// What is asked of an image of a trace: the probability of a class while the first pieces are hidden, and while they are shown,
/// from none to all of them.
pub(super) fn asked(image: i64, class: usize, order: &[Piece]) -> PieceByPiece {
    let first = |of: fn(&Piece) -> [usize; 2]| order.iter().map(of).find(|run| run[0] == 0);
    let length = |run: Option<[usize; 2]>| run.map_or(1, |[first, end]| (end - first).max(1));
    let size = [
        length(first(|piece| piece.rows)),
        length(first(|piece| piece.columns)),
    ];
    let number = |piece: &Piece| [piece.rows[0] / size[0], piece.columns[0] / size[1]];
    let last = |axis: usize| order.iter().map(|piece| number(piece)[axis] + 1).max();
    let grid = [last(0).unwrap_or(0), last(1).unwrap_or(0)];
    let mut ranks = vec![0; grid[0] * grid[1]];
    for (rank, piece) in order.iter().enumerate() {
        let [row, column] = number(piece);
        ranks[row * grid[1] + column] = rank;
    }
    PieceByPiece {
        image,
        class,
        pieces: Pieces { size, grid, ranks },
        steps: steps(order).collect(),
    }
}

/// The deletion and the insertion curve, from the probabilities that were asked for; the shares are those of the pixels.
pub(super) fn curves(
    order: &[Piece],
    [height, width]: [usize; 2],
    probabilities: &[f32],
) -> (Curve, Curve) {
    let pixels = |piece: &Piece| {
        let length = |[first, end]: [usize; 2]| end - first;
        length(piece.rows) * length(piece.columns)
    };
    let share = |pieces: usize| {
        let pixels: usize = order[..pieces].iter().map(pixels).sum();
        pixels as f64 / (height * width) as f64
    };
    let shares: Vec<f64> = steps(order).map(share).collect();
    let curve = |probabilities: &[f32]| {
        let probabilities = probabilities.iter().copied();
        shares.iter().copied().zip(probabilities).collect()
    };
    let (hidden, shown) = probabilities.split_at(shares.len().min(probabilities.len()));
    (curve(hidden), curve(shown))
}

/// How many pieces come first in each step.
fn steps(order: &[Piece]) -> impl Iterator<Item = usize> + '_ {
    (0..=STEPS).map(|step| order.len() * step / STEPS)
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
        let asked = asked(3, 1, &order);
        assert_eq!((asked.image, asked.class), (3, 1));
        assert_eq!((asked.pieces.size, asked.pieces.grid), ([2, 2], [4, 4]));
        assert_eq!(asked.pieces.ranks[2 * 4 + 2], 0);
        let mut ranks = asked.pieces.ranks.clone();
        ranks.sort_unstable();
        assert!(ranks.into_iter().eq(0..16));
        let steps = &asked.steps;
        assert_eq!((steps.len(), steps[0], steps[2], steps[20]), (21, 0, 1, 16));
        let probabilities: Vec<f32> = (0..42).map(|step| step as f32).collect();
        let (deletion, insertion) = curves(&order, [7, 7], &probabilities);
        assert_eq!(deletion[2], (4.0 / 49.0, 2.0));
        assert_eq!((deletion[20], insertion[0]), ((1.0, 20.0), (0.0, 21.0)));
        assert_eq!(insertion[20], (1.0, 41.0));
    }
}
