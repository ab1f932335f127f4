//! Finds the photographs below a folder: any depth, through symbolic links, in the same order everywhere.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use base::words::{count, enumerate};
use base::{Error, Result};
use walkdir::{DirEntry, WalkDir};

use super::kind::is_picture;

/// Folders that programs keep for themselves, in lower case: archives, file servers, waste bins, small pictures of the pictures.
const HOUSEKEEPING: [&str; 18] = [
    "__macosx",
    "@eadir",
    "@__thumb",
    "@tmp",
    "@recycle",
    "@recently-snapshot",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "recycler",
    "system volume information",
    "lost+found",
    "network trash folder",
    "temporary items",
    "__pycache__",
    "node_modules",
    "thumbs",
    "thumbnails",
];

/// What lies below a data set folder.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Photographs, and pictures of kinds that are not read, relative to the folder, ordered bytewise by path component.
    pub photos: Vec<PathBuf>,
    /// Files with neither image content nor an image's extension.
    pub other_files: usize,
    /// Folders and files that could not be looked into.
    pub unlisted: usize,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Lists the pictures below `root`. Hidden entries and what programs keep for themselves are left out; what can't be listed is
/// a note.
///
/// # Errors
///
/// `root` is missing, not a folder, or holds no picture.
pub(super) fn walk(root: &Path) -> Result<Walk> {
    let unusable = |problem: &str| Error::dataset(root, problem);
    let metadata = std::fs::metadata(root).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => unusable("no such folder; give a folder of photographs"),
        _ => Error::io("cannot read", root)(error),
    })?;
    if !metadata.is_dir() {
        return Err(unusable(
            "not a folder; give the folder that the photographs lie in",
        ));
    }
    std::fs::read_dir(root).map_err(Error::io("cannot list", root))?;

    let mut found = Walk::default();
    let mut kept_by_programs = BTreeSet::new();
    let entries = WalkDir::new(root)
        .follow_links(true)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let is_housekeeping = entry.file_type().is_dir() && is_housekeeping(entry.file_name());
            if entry.depth() > 0 && is_housekeeping {
                kept_by_programs.insert(entry.file_name().to_string_lossy().into_owned());
            }
            entry.depth() == 0 || !(is_hidden(entry.file_name()) || is_housekeeping)
        });
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_file() => found.sort_in(root, &entry),
            Ok(_) => {}
            Err(error) => {
                let note = note(root, &error);
                found.unlisted += usize::from(note.is_some() && error.loop_ancestor().is_none());
                found.notes.extend(note);
            }
        }
    }
    if !kept_by_programs.is_empty() {
        found.notes.push(format!(
            "left out what programs keep for themselves: {}",
            enumerate(&kept_by_programs)
        ));
    }
    if found.photos.is_empty() {
        let mut problem = format!(
            "no photographs in it (JPEG, PNG, WebP, BMP, GIF or TIFF); {}",
            count(found.other_files, "other file")
        );
        for note in &found.notes {
            problem += &format!("; {note}");
        }
        return Err(unusable(&problem));
    }
    Ok(found)
}

impl Walk {
    fn sort_in(&mut self, root: &Path, entry: &DirEntry) {
        match entry.path().strip_prefix(root) {
            Ok(relative) if is_picture(entry.path()) => {
                self.photos.push(relative.to_owned());
            }
            _ => self.other_files += 1,
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_housekeeping(name: &OsStr) -> bool {
    HOUSEKEEPING
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Why an entry was not listed, told with the path inside the data set; none for hidden entries.
fn note(root: &Path, error: &walkdir::Error) -> Option<String> {
    let path = error.path()?;
    if path
        .file_name()
        .is_some_and(|name| is_hidden(name) || is_housekeeping(name))
    {
        return None;
    }
    let shown = path.strip_prefix(root).unwrap_or(path).display();
    Some(match (error.loop_ancestor(), error.io_error()) {
        (Some(_), _) => format!("left out {shown}: a symbolic link back to a folder above it"),
        (None, Some(reason)) => format!("left out {shown}: {reason}"),
        (None, None) => format!("left out {shown}: cannot be listed"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(root: &Path, name: &str, content: &[u8]) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[test]
    fn photographs_are_told_by_content_or_extension_in_component_order() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "a-b/1.jpg",
            "a/2.PNG",
            "a/1.tiff",
            ".hidden/3.jpg",
            "__MACOSX/4.jpg",
            "a/@eaDir/1.tiff/SYNOPHOTO_THUMB_M.jpg",
            ".ipynb_checkpoints/5-checkpoint.jpg",
            "a/._1.tiff",
            "Thumbs/6.jpg",
            "a/Thumbs.db",
            "b/IMG_1.HEIC",
        ] {
            touch(root, name, b"");
        }
        touch(root, "noextension", b"\x89PNG\r\n\x1a\n....");
        touch(root, "notes.txt", b"hello");
        let walk = walk(root).unwrap();
        let expected = [
            "a/1.tiff",
            "a/2.PNG",
            "a-b/1.jpg",
            "b/IMG_1.HEIC",
            "noextension",
        ];
        assert_eq!(walk.photos, expected.map(PathBuf::from));
        assert_eq!(walk.other_files, 2);
        let left_out = "left out what programs keep for themselves: @eaDir, Thumbs, __MACOSX";
        assert_eq!(walk.notes, [left_out]);
    }

    #[test]
    fn what_is_not_a_folder_of_photographs_is_an_error_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), "notes.txt", b"hello");
        let message = |path: &Path| walk(path).unwrap_err().to_string();
        assert!(message(&folder.path().join("gone")).contains("no such folder"));
        assert!(message(&folder.path().join("notes.txt")).contains("not a folder"));
        touch(folder.path(), "@eaDir/1.jpg", b"");
        let message = message(folder.path());
        assert!(
            message.ends_with("1 other file; left out what programs keep for themselves: @eaDir"),
            "{message}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_loop_and_a_dangling_link_are_notes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        touch(root, "a/1.jpg", b"");
        std::os::unix::fs::symlink(root, root.join("a/up")).unwrap();
        std::os::unix::fs::symlink(root.join("gone"), root.join("gone.jpg")).unwrap();
        let walk = walk(root).unwrap();
        assert_eq!(walk.photos, [PathBuf::from("a/1.jpg")]);
        assert_eq!((walk.notes.len(), walk.unlisted), (2, 1));
        assert!(walk.notes[0].contains("a/up: a symbolic link back"));
    }
}
