//! Photographs decoded and resized once, kept as bytes in memory or in a file, and read from there at every epoch.

mod again;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use base::digest::{sha256_hex, sha256_of_texts};
use base::{Error, Result};
use dataset::{Dataset, PhotoFile, Skip};
use image::RgbImage;
use network::Preprocessing;
use rayon::prelude::*;

pub(super) use again::Whole;

/// Where frames are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// In memory.
    Memory,
    /// In a file of the run folder.
    File,
    /// Nowhere: photographs are decoded at every epoch.
    None,
}

/// Memory that frames take before they go into a file where nobody says otherwise.
const IN_MEMORY: u64 = 2 << 30;

impl Cache {
    /// In memory as far as it is little, else in a file.
    pub fn for_bytes(bytes: u64) -> Self {
        match bytes <= IN_MEMORY {
            true => Self::Memory,
            false => Self::File,
        }
    }
}

/// Photographs as squares (or whatever their preprocessing crops), by their place in a list.
#[derive(Debug)]
pub(super) struct Frames<'a> {
    dataset: &'a Dataset,
    preprocessing: Preprocessing,
    kept: Kept,
    /// By place: the photograph's number in the data set.
    photos: Vec<usize>,
}

#[derive(Debug)]
enum Kept {
    Memory(Vec<u8>),
    File(PathBuf, File),
    Nothing,
}

/// A photograph that cannot be shown, by its number in the data set.
pub type Skipped = (usize, Skip);

/// Frames that were made of photographs.
#[derive(Debug)]
pub(super) struct Made<'a> {
    pub(super) frames: Frames<'a>,
    /// Those that could not be read.
    pub(super) skipped: Vec<Skipped>,
    /// Of each photograph, in their order, what its file is known by again; empty where it cannot be opened.
    pub(super) contents: Vec<String>,
    /// What their file is known by again, where they were written into one.
    pub(super) whole: Option<Whole>,
}

/// Hex digits of a file's sha256, or of a frame's, that it is known by.
const DIGITS: usize = 16;

