//! A photo in two runs: what the network saw, said and reacted to in each, and the difference.

use comparison::{Comparison, PhotoLine, Seen, Side};
use figures::pair::SIDES;
use figures::photo::{find, Subject};
use network::Size;
use records::ProjectionKind;

use super::{photo_page, words, PHOTOS};
use crate::frame::Press;
use crate::prelude::*;

/// Writes a page for each photo that is shown.
pub(super) fn write_all(press: &Press, comparison: &Comparison) -> Result<()> {
    for (place, &at) in comparison.shown.iter().enumerate() {
        let line = &comparison.lineup.photos[at];
        let leaf = Leaf::new(press, photo_page(&line.image_id), "nav.photos");
        leaf.put(&Pair::new(&leaf, comparison, at).content(place))?;
    }
    Ok(())
}

/// A photo that runs have in common, as a page shows it.
pub(super) struct Pair<'a> {
    leaf: &'a Leaf<'a>,
    comparison: &'a Comparison,
    at: usize,
    line: &'a PhotoLine,
}

impl<'a> Pair<'a> {
    /// The photo at this place among the common ones.
    pub(super) fn new(leaf: &'a Leaf<'a>, comparison: &'a Comparison, at: usize) -> Self {
        Self {
            leaf,
            comparison,
            at,
            line: &comparison.lineup.photos[at],
        }
    }

    /// A card for the front page.
    pub(super) fn tile(&self) -> Tile {
        let seen = self.line.seen.iter().flatten();
        let classes: Vec<&str> = seen.map(|seen| seen.class_name.as_str()).collect();
        let classes = match &classes[..] {
            [a, b] if a == b => Some((*a).to_owned()),
            [] => None,
            classes => Some(classes.join(" → ")),
        };
        let change = words::named_change(self.comparison, self.at);
        let href = self.leaf.href(&photo_page(&self.line.image_id));
        Tile {
            pictures: self.inputs(),
            name: Text::link(file_name(&self.line.path), href),
            lines: change.into_iter().chain(classes).collect(),
            ..Tile::default()
        }
    }

    /// What the network saw in each run.
    pub(super) fn inputs(&self) -> Vec<Picture> {
        let input = |(side, name): (&Side, &'static str)| {
            let alt = self.alt("alt.run_input", "", &side.name);
            self.picture(side, name, Subject::Input, alt)
        };
        self.sides().map(input).collect()
    }

    /// Each run with the name that its pictures have.
    fn sides(&self) -> impl Iterator<Item = (&'a Side, &'static str)> {
        self.comparison.lineup.sides.iter().zip(SIDES)
    }

