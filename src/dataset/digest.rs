//! SHA-256 as hex digits, and as the seeded draw that samples and control boxes are made with.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The SHA-256 of `bytes` as 64 hex digits.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A number drawn by `seed` for `parts`: the same everywhere, uniform over `u64`.
pub(super) fn draw(seed: u64, parts: &[&str]) -> u64 {
    let mut hash = Sha256::new_with_prefix(seed.to_le_bytes());
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(8)
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}
