//! What the occlusion experiment found for one photograph, its positions checked.

use std::cmp::Reverse;

use base::Error;
use dataset::Rect;
use figures::maps::{Positions, Window};
use records::tables::{OcclusionClassRow, OcclusionPhotoRow, OcclusionRow};

use crate::prelude::*;

/// What the experiment found for a photo, its positions checked.
pub(super) struct Found<'b> {
    /// Where it is told.
    pub(super) page: &'b Page<'b>,
    pub(super) photo: &'b Photo<'b>,
    pub(super) row: &'b OcclusionPhotoRow,
    pub(super) positions: Positions,
    /// What was found at each; `None` where the table has nothing.
    at: Vec<Option<OcclusionRow>>,
    /// Number of the most harmful position.
    pub(super) worst: usize,
    /// The classes that are the most probable somewhere, the followed one first, then the commonest first.
    pub(super) classes: Vec<&'b OcclusionClassRow>,
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
            input: page.site.run.manifest.preprocessing.crop.sides(),
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
        let mut classes = photo.rows::<OcclusionClassRow>();
        classes.sort_by_key(|class| {
            let followed = Some(class.class_index) == row.class_index;
            (!followed, Reverse(class.positions), class.class_index)
        });
        let mut at: Vec<Option<OcclusionRow>> = (0..positions.count()).map(|_| None).collect();
        for found in photo.read_rows::<OcclusionRow>() {
            if let Some(number) = positions.number(found.y, found.x) {
                at[number] = Some(found);
            }
        }
        Ok(Self {
            page,
            photo,
            row,
            positions,
            worst,
            at,
            classes,
        })
    }

    /// How the positions lie, in words.
    pub(super) fn geometry(&self) -> String {
        let positions = &self.positions;
        let gaps: [Gap<'_>; 5] = [
            ("occluder", &positions.occluder),
            ("stride", &positions.stride),
            (
                "input",
                &numbers::size(self.page.site.run.manifest.preprocessing.crop),
            ),
            ("rows", &positions.rows),
            ("columns", &positions.columns),
        ];
        self.page
            .count("occlusion.geometry", positions.count(), &gaps)
    }

    /// Number of a position's most probable class among [`Found::classes`].
    pub(super) fn class_number(&self, position: &OcclusionRow) -> Option<usize> {
        let index = position.top_class_index?;
        let mut classes = self.classes.iter();
        classes.position(|class| class.class_index == index)
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
        let [height, width] = self.positions.input;
        let across = |pixels: usize| pixels as f64 / width as f64;
        let down = |pixels: usize| pixels as f64 / height as f64;
        let corner = (across(window.x), down(window.y));
        Outline {
            marks: Marks::Mask,
            rect: Rect::at(corner, (across(window.width), down(window.height))),
        }
    }

    /// What is told of the most harmful position.
    pub(super) fn at_worst(&self) -> Option<&OcclusionRow> {
        self.at[self.worst].as_ref()
    }

    /// Something of each position, `None` where there is nothing to tell.
    pub(super) fn each<V>(&self, of: impl Fn(&OcclusionRow) -> Option<V>) -> Vec<Option<V>> {
        self.at.iter().map(|it| of(it.as_ref()?)).collect()
    }

    /// A value for each position, NaN where there is none.
    pub(super) fn values(&self, value: impl Fn(&OcclusionRow) -> Option<f32>) -> Vec<f64> {
        let values = self.each(value).into_iter();
        values
            .map(|value| value.map_or(f64::NAN, f64::from))
            .collect()
    }
}

/// Whether a photo's maps are approximate.
pub(super) fn is_fast(row: &OcclusionPhotoRow) -> bool {
    row.mode != "exact"
}
