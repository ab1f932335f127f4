//! What `torch.save` writes since PyTorch 1.6: a zip file of a pickle and one stored file a storage.

use std::fs::File;
use std::io::Read;

use zip::{CompressionMethod, ZipArchive};

use super::pickle::{self, Machine};
use super::state_dict::{self, Pickled, Storages};
use super::storage::Storage;
use super::{alone, foreign};

pub(super) struct Zipped {
    archive: ZipArchive<File>,
    /// What every file's path begins with.
    top: String,
}

impl Zipped {
    pub(super) fn open(file: File) -> Result<Pickled<Self>, String> {
        let mut archive = ZipArchive::new(file)
            .map_err(|error| format!("not a whole zip file ({error}); was it cut off?"))?;
        let is_foreign = |name: &str| name.ends_with("constants.pkl");
        let pickle = archive
            .file_names()
            .find(|name| name.ends_with("/data.pkl"));
        let path = match pickle.filter(|_| !archive.file_names().any(is_foreign)) {
            Some(path) => path.to_owned(),
            None => {
                let names: Vec<&str> = archive.file_names().collect();
                return Err(foreign::zipped(&names));
            }
        };
        let top = path.trim_end_matches("data.pkl").to_owned();
        if let Ok(bytes) = read(&mut archive, &format!("{top}byteorder"), 16) {
            if bytes != b"little" {
                return Err("written on a big-endian machine, which is not supported".into());
            }
        }
        let bytes = read(&mut archive, &path, pickle::LARGEST)
            .map_err(|problem| format!("{problem}; {}", alone()))?;
        let mut machine = Machine::default();
        let (root, _) = machine.run(&bytes)?;
        let entries = state_dict::entries(&machine, &root)?;
        Ok(Pickled {
            entries,
            storages: Self { archive, top },
            shared: None,
        })
    }
}

/// A whole stored file; not more than `most` bytes.
fn read(archive: &mut ZipArchive<File>, name: &str, most: u64) -> Result<Vec<u8>, String> {
    let failed = |problem: String| format!("{name}: {problem}");
    let mut file = archive.by_name(name).map_err(|e| failed(e.to_string()))?;
    if file.compression() != CompressionMethod::Stored {
        return Err(failed("is compressed, which torch.save never does".into()));
    }
    if file.size() > most {
        return Err(failed(format!(
            "has {} bytes where {most} at most were expected",
            file.size()
        )));
    }
    let mut bytes = Vec::new();
    (&mut file)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(format!("{error}; was the file damaged?")))?;
    Ok(bytes)
}

impl Storages for Zipped {
    fn numbers(&mut self, storage: &Storage) -> Result<Vec<u8>, String> {
        if storage.start > 0 {
            return Err("a part of a storage, which such a file does not have".into());
        }
        let entry = format!("{}data/{}", self.top, storage.key);
        let length = storage
            .count
            .checked_mul(storage.numbers.size())
            .ok_or("too large")? as u64;
        let bytes = read(&mut self.archive, &entry, length)?;
        match bytes.len() as u64 == length {
            true => Ok(bytes),
            false => Err(format!("expected {length} bytes, found {}", bytes.len())),
        }
    }
}
