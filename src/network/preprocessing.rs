//! How a photograph becomes a network's input: resize, crop, channel order and normalisation, as plain data.

use serde::{Deserialize, Serialize};

/// The order of the colour channels in the input tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    /// Red first (PyTorch).
    #[serde(rename = "RGB")]
    Rgb,
    /// Blue first (Caffe).
    #[serde(rename = "BGR")]
    Bgr,
}

/// From photo pixels to network input: shorter side to `resize` (Pillow's antialiased BILINEAR), centre crop of
/// `crop` × `crop`, then `(pixel / 255 × scale − mean) / std` for each channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    /// Length of the shorter side after resizing, in pixels.
    pub resize: u32,
    /// Side of the square centre crop, in pixels.
    pub crop: u32,
    /// Order of the colour channels; `mean` and `std` are in this order too.
    pub channels: Channels,
    /// Value of a full-bright pixel before mean and std: 1 (PyTorch) or 255 (Caffe).
    pub scale: f32,
    /// Subtracted per channel.
    pub mean: [f32; 3],
    /// Divided by per channel.
    pub std: [f32; 3],
}

impl Preprocessing {
    /// torchvision's: shorter side 256, crop 224, RGB in 0–1, ImageNet mean and standard deviation.
    pub fn torchvision() -> Self {
        Self {
            resize: 256,
            crop: 224,
            channels: Channels::Rgb,
            scale: 1.0,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        }
    }
}
