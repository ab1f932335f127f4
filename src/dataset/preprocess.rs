//! Photo → network input, as Pillow, torchvision, timm and Keras do it.

use std::borrow::Cow;
use std::fmt::Display;

use base::{Error, Result};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{self as fir, FilterType, ResizeAlg};
use image::{Rgb, RgbImage};
use network::{Channels, Interpolation, Levels, Preprocessing};

use super::geometry::Geometry;

/// The photograph as the network sees it, before normalisation: grey where the network's input is, resized, then cropped;
/// black where the crop is larger.
pub fn crop(pixels: &RgbImage, preprocessing: &Preprocessing) -> Result<RgbImage> {
    let geometry = Geometry::new(pixels.dimensions(), preprocessing)?;
    let pixels = in_colours_of(pixels, preprocessing.channels);
    let resized = resize(&pixels, geometry.resized, preprocessing.interpolation)?;
    let mut crop = RgbImage::new(geometry.crop.width, geometry.crop.height);
    image::imageops::replace(&mut crop, &resized, -geometry.crop_left, -geometry.crop_top);
    Ok(crop)
}

/// A [`crop`] in network units and channel order.
///
/// # Shapes
///
/// `[C, H, W]`, row by row.
pub fn normalise(crop: &RgbImage, preprocessing: &Preprocessing) -> Vec<f32> {
    let pixels = crop.width() as usize * crop.height() as usize;
    let mut input = vec![0.0; preprocessing.channels.count() * pixels];
    Levels::of(preprocessing).write(crop.as_raw(), &mut input);
    input
}

/// Photo → network input: [`crop`], then [`normalise`].
pub fn input(pixels: &RgbImage, preprocessing: &Preprocessing) -> Result<Vec<f32>> {
    Ok(normalise(&crop(pixels, preprocessing)?, preprocessing))
}

/// One colour in network units, channel by channel.
pub fn colour(colour: [u8; 3], preprocessing: &Preprocessing) -> Vec<f32> {
    let pixel = RgbImage::from_pixel(1, 1, Rgb(colour));
    let pixel = in_colours_of(&pixel, preprocessing.channels);
    normalise(&pixel, preprocessing)
}

/// Grey as Pillow's `convert("L")`, in all three channels, where the input has one.
pub(super) fn in_colours_of(pixels: &RgbImage, channels: Channels) -> Cow<'_, RgbImage> {
    if channels != Channels::Grey {
        return Cow::Borrowed(pixels);
    }
    let mut grey = pixels.clone();
    for pixel in grey.pixels_mut() {
        let [red, green, blue] = pixel.0.map(u32::from);
        // ITU-R 601-2 luma in 16 bits, rounded.
        let level = (red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16;
        pixel.0 = [level as u8; 3];
    }
    Cow::Owned(grey)
}

/// Resizes as Pillow does.
pub(super) fn resize(
    pixels: &RgbImage,
    size: (u32, u32),
    interpolation: Interpolation,
) -> Result<RgbImage> {
    if pixels.dimensions() == size {
        return Ok(pixels.clone());
    }
    let in_passes = |filter: FilterType| {
        let between = match downwards_first(pixels.dimensions(), size) {
            true => (pixels.width(), size.1),
            false => (size.0, pixels.height()),
        };
        convolved(&convolved(pixels, between, filter)?, size, filter)
    };
    match interpolation {
        Interpolation::Nearest => Ok(nearest(pixels, size)),
        Interpolation::Bilinear => convolved(pixels, size, FilterType::Bilinear),
        // What overshoots is cut off after each pass, so it tells which comes first. The resizer alone begins downwards.
        Interpolation::Bicubic => in_passes(FilterType::CatmullRom),
        Interpolation::Lanczos => in_passes(FilterType::Lanczos3),
    }
}

/// Whether Pillow resizes along columns before it does along rows: where they lose more than twice as many pixels (found by
/// comparing Pillow 13 with its own passes; before, rows always came first).
fn downwards_first((width, height): (u32, u32), (to_width, to_height): (u32, u32)) -> bool {
    let lost = |from: u32, to: u32| i64::from(from) - i64::from(to);
    let (down, across) = (lost(height, to_height), lost(width, to_width));
    down > 0 && down > 2 * across
}

