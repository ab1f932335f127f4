//! What the occlusion experiment found for one photograph, its positions checked.

use crate::dataset::Rect;
use crate::error::{Error, Result};
use crate::figures::maps::{Positions, Window};
use crate::records::tables::{OcclusionClassRow, OcclusionPhotoRow, OcclusionRow};
use crate::report::blocks::{Marks, Outline};
use crate::report::lookup::Photo;
use crate::report::site::Page;

/// What the experiment found for a photo, its positions checked.
pub(super) struct Found<'b> {
    /// Where it is told.
    pub(super) page: &'b Page<'b>,
    pub(super) photo: &'b Photo<'b>,
    pub(super) row: &'b OcclusionPhotoRow,
    pub(super) positions: Positions,
    /// What was found at each.
    pub(super) at: Vec<OcclusionRow>,
    /// Number of the most harmful position.
    pub(super) worst: usize,
    pub(super) worst_top_probability: Option<f32>,
    /// The classes of the map, the followed one first, then the commonest first.
    pub(super) classes: Vec<Class<'b>>,
}

/// A class that is the most probable somewhere.
pub(super) struct Class<'b> {
    index: usize,
    pub(super) name: &'b str,
    pub(super) positions: usize,
}

impl<'b> Found<'b> {
    /// # Errors
    /// [`Error::Drawing`] for positions that cannot be those of this network's input.
    pub(super) fn new(
        page: &'b Page<'b>,
        photo: &'b Photo<'b>,
        row: &'b OcclusionPhotoRow,
    ) -> Result<Self> {
        let positions = Positions {
            side: page.site.run.manifest.preprocessing.crop as usize,
            occluder: row.occluder,
            stride: row.stride,
            rows: row.rows,
            columns: row.columns,
        };
        let number = |it: &Positions| it.number(row.worst_y, row.worst_x);
        let fitting = positions.fitting();
        let (positions, worst) = fitting
            .and_then(|it| Some((it, number(&it)?)))
            .ok_or_else(|| Error::Drawing {
                what: format!("the occlusion maps of {}", photo.image.path),
                problem: format!("{positions:?} do not fit, or are without the most harmful one; expected corners at multiples of the stride inside the network's input"),
            })?;
        let mut classes: Vec<Class<'b>> = photo
            .rows::<OcclusionClassRow>()
            .into_iter()
            .map(|class| Class {
                index: class.class_index,
                name: &class.class_name,
                positions: class.positions,
            })
            .collect();
        classes.sort_by_key(|class| {
            let followed = Some(class.index) == row.class_index;
            (!followed, std::cmp::Reverse(class.positions), class.index)
        });
        let at = photo.read_rows::<OcclusionRow>();
        let mut places = at.iter();
        let at_worst = places.find(|it| (it.y, it.x) == (row.worst_y, row.worst_x));
        Ok(Self {
            page,
            photo,
            row,
            positions,
            worst,
            worst_top_probability: at_worst.and_then(|it| it.top_probability),
            at,
            classes,
        })
    }

    /// How the positions lie, in words.
    pub(super) fn geometry(&self) -> String {
        let positions = &self.positions;
        let gaps = [
            ("occluder", positions.occluder.to_string()),
            ("stride", positions.stride.to_string()),
            ("side", positions.side.to_string()),
            ("rows", positions.rows.to_string()),
            ("columns", positions.columns.to_string()),
        ];
        let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
        let texts = self.page.texts();
        texts.count("occlusion.geometry", positions.count(), &gaps)
    }

    /// Number of a position's most probable class among [`Found::classes`].
    pub(super) fn class_number(&self, position: &OcclusionRow) -> Option<usize> {
        let index = position.top_class_index?;
        self.classes.iter().position(|class| class.index == index)
    }

    /// The occluder at the most harmful position, over the network's input.
    pub(super) fn occluder(&self) -> Outline {
        self.outline(self.positions.covered(self.row.worst_y, self.row.worst_x))
    }

    /// The cell of the most harmful position on a map.
    pub(super) fn worst_cell(&self) -> Outline {
        self.outline(self.positions.cell(self.row.worst_y, self.row.worst_x))
    }

    fn outline(&self, window: Window) -> Outline {
        let part = |pixels: usize| pixels as f64 / self.positions.side as f64;
        Outline {
            marks: Marks::Mask,
            rect: Rect {
                x: part(window.x),
                y: part(window.y),
                width: part(window.width),
                height: part(window.height),
            },
        }
    }

    /// A value for each position, NaN where the table has none.
    pub(super) fn values(&self, value: impl Fn(&OcclusionRow) -> Option<f32>) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.positions.count()];
        for row in &self.at {
            if let Some(at) = self.positions.number(row.y, row.x) {
                values[at] = value(row).map_or(f64::NAN, f64::from);
            }
        }
        values
    }
}

/// Whether a photo's maps are approximate.
pub(super) fn is_fast(row: &OcclusionPhotoRow) -> bool {
    row.mode != "exact"
}
