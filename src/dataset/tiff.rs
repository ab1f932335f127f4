//! TIFF to RGB, with the values that Pillow gives.

use std::io::{Cursor, Read, Seek};

use ::tiff::decoder::{ChunkType, Decoder, Limits};
use ::tiff::tags::Tag;
use image::metadata::Orientation;
use image::{ImageFormat, RgbImage};

use super::ifd::{tag, Ifd};
use super::photo::{SkipReason, MAX_DECODED_BYTES};
use super::tiff_samples::{failed, Samples};
use super::unread::RAW;

const BLACK_IS_ZERO: u64 = 1;
const RGB: u64 = 2;
const PALETTE: u64 = 3;
/// What a sensor saw, not yet a picture.
const COLOUR_FILTER_ARRAY: u64 = 32803;
const LINEAR_RAW: u64 = 34892;
const UNSPECIFIED: u64 = 0;
const UNASSOCIATED_ALPHA: u64 = 2;

/// Decodes the first picture; of one whose colour is multiplied by its alpha the colour alone. A camera's raw file, whose first
/// picture is a thumbnail, is not read, nor are samples other than whole numbers of up to 16 bits.
pub(super) fn decode(bytes: &[u8]) -> Result<(RgbImage, Orientation), SkipReason> {
    let ifd = Ifd::first(bytes);
    let number = |tag| ifd.as_ref()?.number(bytes, tag);
    let photometric = number(tag::PHOTOMETRIC);
    if ifd
        .as_ref()
        .is_some_and(|ifd| is_raw(ifd, bytes, photometric))
    {
        return Err(SkipReason::unsupported(RAW));
    }
    let mut decoder = open(bytes)?;
    let orientation = orientation(&mut decoder);
    let size = decoder.dimensions().map_err(failed)?;
    let changes = changes(&mut decoder, size, photometric, number(tag::EXTRA_SAMPLES));
    let changed = ifd.as_ref().and_then(|ifd| changed(ifd, bytes, &changes));
    if let Some(changed) = &changed {
        decoder = open(changed)?;
    }
    let samples = Samples::read(&mut decoder, size)?;
    let rgb = match photometric == Some(PALETTE) && changed.is_some() {
        true => samples.coloured(&decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?),
        false => samples.rgb()?,
    };
    let pixels = RgbImage::from_raw(size.0, size.1, rgb)
        .ok_or_else(|| SkipReason::corrupt(ImageFormat::Tiff, "pixels missing"))?;
    Ok((pixels, orientation))
}

/// Width, height and orientation of what [`decode`] reads.
pub(super) fn size(file: impl Read + Seek) -> Option<((u32, u32), Orientation)> {
    let mut decoder = Decoder::new(file).ok()?;
    let orientation = orientation(&mut decoder);
    Some((decoder.dimensions().ok()?, orientation))
}

fn open(bytes: &[u8]) -> Result<Decoder<Cursor<&[u8]>>, SkipReason> {
    let most = usize::try_from(2 * MAX_DECODED_BYTES).unwrap_or(usize::MAX);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    let decoder = Decoder::new(Cursor::new(bytes)).map_err(failed)?;
    Ok(decoder.with_limits(limits))
}

/// What is to be told otherwise for the decoder to read what it would not. It knows no palette: as grey levels it reads the
/// colours' numbers. It fails where it has to leave out part of what it decompresses: tiles that reach beyond the picture, which
/// is told to be as large as they are, and fourth samples that are no alpha.
fn changes(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    (width, height): (u32, u32),
    photometric: Option<u64>,
    extra_samples: Option<u64>,
) -> Vec<(u64, u64)> {
    let mut changes = Vec::new();
    if photometric == Some(PALETTE) {
        changes.push((tag::PHOTOMETRIC, BLACK_IS_ZERO));
    }
    if photometric == Some(RGB) && extra_samples == Some(UNSPECIFIED) {
        changes.push((tag::EXTRA_SAMPLES, UNASSOCIATED_ALPHA));
    }
    if decoder.get_chunk_type() == ChunkType::Tile {
        let (across, down) = decoder.chunk_dimensions();
        for (tag, side, tile) in [
            (tag::IMAGE_WIDTH, width, across),
            (tag::IMAGE_LENGTH, height, down),
        ] {
            let whole = side.checked_next_multiple_of(tile);
            if let Some(whole) = whole.filter(|whole| *whole != side) {
                changes.push((tag, u64::from(whole)));
            }
        }
    }
    changes
}

fn changed(ifd: &Ifd, bytes: &[u8], changes: &[(u64, u64)]) -> Option<Vec<u8>> {
    if changes.is_empty() {
        return None;
    }
    let mut changed = bytes.to_vec();
    for (tag, value) in changes {
        ifd.set(&mut changed, *tag, *value)?;
    }
    Some(changed)
}

/// Whether the directory is that of a camera's raw file: what the sensor saw, or a thumbnail with the rest below it.
fn is_raw(ifd: &Ifd, bytes: &[u8], photometric: Option<u64>) -> bool {
    let is_reduced = ifd
        .number(bytes, tag::NEW_SUBFILE_TYPE)
        .is_some_and(|kind| kind & 1 == 1);
    ifd.has(tag::DNG_VERSION)
        || matches!(photometric, Some(COLOUR_FILTER_ARRAY | LINEAR_RAW))
        || (is_reduced && ifd.has(tag::SUB_IFDS))
}

fn orientation<R: Read + Seek>(decoder: &mut Decoder<R>) -> Orientation {
    let tag = decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    let told = tag.ok().flatten().and_then(Orientation::from_exif);
    told.unwrap_or(Orientation::NoTransforms)
}
