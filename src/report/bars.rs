//! A list of named bars, set with HTML alone.

use serde::Serialize;

/// A bar with its name and what is printed beside it.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    name: String,
    value: String,
    /// Its length, and where a mark stands across it.
    style: String,
}

impl Bar {
    /// `part` of the whole width, with a mark at another part.
    pub(super) fn new(name: String, value: String, part: f64, mark: Option<f64>) -> Self {
        let percent = |part: f64| format!("{:.1}%", part.clamp(0.0, 1.0) * 100.0);
        let mut style = format!("--part:{}", percent(part));
        if let Some(mark) = mark {
            style += &format!(";--mark:{}", percent(mark));
        }
        Self { name, value, style }
    }
}
