//! Reads the small CSV tables that people write by hand or take from a spreadsheet; every complaint names file, line and
//! column.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use crate::lines::Lines;
use crate::{text, Error, Result};

/// What may stand between cells. Where more than one would do, the first.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// Longer ones are mistakes.
const LONGEST_CELL: usize = 1 << 16;

/// A column by the names that it may have, in any case, the first of which is its own.
pub type Column<'a> = &'a [&'a str];

/// A table with a header, held in memory.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    separator: u8,
    /// As they stand in the file.
    header: Vec<String>,
    /// What the columns are called here: the own name of one that is required, else the header's in lower case.
    columns: Vec<String>,
    /// And the line that each begins in, from 1.
    records: Vec<(Option<u64>, StringRecord)>,
}

/// A line of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    line: Option<u64>,
    record: &'a StringRecord,
}

impl Table {
    /// Reads the table at `path`, which must have the `required` columns, in any order and beside others. Cells stand between
    /// commas, semicolons, tabs or bars: whichever gives the required columns, or the one that a first line `sep=;` names.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Table`].
    pub fn read(path: &Path, required: &[Column<'_>]) -> Result<Self> {
        Self::of_text(path, &text::read(path)?, required)
    }

    /// Like [`Table::read`], from the table's `content`; `path` stands in messages only.
    ///
    /// # Errors
    /// [`Error::Table`].
    pub fn parse(path: &Path, content: &[u8], required: &[Column<'_>]) -> Result<Self> {
        Self::of_text(path, &text::decode(path, content)?, required)
    }

    /// Like [`Table::read`], from the table's text; `path` stands in messages only.
    ///
    /// # Errors
    /// [`Error::Table`].
    pub fn of_text(path: &Path, text: &str, required: &[Column<'_>]) -> Result<Self> {
        let (start, named) = first_line(text);
        let candidates = named.as_ref().map_or(&SEPARATORS[..], std::slice::from_ref);
        let header_by = |separator: u8| header(&text[start..], separator);
        let present = |separator: &u8| {
            let header = header_by(*separator).unwrap_or_default();
            let has = |column: &&Column<'_>| place(&header, column).is_some();
            required.iter().filter(has).count()
        };
        // Of those that do equally well the first: `max_by_key` takes the last.
        let separator = candidates
            .iter()
            .rev()
            .max_by_key(|separator| present(separator));
        let separator = separator.copied().unwrap_or(SEPARATORS[0]);
        let mut lines = Lines::new(text, start);
        let header = header_by(separator).map_err(|error| malformed(path, &mut lines, &error))?;

        let mut columns: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
        for column in required {
            match (place(&header, column), column.first()) {
                (Some(place), Some(own)) => columns[place] = (*own).to_owned(),
                (Some(_), None) => {}
                (None, _) => return Err(lacking(path, &header, column, required)),
            }
        }
        let mut records = Vec::new();
        for record in reader(&text[start..], separator).records() {
            let record = record.map_err(|error| malformed(path, &mut lines, &error))?;
            let line = record.position().map(|at| lines.of(at));
            if let Some(long) = record.iter().find(|cell| cell.len() > LONGEST_CELL) {
                let problem = format!(
                    "a cell of {} bytes; is a quotation mark missing at its end? It begins '{}'",
                    long.len(),
                    text::cut(long).lines().next().unwrap_or_default()
                );
                return Err(Error::table(path, line, problem));
            }
            if record.iter().any(|cell| !cell.is_empty()) {
                records.push((line, record));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            separator,
            header,
            columns,
            records,
        })
    }

    /// Whether the header has a column of this name, in lower case.
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// The only other column that has a name, beside `column`.
    pub fn other_column(&self, column: &str) -> Option<&str> {
        let mut others = self
            .columns
            .iter()
            .filter(|name| !name.is_empty() && *name != column);
        let other = others.next()?;
        others.next().is_none().then_some(other)
    }

    /// The lines below the header; those of empty cells are left out.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row {
            table: self,
            line: *line,
            record,
        })
    }

    /// A complaint about the table, or a place in it.
    pub fn error(&self, line: Option<u64>, column: Option<&str>, problem: String) -> Error {
        Error::Table {
            path: self.path.clone(),
            line,
            column: column.map(|column| self.in_the_file(column).to_owned()),
            problem,
        }
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    /// How the header writes a column.
    fn in_the_file<'a>(&'a self, column: &'a str) -> &'a str {
        self.place(column)
            .map_or(column, |place| self.header[place].as_str())
    }
}

impl<'a> Row<'a> {
    /// The cell in `column`, without surrounding blanks; empty where there is no such column.
    pub fn text(&self, column: &str) -> &'a str {
        let place = self.table.place(column);
        place
            .and_then(|place| self.record.get(place))
            .unwrap_or_default()
    }

    /// The cell in `column` as a number, its decimal point a comma where commas do not stand between cells; `expected` says in
    /// the message what would have been one.
    ///
    /// # Errors
    /// [`Error::Table`]: it is none.
    pub fn number<T: FromStr>(&self, column: &str, expected: &str) -> Result<T> {
        let text = self.text(column);
        let with_point = (self.table.separator != b',').then(|| text.replacen(',', ".", 1));
        text.parse()
            .ok()
            .or_else(|| with_point?.parse().ok())
            .ok_or_else(|| {
                let problem = format!("expected {expected}, found '{}'", text::cut(text));
                self.error(column, problem)
            })
    }

