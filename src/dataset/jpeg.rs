//! JPEG to RGB with libjpeg-turbo's values, which are Pillow's; `image`'s stray from them.

use image::metadata::Orientation;
use image::{ImageFormat, RgbImage};
use libjpeg_turbo_rs::{DecodeLimits, Decoder, FrameHeader, JpegError, PixelFormat};

use super::jpeg_planes;
use super::photo::{check_size, SkipReason};

/// Most scans that are read, as TurboJPEG's own limit: a few bytes of each cost a pass over the whole picture.
const MAX_SCANS: usize = 500;

/// Decodes a whole JPEG; a file that ends before its end marker is corrupt. CMYK becomes RGB as Pillow does it,
/// Adobe's inversion assumed.
pub(super) fn decode(bytes: &[u8]) -> Result<(RgbImage, Orientation), SkipReason> {
    let mut decoder = open(bytes).map_err(failed)?;
    let frame = decoder.header();
    let (count, precision) = (frame.components.len(), frame.precision);
    let size = dimensions(frame);
    check_size(size, u64::from(size.0) * u64::from(size.1) * count as u64)?;
    if precision != 8 {
        let what = format!("JPEG of {precision}-bit samples");
        return Err(SkipReason::unsupported(what));
    }
    if !matches!(count, 1 | 3 | 4) {
        return Err(SkipReason::unsupported(format!("JPEG of {count} colours")));
    }
    if !has_end(bytes) {
        return Err(corrupt("no end marker"));
    }
    let scattered = decoder.has_multiple_scans() && !frame.is_progressive;
    if scattered && scans(bytes).any(|(_, components)| components > 1) {
        let what = "JPEG with scans of some of its colours";
        return Err(SkipReason::unsupported(what));
    }
    let orientation = orientation(&decoder);
    let rgb = if !frame.is_lossless && (count == 4 || !first_is_finest(frame)) {
        jpeg_planes::rgb(decoder)?
    } else {
        decoder.set_output_format(PixelFormat::Rgb);
        decoder.set_block_smoothing(true);
        decoder.decode_image().map_err(failed)?.into_vec()
    };
    let pixels =
        RgbImage::from_raw(size.0, size.1, rgb).ok_or_else(|| corrupt("pixels missing"))?;
    Ok((pixels, orientation))
}

/// Width, height and orientation of what [`decode`] reads.
pub(super) fn size(bytes: &[u8]) -> Option<((u32, u32), Orientation)> {
    let decoder = open(bytes).ok()?;
    Some((dimensions(decoder.header()), orientation(&decoder)))
}

fn open(bytes: &[u8]) -> Result<Decoder<'_>, JpegError> {
    let limits = DecodeLimits {
        max_scans: MAX_SCANS,
        ..DecodeLimits::default()
    };
    Decoder::new_with_limits(bytes, limits)
}

fn dimensions(frame: &FrameHeader) -> (u32, u32) {
    (u32::from(frame.width), u32::from(frame.height))
}

fn orientation(decoder: &Decoder) -> Orientation {
    let told = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    told.unwrap_or(Orientation::NoTransforms)
}

/// Whether the first component has as many samples as any other; the decoder converts no colours of other pictures.
fn first_is_finest(frame: &FrameHeader) -> bool {
    let first = &frame.components[0];
    frame.components.iter().all(|component| {
        component.horizontal_sampling <= first.horizontal_sampling
            && component.vertical_sampling <= first.vertical_sampling
    })
}

/// Whether an end marker follows the start of the first scan. Nothing else there has its bytes.
fn has_end(bytes: &[u8]) -> bool {
    const END: [u8; 2] = [0xFF, 0xD9];
    let last = bytes.windows(2).rposition(|pair| pair == END);
    last.is_some_and(|last| scans(bytes).next().is_some_and(|(first, _)| first < last))
}

/// Where each scan begins, and of how many components it has samples.
fn scans(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> + '_ {
    const SCAN: u8 = 0xDA;
    let mut at = 2;
    std::iter::from_fn(move || loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        at += bytes[at..].iter().position(|&byte| byte != 0xFF)?;
        let marker = at;
        at += 1;
        match bytes[marker] {
            // Not a marker, or one without a segment.
            0x00 | 0x01 | 0xD0..=0xD9 => {}
            kind => {
                let segment = bytes.get(at..)?;
                at += usize::from(u16::from_be_bytes(*segment.first_chunk()?));
                if kind == SCAN {
                    return Some((marker, *segment.get(2)?));
                }
            }
        }
    })
}

pub(super) fn failed(error: JpegError) -> SkipReason {
    match error {
        JpegError::Unsupported(what) => SkipReason::unsupported(format!("JPEG ({what})")),
        JpegError::LimitExceeded { .. } | JpegError::AllocationFailed { .. } => {
            SkipReason::TooLarge(error.to_string())
        }
        JpegError::CorruptData(what) => corrupt(&what),
        error => corrupt(&error.to_string()),
    }
}

fn corrupt(words: &str) -> SkipReason {
    SkipReason::corrupt(ImageFormat::Jpeg, words)
}

/// Light that passes the colour's ink and the black one, rounded as Pillow rounds it.
pub(super) fn from_cmyk(pixel: &[u8]) -> [u8; 3] {
    let black = 255 - u32::from(pixel[3]);
    [0, 1, 2].map(|ink| {
        let product = u32::from(pixel[ink]) * black + 128;
        (black - ((product >> 8) + product) / 256) as u8
    })
}
