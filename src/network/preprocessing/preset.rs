//! Families of networks that were trained on photographs prepared alike.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{named, Channels, Interpolation, PerChannel, Resize, Rounding, Size};

const IMAGENET_MEAN: PerChannel = PerChannel::Colour([0.485, 0.456, 0.406]);
const IMAGENET_STD: PerChannel = PerChannel::Colour([0.229, 0.224, 0.225]);
const NONE: PerChannel = PerChannel::Grey([0.0]);
const ONE: PerChannel = PerChannel::Grey([1.0]);
const HALF: PerChannel = PerChannel::Grey([0.5]);
/// A full-bright pixel where a family counts from 0 to 255.
const BYTE: f32 = 255.0;

/// The preprocessing of a family of networks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// torchvision's first weights (`IMAGENET1K_V1`): 256, crop 224; RGB in 0–1, less ImageNet's mean, over its standard
    /// deviation.
    #[default]
    Torchvision,
    /// torchvision's newer weights (`IMAGENET1K_V2`): 232, crop 224.
    TorchvisionV2,
    /// timm's: bicubic, the crop 0.875 of the shorter side; values as torchvision's.
    Timm,
    /// Caffe's: BGR in 0–255, less ImageNet's mean colour.
    Caffe,
    /// TensorFlow's: RGB in −1–1.
    Tf,
    /// Keras' `load_img(target_size=…)`, RGB in 0–255: networks that scale by themselves (a Rescaling layer).
    Keras,
    /// Keras' `load_img` and `preprocess_input` of mode `caffe` (VGG, ResNet).
    KerasCaffe,
    /// Keras' `load_img` and `preprocess_input` of mode `tf` (Inception, Xception, MobileNet, ResNet v2).
    KerasTf,
    /// Keras' `load_img` and `preprocess_input` of mode `torch` (DenseNet).
    KerasTorch,
}

/// What a family does; the sizes follow the input's.
pub(super) struct Family {
    pub(super) rounding: Rounding,
    pub(super) interpolation: Interpolation,
    pub(super) channels: Channels,
    pub(super) scale: f32,
    pub(super) mean: PerChannel,
    pub(super) std: PerChannel,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Torchvision,
        Self::TorchvisionV2,
        Self::Timm,
        Self::Caffe,
        Self::Tf,
        Self::Keras,
        Self::KerasCaffe,
        Self::KerasTf,
        Self::KerasTorch,
    ];

    /// As options and files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Torchvision => "torchvision",
            Self::TorchvisionV2 => "torchvision-v2",
            Self::Timm => "timm",
            Self::Caffe => "caffe",
            Self::Tf => "tf",
            Self::Keras => "keras",
            Self::KerasCaffe => "keras-caffe",
            Self::KerasTf => "keras-tf",
            Self::KerasTorch => "keras-torch",
        }
    }

    pub(super) fn family(self) -> Family {
        let torchvision = Family {
            rounding: Rounding::HalfEven,
            interpolation: Interpolation::Bilinear,
            channels: Channels::Rgb,
            scale: 1.0,
            mean: IMAGENET_MEAN,
            std: IMAGENET_STD,
        };
        let keras = Family {
            rounding: Rounding::Down,
            interpolation: Interpolation::Nearest,
            scale: BYTE,
            mean: NONE,
            std: ONE,
            ..torchvision
        };
        match self {
            Self::Torchvision | Self::TorchvisionV2 => torchvision,
            Self::Timm => Family {
                interpolation: Interpolation::Bicubic,
                ..torchvision
            },
            Self::Caffe => Family {
                rounding: Rounding::Down,
                channels: Channels::Bgr,
                scale: BYTE,
                mean: PerChannel::Colour([104.006_99, 116.668_77, 122.678_92]),
                std: ONE,
                ..torchvision
            },
            Self::Tf => Family {
                rounding: Rounding::Down,
                mean: HALF,
                std: HALF,
                ..torchvision
            },
            Self::Keras => keras,
            Self::KerasCaffe => Family {
                channels: Channels::Bgr,
                mean: PerChannel::Colour([103.939, 116.779, 123.68]),
                ..keras
            },
            Self::KerasTf => Family {
                scale: 1.0,
                mean: HALF,
                std: HALF,
                ..keras
            },
            Self::KerasTorch => Family {
                scale: 1.0,
                mean: IMAGENET_MEAN,
                std: IMAGENET_STD,
                ..keras
            },
        }
    }

    /// How the family resizes before a crop of that size. Of grey networks (MNIST) only timm's and torchvision's newer
    /// ones cut anything away.
    pub(super) fn resize(self, crop: Size, channels: Channels) -> Resize {
        let usual = |side: u32| match (channels, side) {
            (Channels::Grey, _) => side,
            (_, 224..=256) => 256,
            _ => (f64::from(side) * 8.0 / 7.0).round() as u32,
        };
        match self {
            Self::Torchvision | Self::Caffe | Self::Tf => before(crop, usual),
            Self::TorchvisionV2 => before(crop, |side| {
                (f64::from(side) * 232.0 / 224.0).round() as u32
            }),
            Self::Timm => Self::of_share(crop, 0.875),
            Self::Keras | Self::KerasCaffe | Self::KerasTf | Self::KerasTorch => Resize::Squash,
        }
    }

    /// Before a crop that is that share of the resized sides, as timm computes them.
    pub(super) fn of_share(crop: Size, share: f64) -> Resize {
        before(crop, |side| (f64::from(side) / share).floor() as u32)
    }
}

/// What of a colour family's numbers holds for grey photographs: those that all channels share.
pub(super) fn for_channels(numbers: PerChannel, channels: Channels, none: f32) -> PerChannel {
    numbers.spread(channels).unwrap_or(PerChannel::Grey([none]))
}

fn before(crop: Size, resized: impl Fn(u32) -> u32) -> Resize {
    match crop.is_square() {
        true => Resize::Shorter(resized(crop.height)),
        false => Resize::Cover(crop.map(resized)),
    }
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(&Self::ALL, Self::name, text)
    }
}
