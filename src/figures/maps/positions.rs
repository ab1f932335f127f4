//! Where the positions of a sliding square lie in the network's input, and which pixels stand for each on a map.

use image::{Rgba, RgbaImage};

/// The positions of a square that slides over the network's input by a fixed stride, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Positions {
    /// Rows and columns of the network's input.
    pub input: [usize; 2],
    /// Side of the square that slides.
    pub occluder: usize,
    /// Pixels from one position to the next.
    pub stride: usize,
    /// Rows of positions.
    pub rows: usize,
    /// Columns of positions.
    pub columns: usize,
}

/// A part of the network's input, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First row.
    pub y: usize,
    /// First column.
    pub x: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Positions {
    /// These positions, where they fit the input; `None` where there are none or they lie outside.
    pub fn fitting(self) -> Option<Self> {
        let [height, width] = self.input;
        let fits = |count: usize, length: usize| {
            let last = count.checked_sub(1)?.checked_mul(self.stride)?;
            (last < length).then_some(())
        };
        fits(self.rows, height)?;
        fits(self.columns, width)?;
        let sizes = 1..=height.min(width);
        (self.stride > 0 && sizes.contains(&self.occluder)).then_some(self)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rows * self.columns
    }

    /// Number of the position whose upper left corner is at that pixel, row by row; `None` where there is none.
    pub fn number(&self, y: usize, x: usize) -> Option<usize> {
        let along = |at: usize, count: usize| {
            let number = at.checked_div(self.stride)?;
            (at.is_multiple_of(self.stride) && number < count).then_some(number)
        };
        Some(along(y, self.rows)? * self.columns + along(x, self.columns)?)
    }

    /// What the square covers with its upper left corner at that pixel.
    pub fn covered(&self, y: usize, x: usize) -> Window {
        self.clipped((y, x), 0, self.occluder)
    }

    /// The cell of a position on a map: as wide as the stride, around the middle of what the square covers there.
    pub fn cell(&self, y: usize, x: usize) -> Window {
        self.clipped((y, x), self.inset(), self.stride)
    }

    /// From a position's corner to the first pixel of its cell; negative where the stride is wider than the square.
    pub fn inset(&self) -> i64 {
        (self.occluder as i64 - self.stride as i64).div_euclid(2)
    }

    fn clipped(&self, (y, x): (usize, usize), inset: i64, length: usize) -> Window {
        let along = |at: usize, whole: usize| {
            let first = at as i64 + inset;
            let end = (first + length as i64).clamp(0, whole as i64) as usize;
            let first = first.clamp(0, whole as i64) as usize;
            (first, end.saturating_sub(first))
        };
        let [high, wide] = self.input;
        let ((y, height), (x, width)) = (along(y, high), along(x, wide));
        Window {
            y,
            x,
            height,
            width,
        }
    }

    /// A map of the input's size; what is no cell, or has no colour, is transparent.
    pub(super) fn picture(&self, colour: impl Fn(usize) -> Option<[u8; 3]>) -> RgbaImage {
        let [height, width] = self.input;
        let mut shown = RgbaImage::new(width as u32, height as u32);
        for row in 0..self.rows {
            for column in 0..self.columns {
                let Some([r, g, b]) = colour(row * self.columns + column) else {
                    continue;
                };
                let cell = self.cell(row * self.stride, column * self.stride);
                for y in cell.y..cell.y + cell.height {
                    for x in cell.x..cell.x + cell.width {
                        shown.put_pixel(x as u32, y as u32, Rgba([r, g, b, 255]));
                    }
                }
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITIONS: Positions = Positions {
        input: [32, 32],
        occluder: 8,
        stride: 4,
        rows: 7,
        columns: 7,
    };

    #[test]
    fn a_cell_lies_in_the_middle_of_the_square_and_cells_neither_overlap_nor_leave_gaps() {
        let cell = POSITIONS.cell(4, 8);
        assert_eq!((cell.y, cell.x, cell.height, cell.width), (6, 10, 4, 4));
        let covered = POSITIONS.covered(4, 8);
        assert_eq!((covered.y, covered.x, covered.width), (4, 8, 8));
        let shown = POSITIONS.picture(|number| Some([number as u8, 1, 2]));
        for (x, y, pixel) in shown.enumerate_pixels() {
            let inside = (2..30).contains(&x) && (2..30).contains(&y);
            assert_eq!(pixel.0[3] == 255, inside, "{x} {y}");
            if inside {
                let number = (y - 2) / 4 * 7 + (x - 2) / 4;
                assert_eq!(u32::from(pixel.0[0]), number, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_stride_wider_than_the_square_and_an_odd_rest_stay_inside() {
        let wide = Positions {
            occluder: 2,
            stride: 5,
            ..POSITIONS
        };
        assert_eq!(wide.cell(0, 0).width, 3);
        assert_eq!(wide.cell(5, 5).x, 3);
        let odd = Positions {
            occluder: 7,
            ..POSITIONS
        };
        assert_eq!(odd.cell(0, 4).x, 5);
        assert!([POSITIONS, wide, odd]
            .iter()
            .all(|it| it.fitting().is_some()));
    }

    #[test]
    fn positions_that_cannot_be_are_refused() {
        let refused = [
            Positions {
                stride: 0,
                ..POSITIONS
            },
            Positions {
                rows: 0,
                ..POSITIONS
            },
            Positions {
                columns: usize::MAX,
                ..POSITIONS
            },
            Positions {
                occluder: 33,
                ..POSITIONS
            },
            Positions {
                input: [32, 24],
                ..POSITIONS
            },
        ];
        assert!(refused.iter().all(|it| it.fitting().is_none()));
    }

    #[test]
    fn positions_are_numbered_row_by_row() {
        assert_eq!(POSITIONS.number(4, 8), Some(9));
        assert_eq!(POSITIONS.number(4, 9), None);
        assert_eq!(POSITIONS.number(28, 0), None);
    }
}
