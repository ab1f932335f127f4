//! How a photograph becomes a network's input: resize, crop, channels and normalisation, as plain data.

mod changes;
mod channels;
mod levels;
mod preset;
mod resize;
mod spelt;

pub use changes::Changes;
pub use channels::{Channels, PerChannel};
pub use levels::Levels;
pub use preset::Preset;
pub use resize::{Interpolation, Resize, Rounding, Size};

use serde::{Deserialize, Serialize};

use super::shape::Shape;

/// From photo pixels to network input: `resize` by `interpolation`, centre crop of `crop`, then
/// `(pixel / 255 × scale − mean) / std` for each channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    /// How large the photograph becomes; in `run.json` a `mode` and, but for `squash`, pixels.
    #[serde(flatten)]
    pub resize: Resize,
    /// Rows and columns of the centre crop, which is the network's input.
    pub crop: Size,
    /// Of the crop's offset.
    pub rounding: Rounding,
    /// What resized pixels are made of.
    pub interpolation: Interpolation,
    /// The channels and their order; `mean` and `std` are in this order too.
    pub channels: Channels,
    /// Value of a full-bright pixel before mean and std: 1 (PyTorch) or 255 (Caffe).
    pub scale: f32,
    /// Subtracted per channel.
    pub mean: PerChannel,
    /// Divided by per channel.
    pub std: PerChannel,
}

impl Preprocessing {
    /// A family's preprocessing with changes, for a network's input: the crop is as large where none is told, and the
    /// photographs are grey where it has one channel. Grey photographs are less no mean where the family's is a colour.
    ///
    /// # Errors
    /// What is wrong, in words: a crop that the resized photograph cannot hold, a number that is not finite, a division
    /// by 0, three numbers for one channel.
    pub fn of(preset: Preset, changes: &Changes, input: Shape) -> Result<Self, String> {
        let family = preset.family();
        let usual_channels = match input.channels {
            1 => Channels::Grey,
            _ => family.channels,
        };
        let channels = changes.channels.unwrap_or(usual_channels);
        let crop = match changes.crop {
            Some(crop) => crop,
            None => size_of(input)?,
        };
        let numbers = |name: &str, told: Option<PerChannel>, usual: PerChannel, none: f32| {
            let Some(told) = told else {
                return Ok(preset::for_channels(usual, channels, none));
            };
            let spread = told.spread(channels);
            spread.ok_or_else(|| format!("{name} has three numbers for one channel, grey"))
        };
        let found = Self {
            resize: match (changes.resize, changes.crop_pct) {
                (Some(resize), _) => resize,
                (None, Some(share)) if share > 0.0 && share <= 1.0 => Preset::of_share(crop, share),
                (None, Some(share)) => {
                    return Err(format!(
                        "crop_pct must be above 0 and up to 1, found {share}"
                    ))
                }
                (None, None) => preset.resize(crop, channels),
            },
            crop,
            rounding: changes.rounding.unwrap_or(family.rounding),
            interpolation: changes.interpolation.unwrap_or(family.interpolation),
            channels,
            scale: changes.scale.unwrap_or(family.scale),
            mean: numbers("mean", changes.mean, family.mean, 0.0)?,
            std: numbers("std", changes.std, family.std, 1.0)?,
        };
        found.check()?;
        Ok(found)
    }

    fn check(&self) -> Result<(), String> {
        let Self { resize, crop, .. } = self;
        let least = self.least();
        let sides = [least.height, least.width, crop.height, crop.width];
        if let Some(side) = sides
            .into_iter()
            .find(|side| !(1..=MOST_SIDE).contains(side))
        {
            return Err(format!(
                "a side must be from 1 to {MOST_SIDE} pixels, found {side}"
            ));
        }
        // Some photographs may be padded, not all.
        let pads_all = match resize {
            Resize::Shorter(side) => *side < crop.height.min(crop.width),
            Resize::Cover(_) | Resize::Squash => self.may_pad(),
        };
        if pads_all || (self.may_pad() && self.rounding == Rounding::Down) {
            return Err(format!(
                "crop must be between 1 and resize ({resize}), found {crop}"
            ));
        }
        let numbers = self.mean.values().iter().chain(self.std.values());
        if !numbers
            .chain([&self.scale])
            .all(|number| number.is_finite())
            || self.std.values().contains(&0.0)
            || self.scale == 0.0
        {
            return Err("scale, mean and std must be finite, scale and std not 0".into());
        }
        Ok(())
    }

    /// What a resized photograph has at least.
    fn least(&self) -> Size {
        match self.resize {
            Resize::Shorter(side) => Size::square(side),
            Resize::Cover(size) => size,
            Resize::Squash => self.crop,
        }
    }

    /// Whether the crop may be larger than a resized photograph.
    pub(super) fn may_pad(&self) -> bool {
        let least = self.least();
        least.height < self.crop.height || least.width < self.crop.width
    }

    /// The input's shape.
    pub fn input(&self) -> Shape {
        let [height, width] = self.crop.sides();
        Shape::of([self.channels.count(), height, width])
    }

    /// torchvision's: shorter side 256, crop 224, RGB in 0–1, ImageNet mean and standard deviation.
    pub fn torchvision() -> Self {
        let family = Preset::Torchvision.family();
        Self {
            resize: Resize::Shorter(256),
            crop: Size::square(224),
            rounding: family.rounding,
            interpolation: family.interpolation,
            channels: family.channels,
            scale: family.scale,
            mean: family.mean,
            std: family.std,
        }
    }
}

/// Longest side of a resized picture, but for the longer one's proportion.
const MOST_SIDE: u32 = 1 << 14;

fn size_of(input: Shape) -> Result<Size, String> {
    let side = |cells: usize| {
        u32::try_from(cells)
            .map_err(|_| format!("an input of {input} is too large for photographs"))
    };
    Ok(Size {
        height: side(input.height)?,
        width: side(input.width)?,
    })
}

/// Finds one by its name, whatever its case.
fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    let found = all
        .iter()
        .find(|one| name(**one).eq_ignore_ascii_case(text));
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        format!("expected one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests;
