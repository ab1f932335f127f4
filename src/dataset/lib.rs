//! A folder of photographs: what lies in it, its labels and masks, and each photograph as a network's input.

mod class_lookup;
mod control;
mod folder_words;
mod folders;
mod geometry;
mod gif;
mod ifd;
mod jpeg;
mod jpeg_planes;
mod kind;
mod label_map;
mod label_source;
mod labels;
mod lookup;
mod mask_folders;
mod masks;
mod names;
mod photo;
mod preprocess;
mod rect;
mod region;
mod splits;
mod tiff;
mod tiff_samples;
mod transform;
mod unread;
mod walk;

pub use geometry::Geometry;
pub use label_source::LabelSource;
pub use labels::Labels;
pub use masks::Masks;
pub use names::PhotoFile;
pub use photo::{decode, file_sha256, read, Photo, Skip, SkipReason};
pub use preprocess::{colour, crop, input, normalise};
pub use rect::{union_area, Rect};
pub use region::{fill_rect, Region};
pub use transform::Transform;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base::words::count;
use base::{Error, Result};
use network::classes::Class;
use rayon::prelude::*;

use class_lookup::ClassLookup;
use folders::Folders;
use label_map::LabelMap;
use labels::Given;
use lookup::Lookup;
use photo::upright_size;
use splits::Role;

/// How a data set is looked at.
#[derive(Debug, Clone, Default)]
pub struct DatasetOptions {
    /// A CSV with the columns `path,label`.
    pub labels: Option<PathBuf>,
    /// A CSV from labels to the network's classes.
    pub label_map: Option<PathBuf>,
    /// Labels are the names of the folders so many below the data set's.
    pub label_level: Option<usize>,
    /// Take the photographs of this split alone.
    pub split: Option<String>,
    /// Take this many photographs, drawn by `seed`.
    pub limit: Option<usize>,
    /// What the draw depends on, beside the photographs' paths.
    pub seed: u64,
}

/// A folder of photographs, listed but not yet read.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The folder as given.
    pub root: PathBuf,
    /// In the order of their paths' parts, bytewise.
    pub photos: Vec<PhotoFile>,
    /// The whole folder's labels, whatever the limit.
    pub labels: Labels,
    /// Files with neither image content nor an image's extension.
    pub other_files: usize,
    /// Folders and files that could not be looked into, each of which is a note.
    pub unlisted: usize,
    /// What was found out and decided, to be said aloud.
    pub notes: Vec<String>,
    /// Paths of the photographs that the limit left out.
    left_out: BTreeSet<String>,
    /// Numbers of the photographs in the bytewise order of their paths.
    by_path: Vec<usize>,
    /// What the splits that photographs lie in are for, by path.
    roles: BTreeMap<String, Role>,
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
        let mut found = walk::walk(root)?;
        let listed = found.photos.len();
        found
            .notes
            .extend(mask_folders::take_out(&mut found.photos));
        let drawn = listed - found.photos.len();
        let mut notes = found.notes;
        let mut photos: Vec<_> = found.photos.into_iter().map(PhotoFile::new).collect();
        let folders = Folders::of(&photos);

        let role = |(photo, splits): (&PhotoFile, &Vec<String>)| {
            let role = splits.iter().rev().find_map(|split| splits::role(split))?;
            Some((photo.path.clone(), role))
        };
        let roles = photos
            .iter()
            .zip(&folders.splits)
            .filter_map(role)
            .collect();

        let classes = ClassLookup::of(classes);
        let shipped = LabelMap::shipped(&classes)?;
        let map = match &options.label_map {
            Some(path) => LabelMap::read(path, &classes)?,
            None => LabelMap::default(),
        };
        let known = |word: &str| {
            let is_class =
                || !classes.named(word).is_empty() || classes.in_other_number(word).is_some();
            shipped.knows(word) || map.knows(word) || is_class()
        };
        let given = match (&options.labels, options.label_level) {
            (Some(table), _) => Given::Table(table),
            (None, Some(level)) => Given::Level(level),
            (None, None) => Given::Nothing,
        };
        let labels = Labels::assign(root, &mut photos, &folders, given, known, &mut notes)?;
        let mut dataset = Self {
            root: root.to_owned(),
            photos,
            labels,
            other_files: found.other_files + drawn,
            unlisted: found.unlisted,
            notes,
            left_out: BTreeSet::new(),
            by_path: Vec::new(),
            roles,
        };
        dataset.index();
        dataset.choose_split(&folders, options.split.as_deref())?;
        let told = dataset.labels.told(&dataset.photos);
        dataset.notes.extend(told);
        if classes.count() > 0 {
            let (labels, notes) = (&mut dataset.labels, &mut dataset.notes);
            label_map::resolve(labels, &map, &shipped, &classes, notes);
        }
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

    /// Numbers of the photographs that lie in folders for training, and of those in folders for validation or, where there are
    /// none, for tests; `None` where folders do not tell both.
    pub fn told_splits(&self) -> Option<[Vec<usize>; 2]> {
        let of = |wanted: Role| -> Vec<usize> {
            let photos = self.photos.iter().enumerate();
            let is_of = |(_, photo): &(usize, &PhotoFile)| {
                self.roles
                    .get(&photo.path)
                    .is_some_and(|role| *role == wanted)
            };
            photos.filter(is_of).map(|(number, _)| number).collect()
        };
        let held_back = [of(Role::Validation), of(Role::Test)];
        let held_back = held_back.into_iter().find(|photos| !photos.is_empty())?;
        let training = of(Role::Training);
        (!training.is_empty()).then_some([training, held_back])
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
        if let Some(number) = self.number(path) {
            return Ok(number);
        }
        let lookup = self.lookup();
        let found = lookup.find(path);
        let problem = match found {
            Ok(photo) if self.left_out.contains(photo) => {
                format!("photograph '{photo}' is not in the sample")
            }
            Ok(photo) => return self.find(photo),
            Err(missing) => lookup.told(path, &missing),
        };
        Err(Error::dataset(&self.root, problem))
    }

    /// Finds photographs, those that were left out too, by what tables call them.
    fn lookup(&self) -> Lookup<'_> {
        let photos = self.photos.iter().map(|photo| photo.path.as_str());
        let left_out = self.left_out.iter().map(String::as_str);
        Lookup::new(&self.root, photos.chain(left_out))
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

    /// Leaves out all photographs but those of the split that is `wanted`; tells which there are where none is.
    fn choose_split(&mut self, folders: &Folders, wanted: Option<&str>) -> Result<()> {
        let counts = folders.split_counts();
        let Some(wanted) = wanted else {
            if !counts.is_empty() {
                let told = labels::numbers(&counts);
                let note = format!("splits: {told}; all are looked at, --split NAME takes one");
                self.notes.push(note);
            }
            return Ok(());
        };
        let chosen = folders.split(&self.root, wanted)?;
        let photos = self.photos.iter().zip(&folders.splits);
        let kept: BTreeSet<String> = photos
            .filter(|(_, splits)| splits.contains(&chosen))
            .map(|(photo, _)| photo.path.clone())
            .collect();
        let (kept_count, all) = (kept.len(), self.photos.len());
        self.retain(|path| kept.contains(path));
        let note = format!(
            "split {chosen}: {kept_count} of {}",
            count(all, "photograph")
        );
        self.notes.push(note);
        if self.photos.iter().all(|photo| photo.label.is_none()) && !self.labels.names.is_empty() {
            self.labels = Labels::none();
            self.notes.push(format!(
                "no labels: no photograph of {chosen} lies in a class folder"
            ));
        }
        Ok(())
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
