//! A finished run as rules see it.

use std::path::{Path, PathBuf};

use base::Result;
use records::tables::{self, MetricRow};
use records::{Answers, Manifest, Run};
use serde::Serialize;

/// A finished run: its facts, its figures and, where asked for, its answers.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) root: PathBuf,
    pub(super) facts: RunFacts,
    pub(super) manifest: Manifest,
    pub(super) metrics: Vec<MetricRow>,
    pub(super) answers: Option<Answers>,
}

/// What tells one run from another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunFacts {
    /// The run folder as given.
    pub path: String,
    /// The report to open: `report.html` where there is one, `index.html` otherwise.
    pub report: String,
    /// Name of the network.
    pub network: String,
    /// sha256 of its weights.
    pub weights: String,
    /// The data set's folder as given.
    pub data_set: String,
    /// sha256 over the photographs' paths and contents.
    pub data_set_digest: String,
    /// Photographs that were classified.
    pub photos: usize,
    /// Photographs that were skipped.
    pub skipped: usize,
    /// Version of the program that made the run.
    pub version: String,
    /// The commit that it was built from; empty where that was not known.
    pub commit: String,
}

impl Subject {
    /// Reads a finished run's manifest and figures, and its answers photo by photo where they are needed.
    pub(super) fn read(root: &Path, with_answers: bool) -> Result<Self> {
        let manifest = Manifest::read(root)?;
        manifest.unchanged(root, FIGURES.iter().copied())?;
        let answers = match with_answers {
            true => {
                manifest.unchanged(root, ANSWERS.iter().copied())?;
                Some(Answers::read(&Run::new(root, manifest.clone()))?)
            }
            false => None,
        };
        let single = root.join("report.html");
        let report = match single.is_file() {
            true => single,
            false => root.join("index.html"),
        };
        let (model, dataset) = (&manifest.model, &manifest.dataset);
        Ok(Self {
            root: root.to_owned(),
            facts: RunFacts {
                path: root.display().to_string(),
                report: inside_working_folder(&report).display().to_string(),
                network: model.name.clone(),
                weights: model.sha256.clone(),
                data_set: dataset.root.clone(),
                data_set_digest: dataset.digest.clone(),
                photos: dataset.photos,
                skipped: dataset.skipped,
                version: manifest.tool.version.clone(),
                commit: manifest.tool.commit.clone(),
            },
            metrics: tables::read(root)?,
            manifest,
            answers,
        })
    }
}

/// The tables that figures come from.
const FIGURES: &[&str] = &["data/metrics.csv"];
/// The tables that answers come from.
const ANSWERS: &[&str] = &[
    "data/images.csv",
    "data/predictions.csv",
    "data/probabilities.safetensors",
];

/// The path from the working folder where it lies there: pipelines look for artefacts from their project's folder.
fn inside_working_folder(path: &Path) -> &Path {
    let folder = std::env::current_dir().ok();
    folder
        .and_then(|folder| path.strip_prefix(folder).ok())
        .unwrap_or(path)
}
