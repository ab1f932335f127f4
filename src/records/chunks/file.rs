//! A chunk as a file: names and records (postcard: numbers as their bytes), and behind them the seal over both, the run's plan and
//! the file's own name, as 64 hex digits.

use std::io::Write;
use std::path::Path;

use base::digest::sha256_hex;
use base::{Error, Result};

use crate::files::write_whole;
use crate::sealed::{opened, seal, vouched, DIGITS};

/// Records by name, each as its own bytes.
pub(super) type Chunk = Vec<(String, Vec<u8>)>;

/// Writes a chunk, whole or not at all.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn write(path: &Path, with: [&str; 2], chunk: &Chunk) -> Result<()> {
    let content = encoded(path, chunk)?;
    let seal = seal(with, &sha256_hex(&content));
    write_whole(path, |file| {
        let mut write = || {
            file.write_all(&content)?;
            file.write_all(seal.as_bytes())
        };
        write().map_err(Error::io("cannot write", path))
    })
}

/// Reads one back.
///
/// # Errors
/// [`Error::Io`]; [`Error::RunFolder`] for one that is damaged, of another place or of another plan, with the `advice` what to do
/// about it.
pub(super) fn read(path: &Path, with: [&str; 2], advice: &str) -> Result<Chunk> {
    opened(path, advice, |file| {
        Some(postcard::from_bytes(unsealed(file, with)?))
    })
}

/// A value as a chunk has it.
///
/// # Errors
/// [`Error::Io`] where there is no such form.
pub(super) fn encoded<T: serde::Serialize>(path: &Path, value: &T) -> Result<Vec<u8>> {
    let bytes = postcard::to_stdvec(value);
    bytes.map_err(|error| Error::io("cannot write", path)(std::io::Error::other(error)))
}

/// The content of a file whose seal holds.
fn unsealed<'a>(file: &'a [u8], with: [&str; 2]) -> Option<&'a [u8]> {
    let (content, found) = file.split_at_checked(file.len().checked_sub(DIGITS)?)?;
    vouched(content, found, with)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use std::fs;

    use super::*;

    #[test]
    fn nothing_but_what_was_written_there_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.chunk");
        let with = ["plan", "photos/1"];
        let chunk = vec![
            ("a".to_owned(), vec![0, 1, 255]),
            ("b".to_owned(), Vec::new()),
        ];
        write(&path, with, &chunk).unwrap();
        let read = |with| read(&path, with, "begin anew");
        assert_eq!(read(with).unwrap(), chunk);
        assert!(read(["plan", "photos/2"]).is_err() && read(["other", "photos/1"]).is_err());
        let whole = fs::read(&path).unwrap();
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
