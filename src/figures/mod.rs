//! Records → pictures: plain bitmaps for photographs and projections, plotters' SVG for charts.

pub mod charts;
mod contrast;
pub mod invariance;
pub mod pair;
pub mod photo;

pub use contrast::PERCENTILE;
