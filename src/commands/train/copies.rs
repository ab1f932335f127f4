//! Photographs that are held back and trained on alike.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use base::digest::sha256_of_file;
use rayon::prelude::*;

/// Bytes at a file's end that tell most of those of one size apart.
const TAIL: u64 = 4096;

/// How many of `held_back` have the bytes of one of `training`; what cannot be read has those of none.
pub(super) fn count(training: &[PathBuf], held_back: &[PathBuf]) -> usize {
    let (training, held_back) = alike((training, held_back), |path| {
        fs::metadata(path).ok().map(|file| file.len())
    });
    let (training, held_back) = alike((&training, &held_back), |path| tail(path).ok());
    let (_, held_back) = alike((&training, &held_back), |path| sha256_of_file(path).ok());
    held_back.len()
}

/// Those of both that have a mark in common.
fn alike<M: Ord + Send + Sync>(
    (training, held_back): (&[PathBuf], &[PathBuf]),
    mark: impl Fn(&Path) -> Option<M> + Sync,
) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let marks =
        |paths: &[PathBuf]| -> Vec<Option<M>> { paths.par_iter().map(|path| mark(path)).collect() };
    let [of_training, of_held_back] = [training, held_back].map(marks);
    let shared = |paths: &[PathBuf], own: &[Option<M>], other: &[Option<M>]| {
        let other: BTreeSet<&M> = other.iter().flatten().collect();
        let both = paths.iter().zip(own);
        let both = both.filter(|(_, mark)| mark.as_ref().is_some_and(|mark| other.contains(mark)));
        both.map(|(path, _)| path.clone()).collect()
    };
    (
        shared(training, &of_training, &of_held_back),
        shared(held_back, &of_held_back, &of_training),
    )
}

fn tail(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    #[test]
    fn copies_are_told_by_all_of_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let long = |first: u8| [vec![first; 5000], vec![7; 5000]].concat();
        let files = [
            ("a", long(1)),
            ("b", long(2)),
            ("c", vec![3; 20]),
            ("d", long(1)),
            ("e", long(4)),
            ("f", vec![5; 20]),
        ];
        let write = |(name, bytes): (&str, Vec<u8>)| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let paths = files.map(write);
        assert_eq!(count(&paths[..3], &paths[3..]), 1);
        assert_eq!(count(&paths[..3], &[folder.path().join("none")]), 0);
    }
}
