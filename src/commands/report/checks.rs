//! What must hold before a run begins, or before a finished one is taken for it.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use crate::dataset::{self, Dataset, Geometry, Masks, PhotoFile};
use crate::error::{Error, Result};
use crate::experiments::summary;
use crate::network::Preprocessing;
use crate::records::Manifest;

const SOURCE_DATE: &str = "SOURCE_DATE_EPOCH";

/// sha256 of a photo's file as its record has it: empty where it cannot be read.
pub(super) fn file_sha256(dataset: &Dataset, photo: &PhotoFile) -> String {
    dataset::file_sha256(&dataset.absolute(photo)).unwrap_or_default()
}

/// Refuses to take a finished run for one of photographs that have changed since.
pub(super) fn unchanged(dataset: &Dataset, root: &Path, manifest: &Manifest) -> Result<()> {
    let contents: Vec<(String, String)> = dataset
        .photos
        .par_iter()
        .map(|photo| (photo.path.clone(), file_sha256(dataset, photo)))
        .collect();
    let mut digest = summary::Contents::default();
    for (path, sha256) in &contents {
        digest.add(path, sha256);
    }
    match digest.sha256() == manifest.dataset.digest {
        true => Ok(()),
        false => Err(Error::RunFolder {
            path: root.to_owned(),
            problem: "holds a finished run, but photographs have changed since; begin anew with --overwrite".into(),
        }),
    }
}

/// Holds every region or part against its photo's size before the network runs; tells what was cut.
pub(super) fn masks(dataset: &Dataset, masks: &Masks) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for path in masks.photos() {
        let size = dataset
            .photo(path)
            .and_then(|photo| dataset::upright_size(&dataset.absolute(photo)));
        match size {
            Some(size) => notes.extend(masks.for_photo(path, size)?.1),
            None => notes.push(format!("{path} cannot be read; its boxes are not used")),
        }
    }
    Ok(notes)
}

/// Leaves out the photographs of which nothing is hidden that the network could see; tells how many and which.
pub(super) fn only_masked(
    dataset: &mut Dataset,
    applied: &Masks,
    preprocessing: &Preprocessing,
) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut notes = Vec::new();
    for path in applied.photos() {
        let Some(size) = dataset
            .photo(path)
            .and_then(|photo| dataset::upright_size(&dataset.absolute(photo)))
        else {
            // Reading it will name the reason.
            seen.insert(path);
            continue;
        };
        let geometry = Geometry::new(size, preprocessing)?;
        let regions = applied.for_photo(path, size)?.0;
        match regions.iter().any(|r| r.visible_share(&geometry) > 0.0) {
            true => drop(seen.insert(path)),
            false => notes.push(format!(
                "{path}: the region lies outside what the network sees; left out"
            )),
        }
    }
    if seen.is_empty() {
        return Err(Error::Dataset {
            path: dataset.root.clone(),
            problem: "the network sees the region of --apply-masks in no photograph; keep them as they are with --keep-unmasked".into(),
        });
    }
    let all = dataset.photos.len();
    dataset.retain(|path| seen.contains(path));
    dataset.notes.push(format!(
        "{} of {all} photographs have the region of --apply-masks; the others are left out",
        seen.len()
    ));
    dataset.notes.extend(notes);
    Ok(())
}

/// A run folder inside the data set would be taken for photographs by the next run.
pub(super) fn outside(dataset: &Path, out: &Path) -> Result<()> {
    let existing = |path: &Path| {
        std::path::absolute(path)
            .ok()?
            .ancestors()
            .find_map(|ancestor| ancestor.canonicalize().ok())
    };
    match (dataset.canonicalize().ok(), existing(out)) {
        (Some(dataset), Some(place)) if place.starts_with(&dataset) => Err(Error::RunFolder {
            path: out.to_owned(),
            problem: "lies inside the data set, where its pictures would be taken for photographs; choose another --out".into(),
        }),
        _ => Ok(()),
    }
}

/// The time that stands for start and finish where a run is to be the same whenever it is made.
pub(super) fn source_date() -> Result<Option<DateTime<Utc>>> {
    let Some(value) = std::env::var_os(SOURCE_DATE) else {
        return Ok(None);
    };
    let time = value
        .to_str()
        .and_then(|text| text.parse::<u32>().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0));
    match time {
        Some(time) => Ok(Some(time)),
        None => Err(Error::Usage(format!(
            "{SOURCE_DATE} is '{}': expected whole seconds since 1970-01-01T00:00:00Z",
            value.to_string_lossy()
        ))),
    }
}
