//! Tables as CSV files, written and read row by row.

use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use tempfile::NamedTempFile;

use super::Row;
use crate::files::{part_of, put_in_place};

/// A table that is written row by row. It is there when it is finished, whole.
#[derive(Debug)]
pub struct Writer<R> {
    rows: csv::Writer<NamedTempFile>,
    path: PathBuf,
    row: PhantomData<R>,
}

impl<R: Row> Writer<R> {
    /// Begins the table of the run folder at `root`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(root: &Path) -> Result<Self> {
        let path = root.join(R::FILE);
        let mut builder = csv::WriterBuilder::new();
        builder.has_headers(false).buffer_capacity(1 << 16);
        let mut rows = builder.from_writer(part_of(&path)?);
        let begun = rows.write_record(R::COLUMNS);
        begun.map_err(|error| cannot_write(&path, error))?;
        Ok(Self {
            rows,
            path,
            row: PhantomData,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn add(&mut self, row: &R) -> Result<()> {
        let added = self.rows.serialize(row);
        added.map_err(|error| cannot_write(&self.path, error))
    }

    /// Puts the table in its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(self) -> Result<()> {
        let part = self.rows.into_inner().map_err(|error| error.into_error());
        let part = part.map_err(Error::io("cannot write", &self.path))?;
        put_in_place(part, &self.path)
    }
}

fn cannot_write(path: &Path, error: csv::Error) -> Error {
    Error::io("cannot write", path)(error.into())
}

/// Writes a table whole.
///
/// # Errors
/// [`Error::Io`].
pub fn write<R: Row>(root: &Path, rows: &[R]) -> Result<()> {
    let mut writer = Writer::new(root)?;
    rows.iter().try_for_each(|row| writer.add(row))?;
    writer.finish()
}

/// Reads a table back that runs without the experiment, or of an older version, do not have.
///
/// # Errors
/// Those of [`read`].
pub fn read_optional<R: Row>(root: &Path) -> Result<Vec<R>> {
    match root.join(R::FILE).exists() {
        true => read(root),
        false => Ok(Vec::new()),
    }
}

/// Reads a table back.
///
/// # Errors
/// [`Error::Io`]; [`Error::Table`] with the line where it does not fit.
pub fn read<R: Row>(root: &Path) -> Result<Vec<R>> {
    rows(root)?.collect()
}

/// Reads a table back, row by row.
///
/// # Errors
/// [`Error::Io`]; each row with [`Error::Table`] and the line where it does not fit.
pub fn rows<R: Row>(root: &Path) -> Result<impl Iterator<Item = Result<R>>> {
    let path = root.join(R::FILE);
    let rows = reader(&path)?.into_deserialize();
    Ok(rows.map(move |row| row.map_err(|error| misfit(&path, error))))
}

pub(super) fn reader(path: &Path) -> Result<csv::Reader<File>> {
    let file = File::open(path).map_err(Error::io("cannot read", path))?;
    let mut builder = csv::ReaderBuilder::new();
    Ok(builder.buffer_capacity(1 << 16).from_reader(file))
}

pub(super) fn misfit(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    Error::table(path, line, error.to_string())
}
