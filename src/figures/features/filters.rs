//! The filters of the first convolution, side by side.

use std::path::Path;

use base::Result;
use image::imageops::{overlay, resize, FilterType};
use image::{DynamicImage, Rgb, RgbImage};
use network::Preprocessing;
use records::maps::FilterMaps;
use records::Run;

use crate::{contrast, Encoding, Picture, Pictured};

/// Where the filters lie inside the run folder, in rows of [`FILTERS_A_ROW`].
pub const FILTERS: &str = "assets/features/filters.png";
/// Filters in a row of that picture.
pub const FILTERS_A_ROW: usize = 16;

/// Pixels of a filter's weight.
const WEIGHT: u32 = 4;
/// Pixels left white between two filters.
const EDGE: u32 = 2;

impl Pictured for FilterMaps {
    fn of_run(_: &Run) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    /// Each around mid-grey on a scale of its own.
    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        Ok(vec![filters_picture(self, preprocessing, FILTERS)])
    }
}

/// The same of any filters, at a place inside the folder, in rows of [`FILTERS_A_ROW`].
pub fn filters_picture(maps: &FilterMaps, preprocessing: &Preprocessing, path: &str) -> Picture {
    let filters = &maps.filters;
    let (height, width) = filters.first().map_or((0, 0), |filter| filter.size);
    let columns = FILTERS_A_ROW.min(filters.len().max(1)) as u32;
    let rows = filters.len().div_ceil(columns as usize).max(1) as u32;
    let (wide, high) = (width as u32 * WEIGHT, height as u32 * WEIGHT);
    let cell = (wide + EDGE, high + EDGE);
    let mut sheet = RgbImage::from_pixel(columns * cell.0, rows * cell.1, Rgb([255; 3]));
    for (at, filter) in (0..).zip(filters) {
        let magnitudes = filter.values.iter().map(|value| value.abs());
        let greatest = magnitudes.fold(0.0, f32::max);
        let scale = if greatest > 0.0 { greatest } else { 1.0 };
        let shown = contrast::around_grey(filter.into(), scale, preprocessing.channels);
        let shown = resize(&shown, wide, high, FilterType::Nearest);
        let (x, y) = (at % columns * cell.0, at / columns * cell.1);
        overlay(&mut sheet, &shown, i64::from(x), i64::from(y));
    }
    Picture {
        path: path.to_owned(),
        pixels: DynamicImage::from(sheet).into_rgba8().into(),
        encoding: Encoding::FlatPng,
    }
}

/// Width and height of such a picture; `None` where there is none.
pub fn filters_size(root: &Path, path: &str) -> Option<(u32, u32)> {
    image::image_dimensions(root.join(path)).ok()
}
