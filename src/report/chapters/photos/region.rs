//! What hiding a region does to one photograph.

use records::tables::{MaskRow, MaskedClassRow, MaskedUnitRow, MaskingRow};
use records::ORIGINAL;

use crate::photograph::{control_outline, differences, layers, mask_outlines, of_condition, units};
use crate::prelude::*;

/// What the first class comes to when something is hidden.
struct Effect {
    hidden: String,
    probability: f32,
    /// By how much it changed; `None` where nothing is hidden.
    change: Option<f64>,
    rank: usize,
    /// The style sheet's class of its row.
    class: &'static str,
}

/// The first class with nothing, each region and each control hidden; `None` where no class probabilities were taken
/// under a mask.
pub(super) fn effects(page: &Page<'_>, photo: &Photo<'_>) -> Option<Block> {
    let first = photo.first()?;
    let mut effects = vec![Effect {
        hidden: page.say("photo.nothing_hidden"),
        probability: first.probability,
        change: None,
        rank: 1,
        class: "",
    }];
    for row in photo.rows::<MaskedClassRow>() {
        let effect = |hidden, probability, rank, class| Effect {
            hidden,
            probability,
            change: Some(f64::from(probability) - f64::from(row.probability_original)),
            rank,
            class,
        };
        let region = words(&row.region);
        let control = photo.control(&row.region);
        let control = control.and_then(|it| it.probability_control.zip(it.rank_control));
        let control = control.map(|(probability, rank)| {
            let hidden = page.fill("masks.control_of", &[("region", &region)]);
            effect(hidden, probability, rank, "control")
        });
        effects.push(effect(
            region.clone(),
            row.probability_masked,
            row.rank_masked,
            "",
        ));
        effects.extend(control);
    }
    let probability = page.fill("photo.probability", &[("class", &first.class_name)]);
    (effects.len() > 1).then(|| {
        page.columns(effects)
            .with_rows_of(|effect| effect.class)
            .text("photo.hidden", |effect| effect.hidden.clone())
            .column(Column::number(probability.clone()), |effect| {
                numbers::probability(effect.probability)
            })
            .number("photo.change", |effect| {
                effect.change.map(numbers::change).unwrap_or_default()
            })
            .count("photo.rank", |effect| effect.rank)
            .called(probability, page.say("photo.effect_caption"))
    })
}

/// The region's pictures and numbers.
pub(super) fn section(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Block {
    let name = words(region);
    let heading = page.fill("photo.region", &[("region", &name)]);
    let mut rows = vec![
        of_condition(page, photo, ORIGINAL, &[]),
        of_condition(page, photo, region, &[region]),
        differences(page, photo, region),
        units(page, photo, region),
    ];
    rows.retain(GridRow::has_projections);
    let caption = page.fill("photo.region_caption", &[("region", &name)]);
    let grid = layers(page, "grid.condition_corner", caption, rows);
    let control = control_outline(photo, region).map(|control| {
        let outlines = mask_outlines(photo, region).into_iter().chain([control]);
        let picture = Picture::input(page, photo, ORIGINAL).outlined(outlines);
        Block::picture("", picture, page.say("photo.control_caption"))
    });
    let remains = remains(page, photo, region, &heading);
    let beside = Block::group("beside", control.into_iter().chain(remains));
    let about = about(page, photo, region).into_iter();
    Block::section("", heading, about.chain([grid, beside]))
}

/// How much of the region the network sees, and whether it has a control box, where there is something to say.
fn about(page: &Page<'_>, photo: &Photo<'_>, region: &str) -> Option<Block> {
    let rows = photo.rows::<MaskRow>();
    let visible = rows.iter().find(|row| row.region == region);
    let visible = visible.map_or(1.0, |row| row.visible_share);
    let mut sentences = Vec::new();
    if visible < 0.995 {
        let share = numbers::whole_percent(visible);
        sentences.push(page.fill("photo.visible", &[("share", &share)]));
    }
    if photo.control(region).is_none() {
        sentences.push(page.say("photo.no_control"));
    }
    (!sentences.is_empty()).then(|| Block::text(sentences))
}

/// What each layer keeps inside and outside the region; `None` where that was not measured.
fn remains(page: &Page<'_>, photo: &Photo<'_>, region: &str, label: &str) -> Option<Block> {
    type Kept<'a> = (&'a MaskingRow, Option<&'a MaskedUnitRow>);
    let of_layer = |stage: &String| {
        let mut rows = photo.rows::<MaskingRow>().into_iter();
        let row = rows.find(|row| row.region == region && row.layer == *stage)?;
        Some((row, photo.masked_unit(region, stage)))
    };
    let kept: Vec<Kept<'_>> = page.site.stages().iter().filter_map(of_layer).collect();
    let pair = |before: Option<f32>, after: Option<f32>, print: fn(f32) -> String| {
        let (before, after) = before.zip(after)?;
        Some(format!("{} → {}", print(before), print(after)))
    };
    (!kept.is_empty()).then(|| {
        page.columns(kept)
            .text("common.layer", |(row, _)| row.layer.as_str())
            .number("photo.inside", |(row, _)| {
                let (before, after) =
                    (row.activation_inside_original, row.activation_inside_masked);
                pair(before, after, numbers::activation)
            })
            .number("photo.outside", |(row, _)| {
                let before = row.activation_outside_original;
                pair(before, row.activation_outside_masked, numbers::activation)
            })
            .number("photo.share", |(row, _)| {
                let (before, after) = (row.share_inside_original, row.share_inside_masked);
                pair(before, after, numbers::whole_percent)
            })
            .number("photo.unit_left", |(_, unit)| {
                let (before, after) = unit
                    .map(|unit| (unit.activation_original, unit.activation_masked))
                    .unzip();
                pair(before, after, numbers::activation)
            })
            .called(label, page.say("photo.remains_caption"))
    })
}
