//! Charts: SVG files, and bars that the page draws itself.

use serde::Serialize;

use super::Text;

/// A chart's file with what stands around it.
#[derive(Debug, Serialize)]
pub(crate) struct Chart {
    src: String,
    alt: String,
    width: String,
    height: String,
    /// Above it.
    title: Text,
    /// Below it.
    note: String,
}

impl Chart {
    /// A chart that is at `src`, of the size that its SVG tells.
    pub(crate) fn new(src: String, svg: &str, alt: String) -> Self {
        let attribute = |name: &str| {
            let rest = svg.split_once(&format!(" {name}=\""))?.1;
            Some(rest.split_once('"')?.0.to_owned())
        };
        Self {
            src,
            alt,
            width: attribute("width").unwrap_or_default(),
            height: attribute("height").unwrap_or_default(),
            title: Text::default(),
            note: String::new(),
        }
    }

    /// With a title above it.
    pub(crate) fn titled(self, title: impl Into<Text>) -> Self {
        Self {
            title: title.into(),
            ..self
        }
    }

    /// With a note below it.
    pub(crate) fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }
}

/// A bar with its name and what is printed beside it.
#[derive(Debug, Serialize)]
pub(crate) struct Bar {
    name: String,
    value: String,
    /// Its length in hundredths.
    part: String,
    /// Where a mark stands across it; empty for none.
    mark: String,
}

impl Bar {
    /// `part` of the whole width, with a mark at another part.
    pub(crate) fn new(name: String, value: String, part: f64, mark: Option<f64>) -> Self {
        let hundredths = |part: f64| format!("{:.1}", part.clamp(0.0, 1.0) * 100.0);
        Self {
            name,
            value,
            part: hundredths(part),
            mark: mark.map_or_else(String::new, hundredths),
        }
    }
}

/// What colours stand for.
#[derive(Debug, Serialize)]
pub(crate) struct Swatches {
    /// Whether they stand beside each other.
    pub(crate) in_line: bool,
    pub(crate) entries: Vec<Swatch>,
}

impl Swatches {
    /// The names of a chart's lines, in their order.
    pub(crate) fn of_lines(names: impl IntoIterator<Item = String>) -> Self {
        let swatch = |(number, name)| Swatch {
            class: format!("line-{number}"),
            name,
            value: String::new(),
        };
        Self {
            in_line: true,
            entries: names.into_iter().enumerate().map(swatch).collect(),
        }
    }

    /// With one whose line is dashed.
    pub(crate) fn dashed(mut self, number: usize) -> Self {
        let entry = self.entries.get_mut(number).into_iter();
        entry.for_each(|entry| entry.class.push_str(" dashed"));
        self
    }
}

/// A colour and what it stands for.
#[derive(Debug, Serialize)]
pub(crate) struct Swatch {
    /// The style sheet's class.
    pub(crate) class: String,
    pub(crate) name: String,
    /// Beside the name; empty for nothing.
    pub(crate) value: String,
}
