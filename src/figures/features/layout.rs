//! How tiles lie on a sheet.

use std::path::Path;

use super::sheet_path;

/// Side of one tile on a sheet, in pixels.
pub const TILE: u32 = 72;
/// Pixels between the projections and the patches.
pub const GAP: u32 = 8;

/// Which half of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Activations walked back to the pixels.
    Projection,
    /// The part of the photograph that the unit sees.
    Patch,
}

/// How the tiles of so many ranks lie on a sheet: row by row in two squares side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    columns: u32,
    rows: u32,
}

impl Layout {
    /// For ranks 1 to `top`, at most 10,000.
    pub fn of(top: usize) -> Self {
        let top = top.clamp(1, 10_000) as u32;
        let columns = top.isqrt() + u32::from(top.isqrt().pow(2) < top);
        Self {
            columns,
            rows: top.div_ceil(columns),
        }
    }

    /// That of the sheet of a map in the run folder at `root`; `None` where there is none.
    pub fn read(root: &Path, layer: &str, map: usize) -> Option<Self> {
        let (width, height) = image::image_dimensions(root.join(sheet_path(layer, map))).ok()?;
        let layout = Self {
            columns: width.saturating_sub(GAP) / (2 * TILE),
            rows: height / TILE,
        };
        (layout.columns > 0 && layout.rows > 0).then_some(layout)
    }

    /// Width and height of a sheet in pixels.
    pub fn size(self) -> (u32, u32) {
        (2 * self.columns * TILE + GAP, self.rows * TILE)
    }

    /// Left and upper edge of a tile of [`TILE`] pixels a side; ranks count from 1.
    pub fn place(self, half: Half, rank: usize) -> (u32, u32) {
        let at = (rank.max(1) - 1) as u32;
        let left = match half {
            Half::Projection => 0,
            Half::Patch => self.columns * TILE + GAP,
        };
        (left + at % self.columns * TILE, at / self.columns * TILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_tiles_are_two_squares_side_by_side() {
        let layout = Layout::of(9);
        assert_eq!(layout.size(), (6 * TILE + GAP, 3 * TILE));
        assert_eq!(layout.place(Half::Projection, 1), (0, 0));
        assert_eq!(layout.place(Half::Projection, 6), (2 * TILE, TILE));
        assert_eq!(layout.place(Half::Patch, 9), (5 * TILE + GAP, 2 * TILE));
        assert_eq!(Layout::of(5).size(), (6 * TILE + GAP, 2 * TILE));
        assert_eq!(Layout::of(1).size(), (2 * TILE + GAP, TILE));
    }
}
