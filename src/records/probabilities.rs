//! `probabilities.safetensors`: every class of every photo, written and read row by row.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use base::{Error, Result};
use safetensors::tensor::Metadata;
use safetensors::Dtype;

use super::files::write_whole;

const FILE: &str = "data/probabilities.safetensors";
/// A header has some eighty bytes for a condition.
const LONGEST_HEADER: u64 = 1 << 24;

/// Writes an f32 tensor `[photos, classes]` for each condition, given the number of its photos; `rows_of` gives their
/// probabilities in the order of `predictions.csv`. No more than a row is in memory.
///
/// # Errors
/// [`Error::Io`], and whatever the rows' source fails with.
pub fn write<I>(
    root: &Path,
    conditions: &BTreeMap<String, usize>,
    classes: usize,
    rows_of: impl Fn(&str) -> I,
) -> Result<()>
where
    I: Iterator<Item = Result<Vec<f32>>>,
{
    let path = root.join(FILE);
    let header = header(conditions, classes);
    write_whole(&path, |file| {
        let failed = |error| Error::io("cannot write", &path)(error);
        file.write_all(&(header.len() as u64).to_le_bytes())
            .and_then(|()| file.write_all(&header))
            .map_err(failed)?;
        for condition in conditions.keys() {
            for row in rows_of(condition) {
                for value in row? {
                    file.write_all(&value.to_le_bytes()).map_err(failed)?;
                }
            }
        }
        Ok(())
    })
}

/// The format's header: JSON, padded with spaces to eight bytes.
fn header(conditions: &BTreeMap<String, usize>, classes: usize) -> Vec<u8> {
    let mut tensors = serde_json::Map::new();
    let mut end = 0;
    for (condition, photos) in conditions {
        let start = end;
        end += photos * classes * 4;
        let tensor = serde_json::json!({
            "dtype": "F32",
            "shape": [photos, classes],
            "data_offsets": [start, end],
        });
        tensors.insert(condition.clone(), tensor);
    }
    let mut header = serde_json::Value::Object(tensors).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    header
}

/// One condition's probabilities on disk. No more than a row is in memory.
#[derive(Debug)]
pub struct Rows {
    path: PathBuf,
    file: File,
    /// Where the first row begins in the file.
    start: u64,
    rows: usize,
    classes: usize,
}

impl Rows {
    /// Opens the rows of a condition; `None` where the run has no photo of that condition.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] for a file that is no f32 table.
    pub fn open(root: &Path, condition: &str) -> Result<Option<Self>> {
        let path = root.join(FILE);
        let damaged = |problem: String| Error::run_folder(&path, format!("is damaged: {problem}"));
        let mut file = File::open(&path).map_err(Error::io("cannot read", &path))?;
        let mut length = [0; 8];
        let header = file.read_exact(&mut length).and_then(|()| {
            let length = u64::from_le_bytes(length).min(LONGEST_HEADER);
            let mut header = Vec::new();
            (&mut file).take(length).read_to_end(&mut header)?;
            Ok(header)
        });
        let header = header.map_err(Error::io("cannot read", &path))?;
        let metadata: Metadata =
            serde_json::from_slice(&header).map_err(|error| damaged(error.to_string()))?;
        let Some(tensor) = metadata.info(condition) else {
            return Ok(None);
        };
        let (Dtype::F32, [rows, classes]) = (tensor.dtype, &tensor.shape[..]) else {
            return Err(damaged(format!("{condition} is no table of f32")));
        };
        Ok(Some(Self {
            start: 8 + header.len() as u64 + tensor.data_offsets.0 as u64,
            rows: *rows,
            classes: *classes,
            path,
            file,
        }))
    }

    /// Photos.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no photo.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The probabilities of one photo, by its place among the condition's photos.
    ///
    /// # Errors
    /// [`Error::Io`], also for a row that the file does not have.
    pub fn row(&mut self, at: usize) -> Result<Vec<f32>> {
        let mut bytes = vec![0; 4 * self.classes];
        let read = self
            .file
            .seek(SeekFrom::Start(self.start + (at * bytes.len()) as u64))
            .and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(Error::io("cannot read", &self.path))?;
        let value = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        Ok(bytes.chunks_exact(4).map(value).collect())
    }
}
