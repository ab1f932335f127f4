//! Finished runs as evidence: packed into one file each, verified, and kept on a shelf of many.
//!
//! An archive is a `.tar.zst` that ends with a seal (`footer`), a sha256 of everything before it. Its first file,
//! `archive.json`, tells what the others must be (`contents`). What an archive holds depends on the run alone.

mod card;
mod contents;
mod footer;
mod large;
mod name;
mod pack;
mod retention;
mod ro_crate;
mod shelf;
mod verify;

pub use card::{ArchiveFacts, Card};
pub use contents::{Contents, FileFacts, ARCHIVE_SCHEMA};
pub use large::Large;
pub use name::{archive_name, is_archive_name};
pub use pack::Pack;
pub use retention::{remove, remove_leftovers, Retention};
pub use shelf::{Entry, Series, Shelf};
pub use verify::{verify, Finding, Verdict};

/// How the file names of archives end.
pub const EXTENSION: &str = ".tar.zst";

/// Files of an archive that are not of the run.
const CONTENTS: &str = "archive.json";
const RO_CRATE: &str = "ro-crate-metadata.json";
const MANIFEST: &str = "run.json";
