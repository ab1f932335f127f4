//! Numbers that lie in files beside the model.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::messages::StringStringEntryProto;
use super::size::MAX_TOTAL_ELEMENTS;

/// The folder of a model, out of which no file is read; by default of a model that is no file.
#[derive(Default)]
pub(super) struct Folder {
    root: Option<PathBuf>,
    used: RefCell<BTreeSet<PathBuf>>,
    /// Bytes that were read: many tensors may lie in the same place.
    taken: Cell<usize>,
}

/// So many bytes may all tensors together take from files beside the model.
const MOST_BYTES: usize = 8 * MAX_TOTAL_ELEMENTS;

impl Folder {
    /// The folder that this model lies in.
    pub(super) fn of(model: &Path) -> Self {
        let parent = model.parent().filter(|parent| *parent != Path::new(""));
        Self {
            root: Some(parent.unwrap_or(Path::new(".")).to_owned()),
            ..Self::default()
        }
    }

    /// The files that were read from, each once.
    pub(super) fn used(self) -> Vec<PathBuf> {
        self.used.into_inner().into_iter().collect()
    }

    /// The bytes that the entries `location`, `offset` and `length` describe: exactly `expected` of them.
    pub(super) fn read(
        &self,
        entries: &[StringStringEntryProto],
        expected: usize,
    ) -> Result<Vec<u8>, String> {
        let entry = |key: &str| {
            let entry = entries.iter().find(|entry| entry.key() == key);
            entry.map(|entry| entry.value())
        };
        let number = |key: &str| match entry(key) {
            None => Ok(None),
            Some(text) => text.parse::<u64>().map(Some).map_err(|_| {
                format!("external data: {key} '{text}' is not a number of bytes from 0")
            }),
        };
        let location = entry("location").ok_or("external data without a location")?;
        let about = |problem: String| format!("external data '{location}': {problem}");
        let offset = number("offset")?.unwrap_or(0);
        let length = number("length")?;

        let path = self.resolve(location).map_err(about)?;
        self.used.borrow_mut().insert(path.clone());
        let unreadable = |error: std::io::Error| about(error.to_string());
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        let length = length.unwrap_or(size.saturating_sub(offset));
        if length != expected as u64 {
            return Err(about(format!(
                "the shape needs {expected} bytes, {length} are stated"
            )));
        }
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return Err(about(format!(
                "{length} bytes from byte {offset} reach beyond its {size} bytes; was it cut off?"
            )));
        }
        self.taken.set(self.taken.get().saturating_add(expected));
        if self.taken.get() > MOST_BYTES {
            return Err(about(format!(
                "all tensors come to more than {MOST_BYTES} bytes"
            )));
        }
        let mut bytes = vec![0; expected];
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(unreadable)?;
        Ok(bytes)
    }

    /// The file of this name, which may leave the folder neither by itself nor through a link.
    fn resolve(&self, location: &str) -> Result<PathBuf, String> {
        let folder = self.root.as_ref();
        let folder = folder.ok_or("a model that is not in a folder cannot have it")?;
        let inside = Path::new(location)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            return Err("must lie in the model's folder, without '..' and not absolute".into());
        }
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let path = folder.join(location).canonicalize().map_err(|error| {
            format!(
                "{error}; it belongs beside the model, in {}",
                folder.display()
            )
        })?;
        if !path.starts_with(&folder) {
            return Err(
                "a link that leads out of the model's folder; put the file itself there".into(),
            );
        }
        if !path.is_file() {
            return Err("not a file".into());
        }
        Ok(path)
    }
}
