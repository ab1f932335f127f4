//! Tables and pictures of a features experiment over the fixture's photos: a layer with a hostile name, a dead map, a
//! saturated one, a filter that is another one's twin.

use deconvscope::figures::features::{sheet, Layout, Tiles};
use deconvscope::figures::Pictured;
use deconvscope::records::maps::{FilterMaps, LookedAt, Planes};
use deconvscope::records::tables::*;
use deconvscope::records::Run;

use crate::fixture::{change, metric, preprocessing, push, set, LAYERS, SIDE};

pub(crate) const STRONGEST: usize = 3;
const MAPS: usize = 5;
/// Of the second layer.
pub(crate) const DEAD: usize = 4;
pub(crate) const SATURATED: usize = 1;

/// The run with the experiment for its first two layers.
pub(crate) fn with_features(mut run: Run) -> Run {
    let experiments = &mut run.manifest.options.experiments;
    experiments.insert(
        "features".into(),
        serde_json::json!({"features": "all", "strongest": STRONGEST, "per_image": 1}),
    );
    for layer in &LAYERS[..2] {
        for map in 0..MAPS {
            add_map(&mut run, layer, map);
        }
    }
    for at in 0..3 {
        let looked_at = LookedAt {
            image_id: format!("photo-{at}"),
            input: wave(SIDE, at),
        };
        looked_at.draw(&preprocessing(), &run.root).unwrap();
    }
    run
}

/// The same with the tests of filters and of random weights.
pub(crate) fn with_all(run: Run) -> Run {
    let mut run = with_features(run);
    for filter in 0..20 {
        push(
            &mut run,
            FilterRow {
                layer: LAYERS[0].into(),
                filter,
                norm: if filter == 17 { 0.001 } else { 1.0 },
                frequency: Some(0.1),
                low_share: 0.3,
                middle_share: 0.4,
                high_share: 0.3,
                aliased_share: 0.2,
                nearest: Some(0),
                nearest_cosine: Some(if filter == 1 { 0.95 } else { 0.3 }),
            },
        );
    }
    let filters = (0..20).map(|filter| wave(7, filter)).collect();
    let maps = FilterMaps { filters };
    maps.draw(&preprocessing(), &run.root).unwrap();
    for (share, noise) in [
        ("low", 0.05),
        ("middle", 0.15),
        ("high", 0.8),
        ("aliased", 0.6),
    ] {
        let name = format!("filter_{share}_share_noise");
        push(&mut run, metric(&name, "layer:conv1", noise));
    }
    for (rule, kept) in [("deconvnet", 0.8), ("gradient", 0.3)] {
        for similarity in ["ssim", "cosine"] {
            for (at, layer) in LAYERS.iter().rev().enumerate() {
                let mean = match similarity {
                    "ssim" => 1.0 - (1.0 - kept) * (at + 1) as f64 / 3.0,
                    _ => 0.4 - 0.2 * at as f64,
                };
                push(
                    &mut run,
                    RandomisationRow {
                        rule: rule.into(),
                        layer: (*layer).into(),
                        layers: at + 1,
                        similarity: similarity.into(),
                        mean,
                        low: mean - 0.1,
                        high: mean + 0.1,
                        photos: 3,
                    },
                );
            }
        }
    }
    run
}

/// Takes the photos' labels away.
pub(crate) fn without_label(images: &mut Vec<ImageRow>) {
    for image in images {
        (image.label, image.label_index) = (String::new(), None);
    }
}

/// The same of photographs without labels.
pub(crate) fn without_labels(run: Run) -> Run {
    let mut run = with_features(run);
    set::<MapLabelRow>(&mut run, Vec::new());
    change::<MapRow>(&mut run, |rows| {
        for row in rows {
            (row.top_label, row.top_label_share) = (String::new(), None);
        }
    });
    change(&mut run, without_label);
    run
}

fn add_map(run: &mut Run, layer: &str, map: usize) {
    let second = layer == LAYERS[1];
    let dead = second && map == DEAD;
    let saturated = second && map == SATURATED;
    push(
        run,
        MapRow {
            layer: layer.into(),
            map,
            mean: if dead {
                0.0
            } else {
                [1.0, 5.0, 3.0, 4.0, 2.0][map]
            },
            sd: if saturated { 0.5 } else { 2.0 },
            maximum: if dead { 0.0 } else { 12.5 },
            fires_share: if dead { 0.0 } else { 2.0 / 3.0 },
            sparsity: (!dead).then(|| [0.9, 0.1, 0.2, 0.3, 0.4][map]),
            state: match (dead, saturated) {
                (true, _) => "dead",
                (_, true) => "saturated",
                _ => "",
            }
            .into(),
            top_label: if dead { "" } else { "cats & co" }.into(),
            top_label_share: (!dead).then(|| 0.2 * (map + 1) as f64),
            drawn: !dead,
        },
    );
    if dead {
        return;
    }
    for rank in 1..=STRONGEST {
        push(
            run,
            FeatureRow {
                layer: layer.into(),
                map,
                rank,
                image_id: format!("photo-{}", rank - 1),
                y: 1,
                x: 2,
                activation: 12.5 / rank as f32,
                field_x: 30.0,
                field_y: 5.0,
                field_width: 9.0,
                field_height: 9.0,
            },
        );
    }
    for (low, high, photos) in [
        (None, None, 1),
        (Some(1.0), Some(2.0), 1),
        (Some(8.0), Some(16.0), 1),
    ] {
        push(
            run,
            MapHistogramRow {
                layer: layer.into(),
                map,
                low,
                high,
                photos,
            },
        );
    }
    for (label, mean) in [("dogs", 0.5), ("cats & co", 2.0)] {
        push(
            run,
            MapLabelRow {
                layer: layer.into(),
                map,
                label: label.into(),
                photos: 2,
                mean,
            },
        );
    }
    let tiles: Vec<Tiles> = (1..=STRONGEST)
        .map(|rank| Tiles::of(rank, &wave(8, map), &wave(8, map), &preprocessing()))
        .collect();
    let sheet = sheet((layer, map), Layout::of(STRONGEST), &tiles);
    sheet.write(&run.root).unwrap();
}

/// Three planes of that side.
fn wave(side: usize, shift: usize) -> Planes {
    let value = |at: usize| ((at + shift) as f32 * 0.1).sin();
    Planes::of([3, side, side], (0..3 * side * side).map(value).collect())
}
