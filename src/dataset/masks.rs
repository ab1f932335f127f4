//! Regions to hide, from `masks.csv`, and parts to compare, from `parts.csv`: boxes in pixels of the original file, after
//! EXIF orientation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::table::{Row, Table};
use base::Result;

use super::rect::Rect;
use super::region::Region;
use super::Dataset;

const IMAGE: &str = "image";
const REGION: &str = "region";
const PART: &str = "part";
const RESERVED: [&str; 3] = ["original", "occlusion", "__metadata__"];
/// What the tables call the places that parts are compared with.
const RANDOM: &str = "random";
const LONGEST_NAME: usize = 64;

/// The regions of a data set's photographs.
#[derive(Debug, Default)]
pub struct Masks {
    table: Option<Table>,
    /// What a box belongs to, and the column that names it.
    noun: &'static str,
    /// Photo path → its regions and, for each box, the row that it stands in.
    photos: BTreeMap<String, Vec<(Region, Vec<usize>)>>,
    /// What is worth saying aloud.
    pub notes: Vec<String>,
}

impl Masks {
    /// Reads the table with the columns `image,region,x,y,width,height`; rows with the same image and region form a union.
    ///
    /// # Errors
    ///
    /// The table is malformed, or names a photograph that the data set does not have (one left out by a limit is fine).
    pub fn read(path: &Path, dataset: &Dataset) -> Result<Self> {
        Self::read_named(path, dataset, REGION)
    }

    /// Reads such a table of parts, with the columns `image,part,x,y,width,height`.
    ///
    /// # Errors
    ///
    /// Those of [`Masks::read`].
    pub fn read_parts(path: &Path, dataset: &Dataset) -> Result<Self> {
        Self::read_named(path, dataset, PART)
    }

    fn read_named(path: &Path, dataset: &Dataset, noun: &'static str) -> Result<Self> {
        let columns = [IMAGE, noun, "x", "y", "width", "height"].map(|name| [name]);
        let table = Table::read(path, &columns.each_ref().map(<[_; 1]>::as_slice))?;
        let lookup = dataset.lookup();
        let mut masks = Self {
            noun,
            ..Self::default()
        };
        let mut left_out = 0;
        for (index, row) in table.rows().enumerate() {
            let (called, region, rect) = (row.text(IMAGE), name(&row, noun)?, rect(&row)?);
            let image = lookup
                .find(called)
                .map_err(|missing| row.error(IMAGE, lookup.told(called, &missing)))?;
            match dataset.left_out.contains(image) {
                true => left_out += 1,
                false => masks.add(image, region, rect, index),
            }
        }
        if left_out > 0 {
            masks.notes.push(format!(
                "{left_out} boxes belong to photographs outside the sample"
            ));
        }
        masks.table = Some(table);
        Ok(masks)
    }

    /// One region of some photographs that was found and not read from a table: paths and boxes.
    pub fn found(region: &str, boxes: impl IntoIterator<Item = (String, Rect)>) -> Self {
        let mut masks = Self {
            noun: REGION,
            ..Self::default()
        };
        for (path, rect) in boxes {
            masks.add(&path, region, rect, 0);
        }
        masks
    }

    /// Whether they were found and not read from a table.
    pub fn is_found(&self) -> bool {
        self.table.is_none() && !self.photos.is_empty()
    }

    /// The same table with one region alone.
    ///
    /// # Errors
    ///
    /// [`base::Error::UnknownName`] where no photograph has it.
    pub fn only(mut self, region: &str) -> Result<Self> {
        let mut known = BTreeSet::new();
        for regions in self.photos.values_mut() {
            known.extend(regions.iter().map(|(region, _)| region.name.clone()));
            regions.retain(|(other, _)| other.name == region);
        }
        self.photos.retain(|_, regions| !regions.is_empty());
        match self.photos.is_empty() {
            false => Ok(self),
            true => {
                let known = known.into_iter().collect();
                Err(base::Error::unknown_name("region", region, known))
            }
        }
    }

