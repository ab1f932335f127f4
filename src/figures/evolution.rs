//! What a feature map looked for at one time of a training (ZF fig. 4).

use network::Preprocessing;
use records::file_stem;
use records::maps::Planes;

use super::features::{Tiles, TILE};
use super::{Encoding, Picture};

const ENCODING: Encoding = Encoding::Jpeg(80);

/// Width and height of a picture in pixels.
pub const SIZE: (u32, u32) = (TILE, 2 * TILE);

/// Where the picture of a map behind an epoch lies inside the run folder.
pub fn path(layer: &str, map: usize, epoch: usize) -> String {
    ENCODING.path(&format!("evolution/{}/{map}-{epoch}", file_stem(layer)))
}

/// A map's strongest activation projected, above the part of the network's input that caused it.
pub fn picture(
    (layer, map, epoch): (&str, usize, usize),
    projection: &Planes,
    patch: &Planes,
    of: &Preprocessing,
) -> Picture {
    Picture {
        path: path(layer, map, epoch),
        pixels: Tiles::of(1, projection, patch, of).stacked().into(),
        encoding: ENCODING,
    }
}
