//! A finished run's files, held against its manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::digest::sha256_of_file;
use base::{Error, Result};
use rayon::prelude::*;

use super::state::{MANIFEST, OURS, PLAN, RENDERING};
use super::{RunFolder, PARTS, VARIANTS};
use crate::files::{files_below, path_inside, read_json};
use crate::Manifest;

impl RunFolder {
    /// Refuses a finished run whose pages cannot be drawn again because what they are drawn from is not what it was: to list it
    /// anew would hide the damage. The runs inside a run hold their own files.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where there is no run, or of a newer schema, and for a file that was changed, or a table that is gone;
    /// [`Error::Io`].
    pub fn can_be_drawn(root: &Path) -> Result<()> {
        let aside = root.join(RENDERING);
        let is_begun = aside.is_file();
        let manifest = match is_begun {
            true => read_json(&aside)?,
            false => Manifest::read(root)?,
        };
        let is_drawn_from = |file: &&str| {
            let folder = file.split('/').next().unwrap_or_default();
            match folder {
                "data" => true,
                "pages" | "index.html" | "report.html" | VARIANTS | PARTS => false,
                // Where drawing was interrupted there may be new ones.
                "assets" if is_begun => false,
                // What is left out is not drawn again.
                _ => root.join(file).exists(),
            }
        };
        let files = manifest.files.keys().map(String::as_str);
        manifest.unchanged(root, files.filter(is_drawn_from))
    }
}

impl Manifest {
    /// The manifest of a finished run.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where there is none, or of a newer schema; [`Error::Io`].
    pub fn read(root: &Path) -> Result<Self> {
        let problem = |problem: String| Error::run_folder(root, problem);
        let path = root.join(MANIFEST);
        if !path.is_file() {
            return Err(problem(match root.join(PLAN).is_file() {
                _ if !root.exists() => "no such folder".into(),
                true => {
                    "the run is not finished; go on with `deconvscope report … --resume`".into()
                }
                false if root.join(RENDERING).is_file() => {
                    "its pages were being drawn; finish that with `deconvscope render`".into()
                }
                false if root.join("compare.json").is_file() => {
                    "is a comparison, not a run; give one of the runs that it compares".into()
                }
                false => "is not a finished run: it has no run.json".into(),
            }));
        }
        let manifest: Self = read_json(&path)?;
        if manifest.schema > crate::SCHEMA {
            return Err(problem(format!(
                "was made by a newer version (schema {}, this one reads up to {})",
                manifest.schema,
                crate::SCHEMA
            )));
        }
        Ok(manifest)
    }

    /// Holds files of the run against the list; what it does not list is left alone.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for the first that was changed or is gone; [`Error::Io`].
    pub fn unchanged<'a>(
        &self,
        root: &Path,
        files: impl IntoIterator<Item = &'a str>,
    ) -> Result<()> {
        for file in files {
            let Some(listed) = self.files.get(file) else {
                continue;
            };
            let path = root.join(file);
            let problem = match path.is_file() {
                false => "is gone, which run.json lists",
                true if sha256_of_file(&path)? != *listed => {
                    "is not what run.json lists: it was changed or damaged since"
                }
                true => continue,
            };
            let problem = format!("{file} {problem}; see `deconvscope verify`");
            return Err(Error::run_folder(root, problem));
        }
        Ok(())
    }
}

/// sha256 of every file of a report, by path inside its folder.
pub fn digest_files(root: &Path) -> Result<BTreeMap<String, String>> {
    let digest = |(name, path): (String, PathBuf)| Ok((name, sha256_of_file(&path)?));
    files_of(root)?.into_par_iter().map(digest).collect()
}

/// Every file of a report but its manifest: paths inside its folder, and where they lie.
pub(super) fn files_of(root: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for name in OURS.iter().filter(|name| **name != MANIFEST) {
        files.extend(files_below(&root.join(name), |_| true)?);
    }
    let named = |path: PathBuf| (path_inside(root, &path), path);
    Ok(files.into_iter().map(named).collect())
}
