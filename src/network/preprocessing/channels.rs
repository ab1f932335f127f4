//! The channels of an input, and numbers that each of them has one of.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::named;

/// The channels of the input tensor, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    /// Red first (PyTorch).
    #[serde(rename = "RGB")]
    Rgb,
    /// Blue first (Caffe).
    #[serde(rename = "BGR")]
    Bgr,
    /// Grey alone: Pillow's `L`.
    #[serde(rename = "L")]
    Grey,
}

impl Channels {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rgb, Self::Bgr, Self::Grey];

    /// As options and files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rgb => "RGB",
            Self::Bgr => "BGR",
            Self::Grey => "L",
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        match self {
            Self::Rgb | Self::Bgr => 3,
            Self::Grey => 1,
        }
    }

    /// Which of an RGB pixel's values a channel of the input is; of a grey pixel all are alike.
    pub fn source(self, channel: usize) -> usize {
        match self {
            Self::Rgb | Self::Grey => channel,
            Self::Bgr => 2 - channel,
        }
    }
}

impl FromStr for Channels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(&Self::ALL, Self::name, text)
    }
}

/// A number for each channel, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f32>", into = "Vec<f32>")]
pub enum PerChannel {
    /// Of a grey picture; told of a colour one, the same for all.
    Grey([f32; 1]),
    /// Of a colour picture.
    Colour([f32; 3]),
}

impl PerChannel {
    /// The numbers.
    pub fn values(&self) -> &[f32] {
        match self {
            Self::Grey(values) => values,
            Self::Colour(values) => values,
        }
    }

    /// That of a channel.
    pub fn of(&self, channel: usize) -> f32 {
        match self {
            Self::Grey([value]) => *value,
            Self::Colour(values) => values[channel.min(2)],
        }
    }

    /// For these channels; `None` where there are three numbers for one.
    pub(super) fn spread(self, channels: Channels) -> Option<Self> {
        match (self, channels) {
            (Self::Colour(_), Channels::Grey) => None,
            (Self::Grey([value]), Channels::Rgb | Channels::Bgr) => Some(Self::Colour([value; 3])),
            _ => Some(self),
        }
    }
}

impl TryFrom<Vec<f32>> for PerChannel {
    type Error = String;

    fn try_from(values: Vec<f32>) -> Result<Self, String> {
        match values[..] {
            [value] => Ok(Self::Grey([value])),
            [first, second, third] => Ok(Self::Colour([first, second, third])),
            _ => Err(format!(
                "expected a number for each channel, one or three, found {}",
                values.len()
            )),
        }
    }
}

impl From<PerChannel> for Vec<f32> {
    fn from(numbers: PerChannel) -> Self {
        numbers.values().to_vec()
    }
}
