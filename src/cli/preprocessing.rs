//! From photograph to network input, as options.

use clap::Args;
use network::{Changes, Channels, Preset};

/// How a photograph becomes the network's input; what is not told is as the TOML beside the weights says.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Preprocessing")]
pub struct PreprocessingArgs {
    /// Preprocessing of a family of networks: torchvision, caffe or tf
    #[arg(long)]
    pub preset: Option<Preset>,
    /// Length of the shorter side after resizing, in pixels
    #[arg(long, value_name = "PIXELS")]
    pub resize: Option<u32>,
    /// Side of the square centre crop, which is the network's input, in pixels
    #[arg(long, value_name = "PIXELS")]
    pub crop: Option<u32>,
    /// Order of the colour channels: RGB or BGR
    #[arg(long, value_parser = channels)]
    pub channels: Option<Channels>,
    /// Value of a full-bright pixel before mean and std: 1 or 255
    #[arg(long)]
    pub scale: Option<f32>,
    /// Subtracted from each channel, in their order
    #[arg(long, value_name = "X,Y,Z", value_parser = three, allow_hyphen_values = true)]
    pub mean: Option<[f32; 3]>,
    /// Divided by for each channel
    #[arg(long, value_name = "X,Y,Z", value_parser = three)]
    pub std: Option<[f32; 3]>,
}

impl PreprocessingArgs {
    /// What is told, without the preset.
    pub fn changes(&self) -> Changes {
        Changes {
            resize: self.resize,
            crop: self.crop,
            channels: self.channels,
            scale: self.scale,
            mean: self.mean,
            std: self.std,
        }
    }
}

fn channels(text: &str) -> Result<Channels, String> {
    match text.to_ascii_uppercase().as_str() {
        "RGB" => Ok(Channels::Rgb),
        "BGR" => Ok(Channels::Bgr),
        _ => Err("expected RGB or BGR".into()),
    }
}

fn three(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    numbers
        .ok()
        .and_then(|numbers| numbers.try_into().ok())
        .ok_or_else(|| "expected three numbers, as in 0.485,0.456,0.406".into())
}
