//! Files that a run keeps while it goes on: JSON with a seal, so that none is believed that is not, to the last bit, what this
//! run wrote in that place. What is read back need not be checked any further.
//!
//! The seal is a sha256 of what the file is sealed with (the plan's sha256 and its own name) and of its content.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use base::digest::{sha256_hex, sha256_of_texts, Digesting};
use base::{Error, Result};
use serde::de::DeserializeOwned;
use serde::Serialize;

use super::files::write_whole;

const BEFORE: &str = "{\"record\":";
const BETWEEN: &str = ",\"seal\":\"";
const AFTER: &str = "\"}\n";
/// Of a seal.
pub(super) const DIGITS: usize = 64;

/// Writes a value and its seal, whole or not at all.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn write_sealed<T: Serialize>(path: &Path, with: [&str; 2], value: &T) -> Result<()> {
    write_whole(path, |file| {
        let mut write = || -> io::Result<()> {
            file.write_all(BEFORE.as_bytes())?;
            let mut content = Digesting::new(&mut *file);
            serde_json::to_writer(&mut content, value)?;
            let seal = seal(with, &content.sha256());
            write!(file, "{BETWEEN}{seal}{AFTER}")
        };
        write().map_err(Error::io("cannot write", path))
    })
}

/// Reads it back.
///
/// # Errors
/// [`Error::Io`]; [`Error::RunFolder`] for a file that is damaged, of another place or of another plan, with the `advice` what
/// to do about it.
pub(super) fn read_sealed<T: DeserializeOwned>(
    path: &Path,
    with: [&str; 2],
    advice: &str,
) -> Result<T> {
    opened(path, advice, |file| {
        Some(serde_json::from_slice(unsealed(file, with)?))
    })
}

/// Reads a sealed file of whichever form; `None` is a seal that does not hold.
///
/// # Errors
/// As [`read_sealed`].
pub(super) fn opened<T, E: Display>(
    path: &Path,
    advice: &str,
    read: impl FnOnce(&[u8]) -> Option<Result<T, E>>,
) -> Result<T> {
    const BROKEN: &str = "its seal is not that of what this run wrote there";
    let file = fs::read(path).map_err(Error::io("cannot read", path))?;
    match read(&file) {
        None => Err(damaged(path, BROKEN, advice)),
        Some(value) => value.map_err(|error| damaged(path, &error.to_string(), advice)),
    }
}

/// That a file is damaged, and what to do about it.
pub(super) fn damaged(path: &Path, problem: &str, advice: &str) -> Error {
    Error::run_folder(path, format!("is damaged: {problem}; {advice}"))
}

/// The content of a file whose seal holds.
fn unsealed<'a>(file: &'a [u8], with: [&str; 2]) -> Option<&'a [u8]> {
    let inner = file.strip_prefix(BEFORE.as_bytes())?;
    let inner = inner.strip_suffix(AFTER.as_bytes())?;
    let (inner, found) = inner.split_at_checked(inner.len().checked_sub(DIGITS)?)?;
    vouched(inner.strip_suffix(BETWEEN.as_bytes())?, found, with)
}

/// A content whose seal is the one that was found with it.
pub(super) fn vouched<'a>(content: &'a [u8], found: &[u8], with: [&str; 2]) -> Option<&'a [u8]> {
    let expected = seal(with, &sha256_hex(content));
    (found == expected.as_bytes()).then_some(content)
}

/// The seal of a content of this sha256.
pub(super) fn seal([plan, name]: [&str; 2], content: &str) -> String {
    sha256_of_texts([plan, name, content])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use super::*;

    #[test]
    fn nothing_but_what_was_written_there_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let (value, with) = (vec![1.5_f32, -2.0], ["plan", "photos/a"]);
        write_sealed(&path, with, &value).unwrap();
        let read = |with| read_sealed::<Vec<f32>>(&path, with, "begin anew");
        assert_eq!(read(with).unwrap(), value);
        assert!(read(["plan", "photos/b"]).is_err() && read(["other", "photos/a"]).is_err());
        let whole = fs::read(&path).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&whole).is_ok());
        for bit in 0..8 * whole.len() {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unsealed(&changed, with), None, "bit {bit}");
        }
        for length in 0..whole.len() {
            assert_eq!(unsealed(&whole[..length], with), None, "{length} bytes");
        }
    }
}
