//! How a photograph becomes a network's input: resize, crop, channel order and normalisation, as plain data.

use std::str::FromStr;

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

/// The preprocessing of a family of networks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// PyTorch's: RGB in 0–1, less ImageNet's mean, over its standard deviation.
    #[default]
    Torchvision,
    /// Caffe's: BGR in 0–255, less ImageNet's mean colour.
    Caffe,
    /// TensorFlow's: RGB in −1–1.
    Tf,
}

impl FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "torchvision" => Ok(Self::Torchvision),
            "caffe" => Ok(Self::Caffe),
            "tf" => Ok(Self::Tf),
            _ => Err("expected torchvision, caffe or tf".into()),
        }
    }
}

/// What is told of a preprocessing, in a description or on the command line; the preset says the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// As [`Preprocessing::resize`].
    pub resize: Option<u32>,
    /// As [`Preprocessing::crop`].
    pub crop: Option<u32>,
    /// As [`Preprocessing::channels`].
    pub channels: Option<Channels>,
    /// As [`Preprocessing::scale`].
    pub scale: Option<f32>,
    /// As [`Preprocessing::mean`].
    pub mean: Option<[f32; 3]>,
    /// As [`Preprocessing::std`].
    pub std: Option<[f32; 3]>,
}

impl From<&Preprocessing> for Changes {
    /// All of a preprocessing, told.
    fn from(told: &Preprocessing) -> Self {
        Self {
            resize: Some(told.resize),
            crop: Some(told.crop),
            channels: Some(told.channels),
            scale: Some(told.scale),
            mean: Some(told.mean),
            std: Some(told.std),
        }
    }
}

impl Changes {
    /// Nothing told.
    pub const NONE: Self = Self {
        resize: None,
        crop: None,
        channels: None,
        scale: None,
        mean: None,
        std: None,
    };

    /// These changes, and the other's where these say nothing.
    pub fn or(self, other: Self) -> Self {
        Self {
            resize: self.resize.or(other.resize),
            crop: self.crop.or(other.crop),
            channels: self.channels.or(other.channels),
            scale: self.scale.or(other.scale),
            mean: self.mean.or(other.mean),
            std: self.std.or(other.std),
        }
    }

    /// Whether nothing is left for the preset to say.
    pub fn tell_all(&self) -> bool {
        self.resize.is_some()
            && self.crop.is_some()
            && self.channels.is_some()
            && self.scale.is_some()
            && self.mean.is_some()
            && self.std.is_some()
    }
}

impl Preprocessing {
    /// A family's preprocessing with changes; `input_size` is the crop where none is told. Where no `resize` is told it
    /// is 256 for the usual crops from 224 to 256, else such that the crop is seven eighths of it.
    ///
    /// # Errors
    /// What is wrong, in words: a crop larger than the resized side, a number that is not finite, a division by 0.
    pub fn of(preset: Preset, changes: &Changes, input_size: usize) -> Result<Self, String> {
        let family = match preset {
            Preset::Torchvision => Self::torchvision(),
            Preset::Caffe => Self {
                channels: Channels::Bgr,
                scale: 255.0,
                mean: [104.006_99, 116.668_77, 122.678_92],
                std: [1.0; 3],
                ..Self::torchvision()
            },
            Preset::Tf => Self {
                mean: [0.5; 3],
                std: [0.5; 3],
                ..Self::torchvision()
            },
        };
        let crop = changes.crop.unwrap_or(input_size as u32);
        let usual = match crop {
            224..=256 => 256,
            other => (f64::from(other) * 8.0 / 7.0).round() as u32,
        };
        let found = Self {
            resize: changes.resize.unwrap_or(usual),
            crop,
            channels: changes.channels.unwrap_or(family.channels),
            scale: changes.scale.unwrap_or(family.scale),
            mean: changes.mean.unwrap_or(family.mean),
            std: changes.std.unwrap_or(family.std),
        };
        if crop == 0 || found.resize < crop {
            return Err(format!(
                "crop must be between 1 and resize ({}), found {crop}",
                found.resize
            ));
        }
        let numbers = found.mean.iter().chain(&found.std).chain([&found.scale]);
        if !numbers.into_iter().all(|number| number.is_finite())
            || found.std.contains(&0.0)
            || found.scale == 0.0
        {
            return Err("scale, mean and std must be finite, scale and std not 0".into());
        }
        Ok(found)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_over_the_preset_and_sizes_follow_the_crop() {
        let of = |preset, changes: &Changes, side| Preprocessing::of(preset, changes, side);
        let plain = of(Preset::Torchvision, &Changes::default(), 224).unwrap();
        assert_eq!(plain, Preprocessing::torchvision());
        let inception = of(Preset::Tf, &Changes::default(), 299).unwrap();
        assert_eq!((inception.resize, inception.crop), (342, 299));
        assert_eq!((inception.mean, inception.std), ([0.5; 3], [0.5; 3]));
        let told = Changes {
            crop: Some(227),
            mean: Some([1.0, 2.0, 3.0]),
            ..Changes::default()
        };
        let caffe = of(Preset::Caffe, &told, 224).unwrap();
        assert_eq!((caffe.resize, caffe.crop), (256, 227));
        assert_eq!(caffe.channels, Channels::Bgr);
        assert_eq!((caffe.scale, caffe.mean), (255.0, [1.0, 2.0, 3.0]));
        let flags = Changes {
            crop: Some(200),
            scale: Some(2.0),
            ..Changes::default()
        };
        let both = flags.or(told);
        assert_eq!((both.crop, both.mean), (Some(200), Some([1.0, 2.0, 3.0])));
        assert!(!both.tell_all());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |changes: Changes| Preprocessing::of(Preset::Caffe, &changes, 224).is_err();
        assert!(refused(Changes {
            resize: Some(100),
            ..Changes::default()
        }));
        assert!(refused(Changes {
            crop: Some(0),
            ..Changes::default()
        }));
        assert!(refused(Changes {
            std: Some([1.0, 0.0, 1.0]),
            ..Changes::default()
        }));
        assert!(refused(Changes {
            mean: Some([f32::NAN; 3]),
            ..Changes::default()
        }));
    }
}
