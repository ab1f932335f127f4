//! Whether the map that is followed falls where the occluder covers what its projection shows (ZF §4.2, fig. 7b and c).

use records::OcclusionRecord;

/// Rank correlation over the positions of an occluder `side` pixels wide of what the map loses and the energy of its `projection`
/// `[C, H, W]` under it; `None` where one of the two is the same everywhere.
pub(super) fn correlation(
    record: &OcclusionRecord,
    projection: &[f32],
    side: usize,
    size: [usize; 2],
) -> Option<f64> {
    let sums = Sums::of(projection, size);
    let positions = (0..record.map_activation.len()).map(|at| record.position(at));
    let covered: Vec<f64> = positions.map(|at| sums.under(at, side)).collect();
    let lost = record.map_activation.iter();
    let lost: Vec<f64> = lost
        .map(|left| f64::from(record.map_clean) - f64::from(*left))
        .collect();
    statistics::rank_correlation(&lost, &covered)
}

/// Energies summed over all that lies above and left of each corner of a pixel.
struct Sums {
    corners: Vec<f64>,
    width: usize,
    height: usize,
}

impl Sums {
    fn of(projection: &[f32], [height, width]: [usize; 2]) -> Self {
        let mut corners = vec![0.0; (height + 1) * (width + 1)];
        for y in 0..height {
            let mut row = 0.0;
            for x in 0..width {
                let planes = projection[y * width + x..].iter();
                let planes = planes.step_by(height * width);
                row += planes.map(|value| f64::from(*value).powi(2)).sum::<f64>();
                let above = corners[y * (width + 1) + x + 1];
                corners[(y + 1) * (width + 1) + x + 1] = above + row;
            }
        }
        Self {
            corners,
            width,
            height,
        }
    }

    fn under(&self, (y, x): (usize, usize), side: usize) -> f64 {
        let (bottom, right) = ((y + side).min(self.height), (x + side).min(self.width));
        let at = |y: usize, x: usize| self.corners[y * (self.width + 1) + x];
        at(bottom, right) - at(y, right) - at(bottom, x) + at(y, x)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    /// Two planes of 4×4 pixels under a square of 2 at nine positions; the map loses what of the energy lies under it, or keeps it.
    #[test]
    fn what_is_covered_is_lost_or_is_not() {
        let projection: Vec<f32> = (0..32).map(|at| ((at * 7 + 3) % 11) as f32 - 5.0).collect();
        let energy = |y: usize, x: usize| -> f64 {
            let at = |plane: usize| f64::from(projection[plane * 16 + y * 4 + x]).powi(2);
            at(0) + at(1)
        };
        let mut record = OcclusionRecord {
            image_id: String::new(),
            sha256: String::new(),
            photo_size: (4, 4),
            rows: vec![0, 1, 2],
            columns: vec![0, 1, 2],
            classes: None,
            map: 0,
            map_clean: 1000.0,
            map_activation: Vec::new(),
            peaks: Vec::new(),
            fast: None,
            regions: Vec::new(),
            projection_correlation: None,
        };
        let sums = Sums::of(&projection, [4, 4]);
        for (y, x) in (0..9).map(|at| (at / 3, at % 3)) {
            let cells = [(y, x), (y, x + 1), (y + 1, x), (y + 1, x + 1)];
            let covered: f64 = cells.into_iter().map(|(y, x)| energy(y, x)).sum();
            assert!((sums.under((y, x), 2) - covered).abs() < 1e-9);
            record.map_activation.push(1000.0 - covered as f32);
        }
        let found = correlation(&record, &projection, 2, [4, 4]).unwrap();
        assert!((found - 1.0).abs() < 1e-12, "{found}");
        let turned = record.map_activation.iter().map(|left| -left);
        record.map_activation = turned.collect();
        let found = correlation(&record, &projection, 2, [4, 4]).unwrap();
        assert!((found + 1.0).abs() < 1e-12, "{found}");
        record.map_activation = vec![1.0; 9];
        assert_eq!(correlation(&record, &projection, 2, [4, 4]), None);
    }
}
