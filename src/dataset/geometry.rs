//! Where the network's input lies in the photograph, and the exact way back to photo pixels.

use base::{Error, Result};
use network::{Preprocessing, Resize, Rounding, Size};

use super::rect::Rect;

/// Where the network's input lies in the photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Width and height of the photograph after EXIF orientation.
    pub photo: (u32, u32),
    /// Width and height after resizing.
    pub resized: (u32, u32),
    /// Left edge of the crop in the resized picture; negative where the crop is wider than that.
    pub crop_left: i64,
    /// Upper edge of the crop in the resized picture; negative where the crop is higher than that.
    pub crop_top: i64,
    /// Rows and columns of the crop, which is the network's input.
    pub crop: Size,
}

impl Geometry {
    /// The preprocessing's, for a photograph of that width and height.
    ///
    /// # Errors
    ///
    /// The crop is larger than the resized photograph, where the preprocessing does not pad it; a side is 0.
    pub fn new(photo: (u32, u32), preprocessing: &Preprocessing) -> Result<Self> {
        let crop = preprocessing.crop;
        let (width, height) = photo;
        let failed = |problem: &str| {
            Error::Usage(format!(
                "preprocessing of a {width}×{height} photo: {problem}"
            ))
        };
        if crop.height == 0 || crop.width == 0 || width == 0 || height == 0 {
            return Err(failed("a side is 0"));
        }
        let resized = resized(photo, preprocessing);
        let offset = |side: u32, crop: u32| match (side.checked_sub(crop), preprocessing.rounding) {
            (Some(rest), rounding) => Ok(i64::from(rounding.half(rest))),
            (None, Rounding::HalfEven) => Ok(-i64::from((crop - side) / 2)),
            (None, Rounding::Down) => Err(failed(&format!(
                "cannot crop {} rows and {} columns from {} and {}",
                preprocessing.crop.height, preprocessing.crop.width, resized.1, resized.0
            ))),
        };
        Ok(Self {
            photo,
            resized,
            crop_left: offset(resized.0, crop.width)?,
            crop_top: offset(resized.1, crop.height)?,
            crop,
        })
    }

    /// Whether the crop reaches beyond the photograph, where the network sees black.
    pub fn is_padded(&self) -> bool {
        self.crop.width > self.resized.0 || self.crop.height > self.resized.1
    }

    /// What of the network's input shows the photograph, in input pixels: all of it, but for what is padded.
    pub fn photo_in_input(&self) -> Rect {
        let along = |offset: i64, resized: u32, crop: u32| {
            let first = (-offset).max(0);
            let end = (i64::from(resized) - offset).min(i64::from(crop));
            (first as f64, end as f64)
        };
        let (left, right) = along(self.crop_left, self.resized.0, self.crop.width);
        let (top, bottom) = along(self.crop_top, self.resized.1, self.crop.height);
        Rect::between(left, top, right, bottom)
    }

    /// A rectangle in input pixels, in pixels of the photograph.
    pub fn to_photo(&self, rect: &Rect) -> Rect {
        let (sx, sy) = self.scale();
        Rect {
            x: (rect.x + self.crop_left as f64) / sx,
            y: (rect.y + self.crop_top as f64) / sy,
            width: rect.width / sx,
            height: rect.height / sy,
        }
    }

    /// A rectangle in pixels of the photograph, in input pixels; it may reach beyond the crop.
    pub fn to_input(&self, rect: &Rect) -> Rect {
        let (sx, sy) = self.scale();
        Rect {
            x: rect.x * sx - self.crop_left as f64,
            y: rect.y * sy - self.crop_top as f64,
            width: rect.width * sx,
            height: rect.height * sy,
        }
    }

    /// What the network sees of the photograph, in the photograph's pixels.
    pub fn crop_in_photo(&self) -> Rect {
        self.to_photo(&self.photo_in_input())
    }

    fn scale(&self) -> (f64, f64) {
        (
            f64::from(self.resized.0) / f64::from(self.photo.0),
            f64::from(self.resized.1) / f64::from(self.photo.1),
        )
    }
}

