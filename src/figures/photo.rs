//! A photo's pictures: what the network saw, and its projections.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::RgbImage;

use super::contrast;
use crate::error::{Error, Result};
use crate::network::Preprocessing;
use crate::records::{write_whole, ConditionArrays, PhotoArrays, ProjectionArray, ProjectionKind};

/// A projection is fine coloured grain: at 75 it looks the same as at 85 and takes 113 kB for ten, not 160.
const PROJECTION_QUALITY: u8 = 75;
const INPUT_QUALITY: u8 = 85;
/// A unit whose projection fills less than one in this many pixels is drawn as PNG.
const SMALL_PART: usize = 64;

/// What a picture of a photo shows under a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// What the network saw.
    Input,
    /// A layer's projection.
    Projection(ProjectionKind, &'a str),
    /// A layer's `layer` projection less the first condition's.
    Difference(&'a str),
    /// The input less the first condition's.
    InputDifference,
}

/// How a picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lossy, for photographs and projections.
    Jpeg,
    /// For projections that are grey nearly everywhere: a JPEG would show grain where there is nothing.
    Png,
}

/// Where a picture lies inside the run folder, with `/` between its parts.
pub fn path(image_id: &str, condition: &str, subject: Subject<'_>, format: Format) -> String {
    let name = match subject {
        Subject::Input => "input".to_owned(),
        Subject::Projection(kind, layer) => format!("{}-{}", kind.name(), file_stem(layer)),
        Subject::Difference(layer) => format!("difference-{}", file_stem(layer)),
        Subject::InputDifference => "input-difference".to_owned(),
    };
    let extension = match format {
        Format::Jpeg => "jpg",
        Format::Png => "png",
    };
    let (photo, condition) = (file_stem(image_id), file_stem(condition));
    format!("assets/photos/{photo}/{condition}/{name}.{extension}")
}

/// Where a picture that was drawn lies; `None` where there is no such picture.
pub fn find(root: &Path, image_id: &str, condition: &str, subject: Subject<'_>) -> Option<String> {
    [Format::Jpeg, Format::Png]
        .into_iter()
        .map(|format| path(image_id, condition, subject, format))
        .find(|path| root.join(path).is_file())
}

/// A name as part of a file name and of a link: letters, digits, `-`, `_` and inner dots stay, other bytes are spelt
/// `~2f`.
pub fn file_stem(name: &str) -> String {
    let mut stem = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let stays =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        match stays {
            true => stem.push(char::from(byte)),
            false => stem.push_str(&format!("~{byte:02x}")),
        }
    }
    stem
}

/// Draws all pictures of one photo into the run folder.
///
/// Projections stand around mid-grey. Each has its own scale ([`super::PERCENTILE`]), but for kind `layer` in other
/// conditions than the first: that one, and its difference from the first, are on the first's scale, so that they can
/// be compared.
///
/// # Errors
/// [`Error::Io`]; [`Error::Drawing`] for maps that do not fit their side.
pub fn draw(
    arrays: &PhotoArrays,
    preprocessing: &Preprocessing,
    root: &Path,
    image_id: &str,
) -> Result<()> {
    let first = arrays.conditions.first();
    for condition in &arrays.conditions {
        let canvas = Canvas {
            arrays,
            preprocessing,
            root,
            image_id,
            condition,
        };
        let shown = contrast::photograph(&condition.input, arrays.side, preprocessing);
        canvas.write(Subject::Input, &condition.input, &shown)?;
        for projection in &condition.projections {
            let reference = first
                .filter(|first| first.condition != condition.condition)
                .and_then(|first| layer_projection(first, projection));
            canvas.projection(projection, reference)?;
        }
    }
    Ok(())
}

