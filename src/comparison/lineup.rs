//! The runs that are compared, and what each of them made of the photos that all of them have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use base::digest::sha256_of_file;
use base::{Error, Result};
use records::tables::{ContentRow, ImageRow};
use records::{Answers, Manifest, Run};

/// One of the runs.
#[derive(Debug)]
pub struct Side {
    /// The folder's name, made unique among the runs.
    pub name: String,
    /// Its tables.
    pub run: Run,
    /// sha256 of its `run.json`.
    pub sha256: String,
}

/// What a run said about a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The first class.
    pub class_index: usize,
    /// Its name.
    pub class_name: String,
    /// Its probability.
    pub probability: f64,
    /// Whether it is one of the label's.
    pub right: Option<bool>,
    /// Probability of the label.
    pub label_probability: Option<f64>,
    /// Probability of the class that is first in the first of the runs; `None` where the classes are others.
    pub reference_probability: Option<f64>,
}

/// A photo that all runs have.
#[derive(Debug)]
pub struct PhotoLine {
    /// The same in all runs.
    pub image_id: String,
    /// Path inside the data set.
    pub path: String,
    /// The label in the first run.
    pub label: String,
    /// By run; `None` for a network without a classifier.
    pub seen: Vec<Option<Seen>>,
    /// By pair of runs that share their classes (see [`Lineup::pairs`]): the largest difference of any probability.
    pub largest: Vec<Option<f64>>,
}

/// Two or more runs and the photos that all of them have.
#[derive(Debug)]
pub struct Lineup {
    /// In the order given; the first is what the others are held against.
    pub sides: Vec<Side>,
    /// In the order of the first run's `images.csv`.
    pub photos: Vec<PhotoLine>,
    /// Photos of the same path whose file was another in one of the runs.
    pub changed: Vec<String>,
}

impl Lineup {
    /// Reads the runs.
    ///
    /// # Errors
    /// [`Error::Usage`] for fewer than two; [`Error::RunFolder`] for a folder that is no finished run of a schema that
    /// can be read, or whose tables were changed since, and where no photo is in all of them; [`Error::Io`], [`Error::Table`].
    pub fn read(folders: &[PathBuf]) -> Result<Self> {
        if folders.len() < 2 {
            return Err(Error::Usage("a comparison needs two runs or more".into()));
        }
        let mut sides = Vec::new();
        for (folder, name) in folders.iter().zip(names(folders)) {
            let manifest = Manifest::read(folder)?;
            let files = manifest.files.keys().map(String::as_str);
            manifest.unchanged(folder, files.filter(|file| file.starts_with("data/")))?;
            sides.push(Side {
                name,
                run: Run::new(folder, manifest),
                sha256: sha256_of_file(&folder.join("run.json"))?,
            });
        }
        let common = common(&sides)?;
        if common.is_empty() {
            return Err(nothing_in_common(&sides)?);
        }
        let changed = changed(&sides, &common)?;
        let photos = lines(&sides, &common)?;
        Ok(Self {
            sides,
            photos,
            changed,
        })
    }

    /// How many photos of a run, skipped ones included, are not among those that all runs have.
    ///
    /// # Errors
    /// Those of [`Run::rows`].
    pub fn left_out(&self, side: &Side) -> Result<usize> {
        Ok(side.run.rows::<ImageRow>()?.len() - self.photos.len())
    }

    /// Every two runs, by their places.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        pairs(self.sides.len())
    }
}

fn pairs(sides: usize) -> Vec<(usize, usize)> {
    (0..sides)
        .flat_map(|a| (a + 1..sides).map(move |b| (a, b)))
        .collect()
}