    /// Paths of the photographs that have regions, sorted.
    pub fn photos(&self) -> impl Iterator<Item = &str> {
        self.photos.keys().map(String::as_str)
    }

    /// Names of the regions of the photograph at `path`, in the table's order.
    pub fn names(&self, path: &str) -> impl Iterator<Item = &str> {
        let regions = self.photos.get(path).into_iter().flatten();
        regions.map(|(region, _)| region.name.as_str())
    }

    /// The regions of the photograph at `path`, in the table's order, cut to its `size`, with a note for each that was.
    ///
    /// # Errors
    ///
    /// A box lies entirely outside the photograph.
    pub fn for_photo(&self, path: &str, size: (u32, u32)) -> Result<(Vec<Region>, Vec<String>)> {
        let mut regions = Vec::new();
        let mut notes = Vec::new();
        for (region, rows) in self.photos.get(path).into_iter().flatten() {
            let Some(cut) = region.cut_to(size) else {
                return Err(self.outside(region, rows, size));
            };
            if cut != *region {
                let (noun, name) = (self.noun, &region.name);
                notes.push(format!(
                    "{path}: {noun} {name} reaches beyond the photograph and was cut"
                ));
            }
            regions.push(cut);
        }
        Ok((regions, notes))
    }

    /// Holds every box against its photo's size, before anything looks at the photos; tells what was cut.
    ///
    /// # Errors
    ///
    /// Those of [`Masks::for_photo`].
    pub fn held_against_photos(&self, dataset: &Dataset) -> Result<Vec<String>> {
        let mut notes = Vec::new();
        for (path, size) in dataset.upright_sizes(self.photos()) {
            match size {
                Some(size) => notes.extend(self.for_photo(path, size)?.1),
                None => notes.push(format!("{path} cannot be read; its boxes are not used")),
            }
        }
        Ok(notes)
    }

    fn add(&mut self, image: &str, name: &str, rect: Rect, row: usize) {
        let regions = self.photos.entry(image.to_owned()).or_default();
        match regions.iter_mut().find(|(region, _)| region.name == name) {
            Some((region, rows)) => {
                region.boxes.push(rect);
                rows.push(row);
            }
            None => {
                let region = Region {
                    name: name.to_owned(),
                    boxes: vec![rect],
                };
                regions.push((region, vec![row]));
            }
        }
    }

    fn outside(&self, region: &Region, rows: &[usize], size: (u32, u32)) -> base::Error {
        let frame = Rect::of_size(size);
        let at = region
            .boxes
            .iter()
            .position(|rect| rect.intersection(&frame).is_none());
        let row = at.and_then(|at| self.table.as_ref()?.rows().nth(*rows.get(at)?));
        let problem = format!(
            "the box of {} {} lies outside its photograph of {} × {} pixels",
            self.noun, region.name, size.0, size.1
        );
        match row {
            Some(row) => row.error("x", problem),
            None => base::Error::Usage(problem),
        }
    }
}

fn name<'a>(row: &Row<'a>, noun: &str) -> Result<&'a str> {
    let name = row.text(noun);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(allowed) {
        let problem =
            format!("expected up to {LONGEST_NAME} letters, digits, _ and -, found '{name}'");
        return Err(row.error(noun, problem));
    }
    if RESERVED.contains(&name) || (noun == PART && name == RANDOM) {
        return Err(row.error(noun, format!("'{name}' is reserved; choose another name")));
    }
    Ok(name)
}

fn rect(row: &Row<'_>) -> Result<Rect> {
    let number = |column: &str, least: f64, expected: &str| -> Result<f64> {
        let number: f64 = row.number(column, expected)?;
        if number.is_finite() && number >= least {
            return Ok(number);
        }
        let found = row.text(column);
        Err(row.error(column, format!("expected {expected}, found '{found}'")))
    };
    Ok(Rect {
        x: number("x", f64::NEG_INFINITY, "a number")?,
        y: number("y", f64::NEG_INFINITY, "a number")?,
        width: number("width", 1.0, "a number of at least 1")?,
        height: number("height", 1.0, "a number of at least 1")?,
    })
}
