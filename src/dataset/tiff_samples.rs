//! The samples of a TIFF, brought to 8 bits and told as colours.

use std::io::{Read, Seek};

use ::tiff::decoder::{Decoder, DecodingResult};
use ::tiff::tags::{CompressionMethod, ExtraSamples, PlanarConfiguration, SampleFormat, Tag};
use ::tiff::{ColorType, TiffError, TiffUnsupportedError};
use image::ImageFormat;

use super::jpeg::from_cmyk;
use super::photo::{check_size, SkipReason};

/// Samples of a picture, brought to 8 bits.
pub(super) struct Samples {
    colour: ColorType,
    /// Whether colour is multiplied by the alpha that follows it.
    associated_alpha: bool,
    /// Pixel by pixel.
    levels: Vec<u8>,
}

impl Samples {
    /// Reads those of the first `width` and `height` of the picture, strip by strip or tile by tile.
    pub(super) fn read<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        (width, height): (u32, u32),
    ) -> Result<Self, SkipReason> {
        let colour = decoder.colortype().map_err(failed)?;
        let (count, bits) = (usize::from(colour.num_samples()), colour.bit_depth());
        let bytes = u64::from(bits.div_ceil(8)) * count as u64;
        let pixels = u64::from(width) * u64::from(height);
        check_size((width, height), pixels * bytes.max(3))?;
        whole_numbers(decoder, colour)?;
        let method = decoder.find_tag_unsigned::<u16>(Tag::Compression);
        let method = method.map_err(failed)?.map(CompressionMethod::from_u16);
        if count == 2 && method.flatten() == Some(CompressionMethod::ModernJPEG) {
            // The decoder hands out rows of three samples.
            let what = "TIFF of grey with alpha compressed by JPEG";
            return Err(SkipReason::unsupported(what));
        }
        let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples);
        let first_extra = extra
            .ok()
            .flatten()
            .and_then(|extra| extra.first().copied());
        let planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration);
        let planar = planar.ok().flatten() == Some(PlanarConfiguration::Planar.to_u16());

        let (width, height) = (width as usize, height as usize);
        let mut levels = vec![0; width * height * count];
        let (whole_width, _) = decoder.dimensions().map_err(failed)?;
        let (chunk_width, chunk_height) = decoder.chunk_dimensions();
        let across = whole_width.div_ceil(chunk_width.max(1)) as usize;
        let down = height.div_ceil(chunk_height.max(1) as usize);
        let planes = if planar { count } else { 1 };
        let own = count / planes;
        for chunk in 0..across * down * planes {
            let index = u32::try_from(chunk).map_err(|_| failed(TiffError::IntSizeError))?;
            let (plane, place) = (chunk / (across * down), chunk % (across * down));
            let left = place % across * chunk_width as usize;
            let top = place / across * chunk_height as usize;
            let row = decoder.chunk_data_dimensions(index).0 as usize * own;
            let read = decoder.read_chunk(index).map_err(failed)?;
            let read = in_8_bits(read, bits, row).ok_or_else(|| unsupported(colour, "samples"))?;
            for (y, row) in (top..height).zip(read.chunks_exact(row.max(1))) {
                for (x, pixel) in (left..width).zip(row.chunks_exact(own)) {
                    let first = (y * width + x) * count + plane;
                    levels[first..first + own].copy_from_slice(pixel);
                }
            }
        }
        Ok(Self {
            colour,
            associated_alpha: first_extra == Some(ExtraSamples::AssociatedAlpha.to_u16()),
            levels,
        })
    }

    /// Up to four samples of each pixel; those that it lacks are 0.
    fn pixels(&self) -> impl Iterator<Item = [u8; 4]> + '_ {
        let count = usize::from(self.colour.num_samples());
        let pixels = self.levels.chunks_exact(count);
        pixels.map(|pixel| [0, 1, 2, 3].map(|at| pixel.get(at).copied().unwrap_or_default()))
    }

    /// The colours of a palette whose numbers the samples are: all its red levels of 16 bits, then all green, then all blue.
    pub(super) fn coloured(&self, map: &[u16]) -> Vec<u8> {
        // In fewer bits the number was spread over 0 to 255.
        let largest = (1 << self.colour.bit_depth().min(8)) - 1;
        let channel = map.len() / 3;
        let level = |at: usize| (map.get(at).copied().unwrap_or_default() >> 8) as u8;
        let colour = |[number, ..]: [u8; 4]| {
            let number = usize::from(number) * largest / 255;
            [0, channel, 2 * channel].map(|start| level(start + number))
        };
        self.pixels().flat_map(colour).collect()
    }

    /// Red, green and blue of each pixel.
    pub(super) fn rgb(&self) -> Result<Vec<u8>, SkipReason> {
        let pixels = self.pixels();
        let alpha = self.associated_alpha;
        Ok(match self.colour {
            ColorType::Gray(_) => pixels.flat_map(|[grey, ..]| [grey; 3]).collect(),
            ColorType::Multiband { num_samples: 2, .. } if !alpha => {
                pixels.flat_map(|[grey, ..]| [grey; 3]).collect()
            }
            ColorType::RGBA(_) if alpha => pixels.flat_map(divided).collect(),
            ColorType::RGB(_) | ColorType::RGBA(_) => pixels
                .flat_map(|[red, green, blue, _]| [red, green, blue])
                .collect(),
            ColorType::CMYK(_) => pixels.flat_map(|pixel| from_cmyk(&pixel)).collect(),
            ColorType::YCbCr(_) => pixels.flat_map(from_ycbcr).collect(),
            other => return Err(unsupported(other, "colours")),
        })
    }
}

