//! A photo's pictures in two runs, side by side.

use std::fs;
use std::path::Path;

use base::{Error, Result};
use comparison::layers::PhotoPair;
use network::Preprocessing;
use records::maps::PhotoArrays;
use records::{ProjectionKind, ORIGINAL};

use super::photo::{self, Subject};
use super::{Picture, Pictured};

/// What stands for a condition in the paths of the two runs' pictures ([`photo::path`]).
pub const SIDES: [&str; 2] = ["a", "b"];

/// Both runs' pictures from their maps: all `layer` projections, and their differences, on the first run's scale.
///
/// # Errors
/// As [`Pictured::pictures`].
pub fn pictures(pair: PhotoPair, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
    let named = |arrays: PhotoArrays, name: &str| {
        arrays.conditions.into_iter().next().map(|mut condition| {
            name.clone_into(&mut condition.condition);
            condition
        })
    };
    let (image_id, shape) = (pair.a.image_id.clone(), pair.a.shape);
    let conditions = [named(pair.a, SIDES[0]), named(pair.b, SIDES[1])];
    let arrays = PhotoArrays {
        image_id,
        shape,
        conditions: conditions.into_iter().flatten().collect(),
    };
    let mut pictures = arrays.pictures(preprocessing)?;
    pictures.extend(photo::input_differences(&arrays, preprocessing)?);
    Ok(pictures)
}

/// Takes over the pictures that the two runs have of a photo, each on its own scale; whether there were any.
///
/// # Errors
/// [`Error::Io`].
pub fn copy(
    runs: [&Path; 2],
    projections: &[(ProjectionKind, String)],
    root: &Path,
    image_id: &str,
) -> Result<bool> {
    let mut found = false;
    for (run, side) in runs.into_iter().zip(SIDES) {
        let subjects = projections
            .iter()
            .map(|(kind, layer)| Subject::Projection(*kind, layer));
        for subject in std::iter::once(Subject::Input).chain(subjects) {
            let Some(encoding) = photo::drawn(run, image_id, ORIGINAL, subject) else {
                continue;
            };
            let file = photo::path(image_id, ORIGINAL, subject, encoding);
            let to = root.join(photo::path(image_id, side, subject, encoding));
            let folder = to.parent().unwrap_or(root);
            fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
            fs::copy(run.join(file), &to).map_err(Error::io("cannot write", &to))?;
            found = true;
        }
    }
    Ok(found)
}
