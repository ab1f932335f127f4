//! What a layer becomes: another width, another window.

use serde::{Deserialize, Serialize};

use super::width::{Sides, Width};
use crate::{Op, Window};

/// What a layer becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayerEdit {
    /// Feature maps of a convolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Width>,
    /// Outputs of a linear layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Width>,
    /// Window of a convolution or pooling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<Sides>,
    /// Its stride.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<Sides>,
    /// Its padding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<Sides>,
}

impl LayerEdit {
    pub(super) fn describe(&self) -> String {
        let width = self.channels.or(self.features);
        let kernel = self
            .kernel
            .map(|Sides([rows, columns])| format!("{rows}×{columns}"));
        let named = |name: &str, sides: Option<Sides>| sides.map(|sides| format!("{name} {sides}"));
        let parts = [
            width.map(|width| width.to_string()),
            kernel,
            named("stride", self.stride),
            named("padding", self.padding),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn apply(&self, op: &mut Op) -> Result<(), String> {
        let kind = op.describe();
        match (self.channels, &mut *op) {
            (None, _) => {}
            (Some(width), Op::Conv { channels, .. } | Op::ConvTranspose { channels, .. }) => {
                *channels = width.of(*channels)?;
            }
            (Some(_), Op::Linear { .. }) => {
                return Err("is a linear layer, whose width is 'features', not 'channels'".into());
            }
            _ => return Err(format!("is {kind}, which has no channels of its own")),
        }
        match (self.features, &mut *op) {
            (None, _) => {}
            (Some(width), Op::Linear { features }) => *features = width.of(*features)?,
            (Some(_), Op::Conv { .. } | Op::ConvTranspose { .. }) => {
                return Err("is a convolution, whose width is 'channels', not 'features'".into());
            }
            _ => return Err(format!("is {kind}, which has no features of its own")),
        }
        let sides = [self.kernel, self.stride, self.padding];
        if sides.iter().all(Option::is_none) {
            return Ok(());
        }
        let Some(window) = window(op) else {
            return Err(format!("is {kind}, which has no window"));
        };
        let places = [&mut window.kernel, &mut window.stride, &mut window.padding];
        for (place, sides) in places.into_iter().zip(sides) {
            if let Some(Sides(sides)) = sides {
                *place = sides;
            }
        }
        Ok(())
    }
}

fn window(op: &mut Op) -> Option<&mut Window> {
    match op {
        Op::Conv { window, .. }
        | Op::ConvTranspose { window, .. }
        | Op::MaxPool { window, .. }
        | Op::AveragePool { window, .. } => Some(window),
        _ => None,
    }
}
