//! All tables of a run folder, each read when it is first asked for.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use base::Result;
use csv::{Position, StringRecord};

use super::file::{misfit, reader};
use super::{read, read_optional, Row, Tables};

/// The rows of a photo.
pub trait OfPhoto: Row {
    /// The photo.
    fn image_id(&self) -> &str;
}

/// A table that [`Tables`] knows.
pub trait Registered: Row + Sized + 'static {
    /// Whether every run has it.
    const ALWAYS: bool;

    /// Its place among the tables.
    fn table(tables: &Tables) -> &Table<Self>;
}

/// A table's rows once it was read.
#[derive(Debug)]
pub struct Table<R> {
    rows: OnceLock<Vec<R>>,
    /// Where each photo's rows stand: runs of them, where the first is and how many follow one another.
    by_photo: OnceLock<HashMap<Box<str>, Runs>>,
    /// Of a table that is too large to be kept.
    index: OnceLock<Index>,
}

/// Rows of a photo: the first run of them, and others where there are such.
type Runs = (Range<usize>, Vec<Range<usize>>);

/// Where in a table's file the rows of each photo stand.
#[derive(Debug)]
pub(crate) struct Index {
    header: StringRecord,
    /// Runs of rows: where the first begins, and how many follow one another.
    runs: HashMap<String, Vec<(Position, usize)>>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: OnceLock::new(),
            by_photo: OnceLock::new(),
            index: OnceLock::new(),
        }
    }
}

impl<R: Registered> Table<R> {
    pub(crate) fn rows(&self, root: &Path) -> Result<&[R]> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows);
        }
        let rows = match R::ALWAYS {
            true => read(root)?,
            false => read_optional(root)?,
        };
        Ok(self.rows.get_or_init(|| rows))
    }
}

impl<R: OfPhoto + Registered> Table<R> {
    pub(crate) fn rows_of(&self, root: &Path, image_id: &str) -> Result<Vec<&R>> {
        let rows = self.rows(root)?;
        let by_photo = self.by_photo.get_or_init(|| {
            let mut places: HashMap<Box<str>, Runs> = HashMap::new();
            let mut begin = 0;
            for of_photo in rows.chunk_by(|one, other| one.image_id() == other.image_id()) {
                let run = begin..begin + of_photo.len();
                begin = run.end;
                match places.get_mut(of_photo[0].image_id()) {
                    Some((_, others)) => others.push(run),
                    None => drop(places.insert(of_photo[0].image_id().into(), (run, Vec::new()))),
                }
            }
            places
        });
        let Some((first, others)) = by_photo.get(image_id) else {
            return Ok(Vec::new());
        };
        let runs = std::iter::once(first).chain(others);
        Ok(runs.flat_map(|run| &rows[run.clone()]).collect())
    }
}

impl<R: OfPhoto + Registered> Table<R> {
    /// The rows of one photo, read from the file each time; of the others none is kept.
    pub(crate) fn read_rows_of(&self, root: &Path, image_id: &str) -> Result<Vec<R>> {
        let index = self.index(root)?;
        let Some(runs) = index.runs.get(image_id) else {
            return Ok(Vec::new());
        };
        let path = root.join(R::FILE);
        let damaged = |error| misfit(&path, error);
        let mut reader = reader(&path)?;
        let mut rows = Vec::new();
        let mut record = StringRecord::new();
        for (start, count) in runs {
            reader.seek(start.clone()).map_err(damaged)?;
            for _ in 0..*count {
                reader.read_record(&mut record).map_err(damaged)?;
                rows.push(record.deserialize(Some(&index.header)).map_err(damaged)?);
            }
        }
        Ok(rows)
    }

    /// Looks through the whole table, row by row.
    pub(crate) fn index(&self, root: &Path) -> Result<&Index> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let path = root.join(R::FILE);
        let mut index = Index {
            header: StringRecord::new(),
            runs: HashMap::new(),
        };
        if path.exists() {
            let damaged = |error| misfit(&path, error);
            let mut reader = reader(&path)?;
            index.header = reader.headers().map_err(damaged)?.clone();
            let mut record = StringRecord::new();
            let mut last = String::new();
            let mut start = reader.position().clone();
            while reader.read_record(&mut record).map_err(damaged)? {
                let row: R = record.deserialize(Some(&index.header)).map_err(damaged)?;
                let runs = match index.runs.get_mut(row.image_id()) {
                    Some(runs) => runs,
                    None => index.runs.entry(row.image_id().to_owned()).or_default(),
                };
                match runs.last_mut() {
                    Some((_, count)) if last == row.image_id() => *count += 1,
                    _ => runs.push((start, 1)),
                }
                row.image_id().clone_into(&mut last);
                start = reader.position().clone();
            }
        }
        Ok(self.index.get_or_init(|| index))
    }
}

/// Gives every row type its place in [`Tables`].
macro_rules! register {
    ($($name:ident: $row:ident $(= $kind:ident)?,)*) => {
        /// The tables of one run folder.
        #[derive(Debug, Default)]
        pub struct Tables {
            $($name: registry::Table<$row>,)*
        }

        impl Tables {
            /// Files and columns of all tables.
            pub(crate) fn all() -> Vec<(&'static str, &'static [&'static str])> {
                vec![$(($row::FILE, $row::COLUMNS)),*]
            }

            pub(crate) fn read_all(&self, root: &std::path::Path) -> base::Result<()> {
                $(registry::look_through!(self.$name, root $(, $kind)?);)*
                Ok(())
            }
        }

        $(impl Registered for $row {
            const ALWAYS: bool = registry::is_always!($($kind)?);

            fn table(tables: &Tables) -> &registry::Table<Self> {
                &tables.$name
            }
        })*
    };
}

macro_rules! is_always {
    () => {
        false
    };
    (always) => {
        true
    };
    (large) => {
        false
    };
}

macro_rules! look_through {
    ($table:expr, $root:expr, large) => {
        $table.index($root)?
    };
    ($table:expr, $root:expr $(, always)?) => {
        $table.rows($root)?
    };
}
pub(super) use {is_always, look_through, register};