    /// The line that it begins in, from 1.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// An error about the cell in `column`.
    pub fn error(&self, column: &str, problem: impl Into<String>) -> Error {
        self.table.error(self.line, Some(column), problem.into())
    }
}

/// Where the header begins, and the separator that a spreadsheet's first line `sep=;` names.
fn first_line(text: &str) -> (usize, Option<u8>) {
    let line = text.split_inclusive('\n').next().unwrap_or_default();
    let named = match line.trim_end_matches(['\r', '\n']).as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => Some(*separator),
        _ => None,
    };
    (named.map_or(0, |_| line.len()), named)
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(separator)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

fn header(text: &str, separator: u8) -> Result<Vec<String>, csv::Error> {
    let mut reader = reader(text, separator);
    Ok(reader.headers()?.iter().map(str::to_owned).collect())
}

/// Which of the header's columns this is.
fn place(header: &[String], column: Column<'_>) -> Option<usize> {
    let of = |wanted: &&str| {
        let same = |name: &String| name.to_lowercase() == *wanted;
        header.iter().position(same)
    };
    column.iter().find_map(of)
}

fn lacking(path: &Path, header: &[String], column: Column<'_>, all: &[Column<'_>]) -> Error {
    let own = |column: &Column<'_>| column.first().copied().unwrap_or_default().to_owned();
    let needed: Vec<String> = all.iter().map(own).collect();
    let problem = format!(
        "the header lacks this column (needed: {}; found: {}); name the columns so in the first line",
        needed.join(","),
        text::cut(&header.join(","))
    );
    Error::Table {
        path: path.to_owned(),
        line: Some(1),
        column: Some(own(&column)),
        problem,
    }
}

fn malformed(path: &Path, lines: &mut Lines<'_>, error: &csv::Error) -> Error {
    let problem = match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("expected {expected_len} cells as in the header, found {len}"),
        _ => error.to_string(),
    };
    let line = error.position().map(|at| lines.of(at));
    Error::table(path, line, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content: &str) -> Result<Table> {
        let required: [Column<'_>; 2] = [&["x"], &["name", "label"]];
        Table::parse(Path::new("t.csv"), content.as_bytes(), &required)
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
    fn blank_lines_and_breaks_in_cells_are_lines() {
        let lines = |content: &str| -> Vec<_> {
            let table = parse(content).unwrap();
            table.rows().map(|row| row.line().unwrap()).collect()
        };
        let content = "x,name\n\n1,a\r\n\r\n\n\"2\n\",b\n,\n3,c\n";
        assert_eq!(lines(content), [3, 6, 9]);
        assert_eq!(lines(&format!("sep=,\n{content}")), [4, 7, 10]);
    }

    #[test]
    fn the_dialects_of_spreadsheets_say_the_same() {
        for content in [
            "name,x\ncat,1.5\n",
            "name;x\r\ncat;1,5\r\n",
            "name\tx\ncat\t1.5\n",
            "name|x\ncat|1.5\n",
            "sep=;\r\nname;x\r\ncat;1.5\r\n",
            "sep=,\nname,x\ncat,1.5\n",
            "SEP=\t\nName\tX\ncat\t1,5\n",
            " NAME , X \n cat , 1.5 \n",
            "Label,X\ncat,1.5\n",
            "name;x;\ncat;1,5;\n;;\n",
            "\"name\";\"x\"\n\"cat\";\"1,5\"\n",
            "name,x\rcat,1.5\r",
        ] {
            let table = parse(content).unwrap();
            let rows: Vec<_> = table.rows().collect();
            assert_eq!(rows.len(), 1, "{content:?}");
            let read = (rows[0].text("name"), rows[0].number::<f64>("x", "a number"));
            assert_eq!((read.0, read.1.unwrap()), ("cat", 1.5), "{content:?}");
        }
    }

    #[test]
    fn a_comma_between_cells_is_no_decimal_point() {
        let table = parse("name,x\ncat,\"1,5\"\n").unwrap();
        let read = table.rows().map(|row| row.number::<f64>("x", "a number"));
        assert!(read.collect::<Result<Vec<_>>>().is_err());
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
            (
                "sep=;\nx;name\n1;a\n2\n",
                "t.csv, line 4: expected 2 cells as in the header, found 1",
            ),
        ] {
            let message = parse(content).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
        let required: [Column<'_>; 1] = [&["x"]];
        let latin1 = Table::parse(Path::new("t.csv"), b"x,name\n1,\xe9\n", &required);
        let message = latin1.unwrap_err().to_string();
        assert!(
            message.starts_with("t.csv, line 2: not UTF-8 text"),
            "{message}"
        );
        let table = parse("X;Label\na;b\n").unwrap();
        let message = table
            .rows()
            .next()
            .unwrap()
            .error("name", "bad")
            .to_string();
        assert_eq!(message, "t.csv, line 2, column Label: bad");
    }
}