fn convolved(
    pixels: &RgbImage,
    (width, height): (u32, u32),
    filter: FilterType,
) -> Result<RgbImage> {
    let failed = |problem: &dyn Display| Error::Drawing {
        what: format!("a {width}×{height} copy of a photo"),
        problem: problem.to_string(),
    };
    let mut resized = RgbImage::new(width, height);
    // Of this kind of pixel alone: the resizer would be compiled for every kind that there is.
    let source =
        TypedImageRef::<U8x3>::from_buffer(pixels.width(), pixels.height(), pixels.as_raw())
            .map_err(|error| failed(&error))?;
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut resized)
        .map_err(|error| failed(&error))?;
    let algorithm = ResizeAlg::Convolution(filter);
    fir::Resizer::new()
        .resize_typed(
            &source,
            &mut target,
            &fir::ResizeOptions::new().resize_alg(algorithm),
        )
        .map_err(|error| failed(&error))?;
    Ok(resized)
}

/// Of each place the pixel in which its middle falls; places add up as Pillow adds them, so that roundings fall alike.
fn nearest(pixels: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
    let sources = |from: u32, to: u32| -> Vec<u32> {
        let step = f64::from(from) / f64::from(to);
        let places = std::iter::successors(Some(step * 0.5), |place| Some(place + step));
        let places = places.take(to as usize);
        places.map(|place| (place as u32).min(from - 1)).collect()
    };
    let columns = sources(pixels.width(), width);
    let rows = sources(pixels.height(), height);
    RgbImage::from_fn(width, height, |x, y| {
        *pixels.get_pixel(columns[x as usize], rows[y as usize])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use network::{PerChannel, Resize, Rounding, Size};

    fn caffe() -> Preprocessing {
        Preprocessing {
            resize: Resize::Shorter(256),
            crop: Size::square(227),
            rounding: Rounding::Down,
            interpolation: Interpolation::Bilinear,
            channels: Channels::Bgr,
            scale: 255.0,
            mean: PerChannel::Colour([104.0, 117.0, 123.0]),
            std: PerChannel::Colour([1.0; 3]),
        }
    }

    #[test]
    fn an_input_is_planar_in_the_networks_channel_order_and_units() {
        let red = RgbImage::from_pixel(300, 400, Rgb([255, 10, 0]));
        let plane = 227 * 227;
        let bgr = input(&red, &caffe()).unwrap();
        assert_eq!(bgr.len(), 3 * plane);
        assert_eq!(
            [bgr[0], bgr[plane], bgr[2 * plane]],
            [-104.0, -107.0, 132.0]
        );
        let rgb = input(&red, &Preprocessing::torchvision()).unwrap();
        assert_eq!(rgb[0], (1.0 - 0.485) / 0.229);
    }

    #[test]
    fn a_grey_input_has_one_plane() {
        let grey = Preprocessing {
            resize: Resize::Squash,
            crop: Size {
                height: 4,
                width: 6,
            },
            channels: Channels::Grey,
            mean: PerChannel::Grey([6.0]),
            std: PerChannel::Grey([10.0]),
            ..caffe()
        };
        // Pillow: Image.new("RGB", (1, 1), (255, 10, 0)).convert("L").getpixel((0, 0)) is 82.
        let red = RgbImage::from_pixel(30, 40, Rgb([255, 10, 0]));
        assert_eq!(input(&red, &grey).unwrap(), [7.6; 24]);
        assert_eq!(colour([255, 10, 0], &grey), [7.6]);
    }

    #[test]
    fn a_smaller_photograph_stands_in_the_middle_of_black() {
        let padded = Preprocessing {
            resize: Resize::Shorter(2),
            crop: Size {
                height: 2,
                width: 5,
            },
            rounding: Rounding::HalfEven,
            ..caffe()
        };
        let white = RgbImage::from_pixel(4, 4, Rgb([255; 3]));
        let seen = crop(&white, &padded).unwrap();
        let row: Vec<u8> = (0..5).map(|x| seen.get_pixel(x, 1).0[0]).collect();
        assert_eq!(row, [0, 255, 255, 0, 0]);
    }
}