/// Refuses samples that are floats or have a sign: where white lies is not told.
fn whole_numbers<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    colour: ColorType,
) -> Result<(), SkipReason> {
    let formats = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat);
    let formats = formats.map_err(failed)?.unwrap_or_default();
    let bits = colour.bit_depth();
    let other = formats
        .iter()
        .find(|&&format| format != SampleFormat::Uint.to_u16());
    match other.map(|&format| SampleFormat::from_u16_exhaustive(format)) {
        Some(SampleFormat::IEEEFP) => Err(SkipReason::unsupported(format!(
            "TIFF of {bits}-bit floats"
        ))),
        Some(SampleFormat::Int) => Err(SkipReason::unsupported(format!(
            "TIFF of {bits}-bit whole numbers with a sign"
        ))),
        Some(_) => Err(unsupported(colour, "samples")),
        None if matches!(bits, 1 | 2 | 4 | 8 | 16) => Ok(()),
        None => Err(SkipReason::unsupported(format!(
            "TIFF of {bits}-bit samples"
        ))),
    }
}

/// The samples of a strip or tile whose rows have so many, each in a byte: grey levels of fewer bits spread over 0 to 255, of
/// more the nearest. None where they are no such numbers.
fn in_8_bits(read: DecodingResult, bits: u8, row: usize) -> Option<Vec<u8>> {
    match read {
        DecodingResult::U8(packed) if bits < 8 => {
            let largest = (1_u16 << bits) as u8 - 1;
            let per_byte = usize::from(8 / bits);
            let sample = move |bytes: &[u8], at: usize| {
                let byte = bytes.get(at / per_byte).copied().unwrap_or_default();
                let shift = 8 - bits - (at % per_byte) as u8 * bits;
                (byte >> shift & largest) * (255 / largest)
            };
            let rows = packed.chunks(row.div_ceil(per_byte).max(1));
            let samples = rows.flat_map(|bytes| (0..row).map(move |at| sample(bytes, at)));
            Some(samples.collect())
        }
        DecodingResult::U8(levels) => Some(levels),
        DecodingResult::U16(deep) => {
            let nearest = |&level: &u16| ((u32::from(level) + 128) / 257) as u8;
            Some(deep.iter().map(nearest).collect())
        }
        _ => None,
    }
}

/// Colour that was multiplied by its alpha, divided by it.
fn divided([red, green, blue, alpha]: [u8; 4]) -> [u8; 3] {
    [red, green, blue].map(|level| match alpha {
        0 => 0,
        alpha => (u16::from(level) * 255 / u16::from(alpha)).min(255) as u8,
    })
}

/// The colour model of JPEG (ITU-R BT.601, all 256 levels).
fn from_ycbcr([luma, blue, red, _]: [u8; 4]) -> [u8; 3] {
    let luma = f32::from(luma);
    let (blue, red) = (f32::from(blue) - 128.0, f32::from(red) - 128.0);
    let level = |value: f32| value.round().clamp(0.0, 255.0) as u8;
    [
        level(luma + 1.402 * red),
        level(luma - 0.344_136 * blue - 0.714_136 * red),
        level(luma + 1.772 * blue),
    ]
}

fn unsupported(colour: ColorType, of: &str) -> SkipReason {
    SkipReason::unsupported(match colour {
        ColorType::Multiband {
            bit_depth,
            num_samples,
        } => format!("TIFF of {num_samples} bands of {bit_depth} bits"),
        other => format!("TIFF with {of} {other:?}"),
    })
}

/// A method that compresses, by its name.
fn compression(method: CompressionMethod) -> String {
    match method.to_u16() {
        6 => "old JPEG".into(),
        34712 => "JPEG 2000".into(),
        34887 => "LERC".into(),
        34925 => "LZMA".into(),
        50001 => "WebP".into(),
        50002 => "JPEG XL".into(),
        _ => format!("{method:?}"),
    }
}

pub(super) fn failed(error: TiffError) -> SkipReason {
    use TiffUnsupportedError::UnsupportedCompressionMethod;
    match error {
        TiffError::UnsupportedError(UnsupportedCompressionMethod(method)) => {
            SkipReason::unsupported(format!("TIFF compressed by {}", compression(method)))
        }
        TiffError::UnsupportedError(what) => SkipReason::unsupported(format!("TIFF: {what}")),
        TiffError::LimitsExceeded => SkipReason::TooLarge(error.to_string()),
        other => SkipReason::corrupt(ImageFormat::Tiff, &other.to_string()),
    }
}
