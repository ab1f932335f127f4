//! Where the network's input lies in the photograph, and the exact way back to photo pixels.

use base::{Error, Result};
use network::Preprocessing;

use super::rect::Rect;

/// Where the network's input lies in the photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Width and height of the photograph after EXIF orientation.
    pub photo: (u32, u32),
    /// Width and height after resizing the shorter side.
    pub resized: (u32, u32),
    /// Left edge of the crop in the resized picture.
    pub crop_left: u32,
    /// Upper edge of the crop in the resized picture.
    pub crop_top: u32,
    /// Side of the square crop, which is the network's input.
    pub crop: u32,
}

impl Geometry {
    /// The longer side is truncated, as is the crop's offset `(side − crop) / 2` (Caffe's arithmetic; torchvision rounds
    /// a half to the even number, one pixel further in a quarter of all sizes).
    ///
    /// # Errors
    ///
    /// The crop is larger than the resized shorter side, or a side is 0.
    pub fn new((width, height): (u32, u32), preprocessing: &Preprocessing) -> Result<Self> {
        let (short, crop) = (preprocessing.resize, preprocessing.crop);
        if crop == 0 || short < crop || width == 0 || height == 0 {
            return Err(Error::Usage(format!(
                "preprocessing of a {width}×{height} photo: cannot crop {crop}×{crop} from a shorter side of {short}"
            )));
        }
        let resized = if width <= height {
            (short, longer(short, height, width))
        } else {
            (longer(short, width, height), short)
        };
        Ok(Self {
            photo: (width, height),
            resized,
            crop_left: (resized.0 - crop) / 2,
            crop_top: (resized.1 - crop) / 2,
            crop,
        })
    }

    /// A rectangle in input pixels, in pixels of the photograph.
    pub fn to_photo(&self, rect: &Rect) -> Rect {
        let (sx, sy) = self.scale();
        Rect {
            x: (rect.x + f64::from(self.crop_left)) / sx,
            y: (rect.y + f64::from(self.crop_top)) / sy,
            width: rect.width / sx,
            height: rect.height / sy,
        }
    }

    /// A rectangle in pixels of the photograph, in input pixels; it may reach beyond the crop.
    pub fn to_input(&self, rect: &Rect) -> Rect {
        let (sx, sy) = self.scale();
        Rect {
            x: rect.x * sx - f64::from(self.crop_left),
            y: rect.y * sy - f64::from(self.crop_top),
            width: rect.width * sx,
            height: rect.height * sy,
        }
    }

    /// What the network sees of the photograph, in the photograph's pixels.
    pub fn crop_in_photo(&self) -> Rect {
        self.to_photo(&Rect::of_size((self.crop, self.crop)))
    }

    fn scale(&self) -> (f64, f64) {
        (
            f64::from(self.resized.0) / f64::from(self.photo.0),
            f64::from(self.resized.1) / f64::from(self.photo.1),
        )
    }
}

fn longer(short: u32, long_side: u32, short_side: u32) -> u32 {
    let length = u64::from(short) * u64::from(long_side) / u64::from(short_side);
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caffe() -> Preprocessing {
        Preprocessing {
            crop: 227,
            ..Preprocessing::torchvision()
        }
    }

    #[test]
    fn the_geometry_is_torchvisions() {
        let geometry = Geometry::new((499, 375), &caffe()).unwrap();
        assert_eq!(geometry.resized, (340, 256));
        assert_eq!((geometry.crop_left, geometry.crop_top), (56, 14));
        let small = Preprocessing {
            resize: 200,
            ..caffe()
        };
        assert!(Geometry::new((499, 375), &small).is_err());
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
