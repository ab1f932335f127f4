//! What all charts share: a sheet of SVG, its colours in light and dark, and its strokes.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::{Error, Result};

/// What a colour stands for. In the SVG it is an attribute that the style sheet of [`STYLE`] repaints in the dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text and marks.
    Text,
    /// Text beside the point.
    Faint,
    /// Axes.
    Rule,
    /// Bars that are not the point.
    Quiet,
    /// The photo as it is.
    Original,
    /// Something hidden.
    Masked,
    /// The control box hidden.
    Control,
    /// A line beside others, from the fourth on: green, magenta, olive, indigo, brown.
    Line(u8),
}

impl Ink {
    /// The colour of a line of this number; those beyond [`super::lines::COLOURS`] are quiet.
    pub(super) fn of_line(number: usize) -> Self {
        match number {
            0 => Self::Original,
            1 => Self::Masked,
            2 => Self::Control,
            3..super::lines::COLOURS => Self::Line(number as u8),
            _ => Self::Quiet,
        }
    }

    fn colour(self) -> RGBColor {
        match self {
            Self::Text => RGBColor(0x1f, 0x24, 0x29),
            Self::Faint => RGBColor(0x5b, 0x64, 0x6d),
            Self::Rule => RGBColor(0xd3, 0xd6, 0xd9),
            Self::Quiet => RGBColor(0xb4, 0xbd, 0xc5),
            Self::Original => RGBColor(0x1c, 0x6e, 0x8c),
            Self::Masked => RGBColor(0xc8, 0x4b, 0x11),
            Self::Control => RGBColor(0x7b, 0x5e, 0xa7),
            Self::Line(3) => RGBColor(0x2e, 0x7d, 0x32),
            Self::Line(4) => RGBColor(0xb0, 0x18, 0x6b),
            Self::Line(5) => RGBColor(0x8a, 0x6d, 0x00),
            Self::Line(6) => RGBColor(0x3f, 0x51, 0xb5),
            Self::Line(_) => RGBColor(0x6d, 0x4c, 0x41),
        }
    }
}

const STYLE: &str = "<style>\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR','Noto Sans CJK KR',sans-serif}\
@media (prefers-color-scheme:dark){\
[fill='#1F2429']{fill:#e8eaec}[fill='#5B646D']{fill:#a3adb6}[fill='#B4BDC5']{fill:#56616b}\
[fill='#1C6E8C']{fill:#5bb5d6}[fill='#C84B11']{fill:#f08a4b}[fill='#7B5EA7']{fill:#b59ae0}\
[stroke='#D3D6D9']{stroke:#3c444b}[stroke='#1F2429']{stroke:#e8eaec}[stroke='#5B646D']{stroke:#a3adb6}[stroke='#B4BDC5']{stroke:#56616b}\
[stroke='#1C6E8C']{stroke:#5bb5d6}[stroke='#C84B11']{stroke:#f08a4b}[stroke='#7B5EA7']{stroke:#b59ae0}\
[stroke='#2E7D32']{stroke:#7cc98a}[stroke='#B0186B']{stroke:#f07ab8}[stroke='#8A6D00']{stroke:#d9b93a}[stroke='#3F51B5']{stroke:#9aa8f5}[stroke='#6D4C41']{stroke:#c9a48f}}\
</style>\n";

/// Which side of a point a text stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// A sheet in pixels.
pub(super) struct Canvas<'a, 'b> {
    area: &'b DrawingArea<SVGBackend<'a>, plotters::coord::Shift>,
}

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;
type Point = (i32, i32);

impl Canvas<'_, '_> {
    /// Text with its vertical middle at `y`.
    pub(super) fn text(&self, text: &str, (x, y): Point, ink: Ink, align: Align) -> Drawn {
        let h_pos = match align {
            Align::Start => HPos::Left,
            Align::Middle => HPos::Center,
            Align::End => HPos::Right,
        };
        // plotters writes size / 1.24 as the font size.
        let colour = ink.colour();
        let style = ("sans-serif", 13.0 * 1.24)
            .into_text_style(self.area)
            .color(&colour)
            .pos(Pos::new(h_pos, VPos::Center));
        let printable: String = text.chars().filter(|c| !c.is_control()).collect();
        self.area.draw_text(&printable, &style, (x, y))
    }

    /// A filled rectangle.
    pub(super) fn bar(&self, from: Point, to: Point, ink: Ink) -> Drawn {
        self.area
            .draw(&Rectangle::new([from, to], ink.colour().filled()))
    }

    /// A straight line.
    pub(super) fn line(&self, from: Point, to: Point, ink: Ink, width: u32) -> Drawn {
        let style = ink.colour().stroke_width(width);
        self.area.draw(&PathElement::new([from, to], style))
    }

    /// A line through several points.
    pub(super) fn polyline(&self, points: Vec<Point>, ink: Ink, width: u32) -> Drawn {
        let style = ink.colour().stroke_width(width);
        self.area.draw(&PathElement::new(points, style))
    }

    /// A filled circle.
    pub(super) fn dot(&self, at: Point, radius: i32, ink: Ink, opacity: f64) -> Drawn {
        let style = ink.colour().mix(opacity).filled();
        self.area.draw(&Circle::new(at, radius, style))
    }
}

/// A chart of this size as a whole SVG file.
pub(super) fn sheet(
    what: &str,
    size: (u32, u32),
    draw: impl FnOnce(&Canvas<'_, '_>) -> Drawn,
) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw(&Canvas { area: &area })
            .and_then(|()| area.present())
            .map_err(|error| Error::Drawing {
                what: what.to_owned(),
                problem: error.to_string(),
            })?;
    }
    if let Some(end) = svg.find('>') {
        svg.insert_str(end + 1, STYLE);
    }
    Ok(svg)
}

/// A class name or label that leaves room for the rest of the chart.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text
            .chars()
            .take(most.saturating_sub(1))
            .chain(['…'])
            .collect(),
        false => text.to_owned(),
    }
}

/// A value from a finite range as a pixel of an axis; what is outside or not finite goes to an end.
pub(super) fn along((low, high): (f64, f64), (first, last): (i32, i32), value: f64) -> i32 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    let share = if share.is_finite() { share } else { 0.0 };
    first + (share * f64::from(last - first)).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_escaped_and_the_style_comes_first() {
        let svg = sheet("test", (10, 10), |canvas| {
            canvas.text("<b>&\u{1}'", (0, 0), Ink::Text, Align::Start)
        })
        .unwrap();
        assert!(svg.contains("&lt;b&gt;&amp;&apos;"));
        assert!(svg.find("<style>").unwrap() < svg.find("<text").unwrap());
    }

    #[test]
    fn every_colour_is_repainted_in_the_dark() {
        let lines = (0..9).map(Ink::of_line);
        let inks = [
            Ink::Text,
            Ink::Faint,
            Ink::Rule,
            Ink::Quiet,
            Ink::Original,
            Ink::Masked,
            Ink::Control,
        ];
        for ink in lines.chain(inks) {
            let RGBColor(r, g, b) = ink.colour();
            assert!(
                STYLE.contains(&format!("'#{r:02X}{g:02X}{b:02X}'")),
                "{ink:?}"
            );
        }
    }

    #[test]
    fn an_axis_takes_any_value() {
        let axis = |value| along((0.0, 1.0), (10, 110), value);
        assert_eq!(
            [axis(0.5), axis(-3.0), axis(f64::NAN), axis(f64::INFINITY)],
            [60, 10, 10, 110]
        );
        assert_eq!(shortened("abcdef", 4), "abc…");
    }
}
