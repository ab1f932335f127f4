//! Reads the small CSV tables people write by hand; every complaint names file, line and column.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use base::{Error, Result};
use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

/// A table with a header, held in memory.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    content: Vec<u8>,
    header: StringRecord,
    records: Vec<StringRecord>,
}

/// A line of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    record: &'a StringRecord,
}

impl Table {
    /// Reads the table at `path`, which must have the `required` columns, in any order and beside others.
    pub(super) fn read(path: &Path, required: &[&str]) -> Result<Self> {
        let content = std::fs::read(path).map_err(Error::io("cannot read", path))?;
        Self::parse(path, &content, required)
    }

    /// Like [`Table::read`], from the table's `content`; `path` stands in messages only.
    pub(super) fn parse(path: &Path, content: &[u8], required: &[&str]) -> Result<Self> {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(content);
        let malformed = |error| malformed(path, content, &error);
        let header = reader.headers().map_err(malformed)?.clone();
        let mut table = Self {
            path: path.to_owned(),
            content: content.to_vec(),
            header,
            records: Vec::new(),
        };
        if let Some(missing) = required.iter().find(|name| !table.has(name)) {
            let found: Vec<&str> = table.header.iter().collect();
            let problem = format!(
                "the header lacks this column (needed: {}; found: {})",
                required.join(","),
                found.join(",")
            );
            return Err(table.error(Some(1), Some(missing), problem));
        }
        for record in reader.records() {
            table.records.push(record.map_err(malformed)?);
        }
        Ok(table)
    }

    /// Whether the header has a column of this name.
    pub(super) fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    /// The lines below the header.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let row = |record| Row {
            table: self,
            record,
        };
        self.records.iter().map(row)
    }

    /// A complaint about the table, or a place in it.
    pub(super) fn error(&self, line: Option<u64>, column: Option<&str>, problem: String) -> Error {
        Error::Table {
            path: self.path.clone(),
            line,
            column: column.map(str::to_owned),
            problem,
        }
    }
}

impl<'a> Row<'a> {
    /// The cell in `column`, without surrounding blanks; empty where there is no such column.
    pub(super) fn text(&self, column: &str) -> &'a str {
        let position = self.table.header.iter().position(|name| name == column);
        position
            .and_then(|at| self.record.get(at))
            .unwrap_or_default()
    }

    /// The cell in `column` as a number; `expected` says in the message what would have been one.
    pub(super) fn number<T: FromStr>(&self, column: &str, expected: &str) -> Result<T> {
        let text = self.text(column);
        text.parse()
            .map_err(|_| self.error(column, format!("expected {expected}, found '{text}'")))
    }

    /// An error about the cell in `column`.
    pub(super) fn error(&self, column: &str, problem: impl Into<String>) -> Error {
        let start = self.record.position();
        let line = start.map(|at| line_of(&self.table.content, at));
        self.table.error(line, Some(column), problem.into())
    }
}

/// The line from 1 that a record starts in; `csv` itself miscounts after blank lines and carriage returns.
fn line_of(content: &[u8], start: &csv::Position) -> u64 {
    let start = usize::try_from(start.byte()).unwrap_or(usize::MAX);
    let (before, record) = content.split_at(start.min(content.len()));
    let blank = record.iter().take_while(|&&b| b == b'\r' || b == b'\n');
    1 + before.iter().chain(blank).filter(|&&b| b == b'\n').count() as u64
}

fn malformed(path: &Path, content: &[u8], error: &csv::Error) -> Error {
    let problem = match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("expected {expected_len} cells as in the header, found {len}"),
        ErrorKind::Utf8 { .. } => "not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    let line = error.position().map(|at| line_of(content, at));
    Error::table(path, line, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content: &str) -> Result<Table> {
        Table::parse(Path::new("t.csv"), content.as_bytes(), &["x", "name"])
    }

    #[test]
    fn columns_stand_in_any_order_and_lines_are_counted() {
        let table = parse("\u{feff}name, x ,more\r\nA, 1.5,\r\n\r\n\"B\nb\",2,z\r\n").unwrap();
        let rows: Vec<_> = table.rows().collect();
        assert_eq!(rows[0].number::<f64>("x", "a number").unwrap(), 1.5);
        assert_eq!(rows[1].text("name"), "B\nb");
        let message = rows[1]
            .number::<u32>("more", "a whole number")
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("t.csv, line 4, column more:"),
            "{message}"
        );
        let message = rows[0]
            .number::<u32>("x", "a whole number")
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "t.csv, line 2, column x: expected a whole number, found '1.5'"
        );
    }

    #[test]
    fn malformed_tables_are_told_with_their_place() {
        for (content, expected) in [
            (
                "",
                "t.csv, line 1, column x: the header lacks this column (needed: x,name; found: )",
            ),
            (
                "x,nam\n1,2\n",
                "t.csv, line 1, column name: the header lacks",
            ),
            (
                "x,name\n1,a\n2\n",
                "t.csv, line 3: expected 2 cells as in the header, found 1",
            ),
        ] {
            let message = parse(content).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        let latin1 = Table::parse(Path::new("t.csv"), b"x,name\n1,\xe9\n", &["x"]);
        assert_eq!(
            latin1.unwrap_err().to_string(),
            "t.csv, line 2: not UTF-8 text"
        );
    }
}
