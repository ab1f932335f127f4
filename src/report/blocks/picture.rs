//! A picture: its file, its words for those who do not see it, and what is drawn over it.

use dataset::{Geometry, Rect};
use serde::Serialize;

/// A picture, or why there is none. Places on it are told in attributes, never in a style, so that they hold where a server
/// forbids styles inside pages.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Picture {
    /// Relative to the page; empty where there is no such picture.
    src: String,
    alt: String,
    width: u32,
    height: u32,
    /// The part that is shown large, as `x y width height` in hundredths of the sides; empty for all of it.
    part: String,
    outlines: Vec<Mark>,
    /// What stands in its place where there is none.
    missing: String,
}

/// An outline in hundredths of the picture's sides.
#[derive(Debug, Clone, Serialize)]
struct Mark {
    marks: Marks,
    x: String,
    y: String,
    width: String,
    height: String,
}

impl Picture {
    /// A picture of a size in pixels without marks; `src` is empty where there is none.
    pub(crate) fn new(src: String, alt: String, (width, height): (u32, u32)) -> Self {
        Self {
            src,
            alt,
            width,
            height,
            ..Self::default()
        }
    }

    /// Whether there is one.
    pub(crate) fn is_there(&self) -> bool {
        !self.src.is_empty()
    }

    /// With these words where it is missing.
    pub(crate) fn or(self, missing: String) -> Self {
        Self { missing, ..self }
    }

    /// The same of another size: width and height in pixels.
    pub(crate) fn sized(self, (width, height): (u32, u32)) -> Self {
        Self {
            width,
            height,
            ..self
        }
    }

    /// Described in other words.
    pub(crate) fn described(self, alt: String) -> Self {
        Self { alt, ..self }
    }

    /// With outlines drawn over it.
    pub(crate) fn outlined(mut self, outlines: impl IntoIterator<Item = Outline>) -> Self {
        self.outlines
            .extend(outlines.into_iter().map(|outline| Mark {
                marks: outline.marks,
                x: hundredths(outline.rect.x),
                y: hundredths(outline.rect.y),
                width: hundredths(outline.rect.width),
                height: hundredths(outline.rect.height),
            }));
        self
    }

    /// A part of it, shown large; the part's sides are parts of the picture's.
    pub(crate) fn zoomed(mut self, part: &Rect) -> Self {
        let sides = [part.x, part.y, part.width, part.height].map(hundredths);
        self.part = sides.join(" ");
        self
    }
}

/// A part of a side as a number of hundredths, short.
fn hundredths(part: f64) -> String {
    let text = format!("{:.2}", part * 100.0 + 0.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What an outline marks; its name is the style sheet's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Marks {
    /// A hidden region.
    Mask,
    /// A control box.
    Control,
    /// A receptive field.
    Field,
    /// Another photograph than before: all of the picture.
    Jump,
}

/// An outline in parts of the picture's sides, clipped to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outline {
    pub(crate) marks: Marks,
    pub(crate) rect: Rect,
}

impl Outline {
    /// `None` where nothing of the box lies in the crop.
    pub(crate) fn new(geometry: &Geometry, marks: Marks, photo_box: &Rect) -> Option<Self> {
        let crop = Rect::of_size((geometry.crop.width, geometry.crop.height));
        let input = geometry.to_input(photo_box).intersection(&crop)?;
        let corner = (input.x / crop.width, input.y / crop.height);
        let size = (input.width / crop.width, input.height / crop.height);
        let rect = Rect::at(corner, size);
        Some(Self { marks, rect })
    }

    /// The part of the picture, of its form, that shows this box large, at least `least` of the sides.
    pub(crate) fn window(&self, least: f64) -> Rect {
        let side = self.rect.width.max(self.rect.height).max(least).min(1.0);
        let start =
            |first: f64, length: f64| (first + length / 2.0 - side / 2.0).clamp(0.0, 1.0 - side);
        let (x, y) = (self.rect.x, self.rect.y);
        let corner = (start(x, self.rect.width), start(y, self.rect.height));
        Rect::at(corner, (side, side))
    }

    /// The same outline over a part of the picture.
    pub(crate) fn within(&self, window: &Rect) -> Self {
        let rect = &self.rect;
        let across = |length: f64| length / window.width;
        let down = |length: f64| length / window.height;
        let corner = (across(rect.x - window.x), down(rect.y - window.y));
        Self {
            marks: self.marks,
            rect: Rect::at(corner, (across(rect.width), down(rect.height))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::Preprocessing;

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
