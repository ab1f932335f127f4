//! The panels of ZF's figure 7 for one photograph: each a picture with what explains its colours.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::lang::Texts;
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::site::Page;
use super::occlusion_found::{is_fast, Found};
use crate::error::Result;
use crate::figures::maps::classes::{self, NAMED};
use crate::figures::maps::heat::{self, Scale};
use crate::figures::occlusion::{path, Subject};
use crate::figures::photo::file_stem;
use crate::records::tables::{OcclusionPhotoRow, OcclusionRow};

/// A picture with what explains it.
#[derive(Serialize)]
pub(super) struct Panel {
    /// The panel's letter in the paper.
    letter: &'static str,
    title: String,
    picture: Picture,
    /// Whether the script tells its positions.
    is_map: bool,
    bar: Option<Bar>,
    legend: Vec<Swatch>,
    note: String,
    /// What has to be known about a map that was not computed exactly.
    approximate: String,
}

/// A colour bar.
#[derive(Serialize)]
struct Bar {
    gradient: String,
    low: String,
    high: String,
    /// Where on it the value with nothing hidden stands.
    clean: String,
}

#[derive(Serialize)]
struct Swatch {
    style: String,
    name: String,
    positions: String,
}

/// The photo as the network sees it, the occluder outlined where it harms most.
pub(super) fn input(page: &Page<'_>, photo: &Photo<'_>, found: &Found<'_>) -> Picture {
    let alt = page
        .texts()
        .fill("occlusion.alt_input", &[("photo", &photo.image.path)]);
    Picture::of_file(page, &path(photo.id(), Subject::Input), alt).outlined([found.occluder()])
}

/// (a) The photo with the occluder at the most harmful position.
pub(super) fn worst(page: &Page<'_>, photo: &Photo<'_>, found: &Found<'_>) -> Panel {
    let row = found.row;
    let texts = page.texts();
    let alt = texts.fill("occlusion.alt_worst", &[("photo", &photo.image.path)]);
    let gaps = [
        ("y", row.worst_y.to_string()),
        ("x", row.worst_x.to_string()),
    ];
    let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
    Panel {
        note: texts.fill("occlusion.note_worst", &gaps),
        ..plain(
            "a",
            texts.say("occlusion.worst"),
            Picture::of_file(page, &path(photo.id(), Subject::Worst), alt),
        )
    }
}

/// (b) Summed activation of the followed map for each position.
///
/// # Errors
/// [`crate::Error::Io`].
pub(super) fn activation(page: &Page<'_>, photo: &Photo<'_>, found: &Found<'_>) -> Result<Panel> {
    let row = found.row;
    let texts = page.texts();
    let gaps = [("map", row.map.to_string()), ("layer", row.layer.clone())];
    let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
    let values = found.values(photo, |it| Some(it.map_activation));
    let title = texts.fill("occlusion.activation", &gaps);
    let clean = f64::from(row.map_activation);
    let mut panel = heat_panel(
        page,
        (photo, found),
        ("activation", title),
        &values,
        clean,
        numbers::activation,
    )?;
    panel.letter = "b";
    panel.note = texts.say("occlusion.note_activation");
    let error =
        |error: f64| texts.fill("occlusion.of_range", &[("share", &numbers::percent(error))]);
    panel.approximate = approximate(texts, row, row.map_similarity, row.map_error.map(error));
    Ok(panel)
}

/// (c) The followed map, projected.
pub(super) fn projection(page: &Page<'_>, photo: &Photo<'_>, found: &Found<'_>) -> Panel {
    let row = found.row;
    let texts = page.texts();
    let map = row.map.to_string();
    let gaps = [
        ("map", map.as_str()),
        ("layer", &row.layer),
        ("photo", &photo.image.path),
    ];
    let alt = texts.fill("occlusion.alt_projection", &gaps);
    Panel {
        note: texts.say("occlusion.note_projection"),
        ..plain(
            "c",
            texts.say("occlusion.projection"),
            Picture::of_file(page, &path(photo.id(), Subject::Projection), alt),
        )
    }
}

/// (d) Probability of the followed class for each position; `None` without a classifier.
///
/// # Errors
/// [`crate::Error::Io`].
pub(super) fn probability(
    page: &Page<'_>,
    photo: &Photo<'_>,
    found: &Found<'_>,
) -> Result<Option<Panel>> {
    let row = found.row;
    let Some(clean) = row.probability else {
        return Ok(None);
    };
    let texts = page.texts();
    let values = found.values(photo, |it| it.probability);
    let title = texts.fill("occlusion.probability_of", &[("class", &row.class_name)]);
    let named = ("probability", title);
    let mut panel = heat_panel(
        page,
        (photo, found),
        named,
        &values,
        f64::from(clean),
        numbers::probability,
    )?;
    panel.letter = "d";
    panel.note = texts.say("occlusion.note_probability");
    panel.approximate = approximate(
        texts,
        row,
        row.probability_similarity,
        row.probability_error.map(numbers::small),
    );
    Ok(Some(panel))
}

