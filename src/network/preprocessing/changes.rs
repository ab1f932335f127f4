//! What is told of a preprocessing, in a description or on the command line.

use serde::{Deserialize, Serialize};

use super::{spelt, Channels, Interpolation, PerChannel, Preprocessing, Resize, Rounding, Size};

/// What is told of a preprocessing; the preset says the rest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// As [`Preprocessing::resize`].
    #[serde(with = "spelt", skip_serializing_if = "Option::is_none")]
    pub resize: Option<Resize>,
    /// The part of the resized sides that the crop is, where no `resize` is told (timm's word).
    pub crop_pct: Option<f64>,
    /// As [`Preprocessing::crop`].
    #[serde(with = "spelt", skip_serializing_if = "Option::is_none")]
    pub crop: Option<Size>,
    /// As [`Preprocessing::rounding`].
    pub rounding: Option<Rounding>,
    /// As [`Preprocessing::interpolation`].
    pub interpolation: Option<Interpolation>,
    /// As [`Preprocessing::channels`].
    pub channels: Option<Channels>,
    /// As [`Preprocessing::scale`].
    pub scale: Option<f32>,
    /// As [`Preprocessing::mean`].
    pub mean: Option<PerChannel>,
    /// As [`Preprocessing::std`].
    pub std: Option<PerChannel>,
}

impl From<&Preprocessing> for Changes {
    /// All of a preprocessing, told.
    fn from(told: &Preprocessing) -> Self {
        Self {
            resize: Some(told.resize),
            crop_pct: None,
            crop: Some(told.crop),
            rounding: Some(told.rounding),
            interpolation: Some(told.interpolation),
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
        crop_pct: None,
        crop: None,
        rounding: None,
        interpolation: None,
        channels: None,
        scale: None,
        mean: None,
        std: None,
    };

    /// These changes, and the other's where these say nothing.
    pub fn or(self, other: Self) -> Self {
        let tells_size = self.resize.is_some() || self.crop_pct.is_some();
        let (resize, crop_pct) = match tells_size {
            true => (self.resize, self.crop_pct),
            false => (other.resize, other.crop_pct),
        };
        Self {
            resize,
            crop_pct,
            crop: self.crop.or(other.crop),
            rounding: self.rounding.or(other.rounding),
            interpolation: self.interpolation.or(other.interpolation),
            channels: self.channels.or(other.channels),
            scale: self.scale.or(other.scale),
            mean: self.mean.or(other.mean),
            std: self.std.or(other.std),
        }
    }

    /// Whether nothing but details is left for the preset to say: how a half is rounded, and the interpolation.
    pub fn tell_all(&self) -> bool {
        (self.resize.is_some() || self.crop_pct.is_some())
            && self.crop.is_some()
            && self.channels.is_some()
            && self.scale.is_some()
            && self.mean.is_some()
            && self.std.is_some()
    }
}
