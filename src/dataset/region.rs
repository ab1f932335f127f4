//! What hiding a region means in pixels: filling it, and how much of it the network sees.

use super::geometry::Geometry;
use super::rect::{union_area, Rect};
use image::{Rgb, RgbImage};

/// A named part of a photograph: the union of its boxes, in pixels of the upright photograph.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// May overlap.
    pub boxes: Vec<Rect>,
}

impl Region {
    /// The region without what lies beyond a photograph of `size`; none where one of its boxes lies wholly beyond.
    pub(super) fn cut_to(&self, size: (u32, u32)) -> Option<Self> {
        let frame = Rect::of_size(size);
        let boxes: Option<Vec<Rect>> = self
            .boxes
            .iter()
            .map(|rect| rect.intersection(&frame))
            .collect();
        Some(Self {
            name: self.name.clone(),
            boxes: boxes?,
        })
    }

    /// Paints every pixel whose centre lies in the region.
    pub fn fill(&self, pixels: &mut RgbImage, colour: [u8; 3]) {
        for rect in &self.boxes {
            fill_rect(pixels, rect, colour);
        }
    }

    /// The part of the region's area that lies inside the crop: 0 unseen, 1 wholly seen.
    pub fn visible_share(&self, geometry: &Geometry) -> f64 {
        union_area(&self.visible(geometry)) / union_area(&self.boxes)
    }

    /// The part of a rectangle's area that lies in the region.
    pub fn overlap(&self, rect: &Rect) -> f64 {
        let inside = self.boxes.iter().filter_map(|own| own.intersection(rect));
        union_area(&inside.collect::<Vec<_>>()) / (rect.width * rect.height)
    }

    /// What of its boxes lies inside the crop.
    pub(super) fn visible(&self, geometry: &Geometry) -> Vec<Rect> {
        let crop = geometry.crop_in_photo();
        self.boxes
            .iter()
            .filter_map(|rect| rect.intersection(&crop))
            .collect()
    }
}

/// Paints every pixel whose centre lies in the rectangle.
pub fn fill_rect(pixels: &mut RgbImage, rect: &Rect, colour: [u8; 3]) {
    let (width, height) = pixels.dimensions();
    let first_centre_from =
        |edge: f64, end: u32| (edge - 0.5).ceil().clamp(0.0, f64::from(end)) as u32;
    for y in first_centre_from(rect.y, height)..first_centre_from(rect.bottom(), height) {
        for x in first_centre_from(rect.x, width)..first_centre_from(rect.right(), width) {
            pixels.put_pixel(x, y, Rgb(colour));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::Preprocessing;

    fn region(boxes: &[[f64; 4]]) -> Region {
        let rect = |b: &[f64; 4]| Rect {
            x: b[0],
            y: b[1],
            width: b[2],
            height: b[3],
        };
        Region {
            name: "face".to_owned(),
            boxes: boxes.iter().map(rect).collect(),
        }
    }

    /// The crop is x 138..362, y 16..240 of the photo.
    fn geometry() -> Geometry {
        Geometry::new((500, 256), &Preprocessing::torchvision()).unwrap()
    }

    #[test]
    fn filling_covers_pixel_centres() {
        let mut pixels = RgbImage::new(10, 10);
        region(&[
            [2.0, 3.0, 4.0, 2.0],
            [3.0, 4.0, 1.0, 1.0],
            [8.4, -5.0, 9.0, 6.5],
        ])
        .fill(&mut pixels, [9, 9, 9]);
        let filled: Vec<_> = pixels
            .enumerate_pixels()
            .filter(|(_, _, p)| p.0 == [9; 3])
            .map(|(x, y, _)| (x, y))
            .collect();
        assert_eq!(
            filled,
            [
                (8, 0),
                (9, 0),
                (2, 3),
                (3, 3),
                (4, 3),
                (5, 3),
                (2, 4),
                (3, 4),
                (4, 4),
                (5, 4)
            ]
        );
    }

    #[test]
    fn the_visible_share_counts_overlaps_once() {
        assert_eq!(
            region(&[[38.0, 16.0, 200.0, 100.0]]).visible_share(&geometry()),
            0.5
        );
        assert_eq!(
            region(&[[38.0, 16.0, 200.0, 100.0], [138.0, 16.0, 100.0, 100.0]])
                .visible_share(&geometry()),
            0.5
        );
        assert_eq!(
            region(&[[0.0, 0.0, 138.0, 256.0]]).visible_share(&geometry()),
            0.0
        );
    }
}
