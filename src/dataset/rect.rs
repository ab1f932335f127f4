//! Rectangles in pixels, and the area that several of them cover together.

use serde::{Deserialize, Serialize};

/// A rectangle with its edges along the pixel grid's axes; pixel (i, j) covers `[i, i+1) × [j, j+1)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}

impl Rect {
    /// The rectangle between two corners.
    pub fn between(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
        }
    }

    /// The rectangle with its upper left corner at a point, and this width and height.
    pub fn at((x, y): (f64, f64), (width, height): (f64, f64)) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The rectangle of a whole picture.
    pub fn of_size((width, height): (u32, u32)) -> Self {
        Self::between(0.0, 0.0, f64::from(width), f64::from(height))
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Area in square pixels.
    pub fn area(&self) -> f64 {
        self.width * self.height
    }

    /// Whether the point lies inside; the left and upper edges belong to the rectangle.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// What both cover; none where they share no area.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let both = Self::between(
            self.x.max(other.x),
            self.y.max(other.y),
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        );
        (both.width > 0.0 && both.height > 0.0).then_some(both)
    }

    /// The smallest rectangle around all of them; none for no rectangle.
    pub fn around(rects: &[Self]) -> Option<Self> {
        rects.iter().copied().reduce(|a, b| {
            Self::between(
                a.x.min(b.x),
                a.y.min(b.y),
                a.right().max(b.right()),
                a.bottom().max(b.bottom()),
            )
        })
    }
}

/// The area that the rectangles cover together, overlaps counted once; exact for whole pixels.
pub fn union_area(rects: &[Rect]) -> f64 {
    let xs = edges(rects.iter().flat_map(|r| [r.x, r.right()]));
    let ys = edges(rects.iter().flat_map(|r| [r.y, r.bottom()]));
    let mut area = 0.0;
    for y in ys.windows(2) {
        for x in xs.windows(2) {
            if rects.iter().any(|rect| rect.contains(x[0], y[0])) {
                area += (x[1] - x[0]) * (y[1] - y[0]);
            }
        }
    }
    area
}

fn edges(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_counts_overlaps_once() {
        let a = Rect::between(0.0, 0.0, 4.0, 4.0);
        let b = Rect::between(2.0, 2.0, 6.0, 6.0);
        let inside = Rect::between(1.0, 1.0, 2.0, 2.0);
        assert_eq!(union_area(&[a, b, inside]), 28.0);
        assert_eq!(union_area(&[]), 0.0);
        assert_eq!(a.intersection(&b), Some(Rect::between(2.0, 2.0, 4.0, 4.0)));
        assert_eq!(a.intersection(&Rect::between(4.0, 0.0, 5.0, 1.0)), None);
        assert_eq!(
            Rect::around(&[a, b]),
            Some(Rect::between(0.0, 0.0, 6.0, 6.0))
        );
    }
}
