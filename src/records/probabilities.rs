//! `probabilities.safetensors`: every class of every photo, written row by row.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::files::write_whole;
use crate::error::{Error, Result};

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
    let path = root.join("data/probabilities.safetensors");
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
