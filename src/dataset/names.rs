//! What a photograph is called: its printable path, and an id that serves as a file name on any system.

use std::path::{Component, Path, PathBuf};

use base::digest::sha256_hex;

const SLUG_CHARS: usize = 40;

/// A photograph of the data set, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoFile {
    /// Readable and unique, made of ASCII letters, digits, `-` and `_`; depends on the path inside the data set alone.
    pub id: String,
    /// The path inside the data set.
    pub relative: PathBuf,
    /// `relative` with `/` between its parts; where it is not UTF-8, those bytes and `%` stand percent-encoded.
    pub path: String,
    /// Index of its label in [`Labels::names`](super::Labels::names), where it has one.
    pub label: Option<usize>,
}

impl PhotoFile {
    pub(super) fn new(relative: PathBuf) -> Self {
        let raw = raw_bytes(&relative);
        let path = String::from_utf8(raw.clone()).unwrap_or_else(|_| percent_encode(&raw));
        let hash = sha256_hex(&raw);
        let id = format!("{}-{}", slug(&relative), hash.get(..10).unwrap_or(&hash));
        Self {
            id,
            relative,
            path,
            label: None,
        }
    }

    /// The path's parts as text: folders first, the file name last.
    pub(super) fn parts(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }
}

/// The path's bytes, with `/` between its parts on every system.
fn raw_bytes(relative: &Path) -> Vec<u8> {
    relative
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.as_encoded_bytes()),
            _ => None,
        })
        .collect::<Vec<_>>()
        .join(&b'/')
}

fn percent_encode(raw: &[u8]) -> String {
    let mut text = String::new();
    for chunk in raw.utf8_chunks() {
        text.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The end of the path without its extension, other characters as `-`. No dot: `CON.x` and `.x` mean something somewhere.
fn slug(relative: &Path) -> String {
    let stem: Vec<char> = relative
        .with_extension("")
        .to_string_lossy()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let tail: String = stem
        .iter()
        .skip(stem.len().saturating_sub(SLUG_CHARS))
        .collect();
    match tail.trim_matches('-') {
        "" => "photo".to_owned(),
        readable => readable.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> PhotoFile {
        PhotoFile::new(PathBuf::from(path))
    }

    #[test]
    fn an_id_is_readable_short_and_unique() {
        assert!(named("dogs/dog.4025.jpg").id.starts_with("dogs-dog-4025-"));
        assert_ne!(named("a/b.jpg").id, named("a-b.jpg").id);
        assert_ne!(named("a/b.jpg").id, named("a/b.png").id);
        let long = named(&"long name/".repeat(40));
        assert!(long.id.len() <= SLUG_CHARS + 11, "{}", long.id);
        assert!(named("사진.jpg").id.starts_with("photo-"));
        assert_eq!(named("100%.jpg").path, "100%.jpg");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_utf8_is_percent_encoded() {
        use std::os::unix::ffi::OsStringExt;
        let name = std::ffi::OsString::from_vec(b"b\xe9b\xe9 5%.jpg".to_vec());
        assert_eq!(PhotoFile::new(name.into()).path, "b%E9b%E9 5%25.jpg");
    }
}
