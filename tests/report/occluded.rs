//! Tables and pictures of an occlusion experiment over the fixture's photos: hostile class names, more classes than
//! colours, a photo in fast mode.

use deconvscope::figures::Pictured;
use deconvscope::records::maps::{Example, ExampleMaps, OcclusionMaps, Planes};
use deconvscope::records::tables::*;
use deconvscope::records::Run;

use crate::fixture::{change, metric, preprocessing, push, set, CLASS, SIDE};

pub(crate) const ENDING: &str = "dog</script><script>alert(2)</script>{probability}";
pub(crate) const OCCLUDER: usize = 8;
pub(crate) const STRIDE: usize = 4;
pub(crate) const ACROSS: usize = 7;
const CLASSES: usize = 10;

/// The run with the experiment for its first and its last photo; the last one in fast mode.
pub(crate) fn with_occlusion(mut run: Run) -> Run {
    for (id, other, fast) in [("photo-0", "photo-2", false), ("photo-2", "photo-0", true)] {
        add_photo(&mut run, id, fast);
        add_rest(&mut run, id, other);
        draw(&run, id);
    }
    change(&mut run, |rows| {
        rows.extend([
            metric("occlusion_drop", "all", 0.5),
            metric("occlusion_changed_share", "all", 0.8),
            metric("occlusion_hit_face", "all", 0.75),
            metric("occlusion_chance_face", "all", 0.2),
            metric("occlusion_deletion_area", "all", 0.21),
            metric("occlusion_insertion_area", "all", 0.61),
        ])
    });
    run
}

/// The same of a network without a classifier.
pub(crate) fn without_classifier(run: Run) -> Run {
    let mut run = with_occlusion(run);
    run.manifest.model.classes = 0;
    set::<PredictionRow>(&mut run, Vec::new());
    set::<MetricRow>(&mut run, Vec::new());
    set::<OcclusionClassRow>(&mut run, Vec::new());
    set::<OcclusionCurveRow>(&mut run, Vec::new());
    change::<OcclusionRow>(&mut run, |rows| {
        for row in rows {
            (row.class_index, row.top_class_index) = (None, None);
            (row.probability, row.top_probability) = (None, None);
        }
    });
    let clear = |row: &mut OcclusionPhotoRow| {
        (row.class_index, row.worst_class_index) = (None, None);
        (row.probability, row.worst_probability) = (None, None);
        (row.changed_share, row.deletion_area, row.insertion_area) = (None, None, None);
        (row.probability_similarity, row.probability_error) = (None, None);
        for name in [
            &mut row.class_name,
            &mut row.class_source,
            &mut row.worst_class_name,
        ] {
            name.clear();
        }
    };
    change::<OcclusionPhotoRow>(&mut run, |rows| rows.iter_mut().for_each(clear));
    run
}

pub(crate) fn class_name(index: usize) -> String {
    match index {
        0 => CLASS.to_owned(),
        1 => ENDING.to_owned(),
        index => format!("class {index}"),
    }
}

fn add_photo(run: &mut Run, id: &str, fast: bool) {
    let mut counts = [0; CLASSES];
    for at in 0..ACROSS * ACROSS {
        let (y, x) = (at / ACROSS * STRIDE, at % ACROSS * STRIDE);
        // One position of each class but the first, and the second's is the most harmful one.
        let top = if at < CLASSES { at } else { 0 };
        counts[top] += 1;
        let probability = if at == 1 {
            0.012_345
        } else {
            0.6 - at as f32 / 100.0
        };
        push(
            run,
            OcclusionRow {
                image_id: id.into(),
                y,
                x,
                class_index: Some(0),
                probability: Some(probability),
                top_class_index: Some(top),
                top_probability: Some(0.5),
                map_activation: 100.0 + at as f32,
            },
        );
    }
    for (class_index, positions) in counts.into_iter().enumerate() {
        let row = OcclusionClassRow {
            image_id: id.into(),
            class_index,
            class_name: class_name(class_index),
            positions,
        };
        push(run, row);
    }
    push(
        run,
        OcclusionPhotoRow {
            image_id: id.into(),
            class_index: Some(0),
            class_name: CLASS.into(),
            class_source: if fast { "predicted" } else { "label" }.into(),
            probability: Some(0.6),
            layer: "features/3 <x>".into(),
            map: 7,
            map_activation: 250.0,
            occluder: OCCLUDER,
            stride: STRIDE,
            rows: ACROSS,
            columns: ACROSS,
            worst_y: 0,
            worst_x: STRIDE,
            worst_probability: Some(0.012_345),
            worst_map_activation: 101.0,
            worst_class_index: Some(1),
            worst_class_name: ENDING.into(),
            changed_share: Some(9.0 / 49.0),
            deletion_area: Some(0.2),
            insertion_area: Some(0.7),
            mode: if fast { "fast" } else { "exact" }.into(),
            sampled: fast.then_some(12),
            probability_similarity: fast.then_some(0.987),
            probability_error: fast.then_some(0.0321),
            map_similarity: fast.then_some(0.991),
            map_error: fast.then_some(0.045),
        },
    );
}

fn add_rest(run: &mut Run, id: &str, other: &str) {
    push(
        run,
        OcclusionRegionRow {
            image_id: id.into(),
            region: "face".into(),
            hit: true,
            overlap: 0.4,
            chance: 0.125,
        },
    );
    for (curve, end) in [("deletion", 0.0), ("insertion", 0.6)] {
        for share in [0.0, 0.5, 1.0] {
            push(
                run,
                OcclusionCurveRow {
                    image_id: id.into(),
                    curve: curve.into(),
                    share,
                    probability: (0.6 - end) * (1.0 - share as f32) + end * share as f32,
                },
            );
        }
    }
    push(
        run,
        OcclusionExampleRow {
            image_id: id.into(),
            rank: 1,
            example_id: other.into(),
            activation: 33.0,
            field_x: 30.0,
            field_y: 4.0,
            field_width: 8.0,
            field_height: 8.0,
        },
    );
}

fn draw(run: &Run, id: &str) {
    let values: Vec<f32> = (0..3 * SIDE * SIDE)
        .map(|i| (i as f32 * 0.1).sin())
        .collect();
    let planes = Planes::of([3, SIDE, SIDE], values);
    let maps = OcclusionMaps {
        image_id: id.to_owned(),
        input: planes.clone(),
        worst: planes.clone(),
        projection: Some(planes.clone()),
    };
    maps.draw(&preprocessing(), &run.root).unwrap();
    let example = ExampleMaps {
        of: Example {
            image_id: id.to_owned(),
            rank: 1,
        },
        input: planes.clone(),
        projection: planes,
    };
    example.draw(&preprocessing(), &run.root).unwrap();
}