    fn alt(&self, key: &str, layer: &str, run: &str) -> String {
        let gaps: [Gap<'_>; 3] = [("photo", &self.line.path), ("layer", &layer), ("run", &run)];
        self.leaf.fill(key, &gaps)
    }

    fn file(&self, name: &str, subject: Subject<'_>) -> Option<String> {
        find(self.leaf.press.root(), &self.line.image_id, name, subject)
    }

    fn picture(&self, side: &Side, name: &str, subject: Subject<'_>, alt: String) -> Picture {
        let file = self.file(name, subject);
        let src = file.map_or_else(String::new, |file| self.leaf.href(&file));
        let Size { height, width } = side.run.manifest.preprocessing.crop;
        let missing = self.leaf.say("compare.no_picture");
        Picture::new(src, alt, (width, height)).or(missing)
    }

    /// Its own page; `place` is that among the photos shown.
    fn content(&self, place: usize) -> Content {
        let leaf = self.leaf;
        let lead = match words::named_change(self.comparison, self.at) {
            Some(change) => self.leaf.fill("compare.photo_lead", &[("change", &change)]),
            None => self.leaf.say("compare.photo_no_change"),
        };
        let shown = &self.comparison.shown;
        let (names, place) = (["photo.previous", "photo.next"], (place, shown.len()));
        let beside = leaf.neighbours("photos.title", names, place, None, |place| {
            photo_page(&self.comparison.lineup.photos[shown[place]].image_id)
        });
        let content = Content::new(&self.line.path, lead)
            .below([leaf.crumb("photos.title", PHOTOS)])
            .with(self.answers())
            .with(self.pictures())
            .with([beside]);
        Content {
            title: file_name(&self.line.path).to_owned(),
            ..content
        }
    }

    /// What the networks said; `None` where none said anything.
    fn answers(&self) -> Option<Block> {
        let leaf = self.leaf;
        let sides = self.comparison.lineup.sides.iter().zip(&self.line.seen);
        let said = sides.filter_map(|(side, seen)| Some((side, seen.as_ref()?)));
        let said: Vec<(&Side, &Seen)> = said.collect();
        (!said.is_empty()).then(|| {
            let table = leaf
                .columns(said)
                .text("compare.run", |(side, _)| side.name.as_str())
                .text("compare.first_class", |(_, seen)| seen.class_name.as_str())
                .probability("common.probability", |(_, seen)| seen.probability)
                .probability("compare.label_column", |(_, seen)| seen.label_probability)
                .probability("compare.reference_column", |(_, seen)| {
                    seen.reference_probability
                })
                .column(Column::text(""), |(_, seen)| leaf.verdict(seen.right))
                .called(self.leaf.say("compare.answers"), Text::default());
            leaf.section("answers", "compare.answers", [table])
        })
    }

    /// What the networks saw and reacted to, and the difference.
    fn pictures(&self) -> Option<Block> {
        let (a, b, _) = self.comparison.two()?;
        let has =
            |subject: Subject<'_>| SIDES.iter().any(|name| self.file(name, subject).is_some());
        let stages = a.run.manifest.model.stages.iter().map(String::as_str);
        let stages = stages.filter(|stage| has(Subject::Projection(ProjectionKind::Layer, stage)));
        let stages: Vec<&str> = stages.collect();
        let input = Link::new(self.leaf.say("grid.input"), String::new());
        let mut columns = vec![input.noted(self.leaf.say("grid.input_note"))];
        let layer = |stage: &&str| Link::new(*stage, String::new());
        columns.extend(stages.iter().map(layer));
        let seen = self.sides().zip(&self.line.seen).zip(self.inputs());
        let mut rows: Vec<GridRow> = seen
            .map(|((side, seen), input)| self.row(side, seen.as_ref(), input, &stages))
            .collect();
        if stages.iter().any(|stage| has(Subject::Difference(stage))) {
            rows.push(self.difference(b, &stages));
        }
        let names = (self.leaf.say("grid.label"), self.leaf.say("compare.run"));
        let scale = match self.comparison.layers.is_empty() {
            true => "compare.own_scale",
            false => "compare.common_scale",
        };
        let grid = Grid::new(names, columns, rows, String::new());
        let blocks = [self.leaf.paragraph(scale), Block::Grid(grid)];
        Some(self.leaf.section("pictures", "compare.pictures", blocks))
    }

    fn row(
        &self,
        (side, name): (&Side, &'static str),
        seen: Option<&Seen>,
        input: Picture,
        stages: &[&str],
    ) -> GridRow {
        let projections = stages.iter().map(|stage| {
            let alt = self.alt("alt.run_layer", stage, &side.name);
            let subject = Subject::Projection(ProjectionKind::Layer, stage);
            self.picture(side, name, subject, alt)
        });
        let cells = std::iter::once(input).chain(projections).collect();
        let note = seen.map_or_else(String::new, words::answer);
        GridRow::new(side.name.clone(), note, cells)
    }

    fn difference(&self, second: &Side, stages: &[&str]) -> GridRow {
        let input = ("alt.run_input_difference", "", Subject::InputDifference);
        let layers = stages
            .iter()
            .map(|&stage| ("alt.run_difference", stage, Subject::Difference(stage)));
        let told = std::iter::once(input).chain(layers);
        let cells = told.map(|(key, layer, subject)| {
            self.picture(second, SIDES[1], subject, self.alt(key, layer, ""))
        });
        let note = self.leaf.say("compare.difference_note");
        GridRow::new(self.leaf.say("grid.difference"), note, cells.collect())
    }
}
