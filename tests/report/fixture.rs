//! A small run made by hand: hostile names, two regions, a control, a skipped photo, a unit that was never active.

use std::path::Path;

use deconvscope::figures::Pictured;
use deconvscope::network::{Preprocessing, Resize, Size};
use deconvscope::records::maps::{ConditionArrays, PhotoArrays, ProjectionArray};
use deconvscope::records::tables::{self, *};
use deconvscope::records::{Manifest, ProjectionKind, Run, ORIGINAL};
use serde_json::json;

pub(crate) const LAYERS: [&str; 3] = ["conv1", "features/3 <x>", "conv10"];
pub(crate) const HOSTILE: [&str; 3] = [
    "<script>alert(1)<.jpg",
    "a \"quoted\" & 'single'/b.png",
    "사진/고양이 {region}.jpg",
];
pub(crate) const CLASS: &str = "<b>bold</b> & \"loud\" cat";
/// Stands in every field of `execution`; no page may show it.
pub(crate) const SECRET: &str = "execution-only";
pub(crate) const SIDE: usize = 32;

pub(crate) fn manifest() -> Manifest {
    serde_json::from_value(json!({
        "schema": 4,
        "tool": {"name": "deconvscope", "version": "0.0.0", "commit": ""},
        "execution": {
            "command": [SECRET], "out": SECRET, "threads": 77, "started": SECRET, "finished": SECRET,
            "seconds": {SECRET: 1.5}
        },
        "device": "cpu",
        "libtorch": "2.11.0",
        "model": {
            "name": "tiny", "file": "tiny.safetensors", "sha256": "ab".repeat(32), "source": "made up",
            "classes": 3, "class_names": "cd".repeat(32), "stages": LAYERS
        },
        "dataset": {
            "root": "somewhere/<my> photos", "photos": 3, "skipped": 1, "other_files": 0, "detail": 3,
            "labels": ["cats & co", "dogs"], "label_source": "folders", "label_classes": [[0], [1, 2]],
            "listing": "", "digest": "ef".repeat(32)
        },
        "preprocessing": preprocessing(),
        "options": {
            "top": 5, "layers": LAYERS, "kinds": ["unit", "layer"], "detail": "all", "arrays": "none",
            "masks": null, "fill": [128, 128, 128], "limit": null, "seed": 0, "batch": 1, "lang": "en",
            "single_file": false, "experiments": {}
        },
        "rules": deconvscope::records::Rules::deconvnet(),
        "skipped": [{"path": "broken<.jpg", "reason": "truncated <file>"}],
        "notes": ["a <note>"],
        "files": {}
    }))
    .unwrap()
}

pub(crate) fn preprocessing() -> Preprocessing {
    Preprocessing {
        resize: Resize::Shorter(36),
        crop: Size::square(SIDE as u32),
        ..Preprocessing::torchvision()
    }
}

/// Writes a table of the run anew.
pub(crate) fn set<R: Row>(run: &mut Run, rows: Vec<R>) {
    tables::write(&run.root, &rows).unwrap();
    // What it has read of its tables is no longer so.
    *run = Run::new(&run.root, run.manifest.clone());
}

/// Changes a table of the run.
pub(crate) fn change<R: Row>(run: &mut Run, change: impl FnOnce(&mut Vec<R>)) {
    let mut rows = tables::read_optional(&run.root).unwrap();
    change(&mut rows);
    set(run, rows);
}

/// Adds a row to its table.
pub(crate) fn push<R: Row>(run: &mut Run, row: R) {
    change(run, |rows| rows.push(row));
}

/// The run, its pictures drawn into `root`.
pub(crate) fn full(root: &Path) -> Run {
    let mut run = Run::new(root, manifest());
    set::<ImageRow>(&mut run, Vec::new());
    set::<PredictionRow>(&mut run, Vec::new());
    set::<MaskedClassRow>(&mut run, Vec::new());
    set::<ControlRow>(&mut run, Vec::new());
    set::<MaskRow>(&mut run, Vec::new());
    set::<MaskedUnitRow>(&mut run, Vec::new());
    set::<ProjectionRow>(&mut run, Vec::new());
    set::<MaskingRow>(&mut run, Vec::new());
    set(
        &mut run,
        vec![
            metric("top1_accuracy", "all", 2.0 / 3.0),
            metric("top5_accuracy", "all", 1.0),
            metric("top1_accuracy", "class:cats & co", 0.5),
            metric("top1_accuracy", "class:dogs", 1.0),
            metric("masked_drop_face", "all", 0.4),
            metric("control_drop_face", "all", 0.1),
            metric("drop_beyond_control_face", "all", 0.3),
        ],
    );
    set(
        &mut run,
        vec![
            confusion("cats & co", "cats & co"),
            confusion("cats & co", "other"),
            confusion("dogs", "dogs"),
        ],
    );
    for at in 0..HOSTILE.len() {
        add_photo(&mut run, at);
    }
    push(
        &mut run,
        ImageRow {
            image_id: "broken-3".into(),
            path: "broken<.jpg".into(),
            label: String::new(),
            label_index: None,
            width: None,
            height: None,
            status: "skipped".into(),
            reason: "truncated <file>".into(),
        },
    );
    run
}

