//! A finished (or nearly finished) run, read back from its folder: all that pages are made from.

use std::path::{Path, PathBuf};

use base::Result;

use super::tables::{OfPhoto, Registered, Tables};
use super::Manifest;

/// The manifest and the tables of one run; each table is read when it is first asked for.
#[derive(Debug)]
pub struct Run {
    /// The run folder.
    pub root: PathBuf,
    /// `run.json`.
    pub manifest: Manifest,
    tables: Tables,
}

impl Run {
    /// The run in a folder whose manifest is already known.
    pub fn new(root: &Path, manifest: Manifest) -> Self {
        Self {
            root: root.to_owned(),
            manifest,
            tables: Tables::default(),
        }
    }

    /// The rows of a table; none where the run was not asked for what it tells.
    ///
    /// # Errors
    /// [`base::Error::Io`] and [`base::Error::Table`] for a table that is missing or damaged.
    pub fn rows<R: Registered>(&self) -> Result<&[R]> {
        R::table(&self.tables).rows(&self.root)
    }

    /// The rows of a table that are of one photo, in the table's order.
    ///
    /// # Errors
    /// Those of [`Run::rows`].
    pub fn rows_of<R: OfPhoto + Registered>(&self, image_id: &str) -> Result<Vec<&R>> {
        R::table(&self.tables).rows_of(&self.root, image_id)
    }

    /// The same of a table that is too large to be kept: read from its file.
    ///
    /// # Errors
    /// Those of [`Run::rows`].
    pub fn read_rows_of<R: OfPhoto + Registered>(&self, image_id: &str) -> Result<Vec<R>> {
        R::table(&self.tables).read_rows_of(&self.root, image_id)
    }

    /// The tables that a run may have: their paths inside the run folder.
    pub fn all_tables() -> impl Iterator<Item = &'static str> {
        Tables::all().into_iter().map(|(file, _)| file)
    }

    /// The tables that the run has: their paths inside the run folder and their columns.
    pub fn tables(&self) -> Vec<(&'static str, &'static [&'static str])> {
        let mut tables = Tables::all();
        tables.retain(|(file, _)| self.root.join(file).is_file());
        tables
    }

    /// Reads all tables, so that none that is damaged is found out later.
    ///
    /// # Errors
    /// Those of [`Run::rows`].
    pub fn read_all(&self) -> Result<()> {
        self.tables.read_all(&self.root)
    }
}
