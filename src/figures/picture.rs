//! A picture as a value: where it belongs, and what it shows.

use std::io::Write as _;
use std::path::Path;

use base::{Error, Result};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::DynamicImage;
use libjpeg_turbo_rs::{compress, JpegError, PixelFormat, Subsampling};
use records::write_whole;

/// A picture of a run or a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Where it lies inside the folder, with `/` between its parts.
    pub path: String,
    /// What it shows.
    pub pixels: DynamicImage,
    /// How it is written.
    pub encoding: Encoding,
}

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// JPEG of that quality, for photographs and projections.
    Jpeg(u8),
    /// PNG, for projections that are grey nearly everywhere: a JPEG would show grain where there is nothing.
    Png,
    /// PNG of few flat colours, in which most rows repeat the one above.
    FlatPng,
}

impl Encoding {
    /// Where such a picture of that name lies inside its folder; the name's parts are [`records::file_stem`]s.
    pub(super) fn path(self, name: &str) -> String {
        let extension = match self {
            Self::Jpeg(_) => "jpg",
            Self::Png | Self::FlatPng => "png",
        };
        format!("assets/{name}.{extension}")
    }
}

impl Picture {
    /// Writes it into the folder at `root`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, root: &Path) -> Result<()> {
        let path = root.join(&self.path);
        write_whole(&path, |file| {
            let written = match self.encoding {
                Encoding::Jpeg(quality) => {
                    let jpeg = jpeg(&self.pixels, quality).map_err(std::io::Error::other);
                    let written = jpeg.and_then(|jpeg| file.write_all(&jpeg));
                    return written.map_err(Error::io("cannot write", &path));
                }
                Encoding::Png => self.pixels.write_with_encoder(PngEncoder::new(file)),
                Encoding::FlatPng => {
                    let encoder =
                        PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Up);
                    self.pixels.write_with_encoder(encoder)
                }
            };
            written.map_err(|error| Error::io("cannot write", &path)(std::io::Error::other(error)))
        })
    }
}

/// Colours as sharp as brightness: projections live of them.
fn jpeg(pixels: &DynamicImage, quality: u8) -> Result<Vec<u8>, JpegError> {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let encode = |bytes: &[u8], format: PixelFormat| {
        compress(bytes, width, height, format, quality, Subsampling::S444)
    };
    match pixels {
        DynamicImage::ImageLuma8(grey) => encode(grey, PixelFormat::Grayscale),
        DynamicImage::ImageRgb8(colour) => encode(colour, PixelFormat::Rgb),
        other => encode(&other.to_rgb8(), PixelFormat::Rgb),
    }
}
