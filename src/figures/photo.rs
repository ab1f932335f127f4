//! A photo's pictures: what the network saw, and its projections.

use std::path::Path;

use base::{Error, Result};
use image::RgbImage;
use network::Preprocessing;
use records::maps::{ConditionArrays, PhotoArrays, ProjectionArray};
use records::{file_stem, ProjectionKind, Run};

use super::contrast::{self, Pixels};
use super::{photos, Encoding, Picture, Pictured};

/// A projection is fine coloured grain: at 75 it looks the same as at 85 and takes 113 kB for ten, not 160.
const PROJECTION: Encoding = Encoding::Jpeg(75);
const INPUT: Encoding = Encoding::Jpeg(85);
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

/// Where a picture lies inside the run folder, with `/` between its parts.
pub(super) fn path(
    image_id: &str,
    condition: &str,
    subject: Subject<'_>,
    encoding: Encoding,
) -> String {
    let name = match subject {
        Subject::Input => "input".to_owned(),
        Subject::Projection(kind, layer) => format!("{}-{}", kind.name(), file_stem(layer)),
        Subject::Difference(layer) => format!("difference-{}", file_stem(layer)),
        Subject::InputDifference => "input-difference".to_owned(),
    };
    let (photo, condition) = (file_stem(image_id), file_stem(condition));
    encoding.path(&format!("photos/{photo}/{condition}/{name}"))
}

/// Where a picture that was drawn lies; `None` where there is no such picture.
pub fn find(root: &Path, image_id: &str, condition: &str, subject: Subject<'_>) -> Option<String> {
    let drawn = drawn(root, image_id, condition, subject);
    drawn.map(|encoding| path(image_id, condition, subject, encoding))
}

/// How a picture is written that was drawn.
pub(super) fn drawn(
    root: &Path,
    image_id: &str,
    condition: &str,
    subject: Subject<'_>,
) -> Option<Encoding> {
    let is_there = |encoding: &Encoding| {
        let path = path(image_id, condition, subject, *encoding);
        root.join(path).is_file()
    };
    [PROJECTION, Encoding::Png].into_iter().find(is_there)
}

impl Pictured for PhotoArrays {
    fn of_run(run: &Run) -> Result<Vec<String>> {
        photos(run)
    }

    /// Projections stand around mid-grey. Each has its own scale ([`super::PERCENTILE`]), but for kind `layer` in other
    /// conditions than the first: that one, and its difference from the first, are on the first's scale, so that they can
    /// be compared.
    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        let mut pictures = Vec::new();
        let first = self.conditions.first();
        for condition in &self.conditions {
            let canvas = Canvas {
                arrays: self,
                preprocessing,
                condition,
            };
            pictures.push(canvas.input()?);
            for projection in &condition.projections {
                let reference = first
                    .filter(|first| first.condition != condition.condition)
                    .and_then(|first| layer_projection(first, projection));
                pictures.push(canvas.projection(projection, reference)?);
                if let Some(reference) = reference {
                    pictures.push(canvas.difference(projection, reference)?);
                }
            }
        }
        Ok(pictures)
    }
}

/// What of the network's input is another in each condition than in the first, on a scale of its own.
///
/// # Errors
/// As [`Pictured::pictures`].
pub(super) fn input_differences(
    arrays: &PhotoArrays,
    preprocessing: &Preprocessing,
) -> Result<Vec<Picture>> {
    let Some((first, others)) = arrays.conditions.split_first() else {
        return Ok(Vec::new());
    };
    let difference = |condition: &ConditionArrays| {
        let canvas = Canvas {
            arrays,
            preprocessing,
            condition,
        };
        let values = less(&condition.input, &first.input);
        let scale = contrast::scale(&values).unwrap_or(1.0);
        canvas.around_grey(Subject::InputDifference, &values, scale)
    };
    others.iter().map(difference).collect()
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

/// How much greater the one is than the other, value by value.
fn less(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter()
        .zip(other)
        .map(|(one, other)| one - other)
        .collect()
}

/// What a projection is drawn on: its own scale, or that of the one it is compared with.
fn scale(projection: &ProjectionArray, reference: Option<&ProjectionArray>) -> f32 {
    let common = reference.and_then(|reference| contrast::scale(&reference.values));
    let own = || contrast::scale(&projection.values);
    common.or_else(own).unwrap_or(1.0)
}

struct Canvas<'a> {
    arrays: &'a PhotoArrays,
    preprocessing: &'a Preprocessing,
    condition: &'a ConditionArrays,
}

impl Canvas<'_> {
    fn input(&self) -> Result<Picture> {
        let input = self.pixels(Subject::Input, &self.condition.input)?;
        let shown = contrast::photograph(input, self.preprocessing);
        Ok(self.picture(Subject::Input, shown, INPUT))
    }

    fn projection(
        &self,
        projection: &ProjectionArray,
        reference: Option<&ProjectionArray>,
    ) -> Result<Picture> {
        let subject = Subject::Projection(projection.kind, &projection.layer);
        let scale = scale(projection, reference);
        self.around_grey(subject, &projection.values, scale)
    }

    fn difference(
        &self,
        projection: &ProjectionArray,
        reference: &ProjectionArray,
    ) -> Result<Picture> {
        let subject = Subject::Difference(&projection.layer);
        let values = less(&projection.values, &reference.values);
        self.around_grey(subject, &values, scale(projection, Some(reference)))
    }

    fn around_grey(&self, subject: Subject<'_>, values: &[f32], scale: f32) -> Result<Picture> {
        let pixels = self.pixels(subject, values)?;
        let shown = contrast::around_grey(pixels, scale, self.preprocessing.channels);
        let encoding = match subject {
            Subject::Projection(ProjectionKind::Unit, _) if is_small(values) => Encoding::Png,
            _ => PROJECTION,
        };
        Ok(self.picture(subject, shown, encoding))
    }

    fn picture(&self, subject: Subject<'_>, shown: RgbImage, encoding: Encoding) -> Picture {
        Picture {
            path: self.path(subject, encoding),
            pixels: shown.into(),
            encoding,
        }
    }

    fn path(&self, subject: Subject<'_>, encoding: Encoding) -> String {
        let (photo, condition) = (&self.arrays.image_id, &self.condition.condition);
        path(photo, condition, subject, encoding)
    }

    fn pixels<'a>(&self, subject: Subject<'_>, values: &'a [f32]) -> Result<Pixels<'a>> {
        let [_, height, width] = self.arrays.shape;
        let expected: usize = self.arrays.shape.iter().product();
        match values.len() == expected {
            true => Ok(Pixels {
                values,
                size: (height, width),
            }),
            false => Err(Error::Drawing {
                what: self.path(subject, PROJECTION),
                problem: format!("expected {expected} values, found {}", values.len()),
            }),
        }
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
            path("dog-1", "face", subject, PROJECTION),
            "assets/photos/dog-1/face/unit-features~2f3~20~c3~bc.jpg"
        );
    }
}
