//! What hiding a region does to one photograph.

use serde::Serialize;

use super::super::blocks::Picture;
use super::super::grid::{Grid, Row};
use super::super::lookup::Photo;
use super::super::numbers;
use super::super::photograph::{control_outline, mask_outlines};
use super::super::site::{words, Page};
use crate::records::tables::{MaskRow, MaskedClassRow, MaskingRow};
use crate::records::ORIGINAL;

/// The first class with nothing, each region and each control hidden.
#[derive(Serialize)]
pub(super) struct Effects {
    probability: String,
    lines: Vec<EffectLine>,
}

#[derive(Serialize)]
struct EffectLine {
    hidden: String,
    control: bool,
    probability: String,
    change: String,
    rank: String,
}

#[derive(Serialize)]
pub(super) struct RegionSection {
    heading: String,
    visible: String,
    /// Said where there is no room for a control box.
    no_control: String,
    control: Option<Picture>,
    grid: Grid,
    remains: Vec<Remains>,
}

#[derive(Serialize)]
struct Remains {
    layer: String,
    inside: String,
    outside: String,
    share: String,
    unit: String,
}

/// `None` where no class probabilities were taken under a mask.
pub(super) fn effects(page: &Page<'_>, photo: &Photo<'_>) -> Option<Effects> {
    let texts = page.texts();
    let first = photo.first()?;
    let mut lines = vec![EffectLine {
        hidden: texts.say("photo.nothing_hidden"),
        control: false,
        probability: numbers::probability(f64::from(first.probability)),
        change: String::new(),
        rank: "1".to_owned(),
    }];
    for row in photo.rows::<MaskedClassRow>() {
        let line = |hidden: String, control: bool, p: f32, rank: usize| EffectLine {
            hidden,
            control,
            probability: numbers::probability(f64::from(p)),
            change: numbers::change(f64::from(p) - f64::from(row.probability_original)),
            rank: numbers::count(rank),
        };
        lines.push(line(
            words(&row.region),
            false,
            row.probability_masked,
            row.rank_masked,
        ));
        let control = photo.control(&row.region);
        if let Some((p, rank)) =
            control.and_then(|control| control.probability_control.zip(control.rank_control))
        {
            lines.push(line(
                texts.fill("masks.control_of", &[("region", &words(&row.region))]),
                true,
                p,
                rank,
            ));
        }
    }
    (lines.len() > 1).then(|| Effects {
        probability: texts.fill("photo.probability", &[("class", &first.class_name)]),
        lines,
    })
}

/// The region's pictures and numbers.
pub(super) fn section(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> RegionSection {
    let texts = page.texts();
    let mut rows = vec![
        Row::of_condition(page, photo, ORIGINAL, &[]),
        Row::of_condition(page, photo, region, &[region]),
        Row::of_difference(page, photo, region),
        Row::of_units(page, photo, region),
    ];
    rows.retain(Row::has_projections);
    let visible = photo
        .rows::<MaskRow>()
        .iter()
        .find(|row| row.region == region)
        .map_or(1.0, |row| row.visible_share);
    let control = control_outline(photo, region).map(|control| {
        let outlines = mask_outlines(photo, region).into_iter().chain([control]);
        Picture::input(page, photo, ORIGINAL).outlined(outlines)
    });
    RegionSection {
        heading: texts.fill("photo.region", &[("region", &words(region))]),
        visible: match visible < 0.995 {
            true => texts.fill(
                "photo.visible",
                &[("share", &numbers::whole_percent(visible))],
            ),
            false => String::new(),
        },
        no_control: match photo.control(region) {
            Some(_) => String::new(),
            None => texts.say("photo.no_control"),
        },
        control,
        grid: Grid::new(
            page,
            "grid.condition_corner",
            texts.fill("photo.region_caption", &[("region", &words(region))]),
            rows,
        ),
        remains: remains(page, photo, region),
    }
}

fn remains(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Vec<Remains> {
    let pair = |before: Option<f32>, after: Option<f32>, print: fn(f64) -> String| match before
        .zip(after)
    {
        Some((before, after)) => {
            format!("{} → {}", print(f64::from(before)), print(f64::from(after)))
        }
        None => "–".to_owned(),
    };
    let line = |stage: &String| {
        let mut rows = photo.rows::<MaskingRow>().into_iter();
        let row = rows.find(|row| row.region == region && row.layer == *stage)?;
        let unit = photo.masked_unit(region, stage);
        Some(Remains {
            layer: stage.clone(),
            inside: pair(
                row.activation_inside_original,
                row.activation_inside_masked,
                numbers::activation,
            ),
            outside: pair(
                row.activation_outside_original,
                row.activation_outside_masked,
                numbers::activation,
            ),
            share: pair(
                row.share_inside_original,
                row.share_inside_masked,
                numbers::whole_percent,
            ),
            unit: pair(
                unit.map(|unit| unit.activation_original),
                unit.map(|unit| unit.activation_masked),
                numbers::activation,
            ),
        })
    };
    page.site.stages().iter().filter_map(line).collect()
}