/// Width and height of a resized photograph.
fn resized((width, height): (u32, u32), preprocessing: &Preprocessing) -> (u32, u32) {
    let saturated = |length: u64| u32::try_from(length).unwrap_or(u32::MAX);
    let longer = |short: u32, long_side: u32, short_side: u32| {
        saturated(u64::from(short) * u64::from(long_side) / u64::from(short_side))
    };
    match preprocessing.resize {
        Resize::Shorter(short) if width <= height => (short, longer(short, height, width)),
        Resize::Shorter(short) => (longer(short, width, height), short),
        Resize::Cover(size) => {
            // In float64 and in this order, as timm computes it.
            let ratio = |side: u32, covered: u32| f64::from(side) / f64::from(covered);
            let reduction = ratio(height, size.height).min(ratio(width, size.width));
            let reduced =
                |side: u32| saturated((f64::from(side) / reduction).round_ties_even() as u64);
            (reduced(width), reduced(height))
        }
        Resize::Squash => (preprocessing.crop.width, preprocessing.crop.height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caffe() -> Preprocessing {
        Preprocessing {
            crop: Size::square(227),
            rounding: Rounding::Down,
            ..Preprocessing::torchvision()
        }
    }

    fn wide() -> Size {
        Size {
            height: 64,
            width: 96,
        }
    }

    #[test]
    fn the_offset_is_the_familys() {
        let offset = |preprocessing: &Preprocessing, photo| {
            let geometry = Geometry::new(photo, preprocessing).unwrap();
            (geometry.resized, geometry.crop_left, geometry.crop_top)
        };
        assert_eq!(offset(&caffe(), (499, 375)), ((340, 256), 56, 14));
        let even = Preprocessing {
            rounding: Rounding::HalfEven,
            ..caffe()
        };
        // torchvision: int(round(113 / 2.0)), int(round(29 / 2.0)); int(256 * 500 / 375), int(round(117 / 2.0)).
        assert_eq!(offset(&even, (499, 375)), ((340, 256), 56, 14));
        assert_eq!(offset(&even, (375, 500)), ((256, 341), 14, 57));
        let torchvision = Preprocessing::torchvision();
        assert_eq!(offset(&torchvision, (500, 375)), ((341, 256), 58, 16));
        assert_eq!(offset(&torchvision, (500, 333)), ((384, 256), 80, 16));
        let odd = offset(&torchvision, (375, 504));
        assert_eq!(odd, ((256, 344), 16, 60));
        assert_eq!(offset(&torchvision, (600, 449)), ((342, 256), 59, 16));
        assert_eq!(offset(&torchvision, (343, 256)), ((343, 256), 60, 16));
        let down = Preprocessing {
            rounding: Rounding::Down,
            ..torchvision
        };
        assert_eq!(offset(&down, (343, 256)), ((343, 256), 59, 16));
    }

    #[test]
    fn a_smaller_photograph_is_padded_or_refused() {
        let small = |rounding| Preprocessing {
            resize: Resize::Shorter(60),
            crop: wide(),
            rounding,
            ..Preprocessing::torchvision()
        };
        assert!(Geometry::new((120, 180), &small(Rounding::Down)).is_err());
        let padded = Geometry::new((120, 180), &small(Rounding::HalfEven)).unwrap();
        assert_eq!(padded.resized, (60, 90));
        assert_eq!((padded.crop_left, padded.crop_top), (-18, 13));
        assert!(padded.is_padded());
        assert_eq!(
            padded.photo_in_input(),
            Rect::between(18.0, 0.0, 78.0, 64.0)
        );
        let seen = padded.crop_in_photo();
        assert_eq!((seen.x, seen.right()), (0.0, 120.0));
        assert_eq!((seen.y, seen.bottom()), (26.0, 154.0));
    }

    #[test]
    fn inputs_that_are_not_square_are_covered_or_squashed_to() {
        let of = |resize| Preprocessing {
            resize,
            crop: wide(),
            ..Preprocessing::torchvision()
        };
        let size = Size {
            height: 73,
            width: 109,
        };
        let covered = Geometry::new((500, 375), &of(Resize::Cover(size))).unwrap();
        // timm: ratio = min(375 / 73, 500 / 109); round(375 / ratio), round(500 / ratio).
        assert_eq!(covered.resized, (109, 82));
        assert_eq!((covered.crop_left, covered.crop_top), (6, 9));
        let squashed = Geometry::new((500, 375), &of(Resize::Squash)).unwrap();
        assert_eq!(squashed.resized, (96, 64));
        let half = squashed.to_photo(&Rect::between(48.0, 0.0, 96.0, 32.0));
        assert_eq!(half, Rect::between(250.0, 0.0, 500.0, 187.5));
        assert_eq!(
            squashed.to_input(&half),
            Rect::between(48.0, 0.0, 96.0, 32.0)
        );
    }

    #[test]
    fn the_way_to_the_input_and_back_is_exact() {
        let geometry = Geometry::new((1000, 500), &caffe()).unwrap();
        let rect = Rect::between(300.0, 100.0, 400.0, 250.0);
        let back = geometry.to_photo(&geometry.to_input(&rect));
        for (found, expected) in [
            (back.x, 300.0),
            (back.y, 100.0),
            (back.right(), 400.0),
            (back.bottom(), 250.0),
        ] {
            assert!((found - expected).abs() < 1e-9);
        }
        let seen = geometry.crop_in_photo();
        assert!((seen.width - 227.0 / 0.512).abs() < 1e-9);
        assert!((seen.x - 142.0 / 0.512).abs() < 1e-9);
    }
}
