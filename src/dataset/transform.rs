//! A photograph moved, enlarged or turned before the network sees it (ZF fig. 5).

use base::Result;
use image::{Rgb, RgbImage};
use network::{Preprocessing, Size};

use super::geometry::Geometry;
use super::preprocess::{in_colours_of, resize};

/// What is done to a photograph, around the centre of what the network sees of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transform {
    /// Moved down by so many pixels of the network's input.
    Translation(f64),
    /// Enlarged by this factor.
    Scale(f64),
    /// Turned counterclockwise by so many degrees.
    Rotation(f64),
}

impl Transform {
    /// As in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Translation(_) => "translation",
            Self::Scale(_) => "scale",
            Self::Rotation(_) => "rotation",
        }
    }

    /// Pixels, factor or degrees.
    pub fn value(self) -> f64 {
        match self {
            Self::Translation(value) | Self::Scale(value) | Self::Rotation(value) => value,
        }
    }

    /// Whether it leaves the photograph as it is.
    pub fn is_identity(self) -> bool {
        self.value() == if self.name() == "scale" { 1.0 } else { 0.0 }
    }

    /// What the network sees of the photograph under the transform, before normalisation. What of the photograph lies
    /// outside the crop otherwise comes into it; beyond the photograph's edges stands the network's mean colour, or black
    /// where the crop is padded anyway. The identity gives [`super::crop`].
    ///
    /// # Errors
    /// Those of [`super::crop`].
    pub fn crop(self, pixels: &RgbImage, preprocessing: &Preprocessing) -> Result<RgbImage> {
        let geometry = Geometry::new(pixels.dimensions(), preprocessing)?;
        let (scale, down, degrees) = match self {
            Self::Translation(down) => (1.0, down, 0.0),
            Self::Scale(scale) => (scale, 0.0, 0.0),
            Self::Rotation(degrees) => (1.0, 0.0, degrees),
        };
        // Enlarged from the photograph's own pixels, which are finer than the input's.
        let enlarged = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
        let size = (enlarged(geometry.resized.0), enlarged(geometry.resized.1));
        let pixels = in_colours_of(pixels, preprocessing.channels);
        let picture = resize(&pixels, size, preprocessing.interpolation)?;
        let Size { height, width } = geometry.crop;
        let (half_width, half_height) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
        let centre = |first: i64, half: f64, side: u32, resized: u32| {
            (first as f64 + half) * f64::from(side) / f64::from(resized)
        };
        let centre_x = centre(geometry.crop_left, half_width, size.0, geometry.resized.0);
        let centre_y = centre(geometry.crop_top, half_height, size.1, geometry.resized.1);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let outside = match geometry.is_padded() {
            true => Rgb([0; 3]),
            false => mean_colour(preprocessing),
        };
        Ok(RgbImage::from_fn(width, height, |x, y| {
            let x = f64::from(x) + 0.5 - half_width;
            let y = f64::from(y) + 0.5 - half_height - down;
            let source_x = centre_x + x * cos - y * sin;
            let source_y = centre_y + x * sin + y * cos;
            bilinear(&picture, source_x, source_y, outside)
        }))
    }
}

/// The colour that is zero in network units.
fn mean_colour(preprocessing: &Preprocessing) -> Rgb<u8> {
    // Of red, green and blue: which channel a source is, is the same question as the other way round.
    Rgb([0, 1, 2].map(|source| {
        let mean = preprocessing.mean.of(preprocessing.channels.source(source));
        let level = mean / preprocessing.scale * 255.0;
        level.round().clamp(0.0, 255.0) as u8
    }))
}

