//! A run folder against its manifest.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use base::digest::{sha256_hex, sha256_of};
use base::{Error, Result};
use rayon::prelude::*;
use records::Manifest;

use super::{check_manifest, Finding, Verdict};
use crate::MANIFEST;

pub(super) fn verify(root: &Path) -> Result<Verdict> {
    let manifest = Manifest::read(root)?;
    let path = root.join(MANIFEST);
    let bytes = fs::read(&path).map_err(Error::io("cannot read", &path))?;
    let mut verdict = Verdict {
        files: manifest.files.len() + 1,
        sha256: sha256_hex(&bytes),
        ..Verdict::default()
    };
    check_manifest(&bytes, &manifest, &mut verdict);
    let files: Vec<_> = manifest.files.iter().collect();
    let listed = files
        .par_iter()
        .filter_map(|(file, sha256)| check(root, file, sha256));
    verdict.findings.extend(listed.collect::<Vec<_>>());
    verdict.findings.extend(strangers(root, &manifest));
    Ok(verdict)
}

fn check(root: &Path, file: &str, expected: &str) -> Option<Finding> {
    let path = root.join(file);
    let found = match fs::symlink_metadata(&path) {
        Ok(kind) if kind.is_file() => File::open(&path).and_then(sha256_of),
        Ok(_) => return Some(Finding::new(file, "is not a plain file")),
        Err(error) => Err(error),
    };
    let problem = match found {
        Ok(found) if found == expected => return None,
        Ok(found) => format!("has changed: sha256 is {found}, expected {expected}"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "is missing".into(),
        Err(error) => format!("cannot be read: {error}"),
    };
    Some(Finding::new(file, problem))
}

/// Everything in the folder that the manifest does not list, empty folders too.
fn strangers(root: &Path, manifest: &Manifest) -> Vec<Finding> {
    let folders: BTreeSet<&Path> = manifest
        .files
        .keys()
        .flat_map(|file| Path::new(file).ancestors().skip(1))
        .collect();
    let mut findings = Vec::new();
    for entry in walkdir::WalkDir::new(root).min_depth(1).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                findings.push(Finding::new(".", format!("cannot be listed: {error}")));
                continue;
            }
        };
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
        let listed = parts.is_some_and(|parts| {
            let name = parts.join("/");
            name == MANIFEST || manifest.files.contains_key(&name)
        });
        // What is listed and not a plain file has been found before.
        if listed || (entry.file_type().is_dir() && folders.contains(relative)) {
            continue;
        }
        let name = relative.to_string_lossy();
        findings.push(Finding::new(name, "is not part of the run"));
    }
    findings
}
