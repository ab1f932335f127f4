//! The pictures of an occlusion experiment that are made while its tensors are at hand.

use std::path::Path;

use image::RgbImage;

use super::photo::file_stem;
use super::{contrast, picture};
use crate::error::Result;
use crate::network::{Channels, Preprocessing};

const INPUT_QUALITY: u8 = 85;
const PROJECTION_QUALITY: u8 = 75;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What the network sees, nothing hidden.
    Input,
    /// What it sees with the occluder at the most harmful position.
    Worst,
    /// The followed map, projected.
    Projection,
    /// What the network sees of the example of that rank.
    ExampleInput(usize),
    /// The followed map's strongest unit in the example of that rank, projected.
    Example(usize),
}

/// Where a picture lies inside the run folder, with `/` between its parts.
pub fn path(image_id: &str, subject: Subject) -> String {
    let name = match subject {
        Subject::Input => "input".to_owned(),
        Subject::Worst => "worst".to_owned(),
        Subject::Projection => "projection".to_owned(),
        Subject::ExampleInput(rank) => format!("example-{rank}-input"),
        Subject::Example(rank) => format!("example-{rank}"),
    };
    format!("assets/occlusion/{}/{name}.jpg", file_stem(image_id))
}

/// Writes what the network saw, of `[3, side, side]` values in network units.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn write_input(
    root: &Path,
    image_id: &str,
    subject: Subject,
    input: &[f32],
    preprocessing: &Preprocessing,
) -> Result<()> {
    let shown = contrast::photograph(input, preprocessing.crop as usize, preprocessing);
    write(root, image_id, subject, &shown, INPUT_QUALITY)
}

/// Writes a projection `[3, side, side]` around mid-grey on a scale of its own.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn write_projection(
    root: &Path,
    image_id: &str,
    subject: Subject,
    values: &[f32],
    (side, channels): (usize, Channels),
) -> Result<()> {
    let scale = contrast::scale(values).unwrap_or(1.0);
    let shown = contrast::around_grey(values, side, scale, channels);
    write(root, image_id, subject, &shown, PROJECTION_QUALITY)
}

fn write(
    root: &Path,
    image_id: &str,
    subject: Subject,
    shown: &RgbImage,
    quality: u8,
) -> Result<()> {
    picture::write_jpeg(&root.join(path(image_id, subject)), shown, quality)
}
