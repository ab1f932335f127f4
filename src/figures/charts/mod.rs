//! Charts as SVG: one file for each kind. Ranges are finite by construction, text is SVG text.

pub mod accuracy;
mod canvas;
pub mod drops;
pub mod histogram;
pub mod lines;
pub mod remaining;
pub mod scatter;
pub mod spread;
mod strips;
pub mod top_classes;
pub mod trend;
