//! Boxes in photo pixels as outlines over a picture of what the network saw.

use serde::Serialize;

use crate::dataset::{Geometry, Rect};
use crate::records::tables::{FeatureRow, OcclusionExampleRow, ProjectionRow};

/// What an outline marks; its name is the style sheet's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Marks {
    /// A hidden region.
    Mask,
    /// A control box.
    Control,
    /// A receptive field.
    Field,
}

/// A row that tells the receptive field of a unit in photo pixels.
pub(super) trait Field {
    /// `None` where the row is of no single unit.
    fn field(&self) -> Option<Rect>;
}

impl Field for ProjectionRow {
    fn field(&self) -> Option<Rect> {
        Some(Rect {
            x: self.field_x?,
            y: self.field_y?,
            width: self.field_width?,
            height: self.field_height?,
        })
    }
}

macro_rules! always_with_a_field {
    ($($row:ty),*) => {$(
        impl Field for $row {
            fn field(&self) -> Option<Rect> {
                Some(Rect {
                    x: self.field_x,
                    y: self.field_y,
                    width: self.field_width,
                    height: self.field_height,
                })
            }
        }
    )*};
}
always_with_a_field!(FeatureRow, OcclusionExampleRow);

/// An outline in parts of the picture's side, clipped to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outline {
    pub(super) marks: Marks,
    pub(super) rect: Rect,
}

impl Outline {
    /// `None` where nothing of the box lies in the crop.
    pub(super) fn new(geometry: &Geometry, marks: Marks, photo_box: &Rect) -> Option<Self> {
        let side = f64::from(geometry.crop);
        let input = geometry
            .to_input(photo_box)
            .intersection(&Rect::of_size((geometry.crop, geometry.crop)))?;
        let rect = Rect {
            x: input.x / side,
            y: input.y / side,
            width: input.width / side,
            height: input.height / side,
        };
        Some(Self { marks, rect })
    }

    /// The square part of the picture that shows this box large, at least `least` of the side.
    pub(super) fn window(&self, least: f64) -> Rect {
        let side = self.rect.width.max(self.rect.height).max(least).min(1.0);
        let start =
            |first: f64, length: f64| (first + length / 2.0 - side / 2.0).clamp(0.0, 1.0 - side);
        Rect {
            x: start(self.rect.x, self.rect.width),
            y: start(self.rect.y, self.rect.height),
            width: side,
            height: side,
        }
    }

    /// The same outline over a part of the picture.
    pub(super) fn within(&self, window: &Rect) -> Self {
        Self {
            marks: self.marks,
            rect: Rect {
                x: (self.rect.x - window.x) / window.width,
                y: (self.rect.y - window.y) / window.height,
                width: self.rect.width / window.width,
                height: self.rect.height / window.height,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Preprocessing;

    #[test]
    fn an_outline_is_clipped_and_its_window_stays_inside() {
        let geometry = Geometry::new((512, 256), &Preprocessing::torchvision()).unwrap();
        let corner = Rect::between(100.0, 0.0, 172.0, 44.0);
        let outline = Outline::new(&geometry, Marks::Mask, &corner).unwrap();
        assert_eq!((outline.rect.x, outline.rect.y), (0.0, 0.0));
        assert_eq!(
            (outline.rect.width, outline.rect.height),
            (28.0 / 224.0, 28.0 / 224.0)
        );
        let window = outline.window(0.25);
        assert_eq!((window.x, window.y, window.width), (0.0, 0.0, 0.25));
        assert_eq!(outline.within(&window).rect.width, 0.5);
        assert!(Outline::new(
            &geometry,
            Marks::Mask,
            &Rect::between(0.0, 0.0, 100.0, 256.0)
        )
        .is_none());
    }
}
