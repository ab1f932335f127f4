//! Files that are there whole or not at all, and their removal.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use walkdir::{DirEntry, WalkDir};

/// How the names of files that are being written begin.
pub(super) const PART: &str = ".part-";

/// Writes a file beside its place and renames it: it is there whole or not at all. Folders are made as needed.
///
/// # Errors
/// [`Error::Io`], and whatever `fill` fails with.
pub fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&File>) -> Result<()>,
) -> Result<()> {
    let part = part_of(path)?;
    let mut writer = BufWriter::with_capacity(1 << 16, part.as_file());
    fill(&mut writer)?;
    writer.flush().map_err(Error::io("cannot write", path))?;
    drop(writer);
    put_in_place(part, path)
}

/// A name as part of a file name and of a link: letters, digits, `-`, `_` and inner dots stay, other bytes are spelt
/// `~2f`.
pub fn file_stem(name: &str) -> String {
    let mut stem = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let stays =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        match stays {
            true => stem.push(char::from(byte)),
            false => stem.push_str(&format!("~{byte:02x}")),
        }
    }
    stem
}

/// A file beside its place, to be filled; nothing is left of it where it is dropped. Folders are made as needed.
pub(super) fn part_of(path: &Path) -> Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let part = builder.tempfile_in(folder);
    part.map_err(Error::io("cannot write", path))
}

/// Renames a file that is whole.
pub(super) fn put_in_place(part: NamedTempFile, path: &Path) -> Result<()> {
    let placed = part.persist(path).map(drop);
    placed.map_err(|error| Error::io("cannot write", path)(error.error))
}

pub(super) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else if path.exists() {
        fs::remove_file(path)
    } else {
        Ok(())
    };
    removed.map_err(Error::io("cannot remove", path))
}

/// A path inside a folder, its parts joined by `/`, as tables and manifests have it.
pub fn path_inside(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The files at and below a path, links apart, where `enters` lets one go; none where there is nothing.
///
/// # Errors
/// [`Error::Io`] for what cannot be listed.
pub(super) fn files_below(path: &Path, enters: impl Fn(&DirEntry) -> bool) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(path).into_iter().filter_entry(enters) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => files.push(entry.into_path()),
            Ok(_) => {}
            Err(error) => {
                let at = error.path().unwrap_or(path).to_owned();
                let source = std::io::Error::from(error);
                if source.kind() != ErrorKind::NotFound {
                    return Err(Error::io("cannot list", &at)(source));
                }
            }
        }
    }
    Ok(files)
}

pub(super) fn remove_empty_folders(folder: &Path) {
    for entry in WalkDir::new(folder)
        .contents_first(true)
        .into_iter()
        .flatten()
    {
        if entry.file_type().is_dir() {
            // Not empty where somebody keeps a file of their own in it.
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Reads a JSON file of ours.
///
/// # Errors
/// [`Error::Io`]; [`Error::RunFolder`] for one that is damaged.
pub fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::run_folder(path, format!("is damaged: {error}")))
}

/// Writes a JSON file, whole or not at all.
///
/// # Errors
/// [`Error::Io`].
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    write_whole(path, |file| {
        let failed = |error: serde_json::Error| Error::io("cannot write", path)(error.into());
        serde_json::to_writer_pretty(&mut *file, value).map_err(failed)?;
        file.write_all(b"\n")
            .map_err(Error::io("cannot write", path))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use super::*;

    #[test]
    fn stems_hold_nothing_that_a_file_system_or_a_link_would_mind() {
        assert_eq!(file_stem("../x.y~"), "~2e.~2fx.y~7e");
    }

    #[test]
    fn what_cannot_be_listed_is_an_error_and_what_is_not_there_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b.csv");
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(&file, "").unwrap();
        let listed = |path: &Path| files_below(path, |_| true);
        assert_eq!(listed(folder.path()).unwrap(), [&*file]);
        assert_eq!(listed(&file).unwrap(), [&*file]);
        assert!(listed(&folder.path().join("c")).unwrap().is_empty());
        let told = listed(&file.join("c")).unwrap_err().to_string();
        assert!(
            told.starts_with(&format!("cannot list {}", file.display())),
            "{told}"
        );
    }
}
