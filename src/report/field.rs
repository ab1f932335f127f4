//! The receptive fields that rows tell.

use dataset::Rect;
use records::tables::{FeatureRow, OcclusionExampleRow, ProjectionRow};

/// A row that tells the receptive field of a unit in photo pixels.
pub(super) trait Field {
    /// `None` where the row is of no single unit.
    fn field(&self) -> Option<Rect>;
}

impl Field for ProjectionRow {
    fn field(&self) -> Option<Rect> {
        let corner = (self.field_x?, self.field_y?);
        Some(Rect::at(corner, (self.field_width?, self.field_height?)))
    }
}

impl Field for FeatureRow {
    fn field(&self) -> Option<Rect> {
        let corner = (self.field_x, self.field_y);
        Some(Rect::at(corner, (self.field_width, self.field_height)))
    }
}

impl Field for OcclusionExampleRow {
    fn field(&self) -> Option<Rect> {
        let corner = (self.field_x, self.field_y);
        Some(Rect::at(corner, (self.field_width, self.field_height)))
    }
}
