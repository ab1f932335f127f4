//! JPEG to RGB. Not through `image`, whose chroma strays up to five grey levels from libjpeg's (and Pillow's).

use super::photo::{check_size, SkipReason};
use image::metadata::Orientation;
use image::{ImageFormat, RgbImage};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

/// Decodes a whole JPEG; a file that ends before its end marker is corrupt. CMYK becomes RGB as Pillow does it,
/// Adobe's inversion assumed.
pub(super) fn decode(bytes: &[u8]) -> Result<(RgbImage, Orientation), SkipReason> {
    let corrupt = |words: &str| SkipReason::corrupt(ImageFormat::Jpeg, words);
    let failed = |error: jpeg_decoder::Error| match error {
        jpeg_decoder::Error::Unsupported(what) => {
            SkipReason::unsupported(format!("JPEG with {what:?}"))
        }
        error => corrupt(&error.to_string()),
    };
    let mut decoder = Decoder::new(bytes);
    if let Some(colours) = colours(bytes) {
        decoder.set_color_transform(colours);
    }
    decoder.read_info().map_err(failed)?;
    let info = decoder.info().ok_or_else(|| corrupt("no frame"))?;
    let size = (u32::from(info.width), u32::from(info.height));
    let depth = info.pixel_format.pixel_bytes() as u64;
    check_size(size, u64::from(size.0) * u64::from(size.1) * depth)?;

    let raw = decoder.decode().map_err(failed)?;
    let orientation = decoder
        .exif_data()
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);
    let rgb = match info.pixel_format {
        PixelFormat::RGB24 => raw,
        PixelFormat::L8 => raw.iter().flat_map(|&grey| [grey; 3]).collect(),
        PixelFormat::L16 => raw
            .chunks_exact(2)
            .flat_map(|grey| [(u16::from_ne_bytes([grey[0], grey[1]]) >> 8) as u8; 3])
            .collect(),
        PixelFormat::CMYK32 => raw.chunks_exact(4).flat_map(from_cmyk).collect(),
    };
    let pixels =
        RgbImage::from_raw(size.0, size.1, rgb).ok_or_else(|| corrupt("pixels missing"))?;
    Ok((pixels, orientation))
}

/// Which colours the components are, where Adobe's marker says it: as libjpeg takes it, only without JFIF's in three components,
/// whose numbers `jpeg_decoder` believes before it.
///
/// # Source
/// libjpeg, `default_decompress_parms` in jdapimin.c.
fn colours(bytes: &[u8]) -> Option<ColorTransform> {
    let (mut components, mut jfif, mut adobe) = (None, false, None);
    for (marker, content) in segments(bytes) {
        match marker {
            // The frame's, but for tables and the like among its numbers.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                components = content.get(5).copied();
            }
            0xE0 => jfif |= content.starts_with(b"JFIF\0"),
            0xEE if content.starts_with(b"Adobe") => adobe = content.get(11).copied(),
            _ => {}
        }
    }
    match (components?, adobe?) {
        (3, 0) if !jfif => Some(ColorTransform::RGB),
        (3, _) => Some(ColorTransform::YCbCr),
        (4, 0) => Some(ColorTransform::CMYK),
        (4, _) => Some(ColorTransform::YCCK),
        _ => None,
    }
}

/// Markers before the first scan, and what stands in their segments.
fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    const SCAN: u8 = 0xDA;
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let marker = rest
            .iter()
            .position(|&byte| byte != 0xFF)
            .filter(|&fill| fill > 0)?;
        let (&kind, after) = rest.get(marker..)?.split_first()?;
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let content = after.get(2..length)?;
        rest = after.get(length..)?;
        (kind != SCAN).then_some((kind, content))
    })
}

/// Light that passes the colour's ink and the black one, rounded as Pillow rounds it.
pub(super) fn from_cmyk(pixel: &[u8]) -> [u8; 3] {
    let black = 255 - u32::from(pixel[3]);
    [0, 1, 2].map(|ink| {
        let product = u32::from(pixel[ink]) * black + 128;
        (black - ((product >> 8) + product) / 256) as u8
    })
}
