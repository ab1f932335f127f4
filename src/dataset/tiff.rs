//! TIFF to RGB, with the values that Pillow gives.

use std::io::{Cursor, Read, Seek};

use ::tiff::decoder::{BufferLayoutPreference, Decoder, DecodingResult, Limits};
use ::tiff::tags::{ExtraSamples, SampleFormat, Tag};
use ::tiff::{ColorType, TiffError};
use image::metadata::Orientation;
use image::{ImageFormat, RgbImage};

use super::ifd::{tag, Ifd};
use super::jpeg::from_cmyk;
use super::kind::RAW;
use super::photo::{check_size, SkipReason, MAX_DECODED_BYTES};

const PALETTE: u64 = 3;
const BLACK_IS_ZERO: u16 = 1;
/// What a sensor saw, not yet a picture.
const COLOUR_FILTER_ARRAY: u64 = 32803;
const LINEAR_RAW: u64 = 34892;

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
    // The decoder knows no palette: what it reads as grey levels are the colours' numbers.
    let indexed = match (&ifd, photometric) {
        (Some(ifd), Some(PALETTE)) => ifd.with_short(bytes, tag::PHOTOMETRIC, BLACK_IS_ZERO),
        _ => None,
    };
    let mut decoder = Decoder::new(Cursor::new(indexed.as_deref().unwrap_or(bytes)))
        .map_err(failed)?
        .with_limits(limits());
    let orientation = orientation(&mut decoder);
    let (width, height) = decoder.dimensions().map_err(failed)?;
    let samples = Samples::read(&mut decoder)?;
    let rgb = match indexed {
        Some(_) => {
            let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(failed)?;
            let bits = samples.colour.bit_depth().min(8);
            let colour = |pixel: [u8; 4]| from_palette(&map, bits, pixel[0]);
            samples.pixels().flat_map(colour).collect()
        }
        None => samples.rgb()?,
    };
    let pixels = RgbImage::from_raw(width, height, rgb)
        .ok_or_else(|| SkipReason::corrupt(ImageFormat::Tiff, "pixels missing"))?;
    Ok((pixels, orientation))
}

/// Width, height and orientation of what [`decode`] reads.
pub(super) fn size(file: impl Read + Seek) -> Option<((u32, u32), Orientation)> {
    let mut decoder = Decoder::new(file).ok()?;
    let orientation = orientation(&mut decoder);
    Some((decoder.dimensions().ok()?, orientation))
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

fn limits() -> Limits {
    let most = usize::try_from(2 * MAX_DECODED_BYTES).unwrap_or(usize::MAX);
    let mut limits = Limits::default();
    limits.decoding_buffer_size = most;
    limits.intermediate_buffer_size = most;
    limits
}

fn orientation<R: Read + Seek>(decoder: &mut Decoder<R>) -> Orientation {
    let tag = decoder.find_tag_unsigned::<u8>(Tag::Orientation);
    let told = tag.ok().flatten().and_then(Orientation::from_exif);
    told.unwrap_or(Orientation::NoTransforms)
}

/// Samples of a picture, brought to 8 bits.
struct Samples {
    colour: ColorType,
    /// Whether colour is multiplied by the alpha that follows it.
    associated_alpha: bool,
    width: usize,
    height: usize,
    /// In a pixel.
    count: usize,
    /// Between the first samples of two pixels of a row, of two rows, and of the samples of a pixel.
    strides: [usize; 3],
    levels: Vec<u8>,
}

impl Samples {
    fn read<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Self, SkipReason> {
        let size = decoder.dimensions().map_err(failed)?;
        let colour = decoder.colortype().map_err(failed)?;
        let (count, bits) = (usize::from(colour.num_samples()), colour.bit_depth());
        let bytes = u64::from(bits.div_ceil(8)) * count as u64;
        check_size(size, u64::from(size.0) * u64::from(size.1) * bytes.max(3))?;
        whole_numbers(decoder, colour)?;
        let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples);
        let first_extra = extra
            .ok()
            .flatten()
            .and_then(|extra| extra.first().copied());

        let mut read = DecodingResult::U8(Vec::new());
        let layout = decoder.read_image_to_buffer(&mut read).map_err(failed)?;
        if read.as_buffer(0).as_bytes().len() < layout.complete_len {
            return Err(failed(TiffError::LimitsExceeded));
        }
        let (width, height) = (size.0 as usize, size.1 as usize);
        let levels = match read {
            DecodingResult::U8(levels) if bits < 8 => {
                expanded(&levels, width * count, bits, &layout)
            }
            DecodingResult::U8(levels) => levels,
            DecodingResult::U16(deep) => {
                let nearest = |&level: &u16| ((u32::from(level) + 128) / 257) as u8;
                deep.iter().map(nearest).collect()
            }
            _ => return Err(unsupported(colour, "samples")),
        };
        let strides = match layout.planes {
            0 | 1 => [count, width * count, 1],
            planes => [1, width, levels.len() / planes],
        };
        Ok(Self {
            colour,
            associated_alpha: first_extra == Some(ExtraSamples::AssociatedAlpha.to_u16()),
            width,
            height,
            count,
            strides,
            levels,
        })
    }

    /// Four samples of each pixel; those that it lacks are 0.
    fn pixels(&self) -> impl Iterator<Item = [u8; 4]> + '_ {
        let [across, down, deep] = self.strides;
        let places = (0..self.height).flat_map(move |y| (0..self.width).map(move |x| (x, y)));
        places.map(move |(x, y)| {
            let sample = |index: usize| match index < self.count {
                true => self.levels.get(y * down + x * across + index * deep),
                false => None,
            };
            [0, 1, 2, 3].map(|index| sample(index).copied().unwrap_or_default())
        })
    }

    fn rgb(&self) -> Result<Vec<u8>, SkipReason> {
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

/// Samples of fewer than 8 bits, each in a byte. As grey levels they are spread over 0 to 255; [`from_palette`] finds its way.
fn expanded(
    packed: &[u8],
    row_samples: usize,
    bits: u8,
    layout: &BufferLayoutPreference,
) -> Vec<u8> {
    let row_bytes = layout
        .row_stride
        .map_or(packed.len(), std::num::NonZero::get);
    let largest = (1_u16 << bits) as u8 - 1;
    let per_byte = usize::from(8 / bits);
    let sample = move |row: &[u8], at: usize| {
        let byte = row.get(at / per_byte).copied().unwrap_or_default();
        let shift = 8 - bits - (at % per_byte) as u8 * bits;
        (byte >> shift & largest) * (255 / largest)
    };
    let rows = packed.chunks(row_bytes.max(1));
    rows.flat_map(|row| (0..row_samples).map(move |at| sample(row, at)))
        .collect()
}

/// A colour of the map, which has all red levels of 16 bits, then all green, then all blue. Its number among 2^`bits` was spread
/// over 0 to 255.
fn from_palette(map: &[u16], bits: u8, level: u8) -> [u8; 3] {
    let number = usize::from(level) * ((1 << bits) - 1) / 255;
    [0, 1, 2].map(|channel| {
        let level = map.get(channel * (map.len() / 3) + number);
        (level.copied().unwrap_or_default() >> 8) as u8
    })
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
    SkipReason::unsupported(format!("TIFF with {of} {colour:?}"))
}

fn failed(error: TiffError) -> SkipReason {
    match error {
        TiffError::UnsupportedError(what) => SkipReason::unsupported(format!("TIFF: {what}")),
        TiffError::LimitsExceeded => SkipReason::TooLarge(error.to_string()),
        other => SkipReason::corrupt(ImageFormat::Tiff, &other.to_string()),
    }
}
