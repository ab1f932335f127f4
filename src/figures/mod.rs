//! Records → pictures: plain bitmaps for photographs and projections, plotters' SVG for charts.

pub mod charts;
mod contrast;
pub mod features;
pub mod invariance;
pub mod maps;
pub mod occlusion;
pub mod pair;
pub mod photo;
mod picture;

pub use contrast::PERCENTILE;
