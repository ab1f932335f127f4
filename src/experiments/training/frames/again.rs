//! Frames that an interrupted run has left in a file: used again where the file is whole.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use base::digest::sha256_of_file;
use base::Result;
use dataset::{Dataset, PhotoFile};
use network::Preprocessing;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{bytes_of, frame, known_by, seal, Frames, Kept, Made, DIGITS};

/// What a whole file of frames is known by.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct Whole {
    /// Photographs that could not be read and have no frame, by their number in the data set.
    pub(super) skipped: BTreeSet<usize>,
    /// One sha256 for all frames.
    pub(super) seal: String,
}

impl<'a> Frames<'a> {
    /// The frames of photographs that lie in the file at `path`; `None` where it is not whole. Photographs are read, so that it is known
    /// whether they are the same, and none is decoded but those that could not be. `step` is called after each.
    ///
    /// # Errors
    /// Those of `step`.
    pub(in super::super) fn again(
        dataset: &'a Dataset,
        photos: &[usize],
        preprocessing: &Preprocessing,
        (whole, path): (&Whole, &Path),
        step: impl Fn(&PhotoFile) -> Result<()> + Sync,
    ) -> Result<Option<Made<'a>>> {
        let is_framed = |photo: &usize| !whole.skipped.contains(photo);
        let found: Vec<usize> = photos.iter().copied().filter(is_framed).collect();
        let Some(file) = whole.file(path, (found.len(), bytes_of(preprocessing))) else {
            return Ok(None);
        };
        let read = photos.par_iter().map(|&photo| {
            let file = &dataset.photos[photo];
            let (skip, mut sha256) = match whole.skipped.contains(&photo) {
                true => {
                    let (frame, sha256) = frame(dataset, file, preprocessing)?;
                    (frame.err(), sha256)
                }
                false => {
                    let sha256 = sha256_of_file(&dataset.absolute(file));
                    (None, sha256.unwrap_or_default())
                }
            };
            sha256.truncate(DIGITS);
            step(file)?;
            Ok((skip.map(|skip| (photo, skip)), sha256))
        });
        let (skipped, contents): (Vec<_>, _) =
            read.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok(Some(Made {
            frames: Self {
                dataset,
                preprocessing: preprocessing.clone(),
                kept: Kept::File(path.to_owned(), file),
                photos: found,
            },
            skipped: skipped.into_iter().flatten().collect(),
            contents,
            whole: None,
        }))
    }
}

impl Whole {
    /// The file of so many frames of so many bytes, where all of them are as they were.
    fn file(&self, path: &Path, (frames, bytes): (usize, usize)) -> Option<File> {
        let file = File::open(path).ok()?;
        let digest = |place: usize| {
            let mut pixels = vec![0; bytes];
            file.read_exact_at(&mut pixels, (place * bytes) as u64)?;
            Ok(known_by(&pixels))
        };
        let is_long_enough = file.metadata().ok()?.len() == (frames * bytes) as u64;
        let digests = (0..frames).into_par_iter().map(digest);
        let digests = is_long_enough.then(|| digests.collect::<std::io::Result<Vec<_>>>());
        (seal(&digests?.ok()?) == self.seal).then_some(file)
    }
}
