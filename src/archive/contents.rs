//! `archive.json`, the first file of an archive: what the others must be, and what was left out on purpose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Number of the archive's contract; it rises when a name or a meaning changes.
pub const ARCHIVE_SCHEMA: u32 = 1;
const FORMAT: &str = "deconvscope archive";

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    /// `deconvscope archive`.
    pub format: String,
    /// [`ARCHIVE_SCHEMA`].
    pub schema: u32,
    /// Folders of the run, with a `/` at their end, that were left out on purpose.
    pub left_out: Vec<String>,
    /// Every other file of the archive, by its path below the top folder.
    pub files: BTreeMap<String, FileFacts>,
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its length.
    pub bytes: u64,
    /// Its sha256 as 64 hex digits.
    pub sha256: String,
}

/// What of a newer version's contents can be read.
#[derive(Deserialize)]
struct Header {
    format: String,
    schema: u32,
}

impl Contents {
    pub(super) fn new(left_out: Vec<String>, files: BTreeMap<String, FileFacts>) -> Self {
        Self {
            format: FORMAT.into(),
            schema: ARCHIVE_SCHEMA,
            left_out,
            files,
        }
    }

    /// Reads `archive.json`; what is wrong with it comes back as text.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let damaged = |error: serde_json::Error| format!("is damaged: {error}");
        let header: Header = serde_json::from_slice(bytes).map_err(damaged)?;
        if header.format != FORMAT {
            return Err(format!("is of another format, '{}'", header.format));
        }
        if header.schema > ARCHIVE_SCHEMA {
            return Err(format!(
                "was made by a newer version (schema {}, this one reads up to {ARCHIVE_SCHEMA})",
                header.schema
            ));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// Whether a file of the run was left out on purpose.
    pub(super) fn leaves_out(&self, file: &str) -> bool {
        self.left_out.iter().any(|folder| file.starts_with(folder))
    }
}
