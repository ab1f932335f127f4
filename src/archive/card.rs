//! The card beside an archive, `<name>.json`: all that a list of many archives needs to know of one.

use records::tables::MetricRow;
use records::Manifest;
use serde::{Deserialize, Serialize};

/// What the index and the retention read of an archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// [`super::ARCHIVE_SCHEMA`].
    pub schema: u32,
    /// The name of the archive and its two companions, without what they end with.
    pub name: String,
    /// The archive itself.
    pub archive: ArchiveFacts,
    /// Words that somebody gave it; an archive with one is never removed by retention.
    pub tags: Vec<String>,
    /// `run.json` without its list of files.
    pub run: Manifest,
    /// `metrics.csv`.
    pub metrics: Vec<MetricRow>,
}

/// The archive that a card belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveFacts {
    /// sha256 of the whole `.tar.zst`.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Folders of the run that were left out.
    pub left_out: Vec<String>,
}
