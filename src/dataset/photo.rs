//! Reads one photograph: any supported format by content, upright, as 8-bit RGB; or says why it was skipped.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

use base::digest::sha256_hex;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::kind::Kind;
use super::{gif, jpeg, tiff};

/// Largest file that is read.
const MAX_FILE_BYTES: u64 = 512 << 20;
/// Largest picture that is decoded, in bytes: 134 megapixels of 8-bit RGB.
pub(super) const MAX_DECODED_BYTES: u64 = 384 << 20;
/// How many times longer than wide a photograph may be: a resized strip grows with it.
const MAX_ELONGATION: u32 = 100;

/// A photograph in memory.
#[derive(Debug, Clone)]
pub struct Photo {
    /// Upright after EXIF orientation. Alpha and transparency are dropped, not blended; 16-bit levels are rounded to
    /// the nearest of 256; of an animation the first frame. As Pillow's `convert("RGB")`, colour profiles not applied.
    pub pixels: RgbImage,
    /// SHA-256 of the file's bytes, in hex.
    pub sha256: String,
}

/// A file that is not taken part in a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Skip {
    /// Why.
    pub reason: SkipReason,
    /// SHA-256 of the file's bytes, in hex, where they could be read.
    pub sha256: Option<String>,
}

/// Why a file was skipped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// No bytes.
    #[error("empty file")]
    Empty,
    /// Nothing that is known, whatever its name says.
    #[error("not an image (expected JPEG, PNG, WebP, BMP, GIF or TIFF content)")]
    NotAnImage,
    /// A picture of a kind that is not read: its name, or what of it is not.
    #[error("not supported: {0}; save it as JPEG or PNG")]
    Unsupported(String),
    /// A picture without pixels.
    #[error("a picture of {0} × {1} pixels")]
    NoPixels(u32, u32),
    /// The decoder gave up.
    #[error("truncated or corrupt {format}: {problem}")]
    Corrupt {
        /// Name of the format.
        format: &'static str,
        /// The decoder's words.
        problem: String,
    },
    /// More than is read into memory, or a strip.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The system would not give it.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// Reads and decodes the photograph at `path`. Never more than [`SkipReason::TooLarge`] allows comes into memory.
///
/// # Errors
///
/// A [`Skip`] with its reason; it concerns this file alone.
pub fn read(path: &Path) -> Result<Photo, Skip> {
    let bytes = read_bytes(path).map_err(|reason| Skip {
        reason,
        sha256: None,
    })?;
    let sha256 = sha256_hex(&bytes);
    match decode(path, &bytes) {
        Ok(pixels) => Ok(Photo { pixels, sha256 }),
        Err(reason) => Err(Skip {
            reason,
            sha256: Some(sha256),
        }),
    }
}

/// The SHA-256 of a photograph's file, in hex: what [`read`] tells of it; none where it tells none.
pub fn file_sha256(path: &Path) -> Option<String> {
    read_bytes(path).ok().map(|bytes| sha256_hex(&bytes))
}

/// Width and height after EXIF orientation, of the file as much as its decoder wants of it (of a JPEG all); none where it cannot be
/// read.
pub(super) fn upright_size(path: &Path) -> Option<(u32, u32)> {
    let mut file = BufReader::new(File::open(path).ok()?);
    if file.get_ref().metadata().ok()?.len() > MAX_FILE_BYTES {
        return None;
    }
    let Kind::Photo(format) = Kind::of(path, file.fill_buf().ok()?) else {
        return None;
    };
    let ((width, height), orientation) = match format {
        ImageFormat::Jpeg => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).ok()?;
            jpeg::size(&bytes)?
        }
        ImageFormat::Tiff => tiff::size(file)?,
        ImageFormat::Gif => (gif::size(file)?, Orientation::NoTransforms),
        _ => {
            let reader = ImageReader::with_format(file, format);
            let mut decoder = reader.into_decoder().ok()?;
            let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
            (decoder.dimensions(), orientation)
        }
    };
    use Orientation::{Rotate270, Rotate270FlipH, Rotate90, Rotate90FlipH};
    match orientation {
        Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH => Some((height, width)),
        _ => Some((width, height)),
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, SkipReason> {
    let unreadable = |error: std::io::Error| SkipReason::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let problem = format!("a file of more than {} MiB", MAX_FILE_BYTES >> 20);
        return Err(SkipReason::TooLarge(problem));
    }
    Ok(bytes)
}

/// Decodes a photograph in memory whose file would be called `path`: [`Photo::pixels`].
///
/// # Errors
///
/// Why it would be skipped.
pub fn decode(path: &Path, bytes: &[u8]) -> Result<RgbImage, SkipReason> {
    if bytes.is_empty() {
        return Err(SkipReason::Empty);
    }
    let format = match Kind::of(path, bytes) {
        Kind::Photo(format) => format,
        Kind::Unread(called) => return Err(SkipReason::unsupported(called)),
        Kind::Other => return Err(SkipReason::NotAnImage),
    };
    let decoded = catch_unwind(AssertUnwindSafe(|| match format {
        ImageFormat::Jpeg => jpeg::decode(bytes),
        ImageFormat::Tiff => tiff::decode(bytes),
        ImageFormat::Gif => Ok((gif::decode(bytes)?, Orientation::NoTransforms)),
        _ => decode_other(bytes, format),
    }));
    let (pixels, orientation) =
        decoded.unwrap_or_else(|_| Err(SkipReason::corrupt(format, "the decoder gave up")))?;
    let mut upright = DynamicImage::ImageRgb8(pixels);
    upright.apply_orientation(orientation);
    Ok(upright.into_rgb8())
}

fn decode_other(bytes: &[u8], format: ImageFormat) -> Result<(RgbImage, Orientation), SkipReason> {
    let failed = |error: ImageError| match error {
        ImageError::Limits(_) => SkipReason::TooLarge(error.to_string()),
        ImageError::Unsupported(what) => SkipReason::unsupported(what.to_string()),
        error => SkipReason::corrupt(format, &error.to_string()),
    };
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    check_size(decoder.dimensions(), decoder.total_bytes())?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok((image.into_rgb8(), orientation))
}

/// Refuses a picture by what its header says, before it is decoded.
pub(super) fn check_size(
    (width, height): (u32, u32),
    decoded_bytes: u64,
) -> Result<(), SkipReason> {
    let too_large = |limit: String| {
        let problem = format!("{width} × {height} pixels, {limit}");
        Err(SkipReason::TooLarge(problem))
    };
    if width == 0 || height == 0 {
        Err(SkipReason::NoPixels(width, height))
    } else if decoded_bytes > MAX_DECODED_BYTES {
        let limit = MAX_DECODED_BYTES >> 20;
        too_large(format!(
            "{} MiB decoded; at most {limit} MiB are",
            decoded_bytes >> 20
        ))
    } else if width.max(height) / MAX_ELONGATION > width.min(height) {
        too_large(format!("more than {MAX_ELONGATION} times longer than wide"))
    } else {
        Ok(())
    }
}

impl SkipReason {
    /// Sound, and of a kind that is not read.
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    /// A decoder's complaint, brought to one line.
    pub(super) fn corrupt(format: ImageFormat, words: &str) -> Self {
        let format = match format {
            ImageFormat::Jpeg => "JPEG",
            ImageFormat::Png => "PNG",
            ImageFormat::WebP => "WebP",
            ImageFormat::Bmp => "BMP",
            ImageFormat::Gif => "GIF",
            ImageFormat::Tiff => "TIFF",
            _ => "image",
        };
        let problem = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Corrupt { format, problem }
    }
}
