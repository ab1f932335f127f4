//! Whether hiding the same part of different photographs changes a layer's features alike (ZF §4.3, table 1).
//!
//! Of every photo with parts the features are taken as it is, with each part hidden, and with boxes of a part's size
//! hidden at random places. ε = x − x̃ is what hiding changed, and the distance of two photos the share of a layer's
//! values at which the signs of their ε differ. A network that knows the part should be disturbed in the same way in
//! every photo: a lower mean distance than for random places. Parts of aligned photos lie at the same place, random boxes
//! do not; so a layer of maps is looked at with each map's values added up as well, where places count far less, and each part is
//! held against boxes where it lies in another photo.

mod closer;
mod compared;
mod distances;
mod elsewhere;
mod options;
mod pairs;
mod signs;
mod summary;
mod views;

pub use options::CorrespondenceArgs;

use std::sync::Arc;

use base::digest::{draw, sha256_of_file};
use base::Result;
use dataset::{self, fill_rect, Geometry, Masks, Rect, Region};
use engine::{to_values, Engine, Give, Recording};
use image::RgbImage;
use network::Stage;
use records::tables::{
    CloserRow, CorrespondencePairRow, CorrespondenceRow, MetricRow, PartPlaceRow, PartRow, RANDOM,
};
use serde_json::Value;

use super::features::readable;
use super::{prepare, Asked, Context, Experiment, Setting};
use elsewhere::Elsewhere;
use options::Options;
use signs::Signs;
use views::{views, View};

/// The experiment that was asked for.
#[derive(Debug)]
struct Correspondence {
    options: Options,
    parts: Masks,
    /// Where they are compared.
    layers: Vec<Stage>,
}

/// What the experiment leaves.
#[derive(Debug, Default)]
struct Found {
    /// The boxes, random places included.
    parts: Vec<PartRow>,
    /// The boxes where parts lie in other photos.
    places: Vec<PartPlaceRow>,
    /// Layer by layer, part by part, random places last.
    summary: Vec<CorrespondenceRow>,
    /// Every distance.
    pairs: Vec<CorrespondencePairRow>,
    /// How much closer than what they are held against.
    closer: Vec<CloserRow>,
    /// For `metrics.csv`: `correspondence_<part>_<layer>`, `correspondence_p_value_<part>_<layer>`, and the same of
    /// `correspondence_agreement`; `correspondence_closer_<upper|top>` and `correspondence_closer_than_place_<upper|top>`.
    metrics: Vec<MetricRow>,
}

/// What was hidden of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The part of that number among all parts' names.
    Part(usize),
    /// The random place of that number, from 1.
    Place(usize),
    /// Where the part of that number lies in another photo.
    Elsewhere(usize),
}

/// A photo with something hidden.
#[derive(Debug)]
struct Hidden {
    what: What,
    /// What that changed, view by view.
    signs: Vec<Signs>,
}

/// What one photo contributes.
#[derive(Debug)]
struct Changes {
    image_id: String,
    boxes: Vec<PartRow>,
    /// Where parts lie in other photos.
    places: Vec<PartPlaceRow>,
    hidden: Vec<Hidden>,
}

impl CorrespondenceArgs {
    pub(crate) fn resolve(
        &self,
        asked: &Asked<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        let Some(table) = &self.parts else {
            return Ok(None);
        };
        let parts = Masks::read_parts(table, asked.dataset)?;
        notes.extend(parts.notes.iter().cloned());
        let anatomy = &asked.model.anatomy;
        let layers = match self.correspondence_layers.as_deref() {
            Some(names) => anatomy.select_stages(Some(names))?,
            None => anatomy.late_stages(),
        };
        notes.extend(parts.held_against_photos(asked.dataset)?);
        Ok(Some(Box::new(Correspondence {
            options: Options {
                parts: sha256_of_file(table)?,
                correspondence_layers: layers.iter().map(|layer| layer.name.clone()).collect(),
                random_places: self.random_places,
            },
            parts,
            layers,
        })))
    }
}

