//! What the network sees of a transformed photograph.

use std::path::Path;

use image::RgbImage;

use super::photo::file_stem;
use super::picture;
use crate::error::Result;

const QUALITY: u8 = 80;

/// Values of each transform that pictures are kept of.
pub const SHOWN: [(&str, [f64; 5]); 3] = [
    ("translation", [-60.0, -30.0, 0.0, 30.0, 60.0]),
    ("scale", [1.0, 1.2, 1.4, 1.6, 1.8]),
    ("rotation", [0.0, 90.0, 180.0, 270.0, 350.0]),
];

/// Where a picture lies inside the run folder.
pub fn path(image_id: &str, transform: &str, value: f64) -> String {
    let photo = file_stem(image_id);
    format!("assets/invariance/{photo}/{transform}_{value}.jpg")
}

/// Whether a picture of this value is wanted.
pub fn is_shown(transform: &str, value: f64) -> bool {
    let wanted = SHOWN.iter().find(|(name, _)| *name == transform);
    wanted.is_some_and(|(_, values)| values.contains(&value))
}

/// Writes a picture.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn write(
    root: &Path,
    image_id: &str,
    transform: &str,
    value: f64,
    crop: &RgbImage,
) -> Result<()> {
    let path = root.join(path(image_id, transform, value));
    picture::write_jpeg(&path, crop, QUALITY)
}
