//! The panels of ZF's figure 7 for one photograph: each a picture with what explains its colours.

use figures::maps::classes::{self, NAMED};
use figures::maps::heat::{self, Scale};
use figures::occlusion::{path, positions, Subject};
use image::RgbaImage;

use super::found::{is_fast, Found};
use crate::prelude::*;

impl Found<'_> {
    /// The photo as the network sees it, the occluder outlined where it harms most.
    pub(super) fn input(&self) -> Picture {
        self.picture(Subject::Input, "occlusion.alt_input")
            .outlined([self.occluder()])
    }

    /// The same as a panel.
    pub(super) fn input_panel(&self) -> Panel {
        Panel {
            told: "photo",
            note: self.page.say("occlusion.note_input"),
            ..self.panel("", self.page.say("occlusion.input"), self.input())
        }
    }

    /// (a) The photo with the occluder at the most harmful position.
    pub(super) fn worst_panel(&self) -> Panel {
        let gaps: [Gap<'_>; 2] = [("y", &self.row.worst_y), ("x", &self.row.worst_x)];
        let picture = self.picture(Subject::Worst, "occlusion.alt_worst");
        Panel {
            note: self.page.fill("occlusion.note_worst", &gaps),
            ..self.panel("a", self.page.say("occlusion.worst"), picture)
        }
    }

    /// (b) Summed activation of the followed map for each position.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub(super) fn activation_panel(&self) -> Result<Panel> {
        let row = self.row;
        let gaps: [Gap<'_>; 2] = [("map", &row.map), ("layer", &row.layer)];
        let title = self.page.fill("occlusion.activation", &gaps);
        let values = self.values(|it| Some(it.map_activation));
        let clean = f64::from(row.map_activation);
        let of_range = |error: f64| {
            let share = numbers::percent(error);
            self.page.fill("occlusion.of_range", &[("share", &share)])
        };
        Ok(Panel {
            letter: "b",
            note: self.page.say("occlusion.note_activation"),
            approximate: self.approximate(row.map_similarity, row.map_error.map(of_range)),
            ..self.heat_panel("activation", title, &values, clean, numbers::activation)?
        })
    }

    /// (c) The followed map, projected.
    pub(super) fn projection_panel(&self) -> Panel {
        let row = self.row;
        let gaps: [Gap<'_>; 3] = [
            ("map", &row.map),
            ("layer", &row.layer),
            ("photo", &self.photo.image.path),
        ];
        let alt = self.page.fill("occlusion.alt_projection", &gaps);
        let file = path(self.photo.id(), Subject::Projection);
        let picture = Picture::of_file(self.page, &file, alt);
        Panel {
            note: self.page.say("occlusion.note_projection"),
            ..self.panel("c", self.page.say("occlusion.projection"), picture)
        }
    }

    /// (d) Probability of the followed class for each position; `None` without a classifier.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub(super) fn probability_panel(&self) -> Result<Option<Panel>> {
        let row = self.row;
        let Some(clean) = row.probability.map(f64::from) else {
            return Ok(None);
        };
        let values = self.values(|it| it.probability);
        let title = self
            .page
            .fill("occlusion.probability_of", &[("class", &row.class_name)]);
        let error = row.probability_error.map(numbers::small);
        Ok(Some(Panel {
            letter: "d",
            note: self.page.say("occlusion.note_probability"),
            approximate: self.approximate(row.probability_similarity, error),
            ..self.heat_panel("probability", title, &values, clean, numbers::probability)?
        }))
    }

    /// (e) The most probable class for each position; `None` without a classifier.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub(super) fn classes_panel(&self) -> Result<Option<Panel>> {
        if self.row.class_index.is_none() {
            return Ok(None);
        }
        let cells = self.each(|position| self.class_number(position));
        let file = self.draw("classes", || classes::map(&self.positions, &cells))?;
        let legend = self.legend();
        let told = legend
            .iter()
            .map(|swatch| format!("{} {}", swatch.name, swatch.value));
        let told = numbers::listed(told);
        let alt = self
            .page
            .fill("occlusion.alt_classes", &[("classes", &told)]);
        let picture = Picture::of_file(self.page, &file, alt).outlined([self.worst_cell()]);
        Ok(Some(Panel {
            told: "map",
            note: self.page.say("occlusion.note_classes"),
            approximate: match is_fast(self.row) {
                true => self.page.say("occlusion.fast_classes"),
                false => String::new(),
            },
            legend,
            ..self.panel("e", self.page.say("occlusion.most_probable"), picture)
        }))
    }

    fn panel(&self, letter: &'static str, title: String, picture: Picture) -> Panel {
        Panel {
            letter,
            title,
            picture: picture.or(self.page.say("occlusion.no_picture")),
            ..Panel::default()
        }
    }

    /// A picture of the photo, described by the words of `key`.
    fn picture(&self, subject: Subject, key: &str) -> Picture {
        let photo = self.photo;
        let alt = self.page.fill(key, &[("photo", &photo.image.path)]);
        Picture::of_file(self.page, &path(photo.id(), subject), alt)
    }

    /// Draws a map of the positions; gives its path.
    fn draw(&self, name: &'static str, map: impl FnOnce() -> RgbaImage) -> Result<String> {
        self.page.draw(|| positions(self.photo.id(), name, map()))?;
        Ok(path(self.photo.id(), Subject::Positions(name)))
    }

    fn heat_panel(
        &self,
        name: &'static str,
        title: String,
        values: &[f64],
        clean: f64,
        print: impl Fn(f64) -> String,
    ) -> Result<Panel> {
        let scale = Scale::from_zero(values.iter().copied().chain([clean]));
        let file = self.draw(name, || heat::map(&self.positions, values, scale))?;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let gaps: [Gap<'_>; 6] = [
            ("what", &title),
            ("least", &print(least)),
            ("greatest", &print(greatest)),
            ("clean", &print(clean)),
            ("y", &self.row.worst_y),
            ("x", &self.row.worst_x),
        ];
        let alt = self.page.fill("occlusion.alt_map", &gaps);
        let picture = Picture::of_file(self.page, &file, alt).outlined([self.worst_cell()]);
        Ok(Panel {
            told: "map",
            bar: Some(ColourBar {
                low: print(scale.low),
                high: print(scale.high),
                clean: self
                    .page
                    .fill("occlusion.clean", &[("value", &print(clean))]),
            }),
            ..self.panel("", title, picture)
        })
    }

    /// The classes with their shares of the positions; those without a colour of their own are summed up.
    fn legend(&self) -> Vec<Swatch> {
        let all = self.positions.count() as f64;
        let swatch = |number: usize, name: String, positions: usize| Swatch {
            class: format!("class-{number}"),
            name,
            value: numbers::percent(positions as f64 / all),
        };
        let named = self.classes.iter().take(NAMED).enumerate();
        let mut legend: Vec<Swatch> = named
            .map(|(number, class)| swatch(number, class.class_name.clone(), class.positions))
            .collect();
        let others = self.classes.get(NAMED..).unwrap_or_default();
        if !others.is_empty() {
            let positions = others.iter().map(|class| class.positions).sum();
            let name = self.page.count("occlusion.others", others.len(), &[]);
            legend.push(swatch(NAMED, name, positions));
        }
        legend
    }

    /// What has to be known about a map that was not computed exactly.
    fn approximate(&self, similarity: Option<f64>, error: Option<String>) -> String {
        let measured = self.row.sampled.zip(similarity.zip(error));
        match measured {
            _ if !is_fast(self.row) => String::new(),
            Some((sampled, (similarity, error))) => {
                let similarity = format!("{similarity:.3}");
                let gaps: [Gap<'_>; 2] = [("similarity", &similarity), ("error", &error)];
                self.page.count("occlusion.fast", sampled, &gaps)
            }
            None => self.page.say("occlusion.fast_unmeasured"),
        }
    }
}