impl Experiment for Correspondence {
    fn name(&self) -> &'static str {
        "correspondence"
    }

    fn options(&self) -> serde_json::Result<Value> {
        serde_json::to_value(&self.options)
    }

    fn shown(&self) -> Vec<&str> {
        self.parts.photos().collect()
    }

    /// Compares the parts of all photos that have any.
    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let paths: Vec<&str> = self.parts.photos().collect();
        let names = self.part_names(&paths);
        let views = views(context.engine, &self.layers);
        let setting = context.setting;
        let photos = readable(setting, context.root())?;
        let elsewhere = Elsewhere::of(setting, &self.parts, &photos, &names)?;
        let changes = context.look(
            "comparing parts",
            &paths,
            |path| self.covered(setting, (&names, &elsewhere), path),
            |engine, covered, give| self.show(engine, covered, give),
            |shown| Ok(shown.changes(&views)),
        )?;
        let changes: Vec<Changes> = changes.into_iter().filter_map(Changes::together).collect();
        let found = distances::summarise(&changes, &names, &views, context.setting.seed);
        context.write(&found.parts)?;
        context.write(&found.summary)?;
        context.write(&found.pairs)?;
        context.write(&found.places)?;
        context.write(&found.closer)?;
        Ok(found.metrics)
    }
}

/// A photo with its parts and random places covered one after another, in grey levels: inputs would take four times the memory.
struct Covered {
    whole: RgbImage,
    /// The boxes of each, and the photo without them where the network sees any of them.
    covered: Vec<(Changes, Option<(What, RgbImage)>)>,
}

/// Layer by layer.
type Features = Vec<Vec<f32>>;

/// The boxes of a part or of a place, and the features without and with them hidden.
struct Shown {
    boxes: Changes,
    hidden: Option<(What, Arc<Features>, Features)>,
}

impl Shown {
    fn changes(self, views: &[View]) -> Changes {
        let hidden = self.hidden.map(|(what, before, after)| Hidden {
            what,
            signs: changed(views, &before, &after),
        });
        Changes {
            hidden: hidden.into_iter().collect(),
            ..self.boxes
        }
    }
}

impl Changes {
    /// Those of all that was hidden of a photo; `None` where that is nothing.
    fn together(each: Vec<Self>) -> Option<Self> {
        each.into_iter().reduce(|mut all, one| {
            all.boxes.extend(one.boxes);
            all.places.extend(one.places);
            all.hidden.extend(one.hidden);
            all
        })
    }
}

