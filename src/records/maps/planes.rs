//! Planes of values over pixels, one a channel.

/// A network input, a projection, or a part of one: `[channels, height, width]` in network input units and channel order.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// Three, or one of a grey picture.
    pub channels: usize,
    /// Rows and columns.
    pub size: (usize, usize),
    /// Row by row, plane by plane.
    pub values: Vec<f32>,
}

impl Planes {
    /// A whole input of that shape, `[channels, rows, columns]`, or a projection onto one.
    pub fn of([channels, height, width]: [usize; 3], values: Vec<f32>) -> Self {
        Self {
            channels,
            size: (height, width),
            values,
        }
    }

    /// As many rows and columns as asked for, from that row and column on; what lies outside is left out.
    pub fn part(&self, (y, x): (usize, usize), (height, width): (usize, usize)) -> Self {
        let (high, wide) = self.size;
        let (y, x) = (y.min(high), x.min(wide));
        let (height, width) = (height.min(high - y), width.min(wide - x));
        let rows = self.values.chunks_exact((high * wide).max(1));
        let rows = rows.flat_map(|plane| plane.chunks_exact(wide.max(1)).skip(y).take(height));
        Self {
            channels: self.channels,
            size: (height, width),
            values: rows.flat_map(|row| &row[x..x + width]).copied().collect(),
        }
    }

    pub(crate) fn shape(&self) -> Vec<usize> {
        vec![self.channels, self.size.0, self.size.1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_its_rows_of_every_plane() {
        let planes = Planes::of([3, 2, 3], (0..18).map(|at| at as f32).collect());
        let part = planes.part((1, 1), (1, 2));
        assert_eq!(part.values, [4.0, 5.0, 10.0, 11.0, 16.0, 17.0]);
        assert_eq!(planes.part((0, 0), (2, 3)), planes);
        assert_eq!(planes.part((1, 2), (9, 9)).size, (1, 1));
        assert!(planes.part((7, 7), (1, 1)).values.is_empty());
    }
}
