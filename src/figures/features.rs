//! What a feature map looks for, as one sheet: the projections of its strongest activations on the left, the patches of the
//! photographs that caused them on the right (ZF fig. 2).

use std::path::Path;

use image::imageops::{overlay, resize, FilterType};
use image::{Rgb, RgbImage};

use super::photo::file_stem;
use super::{contrast, picture};
use crate::error::Result;
use crate::network::{Channels, Preprocessing};

/// Side of one tile on a sheet, in pixels.
pub const TILE: u32 = 72;
/// Pixels between the projections and the patches.
pub const GAP: u32 = 8;
/// Pixels left white between two tiles.
const EDGE: u32 = 2;

const SHEET_QUALITY: u8 = 80;
const PHOTO_QUALITY: u8 = 80;
/// Pixels of a filter's weight in the picture of a layer's filters.
const WEIGHT: u32 = 4;

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

/// Where a map's sheet lies inside the run folder.
pub fn sheet_path(layer: &str, map: usize) -> String {
    format!("assets/features/{}/{map}.jpg", file_stem(layer))
}

/// Where a photo that one of the maps chose lies inside the run folder: what the network sees of it.
pub fn photo_path(image_id: &str) -> String {
    format!("assets/features/photos/{}.jpg", file_stem(image_id))
}

/// Where the filters of the first convolution lie inside the run folder, in rows of [`FILTERS_A_ROW`].
pub const FILTERS: &str = "assets/features/filters.png";
/// Filters in a row of that picture.
pub const FILTERS_A_ROW: usize = 16;

/// A tile's pixels.
pub type Tile = RgbImage;

/// A projection `[3, height, width]` as a tile, around mid-grey on a scale of its own.
pub fn projection_tile(
    values: &[f32],
    (height, width): (usize, usize),
    channels: Channels,
) -> Tile {
    let scale = contrast::scale(values).unwrap_or(1.0);
    let shown = contrast::rectangle_around_grey(values, (height, width), scale, channels);
    fitted(&shown)
}

/// A patch `[3, height, width]` of a network input as a tile.
pub fn patch_tile(
    values: &[f32],
    (height, width): (usize, usize),
    preprocessing: &Preprocessing,
) -> Tile {
    let shown = contrast::rectangle_of_photograph(values, (height, width), preprocessing);
    fitted(&shown)
}

/// Scaled so that it just fits, on white.
fn fitted(shown: &RgbImage) -> Tile {
    let room = TILE - EDGE;
    let (width, height) = shown.dimensions();
    let longest = width.max(height).max(1);
    let scaled = |length: u32| (length * room / longest).max(1);
    let filter = match longest < room {
        true => FilterType::Nearest,
        false => FilterType::Triangle,
    };
    let shown = resize(shown, scaled(width), scaled(height), filter);
    let mut tile = RgbImage::from_pixel(TILE, TILE, Rgb([255; 3]));
    let centre = |length: u32| i64::from((room - length) / 2);
    let (x, y) = (centre(shown.width()), centre(shown.height()));
    overlay(&mut tile, &shown, x, y);
    tile
}

/// Writes a map's sheet; tiles are given with their half and rank, those that are missing stay white.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn write_sheet<'a>(
    root: &Path,
    layer: &str,
    map: usize,
    layout: Layout,
    tiles: impl Iterator<Item = (Half, usize, &'a Tile)>,
) -> Result<()> {
    let (width, height) = layout.size();
    let mut sheet = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    for (half, rank, tile) in tiles {
        let (x, y) = layout.place(half, rank);
        overlay(&mut sheet, tile, i64::from(x), i64::from(y));
    }
    picture::write_jpeg(&root.join(sheet_path(layer, map)), &sheet, SHEET_QUALITY)
}

/// Writes what the network sees of a photo.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn write_photo(
    root: &Path,
    image_id: &str,
    input: &[f32],
    preprocessing: &Preprocessing,
) -> Result<()> {
    let shown = contrast::photograph(input, preprocessing.crop as usize, preprocessing);
    picture::write_jpeg(&root.join(photo_path(image_id)), &shown, PHOTO_QUALITY)
}

/// Writes filters `[3, height, width]` each around mid-grey on a scale of its own.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn write_filters(
    root: &Path,
    filters: &[&[f32]],
    (height, width): (usize, usize),
    channels: Channels,
) -> Result<()> {
    let columns = FILTERS_A_ROW.min(filters.len().max(1)) as u32;
    let rows = filters.len().div_ceil(columns as usize).max(1) as u32;
    let cell = (width as u32 * WEIGHT + EDGE, height as u32 * WEIGHT + EDGE);
    let mut sheet = RgbImage::from_pixel(columns * cell.0, rows * cell.1, Rgb([255; 3]));
    for (at, values) in filters.iter().enumerate() {
        let greatest = values
            .iter()
            .fold(0_f32, |most, value| most.max(value.abs()));
        let scale = if greatest > 0.0 { greatest } else { 1.0 };
        let shown = contrast::rectangle_around_grey(values, (height, width), scale, channels);
        let (wide, high) = (width as u32 * WEIGHT, height as u32 * WEIGHT);
        let shown = resize(&shown, wide, high, FilterType::Nearest);
        let at = at as u32;
        let (x, y) = (at % columns * cell.0, at / columns * cell.1);
        overlay(&mut sheet, &shown, i64::from(x), i64::from(y));
    }
    let sheet = image::DynamicImage::ImageRgb8(sheet).into_rgba8();
    picture::write_png(&root.join(FILTERS), &sheet)
}

/// Width and height of that picture; `None` where there is none.
pub fn filters_size(root: &Path) -> Option<(u32, u32)> {
    image::image_dimensions(root.join(FILTERS)).ok()
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

    #[test]
    fn a_sheet_tells_its_layout() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for top in [1, 5, 9, 10] {
            let layout = Layout::of(top);
            write_sheet(root, "a/b", top, layout, std::iter::empty()).unwrap();
            assert_eq!(Layout::read(root, "a/b", top), Some(layout));
        }
        assert_eq!(Layout::read(root, "a/b", 2), None);
    }

    #[test]
    fn a_tile_keeps_the_form_of_what_it_shows() {
        let tile = projection_tile(&[1.0; 3 * 2 * 4], (2, 4), Channels::Rgb);
        let middle = tile.get_pixel(TILE / 2, TILE / 2).0;
        assert_eq!(middle, [255; 3]);
        let grey = projection_tile(&[0.0; 3 * 2 * 4], (2, 4), Channels::Rgb);
        assert_eq!(grey.get_pixel(TILE / 2, TILE / 2).0, [128; 3]);
        assert_eq!(grey.get_pixel(TILE / 2, 2).0, [255; 3]);
        assert_eq!(grey.get_pixel(TILE - 1, TILE / 2).0, [255; 3]);
    }
}
