//! Bitmaps as files.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{RgbImage, RgbaImage};

use crate::error::{Error, Result};
use crate::records::write_whole;

/// Writes a JPEG.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn write_jpeg(path: &Path, shown: &RgbImage, quality: u8) -> Result<()> {
    write_whole(path, |file| {
        JpegEncoder::new_with_quality(file, quality)
            .encode_image(shown)
            .map_err(|error| Error::io("cannot write", path)(std::io::Error::other(error)))
    })
}

/// Writes a PNG of few flat colours, in which most rows repeat the one above.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn write_png(path: &Path, shown: &RgbaImage) -> Result<()> {
    write_whole(path, |file| {
        let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Up);
        shown
            .write_with_encoder(encoder)
            .map_err(|error| Error::io("cannot write", path)(std::io::Error::other(error)))
    })
}
