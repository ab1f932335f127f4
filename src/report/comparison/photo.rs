//! A photo in two runs: what the network saw, said and reacted to in each, and the difference.

use super::super::blocks::{
    Block, Cell, Column, Grid, GridRow, Neighbours, Picture, Row, Table, Text, Tile,
};
use super::super::frame::{Content, Leaf, Press};
use super::super::numbers;
use super::super::photograph::file_name;
use super::{photo_page, words, PHOTOS};
use crate::comparison::{Comparison, PhotoLine, Seen, Side};
use crate::error::Result;
use crate::figures::pair::SIDES;
use crate::figures::photo::{find, Subject};
use crate::records::ProjectionKind;

/// Writes a page for each photo that is shown.
pub(super) fn write_all(press: &Press, comparison: &Comparison) -> Result<()> {
    for (place, &at) in comparison.shown.iter().enumerate() {
        let line = &comparison.lineup.photos[at];
        let leaf = Leaf::new(press, photo_page(&line.image_id), "nav.photos");
        let pair = Pair::new(&leaf, comparison, at);
        leaf.put(&Content::new(
            file_name(&line.path).to_owned(),
            pair.blocks(place),
        ))?;
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
        let gaps = [("photo", &*self.line.path), ("layer", layer), ("run", run)];
        self.leaf.texts().fill(key, &gaps)
    }

    fn file(&self, name: &str, subject: Subject<'_>) -> Option<String> {
        find(self.leaf.press.root(), &self.line.image_id, name, subject)
    }

    fn picture(&self, side: &Side, name: &str, subject: Subject<'_>, alt: String) -> Picture {
        let file = self.file(name, subject);
        let src = file.map_or_else(String::new, |file| self.leaf.href(&file));
        let pixels = side.run.manifest.preprocessing.crop;
        let missing = self.leaf.texts().say("compare.no_picture");
        Picture::new(src, alt, (pixels, pixels)).or(missing)
    }

    /// What its own page says; `place` is that among the photos shown.
    fn blocks(&self, place: usize) -> Vec<Block> {
        let (leaf, texts) = (self.leaf, self.leaf.texts());
        let lead = match words::named_change(self.comparison, self.at) {
            Some(change) => texts.fill("compare.photo_lead", &[("change", &change)]),
            None => texts.say("compare.photo_no_change"),
        };
        let title = texts.say("photos.title");
        let up = Text::link(title.clone(), leaf.href(PHOTOS));
        let mut blocks = vec![
            Block::Crumbs(vec![up]),
            Block::Heading(self.line.path.clone()),
            Block::Lead(lead.into()),
        ];
        blocks.extend(self.answers());
        blocks.extend(self.pictures());
        let names = (texts.say("photo.previous"), texts.say("photo.next"));
        let shown = &self.comparison.shown;
        let beside = Neighbours::new(title, names, (place, shown.len()), |place| {
            let other = &self.comparison.lineup.photos[shown[place]];
            leaf.href(&photo_page(&other.image_id))
        });
        blocks.push(Block::Neighbours(beside));
        blocks
    }

    /// What the networks said; `None` where none said anything.
    fn answers(&self) -> Option<Block> {
        let texts = self.leaf.texts();
        let columns = vec![
            Column::text(texts.say("compare.run")),
            Column::text(texts.say("compare.first_class")),
            Column::number(texts.say("common.probability")),
            Column::number(texts.say("compare.label_column")),
            Column::number(texts.say("compare.reference_column")),
            Column::text(""),
        ];
        let answer = |(side, seen): (&Side, &Option<Seen>)| {
            let seen = seen.as_ref()?;
            let verdict = match seen.right {
                Some(true) => Cell::from(texts.say("common.right")).of_class("right"),
                Some(false) => Cell::from(texts.say("common.wrong")).of_class("wrong"),
                None => Cell::default(),
            };
            let cells = [
                seen.class_name.clone(),
                numbers::probability(seen.probability),
                numbers::or_dash(seen.label_probability, numbers::probability),
                numbers::or_dash(seen.reference_probability, numbers::probability),
            ];
            let cells = cells.map(Cell::from).into_iter().chain([verdict]);
            Some(Row::new(side.name.clone(), cells))
        };
        let sides = self.comparison.lineup.sides.iter().zip(&self.line.seen);
        let rows: Vec<Row> = sides.filter_map(answer).collect();
        if rows.is_empty() {
            return None;
        }
        let label = texts.say("compare.answers");
        let table = Block::Table(Table::new(label, Text::default(), columns, rows));
        Some(self.leaf.section("answers", "compare.answers", vec![table]))
    }

    /// What the networks saw and reacted to, and the difference.
    fn pictures(&self) -> Option<Block> {
        let (a, b, _) = self.comparison.two()?;
        let texts = self.leaf.texts();
        let has =
            |subject: Subject<'_>| SIDES.iter().any(|name| self.file(name, subject).is_some());
        let stages = a.run.manifest.model.stages.iter();
        let stages: Vec<&str> = stages
            .map(String::as_str)
            .filter(|stage| has(Subject::Projection(ProjectionKind::Layer, stage)))
            .collect();
        let columns = stages
            .iter()
            .map(|&stage| (stage.to_owned(), String::new(), String::new()));
        let input = (
            texts.say("grid.input"),
            texts.say("grid.input_note"),
            String::new(),
        );
        let mut rows: Vec<GridRow> = self
            .sides()
            .zip(&self.line.seen)
            .zip(self.inputs())
            .map(|((side, seen), input)| self.row(side, seen.as_ref(), input, &stages))
            .collect();
        if stages.iter().any(|stage| has(Subject::Difference(stage))) {
            rows.push(self.difference(b, &stages));
        }
        let names = (texts.say("grid.label"), texts.say("compare.run"));
        let columns = std::iter::once(input).chain(columns);
        let scale = match self.comparison.layers.is_empty() {
            true => "compare.own_scale",
            false => "compare.common_scale",
        };
        let grid = Grid::new(names, columns, rows, String::new());
        let blocks = vec![self.leaf.say(scale), Block::Grid(grid)];
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
        let texts = self.leaf.texts();
        let input = ("alt.run_input_difference", "", Subject::InputDifference);
        let layers = stages
            .iter()
            .map(|&stage| ("alt.run_difference", stage, Subject::Difference(stage)));
        let cells = std::iter::once(input)
            .chain(layers)
            .map(|(key, layer, subject)| {
                self.picture(second, SIDES[1], subject, self.alt(key, layer, ""))
            });
        let note = texts.say("compare.difference_note");
        GridRow::new(texts.say("grid.difference"), note, cells.collect())
    }
}
