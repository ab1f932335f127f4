//! How much of each layer's activation is left, inside the hidden region and outside of it.

use super::canvas::{along, sheet, shortened, Align, Canvas, Ink};
use crate::error::Result;

/// One layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerRemains {
    /// Its name.
    pub layer: String,
    /// Activation under the mask as a part of the original's, inside.
    pub inside: Option<f64>,
    /// The same outside.
    pub outside: Option<f64>,
}

const WIDTH: i32 = 620;
const ROW: i32 = 34;
const LEFT: i32 = 110;
const RIGHT: i32 = WIDTH - 24;

/// Two dots a layer, 1 meaning unchanged; `legend` names inside and outside, `axis` the x axis.
///
/// # Errors
/// [`crate::Error::Drawing`].
pub fn draw(layers: &[LayerRemains], legend: (&str, &str), axis: &str) -> Result<String> {
    let values = layers
        .iter()
        .flat_map(|layer| [layer.inside, layer.outside]);
    let highest = values
        .flatten()
        .filter(|v| v.is_finite())
        .fold(1.2, f64::max)
        .min(3.0);
    let x = |value: f64| along((0.0, highest), (LEFT, RIGHT), value);
    let (top, bottom) = (30, 34 + ROW * layers.len() as i32);
    sheet(
        "a chart of activation",
        (WIDTH as u32, bottom as u32 + 50),
        |canvas: &Canvas<'_, '_>| {
            canvas.dot((LEFT + 6, 12), 6, Ink::Masked, 1.0)?;
            canvas.text(legend.0, (LEFT + 18, 12), Ink::Text, Align::Start)?;
            canvas.dot(((LEFT + RIGHT) / 2 + 6, 12), 6, Ink::Original, 1.0)?;
            canvas.text(
                legend.1,
                ((LEFT + RIGHT) / 2 + 18, 12),
                Ink::Text,
                Align::Start,
            )?;
            let step = if highest > 1.6 { 0.5 } else { 0.25 };
            for tick in (0..=12)
                .map(|i| f64::from(i) * step)
                .filter(|tick| *tick <= highest)
            {
                let ink = if tick == 1.0 { Ink::Faint } else { Ink::Rule };
                canvas.line((x(tick), top), (x(tick), bottom), ink, 1)?;
                let printed = format!("{:.0} %", tick * 100.0);
                canvas.text(&printed, (x(tick), bottom + 12), Ink::Faint, Align::Middle)?;
            }
            canvas.text(
                axis,
                ((LEFT + RIGHT) / 2, bottom + 36),
                Ink::Faint,
                Align::Middle,
            )?;
            for (at, layer) in layers.iter().enumerate() {
                let y = top + 2 + ROW * at as i32 + ROW / 2;
                canvas.text(
                    &shortened(&layer.layer, 15),
                    (LEFT - 12, y),
                    Ink::Text,
                    Align::End,
                )?;
                if let (Some(inside), Some(outside)) = (layer.inside, layer.outside) {
                    canvas.line((x(inside), y), (x(outside), y), Ink::Quiet, 3)?;
                }
                if let Some(outside) = layer.outside {
                    canvas.dot((x(outside), y), 6, Ink::Original, 1.0)?;
                }
                if let Some(inside) = layer.inside {
                    canvas.dot((x(inside), y), 6, Ink::Masked, 1.0)?;
                }
            }
            Ok(())
        },
    )
}