/// The folders' names; where two are the same, with a number.
fn names(folders: &[PathBuf]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for folder in folders {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let plain = whole
            .file_name()
            .map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
        let mut name = plain.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// Photos that every run classified, in the order of the first.
fn common(sides: &[Side]) -> Result<Vec<&ImageRow>> {
    let classified = |side: &Side| -> Result<BTreeSet<String>> {
        let images = side.run.rows::<ImageRow>()?.iter();
        let ok = images.filter(|image| image.status == "ok");
        Ok(ok.map(|image| image.image_id.clone()).collect())
    };
    let all: Vec<_> = sides.iter().map(classified).collect::<Result<_>>()?;
    let first = sides[0].run.rows::<ImageRow>()?.iter();
    Ok(first
        .filter(|image| all.iter().all(|ids| ids.contains(&image.image_id)))
        .collect())
}

fn nothing_in_common(sides: &[Side]) -> Result<Error> {
    let [first, others @ ..] = sides else {
        return Ok(Error::Usage("a comparison needs two runs or more".into()));
    };
    let example = |side: &Side| -> Result<String> {
        let image = side.run.rows::<ImageRow>()?.first();
        Ok(image.map_or_else(|| "none".to_owned(), |image| image.path.clone()))
    };
    let names: Vec<&str> = others.iter().map(|side| side.name.as_str()).collect();
    let problem = format!(
        "has no photograph in common with {}; photographs are matched by their path inside the data set ({} here, {} there)",
        names.join(", "),
        example(first)?,
        others.first().map_or(Ok(String::new()), example)?,
    );
    Ok(Error::run_folder(&first.run.root, problem))
}

/// Common photos whose file differs between two runs, as far as the runs wrote down what it held.
fn changed(sides: &[Side], common: &[&ImageRow]) -> Result<Vec<String>> {
    let contents = |side: &Side| -> Result<BTreeMap<String, String>> {
        let rows = side.run.rows::<ContentRow>()?.iter();
        Ok(rows
            .map(|row| (row.image_id.clone(), row.sha256.clone()))
            .collect())
    };
    let contents: Vec<_> = sides.iter().map(contents).collect::<Result<_>>()?;
    let differs = |image: &&&ImageRow| {
        let known: BTreeSet<&String> = contents
            .iter()
            .filter_map(|side| side.get(&image.image_id))
            .collect();
        known.len() > 1
    };
    let changed = common.iter().filter(differs);
    Ok(changed.map(|image| image.path.clone()).collect())
}

fn lines(sides: &[Side], common: &[&ImageRow]) -> Result<Vec<PhotoLine>> {
    let mut answers: Vec<Answers> = sides
        .iter()
        .map(|side| Answers::read(&side.run))
        .collect::<Result<_>>()?;
    let same_classes = |a: usize, b: usize| {
        let names = |side: &Side| side.run.manifest.model.class_names.clone();
        names(&sides[a]) == names(&sides[b])
    };
    let mut lines = Vec::with_capacity(common.len());
    for image in common {
        let id = &image.image_id;
        let rows: Vec<Option<Vec<f32>>> = answers
            .iter_mut()
            .map(|answers| answers.probabilities(id))
            .collect::<Result<_>>()?;
        let reference = answers[0].by_id.get(id).map(|first| first.class_index);
        let seen = (0..sides.len()).map(|side| {
            let answer = answers[side].by_id.get(id)?;
            let reference_probability = reference
                .filter(|_| same_classes(0, side))
                .and_then(|class| rows[side].as_ref()?.get(class).copied())
                .map(f64::from);
            Some(Seen {
                class_index: answer.class_index,
                class_name: answer.class_name.clone(),
                probability: answer.probability,
                right: answer.right,
                label_probability: answer.label_probability,
                reference_probability,
            })
        });
        let largest = pairs(sides.len()).into_iter().map(|(a, b)| {
            let (Some(a), Some(b)) = (&rows[a], &rows[b].as_ref().filter(|_| same_classes(a, b)))
            else {
                return None;
            };
            let differences = a
                .iter()
                .zip(b.iter())
                .map(|(a, b)| f64::from((a - b).abs()));
            Some(differences.fold(0.0, f64::max))
        });
        lines.push(PhotoLine {
            image_id: id.clone(),
            path: image.path.clone(),
            label: image.label.clone(),
            seen: seen.collect(),
            largest: largest.collect(),
        });
    }
    Ok(lines)
}
