//! A picture as templates show it: file, text alternative, outlines.

use serde::Serialize;

use super::boxes::{Field, Marks, Outline};
use super::lookup::Photo;
use super::site::{words, Page};
use crate::dataset::Rect;
use crate::figures;
use crate::figures::photo::{find, Subject};
use crate::records::tables::MaskRow;
use crate::records::{ProjectionKind, ORIGINAL};

/// A picture, or why there is none.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Picture {
    /// Relative to the page; empty where there is no such picture.
    src: String,
    alt: String,
    width: u32,
    height: u32,
    /// The picture's own placement where a part of it is shown large.
    zoom: String,
    boxes: Vec<BoxStyle>,
}

#[derive(Debug, Clone, Serialize)]
struct BoxStyle {
    marks: Marks,
    style: String,
}

impl Picture {
    /// A picture without marks; `src` is empty where there is none.
    pub(super) fn plain(src: String, alt: String, side: u32) -> Self {
        Self {
            src,
            alt,
            width: side,
            height: side,
            zoom: String::new(),
            boxes: Vec::new(),
        }
    }

    /// What the network saw; under a mask, or with a region's outline.
    pub(super) fn input(page: &Page<'_>, photo: &Photo<'_>, condition: &str) -> Self {
        let name = &photo.image.path;
        let alt = match condition {
            ORIGINAL => page.texts().fill("alt.input", &[("photo", name)]),
            region => {
                let region = words(region);
                page.texts()
                    .fill("alt.masked_input", &[("photo", name), ("region", &region)])
            }
        };
        Self::new(page, photo, condition, Subject::Input, alt)
    }

    /// A layer's projection under a condition.
    pub(super) fn projection(
        page: &Page<'_>,
        photo: &Photo<'_>,
        condition: &str,
        kind: ProjectionKind,
        layer: &str,
    ) -> Self {
        let key = match (kind, condition) {
            (ProjectionKind::Unit, ORIGINAL) => "alt.unit",
            (ProjectionKind::Unit, _) => "alt.masked_unit",
            (ProjectionKind::Layer, ORIGINAL) => "alt.layer",
            (ProjectionKind::Layer, _) => "alt.masked_layer",
        };
        let region = words(condition);
        let gaps = [
            ("photo", photo.image.path.as_str()),
            ("layer", layer),
            ("region", &region),
        ];
        let alt = page.texts().fill(key, &gaps);
        Self::new(
            page,
            photo,
            condition,
            Subject::Projection(kind, layer),
            alt,
        )
    }

    /// What a mask changed in a layer's projection.
    pub(super) fn difference(
        page: &Page<'_>,
        photo: &Photo<'_>,
        region: &str,
        layer: &str,
    ) -> Self {
        let hidden = words(region);
        let gaps = [
            ("photo", photo.image.path.as_str()),
            ("layer", layer),
            ("region", &hidden),
        ];
        let alt = page.texts().fill("alt.difference", &gaps);
        Self::new(page, photo, region, Subject::Difference(layer), alt)
    }

    fn new(
        page: &Page<'_>,
        photo: &Photo<'_>,
        condition: &str,
        subject: Subject<'_>,
        alt: String,
    ) -> Self {
        let file = find(&page.site.run.root, photo.id(), condition, subject);
        let src = file.map_or_else(String::new, |file| page.href(&file));
        Self::plain(src, alt, page.site.run.manifest.preprocessing.crop)
    }

    pub(super) fn is_there(&self) -> bool {
        !self.src.is_empty()
    }

    /// What the network sees of a photo under a transform.
    pub(super) fn transformed(
        page: &Page<'_>,
        photo: &Photo<'_>,
        transform: &str,
        value: f64,
        alt: String,
    ) -> Self {
        let file = figures::invariance::path(photo.id(), transform, value);
        Self::of_file(page, &file, alt)
    }

    /// A picture of the network's input or of its size, if that file of the run folder is there.
    pub(super) fn of_file(page: &Page<'_>, file: &str, alt: String) -> Self {
        let src = match page.site.run.root.join(file).is_file() {
            true => page.href(file),
            false => String::new(),
        };
        Self::plain(src, alt, page.site.run.manifest.preprocessing.crop)
    }

    /// The same of a picture that is no square: width and height in pixels.
    pub(super) fn sized(self, (width, height): (u32, u32)) -> Self {
        Self {
            width,
            height,
            ..self
        }
    }

    /// Describes it in other words.
    pub(super) fn describe(&mut self, alt: String) {
        self.alt = alt;
    }

    /// With outlines drawn over it.
    pub(super) fn outlined(mut self, outlines: impl IntoIterator<Item = Outline>) -> Self {
        self.boxes
            .extend(outlines.into_iter().map(|outline| BoxStyle {
                marks: outline.marks,
                style: placed(&outline.rect),
            }));
        self
    }

    /// A part of it, shown large; the part's sides are parts of the picture's.
    pub(super) fn zoomed(mut self, window: &Rect) -> Self {
        self.zoom = placed(&Rect {
            x: -window.x / window.width,
            y: -window.y / window.height,
            width: 1.0 / window.width,
            height: 1.0 / window.height,
        });
        self
    }
}

/// CSS that places an element over its parent, in percent.
fn placed(rect: &Rect) -> String {
    let percent = |value: f64| {
        let text = format!("{:.2}", value * 100.0 + 0.0);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let [left, top, width, height] = [rect.x, rect.y, rect.width, rect.height].map(percent);
    format!("left:{left}%;top:{top}%;width:{width}%;height:{height}%")
}

/// The outlines of a hidden region.
pub(super) fn mask_outlines(photo: &Photo<'_>, region: &str) -> Vec<Outline> {
    let Some(geometry) = &photo.geometry else {
        return Vec::new();
    };
    let rows = photo
        .rows::<MaskRow>()
        .into_iter()
        .filter(|row| row.region == region);
    let rect = |x, y, width, height| Rect {
        x,
        y,
        width,
        height,
    };
    rows.filter_map(|row| {
        Outline::new(
            geometry,
            Marks::Mask,
            &rect(row.x, row.y, row.width, row.height),
        )
    })
    .collect()
}

/// The outline of a region's control box.
pub(super) fn control_outline(photo: &Photo<'_>, region: &str) -> Option<Outline> {
    let row = photo.control(region)?;
    let rect = Rect {
        x: row.x,
        y: row.y,
        width: row.width,
        height: row.height,
    };
    Outline::new(photo.geometry.as_ref()?, Marks::Control, &rect)
}

/// The outline of a unit's receptive field.
pub(super) fn field_outline(photo: &Photo<'_>, unit: &impl Field) -> Option<Outline> {
    Outline::new(photo.geometry.as_ref()?, Marks::Field, &unit.field()?)
}
