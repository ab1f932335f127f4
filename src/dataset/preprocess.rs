//! Photo → network input, as Pillow and torchvision do it.

use std::fmt::Display;

use base::{Error, Result};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{self as fir, FilterType, ResizeAlg};
use image::RgbImage;
use network::{Channels, Preprocessing};

use super::geometry::Geometry;

/// The photograph as the network sees it, before normalisation: resized as Pillow's `BILINEAR` does, then cropped.
pub fn crop(pixels: &RgbImage, preprocessing: &Preprocessing) -> Result<RgbImage> {
    let geometry = Geometry::new(pixels.dimensions(), preprocessing)?;
    let side = geometry.crop;
    let resized = resize(pixels, geometry.resized)?;
    let (left, top) = (geometry.crop_left, geometry.crop_top);
    Ok(image::imageops::crop_imm(&resized, left, top, side, side).to_image())
}

/// A [`crop`] in network units and channel order.
///
/// # Shapes
///
/// `[3, crop, crop]`, row by row.
pub fn normalise(crop: &RgbImage, preprocessing: &Preprocessing) -> Vec<f32> {
    let mut input = Vec::with_capacity(crop.as_raw().len());
    for channel in 0..3 {
        let levels = levels(preprocessing, channel);
        let source = match preprocessing.channels {
            Channels::Rgb => channel,
            Channels::Bgr => 2 - channel,
        };
        input.extend(
            crop.pixels()
                .map(|pixel| levels[usize::from(pixel.0[source])]),
        );
    }
    input
}

/// Photo → network input: [`crop`], then [`normalise`].
pub fn input(pixels: &RgbImage, preprocessing: &Preprocessing) -> Result<Vec<f32>> {
    Ok(normalise(&crop(pixels, preprocessing)?, preprocessing))
}

/// What each of the 256 grey levels becomes in one channel.
fn levels(preprocessing: &Preprocessing, channel: usize) -> [f32; 256] {
    let (mean, std) = (preprocessing.mean[channel], preprocessing.std[channel]);
    let scale = f64::from(preprocessing.scale);
    std::array::from_fn(|level| ((level as f64 / 255.0 * scale) as f32 - mean) / std)
}

pub(super) fn resize(pixels: &RgbImage, (width, height): (u32, u32)) -> Result<RgbImage> {
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
    let filter = ResizeAlg::Convolution(FilterType::Bilinear);
    fir::Resizer::new()
        .resize_typed(
            &source,
            &mut target,
            &fir::ResizeOptions::new().resize_alg(filter),
        )
        .map_err(|error| failed(&error))?;
    Ok(resized)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caffe() -> Preprocessing {
        Preprocessing {
            resize: 256,
            crop: 227,
            channels: Channels::Bgr,
            scale: 255.0,
            mean: [104.0, 117.0, 123.0],
            std: [1.0; 3],
        }
    }

    #[test]
    fn an_input_is_planar_in_the_networks_channel_order_and_units() {
        let red = RgbImage::from_pixel(300, 400, image::Rgb([255, 10, 0]));
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
}
