//! Class names as a CSV.

use std::path::Path;

use base::table::{Column, Row, Table};
use base::Result;

use super::numbered::in_order;
use super::{is_wnid, Class};

/// What the names are called.
pub(super) const NAME: Column<'_> = &["name", "class_name", "label", "class", "category"];
/// What their indices are called.
pub(super) const INDICES: [&str; 6] = ["index", "idx", "class_index", "class_id", "label_id", "id"];
const WNIDS: [&str; 3] = ["wnid", "synset", "id"];

/// Whether `text` begins with the header of such a table: a column `name`, or one that is called otherwise beside one of indices.
pub(super) fn is_one(text: &str) -> bool {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let header = match first.to_lowercase().starts_with("sep=") {
        true => lines.next().unwrap_or_default(),
        false => first,
    };
    let cells: Vec<String> = header
        .split([',', ';', '\t', '|'])
        .map(|cell| cell.trim().trim_matches('"').to_lowercase())
        .collect();
    let has = |names: &[&str]| cells.iter().any(|cell| names.contains(&cell.as_str()));
    has(&NAME[..2]) || (has(NAME) && (has(&INDICES) || has(&WNIDS)))
}

pub(super) fn classes(path: &Path, text: &str) -> Result<Vec<Class>> {
    let table = Table::of_text(path, text, &[NAME])?;
    let column = |names: &[&'static str]| names.iter().find(|name| table.has(name)).copied();
    let all_wnids = |column: &&'static str| table.rows().all(|row| is_wnid(row.text(column)));
    let wnid = column(&WNIDS).filter(|column| *column != "id" || all_wnids(column));
    let index = column(&INDICES).filter(|column| wnid != Some(*column));

    let class = |row: &Row<'_>| -> Result<Class> {
        let name = row.text(NAME[0]);
        if name.is_empty() {
            return Err(row.error(NAME[0], "a class without a name"));
        }
        let wnid = wnid
            .map(|column| row.text(column))
            .filter(|id| !id.is_empty());
        Ok(match wnid {
            Some(wnid) => Class {
                wnid: Some(wnid.to_owned()),
                name: name.to_owned(),
            },
            None => Class::of_text(name),
        })
    };
    match index {
        None => table.rows().map(|row| class(&row)).collect(),
        Some(column) => {
            let numbered = table.rows().map(|row| {
                let index = row.number(column, "the index of a class, from 0")?;
                Ok((index, class(&row)?, row.line()))
            });
            in_order(path, numbered.collect::<Result<_>>()?)
        }
    }
}
