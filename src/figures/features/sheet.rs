//! A map's sheet: tiles put together.

use std::collections::BTreeMap;

use base::Result;
use dataset::{Geometry, Rect};
use image::imageops::{overlay, resize, FilterType};
use image::{Rgb, RgbImage};
use network::Preprocessing;
use rayon::prelude::*;
use records::maps::{LookedAt, Maps, Planes, UnitMap, UnitName};
use records::tables::{FeatureRow, ImageRow, MapRow};
use records::Run;
use serde::{Deserialize, Serialize};

use super::layout::{Half, Layout, TILE};
use super::{sheet_path, SHEET};
use crate::{contrast, Picture};

/// Pixels left white between two tiles.
const EDGE: u32 = 2;

/// What is shown of one of a map's strongest units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tiles {
    /// From 1, the strongest first.
    pub rank: usize,
    #[serde(with = "bytes")]
    projection: RgbImage,
    #[serde(with = "bytes")]
    patch: RgbImage,
}

/// A tile as the bytes of its pixels.
mod bytes {
    use image::RgbImage;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::TILE;

    pub(super) fn serialize<S: Serializer>(tile: &RgbImage, to: S) -> Result<S::Ok, S::Error> {
        tile.as_raw().serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<RgbImage, D::Error> {
        let pixels = Vec::deserialize(from)?;
        let tile = RgbImage::from_raw(TILE, TILE, pixels);
        tile.ok_or_else(|| D::Error::custom("a tile has other sides"))
    }
}

impl Tiles {
    /// A unit's projection, around mid-grey on a scale of its own, and the part of the network's input that it sees.
    pub fn of(rank: usize, projection: &Planes, patch: &Planes, of: &Preprocessing) -> Self {
        let scale = contrast::scale(&projection.values).unwrap_or(1.0);
        let shown = contrast::around_grey(projection.into(), scale, of.channels);
        Self {
            rank,
            projection: fitted(&shown),
            patch: fitted(&contrast::photograph(patch.into(), of)),
        }
    }

    /// The projection above the patch.
    pub(crate) fn stacked(&self) -> RgbImage {
        let mut picture = RgbImage::new(TILE, 2 * TILE);
        overlay(&mut picture, &self.projection, 0, 0);
        overlay(&mut picture, &self.patch, 0, i64::from(TILE));
        picture
    }

    /// Those that a run has kept all maps of; `None` where it has not.
    fn kept(run: &Run, row: &FeatureRow, photo: &Geometry) -> Result<Option<Self>> {
        let (root, preprocessing) = (&run.root, &run.manifest.preprocessing);
        let unit = UnitName {
            layer: row.layer.clone(),
            map: row.map,
            rank: row.rank,
        };
        let kept = (
            UnitMap::kept(root, &unit)?,
            LookedAt::kept(root, &row.image_id)?,
        );
        let (Some(UnitMap { projection, .. }), Some(LookedAt { input, .. })) = kept else {
            return Ok(None);
        };
        let patch = input.part(first(row, photo), projection.size);
        Ok(Some(Self::of(row.rank, &projection, &patch, preprocessing)))
    }
}

/// Row and column of the network's input at which a unit's receptive field begins: the table has it in thousandths of a
/// pixel of the photo, which are less than half a pixel of the input as long as that is not five hundred times larger.
fn first(row: &FeatureRow, photo: &Geometry) -> (usize, usize) {
    let field = photo.to_input(&Rect {
        x: row.field_x,
        y: row.field_y,
        width: row.field_width,
        height: row.field_height,
    });
    (field.y.round() as usize, field.x.round() as usize)
}

/// Scaled so that it just fits, on white.
fn fitted(shown: &RgbImage) -> RgbImage {
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

/// A map's sheet: what a map looks for, as the projections of its strongest activations on the left and the patches of the
/// photographs that caused them on the right. Tiles that are missing stay white.
pub fn sheet<'a>(
    (layer, map): (&str, usize),
    layout: Layout,
    tiles: impl IntoIterator<Item = &'a Tiles>,
) -> Picture {
    let (width, height) = layout.size();
    let mut sheet = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    for tiles in tiles {
        let halves = [
            (Half::Projection, &tiles.projection),
            (Half::Patch, &tiles.patch),
        ];
        for (half, tile) in halves {
            let (x, y) = layout.place(half, tiles.rank);
            overlay(&mut sheet, tile, i64::from(x), i64::from(y));
        }
    }
    Picture {
        path: sheet_path(layer, map),
        pixels: sheet.into(),
        encoding: SHEET,
    }
}

/// Draws the sheets again that a run has kept all maps of.
///
/// # Errors
/// Those of [`crate::redraw()`].
pub(crate) fn sheets_again(run: &Run) -> Result<()> {
    let mut photos = BTreeMap::new();
    for image in run.rows::<ImageRow>()? {
        if let Some(size) = image.width.zip(image.height) {
            let geometry = Geometry::new(size, &run.manifest.preprocessing)?;
            photos.insert(image.image_id.as_str(), geometry);
        }
    }
    let mut maps: BTreeMap<(&str, usize), Vec<&FeatureRow>> = BTreeMap::new();
    let mut most = 0;
    for row in run.rows::<FeatureRow>()? {
        most = most.max(row.rank);
        maps.entry((&row.layer, row.map)).or_default().push(row);
    }
    let drawn = run.rows::<MapRow>()?.par_iter().filter(|map| map.drawn);
    drawn.try_for_each(|map| {
        let name = (map.layer.as_str(), map.map);
        let units = maps.get(&name).into_iter().flatten();
        let kept = |row: &&FeatureRow| match photos.get(row.image_id.as_str()) {
            Some(photo) => Tiles::kept(run, row, photo),
            None => Ok(None),
        };
        match units.map(kept).collect::<Result<Option<Vec<Tiles>>>>()? {
            Some(tiles) => sheet(name, Layout::of(most), &tiles).write(&run.root),
            None => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_tells_its_layout() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for top in [1, 5, 9, 10] {
            let layout = Layout::of(top);
            sheet(("a/b", top), layout, []).write(root).unwrap();
            assert_eq!(Layout::read(root, "a/b", top), Some(layout));
        }
        assert_eq!(Layout::read(root, "a/b", 2), None);
    }

    #[test]
    fn a_tile_keeps_the_form_of_what_it_shows() {
        let of = |value| Planes::of([3, 2, 4], vec![value; 3 * 2 * 4]);
        let tile = |value| {
            let preprocessing = Preprocessing::torchvision();
            Tiles::of(1, &of(value), &of(0.0), &preprocessing).projection
        };
        let middle = tile(1.0).get_pixel(TILE / 2, TILE / 2).0;
        assert_eq!(middle, [255; 3]);
        let grey = tile(0.0);
        assert_eq!(grey.get_pixel(TILE / 2, TILE / 2).0, [128; 3]);
        assert_eq!(grey.get_pixel(TILE / 2, 2).0, [255; 3]);
        assert_eq!(grey.get_pixel(TILE - 1, TILE / 2).0, [255; 3]);
    }
}
