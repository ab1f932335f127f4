//! The comparison's folder: made beside its place and renamed, so that it is there whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use records::{digest_files, path_inside, read_json, tables, write_json, Tool};
use serde::{Deserialize, Serialize};
use statistics::Method;
use tempfile::TempDir;

use super::tables::{FlipRow, LayerRow, PhotoRow, TestRow};
use super::{claims, Change, Comparison, Difference};

/// Number of the comparison folder's contract.
pub const SCHEMA: u32 = 1;

const MANIFEST: &str = "compare.json";

/// `compare.json`: what was held against what, and the sha256 of every other file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonManifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What made it.
    pub tool: Tool,
    /// In the order given.
    pub runs: Vec<ComparedRun>,
    /// Photos that all runs have.
    pub photos: usize,
    /// What draws the bootstrap's resamples.
    pub seed: u64,
    /// Language of the pages.
    pub lang: String,
    /// What cannot be compared, and what to mind.
    pub notes: Vec<String>,
    /// sha256 of every other file, by path inside the folder.
    pub files: BTreeMap<String, String>,
}

/// A run, by what identifies it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedRun {
    /// Its name in the tables.
    pub name: String,
    /// sha256 of its `run.json`, which holds those of all its files.
    pub sha256: String,
    /// The network.
    pub model: String,
    /// sha256 of the weights.
    pub weights: String,
    /// sha256 over the photographs' paths and contents.
    pub dataset: String,
    /// As in its manifest.
    pub device: String,
    /// The region that was hidden before anything else.
    pub apply_masks: Option<String>,
}

/// A comparison's folder being made.
#[derive(Debug)]
pub struct ComparisonFolder {
    out: PathBuf,
    part: TempDir,
    overwrite: bool,
}

impl ComparisonFolder {
    /// Prepares a folder for a comparison at `out`.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where `out` holds something else, or a comparison that was not to be replaced;
    /// [`Error::Io`].
    pub fn prepare(out: &Path, overwrite: bool) -> Result<Self> {
        may_replace(out, overwrite)?;
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(Error::io("cannot create", parent))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".part-compare-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let part = builder
            .tempdir_in(parent)
            .map_err(Error::io("cannot create a folder in", parent))?;
        Ok(Self {
            out: out.to_owned(),
            part,
            overwrite,
        })
    }

    /// Where files go until it is finished.
    pub fn root(&self) -> &Path {
        self.part.path()
    }

    /// Closes the folder with its manifest and puts it in its place.
    ///
    /// # Errors
    /// As [`ComparisonFolder::prepare`].
    pub fn finish(self, mut manifest: ComparisonManifest) -> Result<()> {
        manifest.files = digest_files(self.root())?;
        write_json(&self.root().join(MANIFEST), &manifest)?;
        may_replace(&self.out, self.overwrite)?;
        if self.out.exists() {
            fs::remove_dir_all(&self.out).map_err(Error::io("cannot remove", &self.out))?;
        }
        fs::rename(self.root(), &self.out).map_err(Error::io("cannot write", &self.out))?;
        // It is no longer where it would be removed from.
        let _ = self.part.keep();
        Ok(())
    }
}

fn may_replace(out: &Path, overwrite: bool) -> Result<()> {
    let refuse = |problem: String| Err(Error::run_folder(out, problem));
    let empty = match fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !out.exists(),
    };
    if empty {
        return Ok(());
    }
    let manifest: Option<ComparisonManifest> = read_json(&out.join(MANIFEST)).ok();
    let Some(manifest) = manifest else {
        return refuse(
            "holds something that is not a comparison; nothing was touched, choose another --out"
                .into(),
        );
    };
    if !overwrite {
        return refuse(
            "holds a comparison; replace it with --overwrite, or choose another --out".into(),
        );
    }
    for entry in walkdir::WalkDir::new(out).into_iter().flatten() {
        let name = path_inside(out, entry.path());
        if !entry.file_type().is_dir() && name != MANIFEST && !manifest.files.contains_key(&name) {
            return refuse(format!("holds {name}, which is not part of the comparison; nothing was touched, move it first"));
        }
    }
    Ok(())
}

impl Comparison {
    /// The manifest, without the files' digests.
    pub fn manifest(&self, seed: u64, lang: String, tool: Tool) -> ComparisonManifest {
        let run = |side: &super::Side| {
            let manifest = &side.run.manifest;
            ComparedRun {
                name: side.name.clone(),
                sha256: side.sha256.clone(),
                model: manifest.model.name.clone(),
                weights: manifest.model.sha256.clone(),
                dataset: manifest.dataset.digest.clone(),
                device: manifest.device.clone(),
                apply_masks: manifest.options.apply_masks.clone(),
            }
        };
        ComparisonManifest {
            schema: SCHEMA,
            tool,
            runs: self.lineup.sides.iter().map(run).collect(),
            photos: self.lineup.photos.len(),
            seed,
            lang,
            notes: self.notes.iter().map(ToString::to_string).collect(),
            files: BTreeMap::new(),
        }
    }

