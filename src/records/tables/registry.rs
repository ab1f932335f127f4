//! All tables of a run folder, each read when it is first asked for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use super::{read, read_optional, Row, Tables};
use crate::error::Result;

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
    /// Places of each photo's rows.
    by_photo: OnceLock<HashMap<String, Vec<usize>>>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: OnceLock::new(),
            by_photo: OnceLock::new(),
        }
    }
}

impl<R: Registered> Table<R> {
    pub(in crate::records) fn rows(&self, root: &Path) -> Result<&[R]> {
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
    pub(in crate::records) fn rows_of(&self, root: &Path, image_id: &str) -> Result<Vec<&R>> {
        let rows = self.rows(root)?;
        let by_photo = self.by_photo.get_or_init(|| {
            let mut places: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, row) in rows.iter().enumerate() {
                match places.get_mut(row.image_id()) {
                    Some(of_photo) => of_photo.push(at),
                    None => drop(places.insert(row.image_id().to_owned(), vec![at])),
                }
            }
            places
        });
        let places = by_photo.get(image_id).map_or(&[][..], Vec::as_slice);
        Ok(places.iter().map(|&at| &rows[at]).collect())
    }
}

/// Gives every row type its place in [`Tables`].
macro_rules! register {
    ($($name:ident: $row:ident $(= $always:ident)?,)*) => {
        /// The tables of one run folder.
        #[derive(Debug, Default)]
        pub struct Tables {
            $($name: registry::Table<$row>,)*
        }

        impl Tables {
            /// Files and columns of all tables.
            pub(in crate::records) fn all() -> Vec<(&'static str, &'static [&'static str])> {
                vec![$(($row::FILE, $row::COLUMNS)),*]
            }

            pub(in crate::records) fn read_all(&self, root: &std::path::Path) -> crate::error::Result<()> {
                $(self.$name.rows(root)?;)*
                Ok(())
            }
        }

        $(impl Registered for $row {
            const ALWAYS: bool = registry::is_always!($($always)?);

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
}
pub(super) use {is_always, register};
