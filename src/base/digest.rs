//! SHA-256: as hex digits, of what passes by, and as the seeded draw that samples and control boxes are made with.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The SHA-256 of `bytes` as 64 hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The SHA-256 of all that `source` gives, as 64 hex digits.
pub fn sha256_of(source: impl Read) -> io::Result<String> {
    let mut source = BufReader::with_capacity(1 << 16, Digesting::new(source));
    io::copy(&mut source, &mut io::sink())?;
    Ok(source.into_inner().sha256())
}

/// The SHA-256 of a file as 64 hex digits.
pub fn sha256_of_file(path: &Path) -> Result<String> {
    let read = File::open(path).and_then(sha256_of);
    read.map_err(Error::io("cannot read", path))
}

/// Passes bytes on, read or written, and keeps count and SHA-256 of what went through.
#[derive(Debug)]
pub struct Digesting<T> {
    inner: T,
    digest: Sha256,
    bytes: u64,
}

impl<T> Digesting<T> {
    /// Around a reader or a writer, nothing counted yet.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            digest: Sha256::new(),
            bytes: 0,
        }
    }

    /// The SHA-256 of all that went through so far, as 64 hex digits.
    pub fn sha256(&self) -> String {
        hex(&self.digest.clone().finalize())
    }

    /// How many bytes went through so far.
    pub fn length(&self) -> u64 {
        self.bytes
    }

    fn count(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count(&buffer[..read]);
        Ok(read)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.count(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The SHA-256 of a list of texts; where one ends and the next begins counts.
#[derive(Debug, Default)]
pub struct TextsDigest(Sha256);

impl TextsDigest {
    /// Takes another text in.
    pub fn add(&mut self, text: &str) {
        absorb(&mut self.0, text);
    }

    /// As 64 hex digits.
    pub fn sha256(self) -> String {
        hex(&self.0.finalize())
    }
}

/// The SHA-256 of a list of texts as 64 hex digits.
pub fn sha256_of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = TextsDigest::default();
    texts.into_iter().for_each(|text| digest.add(text));
    digest.sha256()
}

/// A number drawn by `seed` for `parts`: the same everywhere, uniform over `u64`.
pub fn draw(seed: u64, parts: &[&str]) -> u64 {
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