/// (e) The most probable class for each position; `None` without a classifier.
///
/// # Errors
/// [`crate::Error::Io`].
pub(super) fn most_probable(
    page: &Page<'_>,
    photo: &Photo<'_>,
    found: &Found<'_>,
) -> Result<Option<Panel>> {
    if found.row.class_index.is_none() {
        return Ok(None);
    }
    let texts = page.texts();
    let mut cells = vec![None; found.positions.count()];
    for position in photo.rows::<OcclusionRow>() {
        if let Some(at) = found.positions.number(position.y, position.x) {
            cells[at] = found.class_number(position);
        }
    }
    let file = map_path(photo, "classes");
    classes::write(&page.press.root().join(&file), &found.positions, &cells)?;
    let legend = legend(texts, found);
    let told: Vec<String> = legend
        .iter()
        .map(|swatch| format!("{} {}", swatch.name, swatch.positions))
        .collect();
    let alt = texts.fill("occlusion.alt_classes", &[("classes", &told.join("; "))]);
    let picture = Picture::of_file(page, &file, alt).outlined([found.worst_cell()]);
    Ok(Some(Panel {
        is_map: true,
        note: texts.say("occlusion.note_classes"),
        approximate: match is_fast(found.row) {
            true => texts.say("occlusion.fast_classes"),
            false => String::new(),
        },
        legend,
        ..plain("e", texts.say("occlusion.most_probable"), picture)
    }))
}

fn plain(letter: &'static str, title: String, picture: Picture) -> Panel {
    Panel {
        letter,
        title,
        picture,
        is_map: false,
        bar: None,
        legend: Vec::new(),
        note: String::new(),
        approximate: String::new(),
    }
}

fn map_path(photo: &Photo<'_>, name: &str) -> String {
    format!("assets/occlusion/{}/{name}.png", file_stem(photo.id()))
}

fn heat_panel(
    page: &Page<'_>,
    (photo, found): (&Photo<'_>, &Found<'_>),
    (name, title): (&str, String),
    values: &[f64],
    clean: f64,
    print: impl Fn(f64) -> String,
) -> Result<Panel> {
    let texts = page.texts();
    let scale = Scale::from_zero(values.iter().copied().chain([clean]));
    let file = map_path(photo, name);
    heat::write(
        &page.press.root().join(&file),
        &found.positions,
        values,
        scale,
    )?;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let clean_text = print(clean);
    let gaps = [
        ("what", title.clone()),
        ("least", print(least)),
        ("greatest", print(greatest)),
        ("clean", clean_text.clone()),
        ("y", found.row.worst_y.to_string()),
        ("x", found.row.worst_x.to_string()),
    ];
    let gaps = gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()));
    let picture = Picture::of_file(page, &file, texts.fill("occlusion.alt_map", &gaps));
    Ok(Panel {
        is_map: true,
        bar: Some(Bar {
            gradient: heat::gradient(),
            low: print(scale.low),
            high: print(scale.high),
            clean: texts.fill("occlusion.clean", &[("value", &clean_text)]),
        }),
        ..plain("", title, picture.outlined([found.worst_cell()]))
    })
}

fn legend(texts: &Texts, found: &Found<'_>) -> Vec<Swatch> {
    let all = found.positions.count() as f64;
    let share = |positions: usize| numbers::percent(positions as f64 / all);
    let swatch = |number: usize, name: String, positions: usize| Swatch {
        style: format!("background:{}", classes::css(number)),
        name,
        positions: share(positions),
    };
    let named = found.classes.iter().take(NAMED).enumerate();
    let mut legend: Vec<Swatch> = named
        .map(|(number, class)| swatch(number, class.name.to_owned(), class.positions))
        .collect();
    let others = found.classes.get(NAMED..).unwrap_or_default();
    if !others.is_empty() {
        let positions = others.iter().map(|class| class.positions).sum();
        let name = texts.count("occlusion.others", others.len(), &[]);
        legend.push(swatch(NAMED, name, positions));
    }
    legend
}

fn approximate(
    texts: &Texts,
    row: &OcclusionPhotoRow,
    similarity: Option<f64>,
    error: Option<String>,
) -> String {
    let measured = row.sampled.zip(similarity.zip(error));
    match measured {
        _ if !is_fast(row) => String::new(),
        Some((sampled, (similarity, error))) => {
            let similarity = format!("{similarity:.3}");
            let gaps = [("similarity", similarity.as_str()), ("error", &error)];
            texts.count("occlusion.fast", sampled, &gaps)
        }
        None => texts.say("occlusion.fast_unmeasured"),
    }
}