/// The colour at a point between pixel centres, which lie at halves.
fn bilinear(picture: &RgbImage, x: f64, y: f64, outside: Rgb<u8>) -> Rgb<u8> {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    let at = |column: f64, row: f64| {
        let inside = column >= 0.0 && row >= 0.0;
        let pixel = inside.then(|| picture.get_pixel_checked(column as u32, row as u32));
        pixel.flatten().copied().unwrap_or(outside)
    };
    let corners = [
        (at(left, top), (1.0 - right_share) * (1.0 - lower_share)),
        (at(left + 1.0, top), right_share * (1.0 - lower_share)),
        (at(left, top + 1.0), (1.0 - right_share) * lower_share),
        (at(left + 1.0, top + 1.0), right_share * lower_share),
    ];
    Rgb(std::array::from_fn(|channel| {
        let sum: f64 = corners
            .iter()
            .map(|(pixel, share)| f64::from(pixel.0[channel]) * share)
            .sum();
        sum.round() as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::{PerChannel, Resize};

    /// A crop of 8 × 8 pixels out of a shorter side of 12, its mean colour (51, 102, 153).
    fn preprocessing() -> Preprocessing {
        Preprocessing {
            resize: Resize::Shorter(12),
            crop: Size::square(8),
            mean: PerChannel::Colour([0.2, 0.4, 0.6]),
            std: PerChannel::Colour([1.0; 3]),
            ..Preprocessing::torchvision()
        }
    }

    /// Every pixel different; at 12 × 16 pixels it is not resized, and the crop begins at (2, 4).
    fn photo() -> RgbImage {
        RgbImage::from_fn(12, 16, |x, y| Rgb([x as u8 * 20, y as u8 * 15, 7]))
    }

    fn crop(transform: Transform) -> RgbImage {
        transform.crop(&photo(), &preprocessing()).unwrap()
    }

    #[test]
    fn doing_nothing_gives_the_network_s_own_input() {
        let plain = super::super::crop(&photo(), &preprocessing()).unwrap();
        for nothing in [
            Transform::Translation(0.0),
            Transform::Scale(1.0),
            Transform::Rotation(0.0),
        ] {
            assert!(nothing.is_identity());
            assert_eq!(crop(nothing), plain, "{nothing:?}");
        }
        let large = RgbImage::from_fn(37, 90, |x, y| Rgb([x as u8 * 6, y as u8 * 2, 9]));
        let plain = super::super::crop(&large, &preprocessing()).unwrap();
        let found = Transform::Rotation(0.0)
            .crop(&large, &preprocessing())
            .unwrap();
        assert_eq!(found, plain);
    }

    #[test]
    fn moving_down_brings_in_what_was_above_and_then_the_mean_colour() {
        let moved = crop(Transform::Translation(6.0));
        for (x, y, pixel) in moved.enumerate_pixels() {
            let expected = match (y + 4).checked_sub(6) {
                Some(row) => *photo().get_pixel(x + 2, row),
                None => Rgb([51, 102, 153]),
            };
            assert_eq!(*pixel, expected, "{x}, {y}");
        }
        let up = crop(Transform::Translation(-3.0));
        assert_eq!(up.get_pixel(1, 1), photo().get_pixel(3, 8));
    }

    #[test]
    fn a_quarter_turn_is_counterclockwise_and_exact() {
        let plain = crop(Transform::Rotation(0.0));
        let quarter = crop(Transform::Rotation(90.0));
        let half = crop(Transform::Rotation(180.0));
        assert_eq!(quarter, image::imageops::rotate270(&plain));
        assert_eq!(half, image::imageops::rotate180(&plain));
    }

    #[test]
    fn enlarging_spreads_a_ramp() {
        // Grey rises by 10 a pixel to the right; at twice the size by 5, and the centre stays.
        let ramp = RgbImage::from_fn(12, 12, |x, _| Rgb([x as u8 * 10; 3]));
        let found = Transform::Scale(2.0).crop(&ramp, &preprocessing()).unwrap();
        let row: Vec<u8> = (0..8).map(|x| found.get_pixel(x, 3).0[0]).collect();
        let expected: Vec<f64> = (0..8).map(|x| 55.0 + (f64::from(x) - 3.5) * 5.0).collect();
        for (found, expected) in row.iter().zip(&expected) {
            assert!((f64::from(*found) - expected).abs() <= 1.0, "{row:?}");
        }
    }

    #[test]
    fn between_pixels_the_four_around_are_mixed() {
        let mut picture = RgbImage::new(2, 2);
        picture.put_pixel(0, 0, Rgb([100, 0, 0]));
        picture.put_pixel(1, 1, Rgb([0, 0, 200]));
        let found = bilinear(&picture, 0.75, 0.75, Rgb([9; 3]));
        // Shares 9/16, 3/16, 3/16, 1/16.
        assert_eq!(found, Rgb([56, 0, 13]));
        assert_eq!(bilinear(&picture, -5.0, 1.0, Rgb([9; 3])), Rgb([9; 3]));
        assert_eq!(
            bilinear(&picture, 0.0, 0.5, Rgb([50, 0, 0])),
            Rgb([75, 0, 0])
        );
    }
}
