//! From photograph to network input, as options.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::Args;
use network::{Changes, Channels, Interpolation, PerChannel, Preset, Resize, Rounding, Size};

/// How a photograph becomes the network's input; what is not told is as the TOML beside the weights says.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Preprocessing")]
pub struct PreprocessingArgs {
    /// Preprocessing of a family of networks: torchvision (its first weights: 256, crop 224), torchvision-v2 (its newer ones: 232), timm (bicubic, crop 0.875), caffe, tf; keras, keras-caffe, keras-tf and keras-torch squash
    #[arg(long, value_parser = one_of(Preset::ALL, Preset::name))]
    pub preset: Option<Preset>,
    /// Length of the shorter side after resizing, in pixels; squash: straight to the input's size (Keras); cover:ROWSxCOLUMNS: in proportion, to at least that
    #[arg(long, value_name = "PIXELS|squash")]
    pub resize: Option<Resize>,
    /// The part of the resized sides that the crop is, in place of --resize (timm's word): 0.875, 0.95, …
    #[arg(long, value_name = "PART", conflicts_with = "resize")]
    pub crop_pct: Option<f64>,
    /// Centre crop, which is the network's input, in pixels: its side, or rows x columns
    #[arg(long, value_name = "PIXELS|HxW")]
    pub crop: Option<Size>,
    /// Rounding of the crop's offset: half-even (torchvision, timm) or down (Caffe)
    #[arg(long, value_parser = one_of(Rounding::ALL, Rounding::name))]
    pub rounding: Option<Rounding>,
    /// What resized pixels are made of, as Pillow does it
    #[arg(long, value_parser = one_of(Interpolation::ALL, Interpolation::name))]
    pub interpolation: Option<Interpolation>,
    /// The colour channels and their order; L is grey
    #[arg(long, value_parser = one_of(Channels::ALL, Channels::name), ignore_case = true)]
    pub channels: Option<Channels>,
    /// Value of a full-bright pixel before mean and std: 1 or 255
    #[arg(long)]
    pub scale: Option<f32>,
    /// Subtracted from each channel, in their order; one number is for all
    #[arg(long, value_name = "X,Y,Z", value_parser = per_channel, allow_hyphen_values = true)]
    pub mean: Option<PerChannel>,
    /// Divided by for each channel; one number is for all
    #[arg(long, value_name = "X,Y,Z", value_parser = per_channel)]
    pub std: Option<PerChannel>,
}

impl PreprocessingArgs {
    /// What is told, without the preset.
    pub fn changes(&self) -> Changes {
        Changes {
            resize: self.resize,
            crop_pct: self.crop_pct,
            crop: self.crop,
            rounding: self.rounding,
            interpolation: self.interpolation,
            channels: self.channels,
            scale: self.scale,
            mean: self.mean,
            std: self.std,
        }
    }
}

/// Takes one of these by its name.
fn one_of<T, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = String> + Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.map(name)).try_map(|text| text.parse())
}

fn per_channel(text: &str) -> Result<PerChannel, String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    numbers
        .ok()
        .and_then(|numbers| PerChannel::try_from(numbers).ok())
        .ok_or_else(|| "expected three numbers, as in 0.485,0.456,0.406, or one".into())
}
