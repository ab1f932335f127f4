//! Figures in large print, and pictures whose colours mean something.

use serde::Serialize;

use super::{Picture, Swatch};

/// A figure with what has to be known about it.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) notes: Vec<String>,
    /// What it comes to; empty where it is not judged.
    pub(crate) verdict: String,
}

impl Card {
    /// A figure that is not judged.
    pub(crate) fn new(label: String, value: String, notes: Vec<String>) -> Self {
        let verdict = String::new();
        Self {
            value,
            label,
            notes,
            verdict,
        }
    }
}

/// A picture with what explains its colours.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Panel {
    /// The panel's letter in the paper; empty for none.
    pub(crate) letter: &'static str,
    pub(crate) title: String,
    pub(crate) picture: Picture,
    /// Whether a script tells its positions: `map` those of a map, `photo` those of a photograph; empty for none.
    pub(crate) told: &'static str,
    pub(crate) bar: Option<ColourBar>,
    pub(crate) legend: Vec<Swatch>,
    pub(crate) note: String,
    /// What has to be known about a map that was not computed exactly.
    pub(crate) approximate: String,
}

/// The colours of a map from low to high.
#[derive(Debug, Serialize)]
pub(crate) struct ColourBar {
    pub(crate) low: String,
    pub(crate) high: String,
    /// Where on it the value with nothing hidden stands.
    pub(crate) clean: String,
}
