//! The first frame of a GIF on its background, as Pillow has it.

use std::io::Read;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};
use image::{ImageFormat, Rgb, RgbImage};

use super::photo::{check_size, SkipReason};

/// Decodes the first frame. Where it does not cover the picture stands the transparent colour, else the palette's first; a
/// picture smaller than its first frame is as large as that.
pub(super) fn decode(bytes: &[u8]) -> Result<RgbImage, SkipReason> {
    let mut decoder = open(bytes).map_err(failed)?;
    let size = first_frame(&mut decoder).map_err(failed)?;
    check_size(size, u64::from(size.0) * u64::from(size.1) * 3)?;

    let global = decoder.global_palette().map(<[u8]>::to_vec);
    let frame = decoder.current_frame_info().ok_or_else(no_frame)?;
    let palette = frame.palette.clone().or(global).unwrap_or_default();
    let background = frame.transparent.unwrap_or(0);
    let (left, top) = (u32::from(frame.left), u32::from(frame.top));
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let mut indices = vec![0; width * height];
    decoder.read_into_buffer(&mut indices).map_err(failed)?;

    let colour = |index: u8| {
        let at = usize::from(index) * 3;
        let levels = palette.get(at..at + 3).and_then(<[u8]>::first_chunk);
        Rgb(levels.copied().unwrap_or([0; 3]))
    };
    let mut picture = RgbImage::from_pixel(size.0, size.1, colour(background));
    if width > 0 {
        for (y, row) in (top..).zip(indices.chunks_exact(width)) {
            for (x, &index) in (left..).zip(row) {
                picture.put_pixel(x, y, colour(index));
            }
        }
    }
    Ok(picture)
}

/// Width and height of what [`decode`] gives.
pub(super) fn size(file: impl Read) -> Option<(u32, u32)> {
    first_frame(&mut open(file).ok()?).ok()
}

fn open<R: Read>(file: R) -> Result<Decoder<R>, DecodingError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // What is decoded was measured before.
    options.set_memory_limit(MemoryLimit::Unlimited);
    options.read_info(file)
}

/// Goes on to the first frame; the picture's size.
fn first_frame<R: Read>(decoder: &mut Decoder<R>) -> Result<(u32, u32), DecodingError> {
    let screen = (decoder.width(), decoder.height());
    let frame = decoder
        .next_frame_info()?
        .ok_or(DecodingError::UnexpectedEof)?;
    let right = u32::from(frame.left) + u32::from(frame.width);
    let bottom = u32::from(frame.top) + u32::from(frame.height);
    Ok((right.max(screen.0.into()), bottom.max(screen.1.into())))
}

fn failed(error: DecodingError) -> SkipReason {
    SkipReason::corrupt(ImageFormat::Gif, &error.to_string())
}

fn no_frame() -> SkipReason {
    SkipReason::corrupt(ImageFormat::Gif, "no frame")
}