fn add_photo(run: &mut Run, at: usize) {
    let id = format!("photo-{at}");
    push(
        run,
        ImageRow {
            image_id: id.clone(),
            path: HOSTILE[at].into(),
            label: ["cats & co", "cats & co", "dogs"][at].into(),
            label_index: Some([0, 0, 1][at]),
            width: Some(72),
            height: Some(36),
            status: "ok".into(),
            reason: String::new(),
        },
    );
    // The last photo has no masks; the second's region lies outside the crop.
    let regions: &[&str] = [&["face", "lower_body"][..], &["face"], &[]][at];
    for region in regions {
        push(
            run,
            MaskRow {
                image_id: id.clone(),
                region: (*region).into(),
                x: if at == 0 { 30.0 } else { 0.0 },
                y: 4.0,
                width: 8.0,
                height: 12.0,
                visible_share: if at == 0 { 0.9 } else { 0.0 },
            },
        );
    }
    let visible = if at == 0 { regions } else { &[] };
    for condition in std::iter::once(&ORIGINAL).chain(visible) {
        add_condition(run, &id, HOSTILE[at], condition);
    }
    draw(&run.root, &id, visible);
}

fn add_condition(run: &mut Run, id: &str, path: &str, condition: &str) {
    let masked = condition != ORIGINAL;
    let order: [usize; 3] = if masked { [1, 2, 0] } else { [0, 1, 2] };
    for (rank, class) in order.into_iter().enumerate() {
        push(
            run,
            PredictionRow {
                image_id: id.into(),
                path: path.into(),
                condition: condition.into(),
                rank: rank + 1,
                class_index: class,
                class_name: [CLASS, "dog", "hamster"][class].into(),
                probability: [0.6, 0.3, 0.1][rank],
            },
        );
    }
    for layer in LAYERS {
        for kind in [ProjectionKind::Unit, ProjectionKind::Layer] {
            // The strongest unit of the last layer was never active.
            if kind == ProjectionKind::Unit && layer == LAYERS[2] {
                continue;
            }
            let unit = kind == ProjectionKind::Unit;
            push(
                run,
                ProjectionRow {
                    image_id: id.into(),
                    condition: condition.into(),
                    layer: layer.into(),
                    kind,
                    feature: unit.then_some(7),
                    y: unit.then_some(1),
                    x: unit.then_some(2),
                    activation: unit.then_some(12.5),
                    field_x: unit.then_some(30.0),
                    field_y: unit.then_some(5.0),
                    field_width: unit.then_some(6.0),
                    field_height: unit.then_some(6.0),
                },
            );
        }
    }
    if !masked {
        return;
    }
    push(
        run,
        MaskedClassRow {
            image_id: id.into(),
            region: condition.into(),
            class_index: 0,
            class_name: CLASS.into(),
            probability_original: 0.6,
            probability_masked: 0.1,
            rank_original: 1,
            rank_masked: 3,
            visible_share: 0.9,
        },
    );
    push(
        run,
        ControlRow {
            image_id: id.into(),
            region: condition.into(),
            x: 40.0,
            y: 20.0,
            width: 8.0,
            height: 12.0,
            class_index: Some(0),
            class_name: CLASS.into(),
            probability_original: Some(0.6),
            probability_control: Some(0.5),
            rank_control: Some(1),
        },
    );
    for layer in LAYERS {
        push(
            run,
            MaskingRow {
                image_id: id.into(),
                region: condition.into(),
                layer: layer.into(),
                activation_inside_original: Some(2.0),
                activation_inside_masked: Some(0.5),
                activation_outside_original: Some(1.0),
                activation_outside_masked: Some(f32::INFINITY),
                share_inside_original: Some(0.5),
                share_inside_masked: None,
            },
        );
    }
}

fn draw(root: &Path, id: &str, regions: &[&str]) {
    let wave = |shift: usize| {
        (0..3 * SIDE * SIDE)
            .map(|i| ((i + shift) as f32 * 0.1).sin())
            .collect::<Vec<f32>>()
    };
    let projection = |kind, layer: &str, shift| ProjectionArray {
        kind,
        layer: layer.into(),
        values: wave(shift).into(),
    };
    let condition = |(shift, condition): (usize, &str)| ConditionArrays {
        condition: condition.into(),
        input: wave(shift),
        projections: LAYERS
            .iter()
            .flat_map(|layer| {
                let unit =
                    (*layer != LAYERS[2]).then(|| projection(ProjectionKind::Unit, layer, shift));
                unit.into_iter()
                    .chain([projection(ProjectionKind::Layer, layer, shift)])
            })
            .collect(),
    };
    let arrays = PhotoArrays {
        image_id: id.to_owned(),
        shape: [3, SIDE, SIDE],
        conditions: std::iter::once(ORIGINAL)
            .chain(regions.iter().copied())
            .enumerate()
            .map(condition)
            .collect(),
    };
    arrays.draw(&preprocessing(), root).unwrap();
}

pub(crate) fn metric(metric: &str, scope: &str, value: f64) -> MetricRow {
    MetricRow {
        metric: metric.into(),
        scope: scope.into(),
        value,
        low: Some(value / 2.0),
        high: Some(value),
        count: 3,
    }
}

fn confusion(label: &str, predicted: &str) -> ConfusionRow {
    ConfusionRow {
        label: label.into(),
        predicted: predicted.into(),
        count: 1,
    }
}

/// The same run without masks.
pub(crate) fn without_masks(mut run: Run) -> Run {
    change::<PredictionRow>(&mut run, |rows| {
        rows.retain(|row| row.condition == ORIGINAL)
    });
    change::<ProjectionRow>(&mut run, |rows| {
        rows.retain(|row| row.condition == ORIGINAL)
    });
    change::<MetricRow>(&mut run, |rows| {
        rows.retain(|row| row.metric.contains("accuracy"))
    });
    set::<MaskedClassRow>(&mut run, Vec::new());
    set::<ControlRow>(&mut run, Vec::new());
    set::<MaskRow>(&mut run, Vec::new());
    set::<MaskingRow>(&mut run, Vec::new());
    run
}