impl<'a> Frames<'a> {
    /// Decodes photographs and keeps what the preprocessing crops of them; those that cannot be read are left out and named.
    /// `step` is called after each.
    ///
    /// # Errors
    /// [`Error::Io`] where the file at `path` cannot be written; [`Error::Usage`] for a photograph without room for the crop.
    pub(super) fn make(
        dataset: &'a Dataset,
        photos: &[usize],
        preprocessing: &Preprocessing,
        (cache, path): (Cache, &Path),
        step: impl Fn(&PhotoFile) -> Result<()> + Sync,
    ) -> Result<Made<'a>> {
        let bytes = bytes_of(preprocessing);
        let mut kept = match cache {
            Cache::Memory => Kept::Memory(Vec::with_capacity(photos.len() * bytes)),
            Cache::File => {
                let folder = path.parent().unwrap_or(Path::new("."));
                fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
                let file = File::options()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .open(path);
                Kept::File(
                    path.to_owned(),
                    file.map_err(Error::io("cannot write", path))?,
                )
            }
            Cache::None => Kept::Nothing,
        };
        let (mut found, mut skipped) = (Vec::with_capacity(photos.len()), Vec::new());
        let mut contents = Vec::with_capacity(photos.len());
        let mut digests = Vec::new();
        // So many at a time, so that those that are read and not yet kept are few.
        for some in photos.chunks(256) {
            let read = some.par_iter().map(|&photo| {
                let file = &dataset.photos[photo];
                let (frame, sha256) = frame(dataset, file, preprocessing)?;
                let digest = match (cache, &frame) {
                    (Cache::File, Ok(frame)) => Some(known_by(frame.as_raw())),
                    _ => None,
                };
                step(file)?;
                Ok((photo, frame, sha256, digest))
            });
            for (photo, frame, mut sha256, digest) in read.collect::<Result<Vec<_>>>()? {
                sha256.truncate(DIGITS);
                contents.push(sha256);
                digests.extend(digest);
                match frame {
                    Err(skip) => skipped.push((photo, skip)),
                    Ok(frame) => {
                        kept.keep(found.len(), frame.as_raw())?;
                        found.push(photo);
                    }
                }
            }
        }
        let whole = matches!(kept, Kept::File(..)).then(|| Whole {
            skipped: skipped.iter().map(|(photo, _)| *photo).collect(),
            seal: seal(&digests),
        });
        let frames = Self {
            dataset,
            preprocessing: preprocessing.clone(),
            kept,
            photos: found,
        };
        Ok(Made {
            frames,
            skipped,
            contents,
            whole,
        })
    }

    /// The same photographs by other squares, decoded whenever they are asked for.
    pub(super) fn decoded_again(&self, preprocessing: Preprocessing) -> Self {
        Self {
            dataset: self.dataset,
            preprocessing,
            kept: Kept::Nothing,
            photos: self.photos.clone(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.photos.len()
    }

    /// The photograph at a place.
    pub(super) fn photo(&self, place: usize) -> &PhotoFile {
        &self.dataset.photos[self.photos[place]]
    }

    /// The class of the photograph at a place.
    pub(super) fn class(&self, place: usize) -> usize {
        self.photo(place).label.unwrap_or(0)
    }

    /// What was made from photographs.
    pub(super) fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// The frame at a place.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Photo`] for a photograph that has changed or is gone since.
    pub(super) fn frame(&self, place: usize) -> Result<RgbImage> {
        let bytes = bytes_of(&self.preprocessing);
        let pixels = match &self.kept {
            Kept::Memory(all) => all[place * bytes..(place + 1) * bytes].to_vec(),
            Kept::File(path, file) => {
                let mut pixels = vec![0; bytes];
                file.read_exact_at(&mut pixels, (place * bytes) as u64)
                    .map_err(Error::io("cannot read", path))?;
                pixels
            }
            Kept::Nothing => {
                let file = self.photo(place);
                let (frame, _) = frame(self.dataset, file, &self.preprocessing)?;
                return frame.map_err(|_| Error::photo_changed(self.dataset.absolute(file)));
            }
        };
        let crop = self.preprocessing.crop;
        let whole = RgbImage::from_raw(crop.width, crop.height, pixels);
        Ok(whole.unwrap_or_default())
    }
}

/// What a frame's pixels are known by again.
fn known_by(pixels: &[u8]) -> String {
    let mut sha256 = sha256_hex(pixels);
    sha256.truncate(DIGITS);
    sha256
}

/// One for all frames, of what each is known by.
fn seal(digests: &[String]) -> String {
    sha256_of_texts(digests.iter().map(String::as_str))
}

/// Bytes of a frame.
pub(super) fn bytes_of(preprocessing: &Preprocessing) -> usize {
    preprocessing.crop.height as usize * preprocessing.crop.width as usize * 3
}

/// A photograph's frame, and the sha256 of its file; empty where it cannot be opened.
fn frame(
    dataset: &Dataset,
    file: &PhotoFile,
    preprocessing: &Preprocessing,
) -> Result<(Result<RgbImage, Skip>, String)> {
    match dataset::read(&dataset.absolute(file)) {
        Ok(read) => {
            let frame = dataset::crop(&read.pixels, preprocessing)?;
            Ok((Ok(frame), read.sha256))
        }
        Err(skip) => {
            let sha256 = skip.sha256.clone().unwrap_or_default();
            Ok((Err(skip), sha256))
        }
    }
}

impl Kept {
    fn keep(&mut self, place: usize, pixels: &[u8]) -> Result<()> {
        match self {
            Self::Memory(all) => all.extend_from_slice(pixels),
            Self::File(path, file) => {
                let at = (place * pixels.len()) as u64;
                let written = file.write_all_at(pixels, at);
                written.map_err(Error::io("cannot write", path.as_path()))?;
            }
            Self::Nothing => {}
        }
        Ok(())
    }
}
