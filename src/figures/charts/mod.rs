//! Charts as SVG: one file for each kind, drawn by plotters. Axes are finite by construction, text is SVG text, and colours
//! are attributes: a page's Content-Security-Policy may forbid style.

pub mod accuracy;
mod axis;
pub mod histogram;
pub mod lines;
pub mod remaining;
pub mod scatter;
pub mod strips;
mod style;
#[cfg(test)]
mod tests;
pub mod top_classes;
pub mod trend;
