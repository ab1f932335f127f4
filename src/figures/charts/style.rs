//! The house style: a sheet of SVG, what its colours stand for, how plotters sets axes, grid and labels.

use base::{Error, Result};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::Ranged;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use unicode_width::UnicodeWidthStr;

use super::axis::Axis;

// Colours stand in attributes of the SVG. In the dark the pages' style sheet turns them over.
/// Text and marks.
pub(super) const TEXT: RGBColor = RGBColor(0x1f, 0x24, 0x29);
/// Text beside the point.
pub(super) const FAINT: RGBColor = RGBColor(0x5b, 0x64, 0x6d);
/// The grid.
pub(super) const RULE: RGBColor = RGBColor(0xd3, 0xd6, 0xd9);
/// What is not the point.
pub(super) const QUIET: RGBColor = RGBColor(0xb4, 0xbd, 0xc5);
/// The photo as it is.
pub(super) const ORIGINAL: RGBColor = RGBColor(0x1c, 0x6e, 0x8c);
/// Something hidden.
pub(super) const MASKED: RGBColor = RGBColor(0xc8, 0x4b, 0x11);
/// The control box hidden.
pub(super) const CONTROL: RGBColor = RGBColor(0x7b, 0x5e, 0xa7);
/// Lines beside each other: the last ones are green, magenta, olive, indigo, brown.
pub(super) const LINES: [RGBColor; 8] = [
    ORIGINAL,
    MASKED,
    CONTROL,
    RGBColor(0x2e, 0x7d, 0x32),
    RGBColor(0xb0, 0x18, 0x6b),
    RGBColor(0x8a, 0x6d, 0x00),
    RGBColor(0x3f, 0x51, 0xb5),
    RGBColor(0x6d, 0x4c, 0x41),
];

/// A sheet in pixels.
pub(super) type Sheet<'s> = DrawingArea<SVGBackend<'s>, Shift>;
/// A chart on it.
pub(super) type Chart<'s, X, Y> = ChartContext<'s, SVGBackend<'s>, Cartesian2d<X, Y>>;
pub(super) type Drawn<T = ()> = std::result::Result<T, DrawingAreaErrorKind<std::io::Error>>;

/// The width of a chart that stands alone.
pub(super) const WIDE: i32 = 620;
/// The width of one among small multiples.
pub(super) const NARROW: i32 = 330;
/// Below the plotting area: ticks, and the name of their axis.
pub(super) const BELOW: i32 = 48;
/// Names of rows and layers are cut beyond this many characters.
pub(super) const LONGEST: usize = 30;
/// A wide sans-serif's character, with East Asian ones counted twice.
const CHARACTER: i32 = 8;

/// A whole SVG file of this size.
pub(super) fn sheet(
    what: &str,
    (width, height): (i32, i32),
    draw: impl FnOnce(&Sheet<'_>) -> Drawn,
) -> Result<String> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (width as u32, height as u32)).into_drawing_area();
    draw(&area)
        .and_then(|()| area.present())
        .map_err(|error| Error::Drawing {
            what: what.to_owned(),
            problem: error.to_string(),
        })?;
    drop(area);
    // XML knows no way to write other control characters, which file names and classes may have.
    svg.retain(|c| c == '\n' || !c.is_control());
    Ok(svg)
}

/// A chart with its grid, ticks and names, `top` pixels below the upper edge. Labels at the sides make themselves room.
pub(super) fn chart<'s, 'x, X, Y>(
    sheet: &Sheet<'s>,
    top: i32,
    across: Axis<'x, X>,
    up: Axis<'x, Y>,
) -> Drawn<Chart<'s, Axis<'x, X>, Axis<'x, Y>>>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    let [half, beside] = [across.widest() / 2, up.widest() + 14];
    let (left, right) = (beside.max(half).max(48), half.max(16));
    let [x_style, y_style, name_style] =
        [across.ink, up.ink, FAINT].map(|ink| text(ink, HPos::Center));
    let (x_lines, y_lines) = (across.lines, up.lines);
    let width = sheet.dim_in_pixel().0 as i32;
    let middle = (left + width - right) / 2;
    let room = 2 * middle.min(width - middle) / CHARACTER;
    let name = shortened(&across.name, room as usize);
    if !up.name.is_empty() {
        sheet.draw_text(&up.name, &text(FAINT, HPos::Left), (2, 10))?;
    }
    let mut chart = ChartBuilder::on(sheet)
        .margin_top(top)
        .margin_right(right)
        .x_label_area_size(if name.is_empty() { BELOW - 20 } else { BELOW })
        .y_label_area_size(left)
        .build_cartesian_2d(across, up)?;
    let mut mesh = chart.configure_mesh();
    mesh.bold_line_style(RULE)
        .axis_style(TRANSPARENT)
        .set_all_tick_mark_size(4)
        .x_label_style(x_style)
        .y_label_style(y_style)
        .axis_desc_style(name_style);
    if !name.is_empty() {
        mesh.x_desc(name);
    }
    if !x_lines {
        mesh.disable_x_mesh();
    }
    if !y_lines {
        mesh.disable_y_mesh();
    }
    mesh.draw()?;
    Ok(chart)
}

/// Text with this end, or its middle, at a point.
pub(super) fn text(ink: RGBColor, at: HPos) -> TextStyle<'static> {
    // plotters writes size / 1.24 as the font size.
    let font = FontDesc::from(("system-ui,sans-serif", 13.0 * 1.24));
    font.color(&ink).pos(Pos::new(at, VPos::Center))
}

/// The pixels that a text may take.
pub(super) fn width(text: &str) -> i32 {
    text.width() as i32 * CHARACTER
}

/// A name that leaves room for the rest of the chart: as wide as so many characters, at most.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    let begun = text.chars().take_while(|c| {
        short.push(*c);
        short.width() < most
    });
    begun.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_escaped_and_nothing_is_styled() {
        let svg = sheet("test", (200, 100), |sheet| {
            let names = Axis::rows(vec!["<b>&\u{1}'"]);
            chart(sheet, 0, Axis::over([0.0, 1.0], "<i>"), names).map(|_| ())
        });
        let svg = svg.unwrap();
        assert!(svg.contains("&lt;b&gt;&amp;&apos;") && svg.contains("&lt;i&gt;"));
        assert!(!svg.contains('\u{1}') && !svg.contains("style"));
        assert_eq!(shortened("abcdef", 4), "abc…");
        assert_eq!(shortened("가나다라", 6), "가나…");
    }

    #[test]
    fn legends_have_the_colours_of_their_lines_in_light_and_dark() {
        let page = include_str!("../../../templates/style.css");
        assert!(page.contains("filter: invert(.94) hue-rotate(180deg) brightness(1.1);"));
        for (number, RGBColor(r, g, b)) in LINES.into_iter().enumerate() {
            let light = [r, g, b].map(f64::from);
            let inverted = light.map(|value| 0.94 * 255.0 - 0.88 * value);
            let luminance = 0.213 * inverted[0] + 0.715 * inverted[1] + 0.072 * inverted[2];
            let turned = inverted.map(|value| (2.0 * luminance - value).clamp(0.0, 255.0));
            for shown in [light, turned.map(|value| (1.1 * value).min(255.0))] {
                let [r, g, b] = shown.map(|value| value.round() as u8);
                let line = format!(".line-{number} {{ --line: #{r:02x}{g:02x}{b:02x}; }}");
                assert!(page.contains(&line), "{line}");
            }
        }
    }
}