    /// Writes all tables under `data/`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_tables(&self, root: &Path) -> Result<()> {
        tables::write(root, &self.photo_rows())?;
        let tests: Vec<TestRow> = self
            .differences
            .iter()
            .flat_map(|difference| self.test_rows(difference))
            .collect();
        tables::write(root, &tests)?;
        tables::write(root, &self.flip_rows())?;
        if !self.claims.is_empty() {
            tables::write(root, &claims::rows(&self.lineup, &self.claims))?;
        }
        tables::write::<LayerRow>(root, &self.layer_rows)
    }

    fn photo_rows(&self) -> Vec<PhotoRow> {
        let mut rows = Vec::new();
        for line in &self.lineup.photos {
            for (side, seen) in self.lineup.sides.iter().zip(&line.seen) {
                let seen = seen.as_ref();
                rows.push(PhotoRow {
                    image_id: line.image_id.clone(),
                    path: line.path.clone(),
                    run: side.name.clone(),
                    label: line.label.clone(),
                    class_index: seen.map(|seen| seen.class_index),
                    class_name: seen.map_or_else(String::new, |seen| seen.class_name.clone()),
                    probability: seen.map(|seen| seen.probability),
                    right: seen.and_then(|seen| seen.right),
                    label_probability: seen.and_then(|seen| seen.label_probability),
                    reference_probability: seen.and_then(|seen| seen.reference_probability),
                });
            }
        }
        rows
    }

    fn name(&self, side: usize) -> String {
        self.lineup.sides[side].name.clone()
    }

    fn test_rows(&self, difference: &Difference) -> Vec<TestRow> {
        let blank = |measure: &str, count: usize, value: f64| TestRow {
            run_a: self.name(difference.a),
            run_b: self.name(difference.b),
            measure: measure.into(),
            count,
            value_a: None,
            value_b: None,
            difference: value,
            low: None,
            high: None,
            interval: String::new(),
            test: String::new(),
            test_count: None,
            statistic: None,
            p_value: None,
        };
        let mut rows = Vec::new();
        if let Some(accuracy) = &difference.accuracy {
            let (counts, n) = (accuracy.counts, accuracy.counts.total());
            let share = |hits: usize| Some(hits as f64 / n as f64);
            rows.push(TestRow {
                value_a: share(counts.both + counts.only_first),
                value_b: share(counts.both + counts.only_second),
                low: accuracy.interval.map(|(low, _)| low),
                high: accuracy.interval.map(|(_, high)| high),
                interval: accuracy.interval.map_or("", |_| "newcombe").into(),
                test: accuracy.mcnemar.map_or("", |_| "mcnemar_exact").into(),
                test_count: accuracy.mcnemar.map(|test| test.discordant),
                statistic: accuracy.mcnemar.map(|_| counts.only_second as f64),
                p_value: accuracy.mcnemar.map(|test| test.p_value),
                ..blank("top1_accuracy", n, accuracy.difference)
            });
        }
        let changes = [
            ("label_probability", &difference.label),
            ("first_class_probability", &difference.first),
        ];
        for (measure, change) in changes {
            rows.extend(change.as_ref().map(|change| {
                let n = change.values.len();
                TestRow {
                    value_a: Some(mean_of(change, |(_, a, _)| *a)),
                    value_b: Some(mean_of(change, |(_, _, b)| *b)),
                    low: change.interval.map(|(low, _)| low),
                    high: change.interval.map(|(_, high)| high),
                    interval: change.interval.map_or("", |_| "bootstrap_bca").into(),
                    test: change
                        .wilcoxon
                        .map_or("", |test| match test.method {
                            Method::Exact => "wilcoxon_exact",
                            Method::Normal => "wilcoxon_normal",
                        })
                        .into(),
                    test_count: change.wilcoxon.map(|test| test.count),
                    statistic: change.wilcoxon.map(|test| test.positive_ranks),
                    p_value: change.wilcoxon.map(|test| test.p_value),
                    ..blank(measure, n, change.mean)
                }
            }));
        }
        rows.extend(difference.largest.map(|largest| {
            blank(
                "largest_probability_difference",
                difference.answered,
                largest,
            )
        }));
        rows
    }

    fn flip_rows(&self) -> Vec<FlipRow> {
        let rows = self.differences.iter().flat_map(|difference| {
            difference.flips.iter().map(|flip| FlipRow {
                run_a: self.name(difference.a),
                run_b: self.name(difference.b),
                from: flip.from.clone(),
                to: flip.to.clone(),
                count: flip.count,
            })
        });
        rows.collect()
    }
}

fn mean_of(change: &Change, of: impl Fn(&(usize, f64, f64)) -> f64) -> f64 {
    change.values.iter().map(of).sum::<f64>() / change.values.len() as f64
}
