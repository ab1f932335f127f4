//! A finished run made by hand: photos with labels, and at which rank the network put each photo's label.

use std::path::Path;

use deconvscope::network::Preprocessing;
use deconvscope::records::tables::*;
use deconvscope::records::{probabilities, Rules, ORIGINAL};
use deconvscope::statistics::wilson;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Classes of the network: more than five, so that a photo can be wrong in five.
const CLASSES: usize = 8;

/// A photo: its id, its label, and the rank of the label's class from 1.
pub(crate) type Photo = (String, &'static str, usize);

/// Photos of one label, `ranks` at a time: `[(3, 1), (2, 7)]` is three right ones and two that are wrong in five.
pub(crate) fn photos(label: &'static str, ranks: &[(usize, usize)]) -> Vec<Photo> {
    let ranks = ranks
        .iter()
        .flat_map(|(times, rank)| std::iter::repeat_n(*rank, *times));
    ranks
        .enumerate()
        .map(|(at, rank)| (format!("{label}-{at}"), label, rank))
        .collect()
}

/// Writes the run of these photos, one more skipped, with `more` figures behind those that a report has.
pub(crate) fn write(root: &Path, photos: &[Photo], more: &[MetricRow]) {
    let mut labels: Vec<&str> = photos.iter().map(|photo| photo.1).collect();
    labels.sort_unstable();
    labels.dedup();
    let label_of = |label: &str| labels.iter().position(|known| *known == label).unwrap();
    let image = |id: &str, label: &str, status: &str| ImageRow {
        image_id: id.into(),
        path: format!("{id}.jpg"),
        label: label.into(),
        label_index: (!label.is_empty()).then(|| label_of(label)),
        width: Some(8),
        height: Some(8),
        status: status.into(),
        reason: String::new(),
    };
    let mut images: Vec<ImageRow> = photos
        .iter()
        .map(|(id, label, _)| image(id, label, "ok"))
        .collect();
    images.push(image("broken", "", "skipped"));
    let rows: Vec<Vec<f32>> = photos
        .iter()
        .map(|(_, label, rank)| answer(label_of(label), *rank))
        .collect();
    let predictions: Vec<PredictionRow> = photos
        .iter()
        .zip(&rows)
        .map(|((id, ..), row)| {
            let first = (0..CLASSES)
                .max_by(|a, b| row[*a].total_cmp(&row[*b]))
                .unwrap();
            PredictionRow {
                image_id: id.into(),
                path: format!("{id}.jpg").into(),
                condition: ORIGINAL.into(),
                rank: 1,
                class_index: first,
                class_name: format!("class {first}").into(),
                probability: row[first],
            }
        })
        .collect();
    let mut metrics = accuracies(photos, &labels);
    metrics.push(figure(
        "photos",
        "all",
        photos.len() as f64,
        photos.len() + 1,
    ));
    metrics.push(figure("skipped", "all", 1.0, photos.len() + 1));
    metrics.extend(more.iter().cloned());

    tables_of(root, &images, &predictions, &metrics);
    let conditions = [(ORIGINAL.to_owned(), photos.len())].into();
    probabilities::write(root, &conditions, CLASSES, |_| rows.iter().cloned().map(Ok)).unwrap();
    std::fs::write(root.join("index.html"), "the report").unwrap();
    let mut manifest = manifest(photos.len(), &labels);
    for file in std::fs::read_dir(root.join("data")).unwrap() {
        let path = file.unwrap().path();
        let digest = Sha256::digest(std::fs::read(&path).unwrap());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = path.file_name().unwrap().to_str().unwrap();
        manifest["files"][format!("data/{name}")] = hex.into();
    }
    std::fs::write(root.join("run.json"), manifest.to_string()).unwrap();
}

/// A figure without an interval.
pub(crate) fn figure(metric: &str, scope: &str, value: f64, count: usize) -> MetricRow {
    MetricRow {
        metric: metric.into(),
        scope: scope.into(),
        value,
        low: None,
        high: None,
        count,
    }
}

/// Probabilities that put `class` at `rank`, from 1.
fn answer(class: usize, rank: usize) -> Vec<f32> {
    let mut order: Vec<usize> = (0..CLASSES).filter(|other| *other != class).collect();
    order.insert(rank - 1, class);
    let mut row = vec![0.0; CLASSES];
    for (place, class) in order.into_iter().enumerate() {
        row[class] = (CLASSES - place) as f32 / 36.0;
    }
    row
}

fn accuracies(photos: &[Photo], labels: &[&str]) -> Vec<MetricRow> {
    let mut rows = Vec::new();
    for (metric, within) in [("top1_accuracy", 1), ("top5_accuracy", 5)] {
        for label in std::iter::once(None).chain(labels.iter().map(Some)) {
            let of_label: Vec<&Photo> = photos
                .iter()
                .filter(|photo| label.is_none_or(|label| photo.1 == *label))
                .collect();
            let hits = of_label.iter().filter(|photo| photo.2 <= within).count();
            let (low, high) = wilson(hits, of_label.len()).unwrap();
            rows.push(MetricRow {
                low: Some(low),
                high: Some(high),
                ..figure(
                    metric,
                    &label.map_or("all".to_owned(), |label| format!("class:{label}")),
                    hits as f64 / of_label.len() as f64,
                    of_label.len(),
                )
            });
        }
    }
    rows
}

fn tables_of(
    root: &Path,
    images: &[ImageRow],
    predictions: &[PredictionRow],
    metrics: &[MetricRow],
) {
    write_table(root, images);
    write_table(root, predictions);
    write_table(root, metrics);
    write_table::<ConfusionRow>(root, &[]);
    write_table::<MaskedClassRow>(root, &[]);
    write_table::<ControlRow>(root, &[]);
    write_table::<MaskRow>(root, &[]);
    write_table::<MaskedUnitRow>(root, &[]);
    write_table::<ProjectionRow>(root, &[]);
    write_table::<MaskingRow>(root, &[]);
}

fn write_table<R: Row>(root: &Path, rows: &[R]) {
    deconvscope::records::tables::write(root, rows).unwrap();
}

fn manifest(photos: usize, labels: &[&str]) -> serde_json::Value {
    let classes: Vec<[usize; 1]> = (0..labels.len()).map(|class| [class]).collect();
    json!({
        "schema": 1,
        "tool": {"name": "deconvscope", "version": "0.1.0", "commit": "c0ffee"},
        "execution": {"command": [], "out": "", "threads": 1, "started": "", "finished": "", "seconds": {}},
        "device": "cpu",
        "libtorch": "2.11.0",
        "model": {
            "name": "tiny", "file": "tiny.safetensors", "sha256": "ab".repeat(32), "source": "made up",
            "classes": CLASSES, "class_names": "", "stages": []
        },
        "dataset": {
            "root": "my photos", "photos": photos, "skipped": 1, "other_files": 0, "detail": 0,
            "labels": labels, "label_source": "folders", "label_classes": classes, "listing": "", "digest": "ef".repeat(32)
        },
        "preprocessing": Preprocessing::torchvision(),
        "options": {
            "top": 5, "layers": [], "kinds": [], "detail": "all", "arrays": "none", "masks": null,
            "fill": [128, 128, 128], "limit": null, "seed": 0, "batch": 1, "lang": "en", "single_file": false
        },
        "rules": Rules::deconvnet(),
        "skipped": [{"path": "broken.jpg", "reason": "truncated"}],
        "notes": [],
        "files": {}
    })
}
