//! Maps by epoch, a grid for each layer.

use dataset::Rect;
use figures::evolution::{path, SIZE};
use records::tables::EvolutionRow;

use super::Material;
use crate::prelude::*;

impl<'a> Material<'a, '_> {
    /// How to read a grid, with examples of its cells.
    pub(super) fn how(&self) -> Block {
        let page = self.page;
        let seed = page.site.run.manifest.options.seed;
        let most = self.layers.iter().map(|layer| self.numbers(layer).len());
        let most = most.max().unwrap_or(0);
        let how = Block::prose([
            page.count("evolution.how_maps", most, &[("seed", &seed)]),
            page.say("evolution.how_cells"),
            page.say("evolution.how_jump"),
            page.say("evolution.how_silent"),
        ]);
        let examples = Block::group("evolution", [Block::Strip(self.examples())]);
        page.section("how", "evolution.how", [how, examples])
    }

    /// A cell with a jump, one without and a silent one, as far as there are such.
    fn examples(&self) -> Vec<(Picture, String)> {
        let cells = self.layers.iter().flat_map(|layer| {
            let maps = self.numbers(layer).into_iter();
            maps.flat_map(|map| self.cells(layer, map).into_iter().skip(1))
        });
        let cells: Vec<(Cell, Picture)> = cells.collect();
        let kinds = [
            (Cell::Jump, "evolution.example_jump"),
            (Cell::Same, "evolution.example_same"),
            (Cell::Silent, "evolution.example_silent"),
        ];
        let example = |(kind, key): (Cell, &str)| {
            let found = cells.iter().find(|(is, _)| *is == kind);
            found.map(|(_, picture)| (picture.clone(), self.page.say(key)))
        };
        kinds.into_iter().filter_map(example).collect()
    }

    /// The grids.
    pub(super) fn maps(&self) -> Block {
        let page = self.page;
        let mut blocks = vec![page.paragraph("evolution.maps_text")];
        for layer in &self.layers {
            let columns = self.shown.iter().map(|&epoch| {
                let (name, note) = self.epoch(epoch);
                Link::new(name, String::new()).noted(note)
            });
            let maps = self.numbers(layer).into_iter();
            let rows = maps.map(|map| self.row(layer, map)).collect();
            let names = (
                page.fill("evolution.grid", &[("layer", layer)]),
                page.say("evolution.map_head"),
            );
            let jumps = self.of_layer(layer).filter(|row| row.jump).count();
            let steps = self.of_layer(layer).count() - self.numbers(layer).len();
            let gaps: [Gap<'_>; 2] = [("layer", layer), ("steps", &steps)];
            let caption = page.count("evolution.grid_caption", jumps, &gaps);
            let grid = Block::Grid(Grid::new(names, columns, rows, caption));
            blocks.extend([
                Block::Subheading((*layer).to_owned()),
                Block::group("evolution", [grid]),
            ]);
        }
        page.section("maps", "evolution.maps", blocks)
    }

    fn of_layer<'m>(&'m self, layer: &'m str) -> impl Iterator<Item = &'a EvolutionRow> + 'm {
        self.rows.iter().filter(move |row| row.layer == layer)
    }

    /// The numbers of a layer's maps.
    fn numbers(&self, layer: &str) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.of_layer(layer).map(|row| row.map).collect();
        numbers.dedup();
        numbers
    }

    fn row(&self, layer: &str, map: usize) -> GridRow {
        let page = self.page;
        let cells = self.cells(layer, map);
        let jumps = cells.iter().filter(|(cell, _)| *cell == Cell::Jump).count();
        let note = match cells.last() {
            Some((Cell::Silent, _)) => page.say("evolution.silent_at_end"),
            _ => page.count("evolution.jumps", jumps, &[]),
        };
        let name = page.fill("evolution.map", &[("map", &map)]);
        let pictures: Vec<Picture> = cells.into_iter().map(|(_, picture)| picture).collect();
        GridRow::new(name, note, pictures)
    }

    /// A map's cells at the snapshots that are shown.
    fn cells(&self, layer: &str, map: usize) -> Vec<(Cell, Picture)> {
        let of_map = self.of_layer(layer).filter(|row| row.map == map);
        let shown = of_map.filter(|row| self.shown.contains(&row.epoch));
        let mut last: Option<&str> = None;
        let mut cells = Vec::new();
        for row in shown {
            let cell = match (row.image_id.as_str(), last) {
                ("", _) => Cell::Silent,
                (photo, Some(before)) if photo != before => Cell::Jump,
                _ => Cell::Same,
            };
            if cell != Cell::Silent {
                last = Some(&row.image_id);
            }
            cells.push((cell, self.picture(row, cell)));
        }
        cells
    }

    fn picture(&self, row: &EvolutionRow, cell: Cell) -> Picture {
        let page = self.page;
        if cell == Cell::Silent {
            return Picture::default().or(page.say("evolution.silent"));
        }
        let photo = page.site.lookup.photo(&row.image_id);
        let photo = photo.map_or("", |photo| &photo.image.path);
        let gaps: [Gap<'_>; 4] = [
            ("layer", &row.layer),
            ("map", &row.map),
            ("epoch", &row.epoch),
            ("photo", &photo),
        ];
        let alt = match cell {
            Cell::Jump => page.fill("evolution.alt_jump", &gaps),
            _ => page.fill("evolution.alt", &gaps),
        };
        let file = path(&row.layer, row.map, row.epoch);
        let frame = (cell == Cell::Jump).then(|| Outline {
            marks: Marks::Jump,
            rect: Rect::at((0.0, 0.0), (1.0, 1.0)),
        });
        let picture = Picture::of_file(page, &file, alt).sized(SIZE);
        picture.or(page.say("features.no_picture")).outlined(frame)
    }
}

/// What a cell is beside the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// Of another photograph.
    Jump,
    /// Of the same, or the first.
    Same,
    /// The map fires nowhere.
    Silent,
}
