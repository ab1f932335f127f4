//! SHA-256: as hex digits, and as the seeded draw that samples and control boxes are made with.

use std::fmt::Write as _;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes` as 64 hex digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The SHA-256 of all that `source` gives, as 64 hex digits.
pub(crate) fn sha256_of(mut source: impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// The SHA-256 of a list of texts as 64 hex digits; where one ends and the next begins counts.
pub(crate) fn sha256_of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        absorb(&mut digest, text);
    }
    hex(&digest.finalize())
}

/// A number drawn by `seed` for `parts`: the same everywhere, uniform over `u64`.
pub(crate) fn draw(seed: u64, parts: &[&str]) -> u64 {
    let mut digest = Sha256::new_with_prefix(seed.to_le_bytes());
    for part in parts {
        absorb(&mut digest, part);
    }
    digest
        .finalize()
        .iter()
        .take(8)
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn absorb(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text.as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