/// Draws what of the network's input is another in each condition than in the first, on a scale of its own.
///
/// # Errors
/// As [`draw`].
pub fn draw_input_difference(
    arrays: &PhotoArrays,
    preprocessing: &Preprocessing,
    root: &Path,
    image_id: &str,
) -> Result<()> {
    let Some((first, others)) = arrays.conditions.split_first() else {
        return Ok(());
    };
    for condition in others {
        let inputs = condition.input.iter().zip(&first.input);
        let values: Vec<f32> = inputs.map(|(other, first)| other - first).collect();
        let scale = contrast::scale(&values).unwrap_or(1.0);
        let shown = contrast::around_grey(&values, arrays.side, scale, preprocessing.channels);
        let canvas = Canvas {
            arrays,
            preprocessing,
            root,
            image_id,
            condition,
        };
        canvas.write(Subject::InputDifference, &values, &shown)?;
    }
    Ok(())
}

/// The first condition's projection that another's is compared with.
fn layer_projection<'a>(
    first: &'a ConditionArrays,
    other: &ProjectionArray,
) -> Option<&'a ProjectionArray> {
    let same = |p: &&ProjectionArray| p.kind == ProjectionKind::Layer && p.layer == other.layer;
    let reference = first.projections.iter().find(same)?;
    (other.kind == ProjectionKind::Layer).then_some(reference)
}

struct Canvas<'a> {
    arrays: &'a PhotoArrays,
    preprocessing: &'a Preprocessing,
    root: &'a Path,
    image_id: &'a str,
    condition: &'a ConditionArrays,
}

impl Canvas<'_> {
    fn projection(
        &self,
        projection: &ProjectionArray,
        reference: Option<&ProjectionArray>,
    ) -> Result<()> {
        let (side, channels) = (self.arrays.side, self.preprocessing.channels);
        let values = &projection.values;
        let layer = projection.layer.as_str();
        let common = reference.and_then(|reference| contrast::scale(&reference.values));
        let scale = common.or_else(|| contrast::scale(values)).unwrap_or(1.0);
        let shown = contrast::around_grey(values, side, scale, channels);
        self.write(Subject::Projection(projection.kind, layer), values, &shown)?;
        let Some(reference) = reference else {
            return Ok(());
        };
        let shown = contrast::difference((&reference.values, values), side, scale, channels);
        self.write(Subject::Difference(layer), &reference.values, &shown)
    }

    fn write(&self, subject: Subject<'_>, values: &[f32], shown: &RgbImage) -> Result<()> {
        let format = match subject {
            Subject::Projection(ProjectionKind::Unit, _) if is_small(values) => Format::Png,
            _ => Format::Jpeg,
        };
        let path = path(self.image_id, &self.condition.condition, subject, format);
        let expected = 3 * self.arrays.side * self.arrays.side;
        if values.len() != expected {
            return Err(Error::Drawing {
                what: path,
                problem: format!("expected {expected} values, found {}", values.len()),
            });
        }
        let quality = match subject {
            Subject::Input => INPUT_QUALITY,
            _ => PROJECTION_QUALITY,
        };
        let path = self.root.join(path);
        write_whole(&path, |file| {
            match format {
                Format::Jpeg => JpegEncoder::new_with_quality(file, quality).encode_image(shown),
                Format::Png => shown.write_with_encoder(PngEncoder::new(file)),
            }
            .map_err(|error| Error::io("cannot write", &path)(std::io::Error::other(error)))
        })
    }
}

/// Whether a projection is zero but for a small part.
fn is_small(values: &[f32]) -> bool {
    let active = values.iter().filter(|value| **value != 0.0).count();
    active * SMALL_PART < values.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_hold_nothing_that_a_file_system_or_a_link_would_mind() {
        let subject = Subject::Projection(ProjectionKind::Unit, "features/3 ü");
        assert_eq!(
            path("dog-1", "face", subject, Format::Jpeg),
            "assets/photos/dog-1/face/unit-features~2f3~20~c3~bc.jpg"
        );
        assert_eq!(file_stem("../x.y~"), "~2e.~2fx.y~7e");
    }
}