impl Correspondence {
    /// The parts' names in the order of their first appearance.
    fn part_names(&self, paths: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for path in paths {
            for name in self.parts.names(path) {
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        names
    }

    /// Covers a photo's parts and random places; `None` where it cannot be read, which the run has told already.
    fn covered(
        &self,
        setting: &Setting,
        (names, elsewhere): (&[String], &Elsewhere),
        path: &str,
    ) -> Result<Option<Covered>> {
        let Some(file) = setting.dataset.photo(path) else {
            return Ok(None);
        };
        let Ok(read) = prepare::read(setting, file)? else {
            return Ok(None);
        };
        let geometry = Geometry::new(read.pixels.dimensions(), setting.preprocessing)?;
        let (parts, _) = self.parts.for_photo(path, geometry.photo)?;
        let without = |boxes: &[Rect]| {
            let mut pixels = read.pixels.clone();
            for area in boxes {
                fill_rect(&mut pixels, area, setting.fill);
            }
            dataset::crop(&pixels, setting.preprocessing)
        };
        let changes = |boxes: Vec<PartRow>| Changes {
            image_id: file.id.clone(),
            boxes,
            places: Vec::new(),
            hidden: Vec::new(),
        };
        let mut covered = Vec::new();
        for part in &parts {
            let visible_share = part.visible_share(&geometry);
            let row = |area| part_row(&file.id, &part.name, None, area, visible_share);
            let boxes = part.boxes.iter().map(row).collect();
            let number = names.iter().position(|name| *name == part.name);
            let hidden = match number.filter(|_| visible_share > 0.0) {
                Some(number) => Some((What::Part(number), without(&part.boxes)?)),
                None => None,
            };
            covered.push((changes(boxes), hidden));
        }
        let places = self.options.random_places;
        for (place, area) in random_places(setting, &geometry, &parts, places, &file.id) {
            let row = part_row(&file.id, RANDOM, Some(place), &area, 1.0);
            let hidden = (What::Place(place), without(&[area])?);
            covered.push((changes(vec![row]), Some(hidden)));
        }
        for place in elsewhere.of_photo(path) {
            let hidden = (What::Elsewhere(place.part), without(&place.boxes)?);
            let mut changes = changes(Vec::new());
            changes.places = place.rows(&file.id, names);
            covered.push((changes, Some(hidden)));
        }
        Ok(Some(Covered {
            whole: dataset::crop(&read.pixels, setting.preprocessing)?,
            covered,
        }))
    }

    fn show(
        &self,
        engine: &Engine,
        covered: Option<Covered>,
        give: &mut Give<'_, Shown>,
    ) -> Result<()> {
        let Some(Covered { whole, covered }) = covered else {
            return Ok(());
        };
        let nodes = self.layers.iter().map(|layer| layer.node);
        let recording = Recording {
            activations: nodes.clone().collect(),
            rule: None,
            ..Recording::default()
        };
        // One input a pass: in passes of different sizes values that nothing changed could differ in their last bit.
        let features = |crop: &RgbImage| -> Result<Features> {
            let trace = engine.forward(&engine.inputs(&[crop.as_raw()])?, &recording)?;
            let recorded = nodes
                .clone()
                .filter_map(|node| trace.activations.get(&node));
            recorded.map(to_values).collect()
        };
        let before = Arc::new(features(&whole)?);
        covered.into_iter().try_for_each(|(boxes, hidden)| {
            let hidden = match hidden {
                Some((what, crop)) => Some((what, before.clone(), features(&crop)?)),
                None => None,
            };
            give(Shown { boxes, hidden })
        })
    }
}

/// Boxes inside the crop and apart from all parts; each is as large as one of the visible parts, in turn. A number is
/// left out where there is no room.
fn random_places(
    setting: &Setting,
    geometry: &Geometry,
    parts: &[Region],
    places: usize,
    photo_id: &str,
) -> Vec<(usize, Rect)> {
    let visible: Vec<&Region> = parts
        .iter()
        .filter(|part| part.visible_share(geometry) > 0.0)
        .collect();
    let taken: Vec<Rect> = parts.iter().flat_map(|part| part.boxes.clone()).collect();
    (1..=places)
        .zip(visible.iter().cycle())
        .filter_map(|(place, part)| {
            let lot = draw(setting.seed, &[RANDOM, photo_id, &place.to_string()]);
            Some((place, part.box_apart(geometry, &taken, lot)?))
        })
        .collect()
}

fn changed(views: &[View], before: &[Vec<f32>], after: &[Vec<f32>]) -> Vec<Signs> {
    let signs = |view: &View| {
        let (before, after) = (&before[view.layer], &after[view.layer]);
        match view.per_map {
            None => Signs::of_change(before, after),
            Some(per_map) => Signs::of_maps(before, after, per_map),
        }
    };
    views.iter().map(signs).collect()
}

fn part_row(
    image_id: &str,
    part: &str,
    place: Option<usize>,
    area: &Rect,
    visible_share: f64,
) -> PartRow {
    PartRow {
        image_id: image_id.to_owned(),
        part: part.to_owned(),
        place,
        x: area.x,
        y: area.y,
        width: area.width,
        height: area.height,
        visible_share,
    }
}
