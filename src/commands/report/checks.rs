//! What must hold before a run begins, or before a finished one is taken for it.

use std::collections::BTreeSet;
use std::path::Path;

use base::{Error, Result};
use dataset::{Dataset, Geometry, Masks};
use experiments::summary;
use network::Preprocessing;
use rayon::prelude::*;
use records::Manifest;

/// Refuses to take a finished run for one of photographs that have changed since.
pub(super) fn unchanged(dataset: &Dataset, root: &Path, manifest: &Manifest) -> Result<()> {
    let contents: Vec<(String, String)> = dataset
        .photos
        .par_iter()
        .map(|photo| (photo.path.clone(), dataset.sha256(photo)))
        .collect();
    let mut digest = summary::Contents::default();
    for (path, sha256) in &contents {
        digest.add(path, sha256);
    }
    match digest.sha256() == manifest.dataset.digest {
        true => Ok(()),
        false => Err(Error::run_folder(
            root,
            "holds a finished run, but photographs have changed since; begin anew with --overwrite",
        )),
    }
}

/// Leaves out the photographs of which nothing is hidden that the network could see; tells how many and which.
pub(super) fn only_masked(
    dataset: &mut Dataset,
    applied: &Masks,
    preprocessing: &Preprocessing,
) -> Result<()> {
    let mut seen = BTreeSet::new();
    let mut notes = Vec::new();
    for (path, size) in dataset.upright_sizes(applied.photos()) {
        let Some(size) = size else {
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
        return Err(Error::dataset(
            &dataset.root,
            "the network sees the region of --apply-masks in no photograph; keep them as they are with --keep-unmasked",
        ));
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
pub(in crate::commands) fn outside(dataset: &Path, out: &Path) -> Result<()> {
    let existing = |path: &Path| {
        std::path::absolute(path)
            .ok()?
            .ancestors()
            .find_map(|ancestor| ancestor.canonicalize().ok())
    };
    match (dataset.canonicalize().ok(), existing(out)) {
        (Some(dataset), Some(place)) if place.starts_with(&dataset) => Err(Error::run_folder(
            out,
            "lies inside the data set, where its pictures would be taken for photographs; choose another --out",
        )),
        _ => Ok(()),
    }
}
