//! The receptive fields that rows tell.

use crate::dataset::Rect;
use crate::records::tables::{FeatureRow, OcclusionExampleRow, ProjectionRow};

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
