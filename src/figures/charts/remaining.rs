//! How much of each layer's activation is left, inside the hidden region and outside of it.

use base::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::{percent, Axis};
use super::style::{chart, sheet, text, BELOW, FAINT, MASKED, ORIGINAL, QUIET, TEXT, WIDE};

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

const ROW: i32 = 34;
const TOP: i32 = 30;

/// Two dots a layer, 1 meaning unchanged; `legend` names inside and outside, `axis` the x axis.
///
/// # Errors
/// [`base::Error::Drawing`].
pub fn draw(layers: &[LayerRemains], legend: (&str, &str), axis: &str) -> Result<String> {
    let values = layers
        .iter()
        .flat_map(|layer| [layer.inside, layer.outside]);
    let ends = values
        .flatten()
        .chain([0.0, 1.2])
        .map(|value| value.clamp(0.0, 3.0));
    let across = Axis::over(ends, axis).printed(percent);
    let height = TOP + ROW * layers.len() as i32 + BELOW;
    sheet("a chart of activation", (WIDE, height), |sheet| {
        for (x, ink, name) in [(8, MASKED, legend.0), (WIDE / 2, ORIGINAL, legend.1)] {
            sheet.draw(&Circle::new((x, 12), 6, ink.filled()))?;
            sheet.draw_text(name, &text(TEXT, HPos::Left), (x + 12, 12))?;
        }
        let rows = Axis::rows(layers.iter().map(|layer| layer.layer.as_str()).collect());
        let mut chart = chart(sheet, TOP, across, rows)?;
        let unchanged = [(1.0, 0.0), (1.0, layers.len() as f64)];
        chart.draw_series([PathElement::new(unchanged, FAINT)])?;
        for (at, layer) in layers.iter().enumerate() {
            let y = at as f64 + 0.5;
            let both = layer.inside.zip(layer.outside);
            chart.draw_series(both.map(|(inside, outside)| {
                PathElement::new([(inside, y), (outside, y)], QUIET.stroke_width(3))
            }))?;
            for (value, ink) in [(layer.outside, ORIGINAL), (layer.inside, MASKED)] {
                chart.draw_series(value.map(|value| Circle::new((value, y), 6, ink.filled())))?;
            }
        }
        Ok(())
    })
}
