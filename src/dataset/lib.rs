//! A folder of photographs: what lies in it, its labels and masks, and each photograph as a network's input.

mod control;
mod geometry;
mod jpeg;
mod label_map;
mod label_source;
mod labels;
mod masks;
mod names;
mod photo;
mod preprocess;
mod rect;
mod region;
mod table;
mod transform;
mod walk;

pub use geometry::Geometry;
pub use label_source::LabelSource;
pub use labels::Labels;
pub use masks::Masks;
pub use names::PhotoFile;
pub use photo::{file_sha256, read, Photo, Skip, SkipReason};
pub use preprocess::{colour, crop, input, normalise};
pub use rect::{union_area, Rect};
pub use region::{fill_rect, Region};
pub use transform::Transform;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use network::classes::Class;
use rayon::prelude::*;

use label_map::LabelMap;
use photo::upright_size;

/// How a data set is looked at.
#[derive(Debug, Clone, Default)]
pub struct DatasetOptions {
    /// A CSV with the columns `path,label`.
    pub labels: Option<PathBuf>,
    /// A CSV from labels to the network's classes.
    pub label_map: Option<PathBuf>,
    /// Take this many photographs, drawn by `seed`.
    pub limit: Option<usize>,
    /// What the draw depends on, beside the photographs' paths.
    pub seed: u64,
}

/// A folder of photographs, listed but not yet read.
#[derive(Debug)]
pub struct Dataset {
    /// The folder as given.
    pub root: PathBuf,
    /// In the order of their paths' parts, bytewise.
    pub photos: Vec<PhotoFile>,
    /// The whole folder's labels, whatever the limit.
    pub labels: Labels,
    /// Files with neither image content nor an image's extension.
    pub other_files: usize,
    /// What was found out and decided, to be said aloud.
    pub notes: Vec<String>,
    /// Paths of the photographs that the limit left out.
    left_out: BTreeSet<String>,
    /// Numbers of the photographs in the bytewise order of their paths.
    by_path: Vec<usize>,
}

impl Dataset {
    /// Lists the photographs below `root` and finds out their labels and what these are among the network's `classes`.
    ///
    /// # Errors
    ///
    /// The folder is missing or without photographs, or a table is malformed. A single unreadable file never is one.
    pub fn open(root: &Path, options: &DatasetOptions, classes: &[Class]) -> Result<Self> {
        if options.limit == Some(0) {
            return Err(Error::Usage(
                "a limit of 0 photographs leaves nothing to do".to_owned(),
            ));
        }
        let found = walk::walk(root)?;
        let mut notes = found.notes;
        let mut photos: Vec<_> = found.photos.into_iter().map(PhotoFile::new).collect();

        let shipped = LabelMap::shipped(classes)?;
        let given = match &options.label_map {
            Some(path) => LabelMap::read(path, classes)?,
            None => LabelMap::default(),
        };
        let known = |word: &str| shipped.knows(&word.to_lowercase()) || given.knows(word);
        let mut labels = Labels::assign(&mut photos, options.labels.as_deref(), known, &mut notes)?;
        if !classes.is_empty() {
            label_map::resolve(&mut labels, &given, &shipped, classes, &mut notes);
        }
        let mut dataset = Self {
            root: root.to_owned(),
            photos,
            labels,
            other_files: found.other_files,
            notes,
            left_out: BTreeSet::new(),
            by_path: Vec::new(),
        };
        dataset.index();
        if let Some(limit) = options.limit {
            dataset.sample(limit, options.seed);
        }
        Ok(dataset)
    }

    /// Where the photograph lies on disk.
    pub fn absolute(&self, photo: &PhotoFile) -> PathBuf {
        self.root.join(&photo.relative)
    }

    /// The photograph whose [`PhotoFile::path`] this is.
    pub fn photo(&self, path: &str) -> Option<&PhotoFile> {
        self.number(path).map(|number| &self.photos[number])
    }

    fn number(&self, path: &str) -> Option<usize> {
        let of = |number: &usize| self.photos[*number].path.as_str();
        let place = self.by_path.binary_search_by_key(&path, of).ok()?;
        Some(self.by_path[place])
    }

    fn index(&mut self) {
        self.by_path = (0..self.photos.len()).collect();
        let of = |number: &usize| self.photos[*number].path.as_str();
        self.by_path.sort_by_key(of);
    }

    /// The number of the photograph whose [`PhotoFile::path`] this is.
    ///
    /// # Errors
    ///
    /// There is none, or it was left out; with the nearest name.
    pub fn find(&self, path: &str) -> Result<usize> {
        self.number(path).ok_or_else(|| {
            let problem = match self.left_out.contains(path) {
                true => format!("photograph '{path}' is not in the sample"),
                false => masks::unknown_photo(path, self),
            };
            Error::dataset(&self.root, problem)
        })
    }

    /// sha256 of a photo's file as its record has it: empty where it cannot be read.
    pub fn sha256(&self, photo: &PhotoFile) -> String {
        file_sha256(&self.absolute(photo)).unwrap_or_default()
    }

    /// Width and height after EXIF orientation of the photographs of these paths, in this order; none of those that cannot be read.
    pub fn upright_sizes<'a>(
        &self,
        paths: impl Iterator<Item = &'a str>,
    ) -> Vec<(&'a str, Option<(u32, u32)>)> {
        let size = |path| {
            let size = |photo| upright_size(&self.absolute(photo));
            (path, self.photo(path).and_then(size))
        };
        paths
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(size)
            .collect()
    }

    /// Leaves out all photographs but those for which `keep` holds, by path.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let (kept, left_out): (Vec<_>, Vec<_>) = std::mem::take(&mut self.photos)
            .into_iter()
            .partition(|photo| keep(&photo.path));
        self.photos = kept;
        self.left_out
            .extend(left_out.into_iter().map(|photo| photo.path));
        self.index();
    }

    fn sample(&mut self, limit: usize, seed: u64) {
        let all = self.photos.len();
        if limit >= all {
            return;
        }
        let mut drawn: Vec<(u64, usize)> = (0..all)
            .map(|at| (base::digest::draw(seed, &[&self.photos[at].id]), at))
            .collect();
        drawn.sort_unstable();
        let kept: BTreeSet<String> = drawn
            .iter()
            .take(limit)
            .map(|(_, at)| self.photos[*at].path.clone())
            .collect();
        self.retain(|path| kept.contains(path));
        self.notes.push(format!(
            "{limit} of {all} photographs, drawn with seed {seed}"
        ));
    }
}
