//! Boxes where a part lies in other photographs: what is hidden there has the part's place and size, and not the part, unless all
//! photographs have it at the same place.

use std::collections::BTreeMap;

use base::digest::draw;
use base::Result;
use dataset::{Geometry, Masks, Rect, Region};
use records::tables::PartPlaceRow;

use crate::features::Readable;
use crate::Setting;

/// The box of a part of another photo.
#[derive(Debug)]
pub(super) struct Place {
    /// Its number among the parts' names.
    pub(super) part: usize,
    /// The other photo's id.
    from: String,
    /// In pixels of the photo in which it is hidden.
    pub(super) boxes: Vec<Rect>,
    visible_share: f64,
}

/// By path.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(BTreeMap<String, Vec<Place>>);

/// A photo in which the network sees a part.
struct Having<'a> {
    path: &'a str,
    id: &'a str,
    geometry: &'a Geometry,
    boxes: Vec<Rect>,
}

impl Elsewhere {
    /// For each of these photos and of its parts the place of that part in another photo that the network sees it in, drawn by seed so
    /// that each photo's place is taken once: places are the same as those of the parts, dealt out anew. None where there is no
    /// other photo.
    pub(super) fn of(
        setting: &Setting,
        parts: &Masks,
        photos: &[Readable],
        names: &[String],
    ) -> Result<Self> {
        let mut having: Vec<Vec<Having>> = names.iter().map(|_| Vec::new()).collect();
        for known in photos {
            let file = &setting.dataset.photos[known.photo];
            let regions = parts.for_photo(&file.path, known.geometry.photo)?.0;
            let visible = regions
                .into_iter()
                .filter(|region| region.visible_share(&known.geometry) > 0.0);
            for region in visible {
                if let Some(part) = names.iter().position(|name| *name == region.name) {
                    having[part].push(Having {
                        path: &file.path,
                        id: &file.id,
                        geometry: &known.geometry,
                        boxes: region.boxes,
                    });
                }
            }
        }
        let mut all = Self::default();
        for (part, (name, having)) in names.iter().zip(&having).enumerate() {
            let mut order: Vec<&Having> = having.iter().collect();
            order.sort_by_cached_key(|photo| draw(setting.seed, &["elsewhere", name, photo.id]));
            let others = order.iter().cycle().skip(1);
            for (own, other) in order.iter().zip(others).filter(|_| having.len() > 1) {
                let place = own.place_of(other, (part, name));
                all.0.entry(own.path.to_owned()).or_default().extend(place);
            }
        }
        Ok(all)
    }

    /// Those of a photo.
    pub(super) fn of_photo(&self, path: &str) -> &[Place] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }
}

impl Having<'_> {
    /// Where the network sees the other's part, in this photo; `None` where that lies outside of it.
    fn place_of(&self, other: &Self, (part, name): (usize, &str)) -> Option<Place> {
        let photo = Rect::of_size(self.geometry.photo);
        let here = |area: &Rect| {
            let area = self.geometry.to_photo(&other.geometry.to_input(area));
            area.intersection(&photo)
        };
        let region = Region {
            name: name.to_owned(),
            boxes: other.boxes.iter().filter_map(here).collect(),
        };
        let visible_share = match region.boxes.is_empty() {
            true => 0.0,
            false => region.visible_share(self.geometry),
        };
        (visible_share > 0.0).then(|| Place {
            part,
            from: other.id.to_owned(),
            boxes: region.boxes,
            visible_share,
        })
    }
}

impl Place {
    /// The table's rows.
    pub(super) fn rows(&self, image_id: &str, names: &[String]) -> Vec<PartPlaceRow> {
        let row = |area: &Rect| PartPlaceRow {
            image_id: image_id.to_owned(),
            part: names[self.part].clone(),
            from: self.from.clone(),
            x: area.x,
            y: area.y,
            width: area.width,
            height: area.height,
            visible_share: self.visible_share,
        };
        self.boxes.iter().map(row).collect()
    }
}
