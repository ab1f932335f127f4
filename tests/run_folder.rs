//! The contract of the run folder, read as another program would: tables, arrays, manifest, and the same bytes each time.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use safetensors::SafeTensors;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;
use support::files::{assert_same, files, result};
use support::photos::photo;
use support::run::{number, Row, Run};
use support::{repository, type_in, weights};
use tempfile::TempDir;

const STAGES: [&str; 5] = ["conv1", "fire3", "fire5", "fire9", "conv10"];
const DETAIL: [&str; 4] = ["cats/1.png", "cats/2.jpg", "dogs/1.png", "dogs/2.jpg"];
/// `edge` lies left of what the network sees of a photograph of 520 × 260 pixels; `body` is a union of two boxes.
const MASKS: &str = "image,region,x,y,width,height
cats/1.png,face,60,60,90,80
cats/2.jpg,body,40,60,60,60
cats/2.jpg,body,70,90,60,60
dogs/1.png,face,200,80,70,80
dogs/1.png,edge,0,0,60,200
";

/// The data set `p` with its masks `m.csv`, and the run `o` of it, made once.
fn sample() -> &'static TempDir {
    static SAMPLE: OnceLock<TempDir> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        for (seed, (name, size)) in [
            ("cats/1.png", (300, 260)),
            ("cats/2.jpg", (260, 300)),
            ("cats/3.jpg", (320, 240)),
            ("dogs/1.png", (520, 260)),
            ("dogs/2.jpg", (300, 300)),
        ]
        .into_iter()
        .enumerate()
        {
            photo(&folder.path().join("p").join(name), size, seed as u32);
        }
        std::fs::write(folder.path().join("p/dogs/3.jpg"), "no photograph").unwrap();
        std::fs::write(folder.path().join("m.csv"), MASKS).unwrap();
        type_in(
            folder.path(),
            "report p --masks m.csv --detail 1 --seed 3 --out o",
        )
        .ok();
        folder
    })
}

fn reference() -> Run {
    Run(sample().path().join("o"))
}

/// Another run of the sample.
fn run(options: &str) -> (TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "report p --out {} {options}",
        folder.path().join("o").display()
    );
    type_in(sample().path(), &line).ok();
    let run = Run(folder.path().join("o"));
    (folder, run)
}

/// Rows by photo and condition (or region).
fn by<'a>(rows: &'a [Row], columns: [&str; 2]) -> BTreeMap<[&'a str; 2], Vec<&'a Row>> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for row in rows {
        groups
            .entry(columns.map(|column| &*row[column]))
            .or_default()
            .push(row);
    }
    groups
}

#[test]
fn every_table_has_the_header_of_the_contract() {
    for (table, header) in [
        ("images", "image_id,path,label,label_index,width,height,status,reason"),
        ("predictions", "image_id,path,condition,rank,class_index,class_name,probability"),
        ("metrics", "metric,scope,value,low,high,count"),
        ("confusion", "label,predicted,count"),
        ("masked_classes", "image_id,region,class_index,class_name,probability_original,probability_masked,rank_original,rank_masked,visible_share"),
        ("projections", "image_id,condition,layer,kind,feature,y,x,activation,field_x,field_y,field_width,field_height"),
        ("masking", "image_id,region,layer,activation_inside_original,activation_inside_masked,activation_outside_original,activation_outside_masked,share_inside_original,share_inside_masked"),
        ("masks", "image_id,region,x,y,width,height,visible_share"),
        ("controls", "image_id,region,x,y,width,height,class_index,class_name,probability_original,probability_control,rank_control"),
        ("masked_units", "image_id,region,layer,feature,y,x,activation_original,activation_masked"),
    ] {
        assert_eq!(reference().header(table), header, "{table}");
        assert!(!reference().table(table).is_empty(), "{table}");
        // The same without masks, where some tables have no rows.
        let (_folder, plain) = run("--detail 0");
        assert_eq!(plain.header(table), header, "{table}");
    }
}

#[test]
fn images_are_listed_in_order_with_label_size_and_status() {
    let rows = reference().table("images");
    let line = |row: &Row| {
        ["path", "label", "label_index", "width", "height", "status"]
            .map(|column| row[column].clone())
            .join(" ")
    };
    assert_eq!(
        rows.iter().map(line).collect::<Vec<_>>(),
        [
            "cats/1.png cats 0 300 260 ok",
            "cats/2.jpg cats 0 260 300 ok",
            "cats/3.jpg cats 0 320 240 ok",
            "dogs/1.png dogs 1 520 260 ok",
            "dogs/2.jpg dogs 1 300 300 ok",
            "dogs/3.jpg dogs 1   skipped",
        ]
    );
    let ids: BTreeSet<&String> = rows.iter().map(|row| &row["image_id"]).collect();
    assert_eq!(ids.len(), rows.len());
    let safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(ids.iter().all(|id| id.chars().all(safe)), "{ids:?}");
}

#[test]
fn predictions_are_the_first_classes_of_the_stored_probabilities() {
    let rows = reference().table("predictions");
    let names =
        std::fs::read_to_string(repository().join("datasets/imagenet_classes.csv")).unwrap();
    let mut names = csv::Reader::from_reader(names.as_bytes());
    let names: Vec<Row> = names.deserialize().map(Result::unwrap).collect();
    let probabilities = reference().tensors("data/probabilities.safetensors");
    let mut photos = BTreeMap::<&str, Vec<&str>>::new();
    for row in &rows {
        let seen = photos.entry(&row["condition"]).or_default();
        if seen.last() != Some(&&*row["image_id"]) {
            seen.push(&row["image_id"]);
        }
    }
    assert_eq!(
        photos.keys().collect::<Vec<_>>(),
        probabilities.keys().collect::<Vec<_>>()
    );
    let groups = by(&rows, ["condition", "image_id"]);
    let lengths: Vec<usize> = photos.values().map(Vec::len).collect();
    assert_eq!(lengths, [1, 2, 5], "body, face, original");
    for (condition, photos) in photos {
        let (shape, values) = &probabilities[condition];
        assert_eq!(*shape, [photos.len(), 1000], "{condition}");
        for (photo, row) in photos.into_iter().zip(values.chunks(1000)) {
            let sum: f64 = row.iter().map(|value| f64::from(*value)).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{condition} {photo}: {sum}");
            let mut order: Vec<usize> = (0..1000).collect();
            order.sort_by(|a, b| row[*b].total_cmp(&row[*a]));
            let listed = &groups[&[condition, photo]];
            assert_eq!(listed.len(), 5);
            for (rank, (line, class)) in listed.iter().zip(order).enumerate() {
                assert_eq!(number(line, "rank"), rank as f64 + 1.0);
                assert_eq!(line["class_index"], class.to_string());
                assert_eq!(line["class_name"], names[class]["name"]);
                assert_eq!(line["probability"].parse(), Ok(row[class]));
            }
        }
    }
}

#[test]
fn arrays_hold_the_inputs_and_projections_of_the_photos_in_detail() {
    let ids = reference().ids();
    let rows = reference().table("projections");
    let detail: BTreeSet<&str> = rows.iter().map(|row| &*row["image_id"]).collect();
    assert_eq!(detail.len(), DETAIL.len(), "three with masks and one other");
    for path in &DETAIL[..3] {
        assert!(detail.contains(&*ids[*path]), "{path}");
    }
    let stored: Vec<String> = files(&reference().0.join("arrays")).into_keys().collect();
    assert_eq!(
        stored,
        detail
            .iter()
            .map(|id| format!("{id}.safetensors"))
            .collect::<Vec<_>>()
    );
    for id in detail {
        let arrays = reference().tensors(&format!("arrays/{id}.safetensors"));
        let mut expected = BTreeSet::new();
        for row in rows.iter().filter(|row| row["image_id"] == id) {
            let condition = &row["condition"];
            expected.insert(format!("{condition}/input"));
            expected.insert(format!(
                "{condition}/projection/{}/{}",
                row["kind"], row["layer"]
            ));
        }
        assert_eq!(arrays.keys().cloned().collect::<BTreeSet<_>>(), expected);
        for (name, (shape, values)) in &arrays {
            assert_eq!(*shape, [3, 227, 227], "{id} {name}");
            assert!(values.iter().all(|value| value.is_finite()), "{id} {name}");
            assert!(values.iter().any(|value| *value != 0.0), "{id} {name}");
        }
    }
}

#[test]
fn projections_tell_the_unit_and_its_field_in_photo_pixels() {
    let rows = reference().table("projections");
    let sizes = reference().table("images");
    let units = [
        "feature",
        "y",
        "x",
        "activation",
        "field_x",
        "field_y",
        "field_width",
        "field_height",
    ];
    for ([id, condition], rows) in by(&rows, ["image_id", "condition"]) {
        let told: Vec<[&str; 2]> = rows
            .iter()
            .map(|row| [&*row["layer"], &*row["kind"]])
            .collect();
        let expected = STAGES
            .iter()
            .flat_map(|stage| [[stage, "unit"], [stage, "layer"]]);
        assert_eq!(told, expected.collect::<Vec<_>>(), "{id} {condition}");
        let image = sizes.iter().find(|row| row["image_id"] == id).unwrap();
        for row in rows {
            if row["kind"] == "layer" {
                assert!(
                    units.iter().all(|column| row[*column].is_empty()),
                    "{row:?}"
                );
                continue;
            }
            assert!(
                number(row, "activation") > 0.0 && number(row, "feature") < 1000.0,
                "{row:?}"
            );
            for (start, length, side) in [
                ("field_x", "field_width", "width"),
                ("field_y", "field_height", "height"),
            ] {
                let (start, length) = (number(row, start), number(row, length));
                assert!(
                    start >= 0.0 && length > 0.0 && start + length <= number(image, side),
                    "{row:?}"
                );
            }
        }
    }
}

#[test]
fn the_mask_is_grey_in_the_input_and_leaves_the_rest_as_it_was() {
    let id = &reference().ids()["cats/1.png"];
    let arrays = reference().tensors(&format!("arrays/{id}.safetensors"));
    let (original, masked) = (&arrays["original/input"].1, &arrays["face/input"].1);
    // 300 × 260 is resized to 295 × 256, its middle 227 × 227 are the input; the box is x 60–150, y 60–140.
    let scale = 256.0 / 260.0;
    let (offset_x, offset_y) = (34.0, 14.0);
    let grey = [128.0 - 104.006, 128.0 - 116.669, 128.0 - 122.679];
    let mut inside = 0;
    for (at, (before, after)) in original.iter().zip(masked).enumerate() {
        let (channel, y, x) = (at / (227 * 227), at / 227 % 227, at % 227);
        let photo_x = (x as f64 + 0.5 + offset_x) / scale;
        let photo_y = (y as f64 + 0.5 + offset_y) / scale;
        let depth = (photo_x - 60.0)
            .min(150.0 - photo_x)
            .min(photo_y - 60.0)
            .min(140.0 - photo_y);
        if depth > 4.0 {
            assert!(
                (f64::from(*after) - grey[channel]).abs() < 1e-3,
                "{channel} {y} {x}: {after}"
            );
            inside += 1;
        } else if depth < -4.0 {
            assert_eq!(before, after, "{channel} {y} {x}");
        }
    }
    assert!(inside > 3 * 70 * 60, "{inside}");
}

#[test]
fn masked_classes_follow_the_clean_photos_first_class() {
    let predictions = reference().table("predictions");
    let firsts = by(&predictions, ["image_id", "condition"]);
    let probabilities = reference().tensors("data/probabilities.safetensors");
    let rows = reference().table("masked_classes");
    let ids = reference().ids();
    let regions: Vec<[&str; 2]> = rows
        .iter()
        .map(|row| [&*row["image_id"], &*row["region"]])
        .collect();
    let expected = [
        ["cats/1.png", "face"],
        ["cats/2.jpg", "body"],
        ["dogs/1.png", "face"],
    ];
    assert_eq!(
        regions,
        expected.map(|[path, region]| [&*ids[path], region])
    );
    for (row, place) in rows.iter().zip([0, 0, 1]) {
        let first = firsts[&[&*row["image_id"], "original"]][0];
        for column in ["class_index", "class_name"] {
            assert_eq!(row[column], first[column]);
        }
        assert_eq!(row["probability_original"], first["probability"]);
        assert_eq!(row["rank_original"], "1");
        let class = number(row, "class_index") as usize;
        let masked = &probabilities[&row["region"]].1[place * 1000..][..1000];
        assert_eq!(row["probability_masked"].parse(), Ok(masked[class]));
        let ahead = masked
            .iter()
            .filter(|value| **value > masked[class])
            .count();
        assert_eq!(number(row, "rank_masked"), ahead as f64 + 1.0);
    }
}

#[test]
fn a_union_of_boxes_is_one_region_and_one_outside_the_crop_is_left_out() {
    let run = reference();
    let ids = run.ids();
    let rows = run.table("masks");
    let regions = by(&rows, ["image_id", "region"]);
    let body = &regions[&[&*ids["cats/2.jpg"], "body"]];
    assert_eq!(body.len(), 2);
    assert_eq!(body[0]["visible_share"], body[1]["visible_share"]);
    assert_eq!(number(body[0], "visible_share"), 1.0);
    let edge = &regions[&[&*ids["dogs/1.png"], "edge"]];
    assert_eq!((edge.len(), number(edge[0], "visible_share")), (1, 0.0));
    for (table, column) in [
        ("predictions", "condition"),
        ("projections", "condition"),
        ("masked_classes", "region"),
        ("masking", "region"),
        ("masked_units", "region"),
        ("controls", "region"),
    ] {
        let told: BTreeSet<String> = run
            .table(table)
            .into_iter()
            .map(|mut row| row.remove(column).unwrap())
            .collect();
        assert!(
            told.contains("face") && told.contains("body") && !told.contains("edge"),
            "{table}: {told:?}"
        );
    }
    assert!(!run
        .table("metrics")
        .iter()
        .any(|row| row["metric"].ends_with("_edge")));
}

#[test]
fn masking_tells_of_every_stage_inside_and_outside() {
    let rows = reference().table("masking");
    let units = reference().table("masked_units");
    let projections = reference().table("projections");
    let regions = by(&rows, ["image_id", "region"]);
    assert_eq!(regions.len(), 3);
    for ([id, region], rows) in regions {
        assert_eq!(
            rows.iter().map(|row| &*row["layer"]).collect::<Vec<_>>(),
            STAGES
        );
        for row in rows {
            for column in ["share_inside_original", "share_inside_masked"] {
                assert!((0.0..=1.0).contains(&number(row, column)), "{row:?}");
            }
            // Cells far from a box see nothing of it in the first layer.
            if row["layer"] == "conv1" {
                let [before, after] = ["activation_outside_original", "activation_outside_masked"]
                    .map(|c| number(row, c));
                assert!((before - after).abs() < 0.05 * before, "{row:?}");
            }
        }
        let units: Vec<&Row> = units
            .iter()
            .filter(|row| row["image_id"] == id && row["region"] == region)
            .collect();
        assert_eq!(
            units.iter().map(|row| &*row["layer"]).collect::<Vec<_>>(),
            STAGES
        );
        for unit in units {
            let clean = projections.iter().find(|row| {
                row["image_id"] == id
                    && row["condition"] == "original"
                    && row["kind"] == "unit"
                    && row["layer"] == unit["layer"]
            });
            let clean = clean.unwrap();
            for column in ["feature", "y", "x"] {
                assert_eq!(unit[column], clean[column], "{unit:?}");
            }
            assert_eq!(unit["activation_original"], clean["activation"]);
            assert!(number(unit, "activation_masked") >= 0.0);
        }
    }
}

#[test]
fn controls_are_as_large_as_what_is_seen_of_a_region_and_apart_from_it() {
    let run = reference();
    let rows = run.table("controls");
    let masks = run.table("masks");
    let boxes = by(&masks, ["image_id", "region"]);
    assert_eq!(rows.len(), 3);
    let edges = |row: &Row| ["x", "y", "width", "height"].map(|column| number(row, column));
    for row in &rows {
        let [x, y, width, height] = edges(row);
        let hidden = &boxes[&[&*row["image_id"], &*row["region"]]];
        for hidden in hidden {
            let [left, top, w, h] = edges(hidden);
            let apart = x + width <= left || left + w <= x || y + height <= top || top + h <= y;
            assert!(apart, "{row:?} {hidden:?}");
        }
        // The union of the two overlapping boxes of `body` has 2 · 60² − 30² pixels.
        let area = if hidden.len() == 2 {
            6_300.0
        } else {
            edges(hidden[0])[2] * edges(hidden[0])[3]
        };
        let ratio = width * height / area;
        assert!((ratio - 1.0).abs() < 0.03, "{row:?}: {ratio}");
        assert!((0.0..=1.0).contains(&number(row, "probability_control")));
        assert!(number(row, "rank_control") >= 1.0);
    }
}

#[test]
fn metrics_and_confusion_agree_with_the_rows_they_are_made_of() {
    let run = reference();
    let metrics = run.table("metrics");
    let metric = |name: &str, scope: &str| {
        let found = metrics
            .iter()
            .find(|row| row["metric"] == name && row["scope"] == scope);
        found.unwrap_or_else(|| panic!("{name} {scope}: {metrics:?}"))
    };
    assert_eq!(number(metric("photos", "all"), "value"), 5.0);
    assert_eq!(number(metric("skipped", "all"), "value"), 1.0);
    let labels: BTreeMap<String, String> = run
        .table("images")
        .into_iter()
        .map(|mut row| {
            (
                row.remove("image_id").unwrap(),
                row.remove("label").unwrap(),
            )
        })
        .collect();
    let predictions = run.table("predictions");
    for (name, ranks) in [("top1_accuracy", 1.0), ("top5_accuracy", 5.0)] {
        for (scope, count) in [("all", 5.0), ("class:cats", 3.0), ("class:dogs", 2.0)] {
            let right = |row: &&Row| {
                let label = &*labels[&row["image_id"]];
                let class = number(row, "class_index") as usize;
                let counts = if label == "cats" {
                    281..=285
                } else {
                    151..=268
                };
                row["condition"] == "original"
                    && number(row, "rank") <= ranks
                    && (scope == "all" || scope == format!("class:{label}"))
                    && counts.contains(&class)
            };
            let right: BTreeSet<&String> = predictions
                .iter()
                .filter(right)
                .map(|row| &row["image_id"])
                .collect();
            let row = metric(name, scope);
            assert_eq!(number(row, "count"), count);
            assert!(
                (number(row, "value") - right.len() as f64 / count).abs() < 1e-9,
                "{row:?}"
            );
            let within = number(row, "low") <= number(row, "value")
                && number(row, "value") <= number(row, "high");
            assert!(
                within && number(row, "low") >= 0.0 && number(row, "high") <= 1.0,
                "{row:?}"
            );
        }
    }
    let rows = run.table("masked_classes");
    for (region, photos) in [("face", 2.0), ("body", 1.0)] {
        let own = rows.iter().filter(|row| row["region"] == region);
        let drops =
            own.map(|row| number(row, "probability_original") - number(row, "probability_masked"));
        let row = metric(&format!("masked_drop_{region}"), "all");
        assert_eq!(number(row, "count"), photos);
        assert!(
            (number(row, "value") - drops.sum::<f64>() / photos).abs() < 1e-6,
            "{row:?}"
        );
    }
    let confusion = run.table("confusion");
    let of = |label: &str| -> f64 {
        confusion
            .iter()
            .filter(|row| row["label"] == label)
            .map(|row| number(row, "count"))
            .sum()
    };
    assert_eq!((of("cats"), of("dogs")), (3.0, 2.0));
    assert!(
        confusion
            .iter()
            .all(|row| ["cats", "dogs", "other"].contains(&&*row["predicted"])),
        "{confusion:?}"
    );
}

#[test]
fn the_manifest_tells_what_was_run() {
    let manifest = reference().manifest();
    let names: BTreeSet<&str> = manifest
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for name in [
        "schema",
        "tool",
        "execution",
        "device",
        "libtorch",
        "model",
        "dataset",
        "preprocessing",
        "options",
        "rules",
        "skipped",
        "notes",
        "files",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    assert_eq!(manifest["schema"], 1);
    assert_eq!(manifest["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(["cpu", "cuda:0"].contains(&manifest["device"].as_str().unwrap()));
    assert_eq!(manifest["model"]["name"], "squeezenet1_1");
    assert_eq!(
        manifest["model"]["sha256"],
        sha256(&std::fs::read(weights()).unwrap())
    );
    assert_eq!(manifest["model"]["stages"], serde_json::json!(STAGES));
    let dataset = &manifest["dataset"];
    assert_eq!(dataset["root"], "p");
    assert_eq!(dataset["labels"], serde_json::json!(["cats", "dogs"]));
    for (field, count) in [
        ("photos", 5),
        ("skipped", 1),
        ("detail", 4),
        ("other_files", 0),
    ] {
        assert_eq!(dataset[field], count, "{field}");
    }
    let options = &manifest["options"];
    assert_eq!(options["masks"], sha256(MASKS.as_bytes()));
    assert_eq!(options["fill"], serde_json::json!([128, 128, 128]));
    assert_eq!(options["seed"], 3);
    for field in [
        "top", "layers", "kinds", "detail", "arrays", "limit", "batch", "lang",
    ] {
        assert!(options.get(field).is_some(), "{field}");
    }
    for rule in ["relu", "unpool", "switches", "lrn"] {
        assert!(
            manifest["rules"][rule]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{rule}"
        );
    }
    let execution = &manifest["execution"];
    for time in ["started", "finished"] {
        let text = execution[time].as_str().unwrap();
        assert!(
            text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            "{text}"
        );
    }
    assert_eq!(execution["out"], "o");
    assert!(execution["command"].as_array().unwrap().len() > 5 && execution["seconds"].is_object());
    let (_folder, other) = run("--detail 0 --limit 2");
    assert_ne!(other.manifest()["dataset"]["digest"], dataset["digest"]);
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_manifest_lists_every_other_file_with_its_sha256() {
    let mut found = files(&reference().0);
    assert!(found.remove("run.json").is_some() && found.contains_key("index.html"));
    let stray = |name: &&String| name.contains(".part-") || name.starts_with("records/");
    assert_eq!(found.keys().find(stray), None);
    assert!(!reference().0.join("records").exists());
    let found: BTreeMap<String, String> = found
        .into_iter()
        .map(|(name, bytes)| (name, sha256(&bytes)))
        .collect();
    let listed: BTreeMap<String, String> =
        serde_json::from_value(reference().manifest()["files"].clone()).unwrap();
    assert_eq!(listed, found);
}

#[test]
fn a_photos_id_depends_on_its_path_alone() {
    let (_folder, other) = run("--detail 0 --layers conv1 --seed 9 --top 2 --fill 0,0,0");
    assert_eq!(other.ids(), reference().ids());
    let copy = tempfile::tempdir().unwrap();
    photo(&copy.path().join("q/cats/1.png"), (80, 90), 77);
    photo(&copy.path().join("q/dogs/4.png"), (80, 90), 78);
    type_in(copy.path(), "report q --out o --detail 0").ok();
    let ids = Run(copy.path().join("o")).ids();
    assert_eq!(ids["cats/1.png"], reference().ids()["cats/1.png"]);
    assert!(!reference()
        .ids()
        .values()
        .any(|id| *id == ids["dogs/4.png"]));
}

#[test]
fn a_limited_run_is_drawn_by_seed() {
    let drawn = |seed: u32| {
        let (_folder, run) = run(&format!("--detail 0 --limit 3 --seed {seed} --masks m.csv"));
        assert_eq!(run.manifest()["options"]["limit"], 3);
        run.ids().into_keys().collect::<Vec<_>>()
    };
    let first = drawn(1);
    assert_eq!(first.len(), 3);
    assert_eq!(drawn(1), first);
    assert!((2..6).any(|seed| drawn(seed) != first));
}

#[test]
fn detail_says_how_many_photos_are_projected() {
    for (detail, masks, expected) in [
        ("0", "", 0),
        ("2", "", 2),
        ("99", "", 5),
        ("all", "", 5),
        ("masked", "", 0),
        ("masked", "--masks m.csv", 3),
        ("0", "--masks m.csv", 3),
        ("99", "--masks m.csv", 5),
    ] {
        let (_folder, run) = run(&format!(
            "--detail {detail} {masks} --layers conv10 --kinds unit"
        ));
        let projections = run.table("projections");
        let photos: BTreeSet<&String> = projections.iter().map(|row| &row["image_id"]).collect();
        assert_eq!(photos.len(), expected, "{detail} {masks}");
        assert_eq!(run.manifest()["dataset"]["detail"], expected);
        let stored = if expected == 0 {
            0
        } else {
            files(&run.0.join("arrays")).len()
        };
        assert_eq!(stored, expected);
        assert_eq!(
            run.table("predictions")
                .iter()
                .filter(|row| row["condition"] == "original")
                .count(),
            25
        );
    }
}

#[test]
fn layers_kinds_top_and_arrays_choose_what_is_kept() {
    let (_folder, few) = run("--detail 1 --layers fire9,conv1 --kinds unit --top 3");
    let rows = few.table("projections");
    let told: Vec<[&str; 2]> = rows
        .iter()
        .map(|row| [&*row["layer"], &*row["kind"]])
        .collect();
    assert_eq!(told, [["conv1", "unit"], ["fire9", "unit"]]);
    let arrays = few.tensors(&format!("arrays/{}.safetensors", rows[0]["image_id"]));
    let names = [
        "original/input",
        "original/projection/unit/conv1",
        "original/projection/unit/fire9",
    ];
    assert_eq!(arrays.keys().collect::<Vec<_>>(), names);
    assert_eq!(few.table("predictions").len(), 5 * 3);
    assert_eq!(
        few.manifest()["options"]["layers"],
        serde_json::json!(["conv1", "fire9"])
    );

    let (_folder, bare) = run("--masks m.csv --detail 1 --seed 3 --arrays none");
    assert!(!bare.0.join("arrays").exists());
    let (mut found, mut expected) = (result(&bare.0), result(&reference().0));
    expected.retain(|name, _| !name.starts_with("arrays/"));
    // Both name the option on a page and in the manifest; numbers and pictures are the same.
    let named = |name: &String| name == "run.json" || name.ends_with(".html");
    found.retain(|name, _| !named(name));
    expected.retain(|name, _| !named(name));
    assert_same(&found, &expected, "--arrays none");
}

#[test]
fn without_labels_nothing_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    photo(&folder.path().join("p/a.png"), (90, 80), 1);
    photo(&folder.path().join("p/b.png"), (80, 90), 2);
    type_in(folder.path(), "report p --out o")
        .ok()
        .says("no labels");
    let run = Run(folder.path().join("o"));
    assert!(run
        .table("images")
        .iter()
        .all(|row| row["label"].is_empty() && row["label_index"].is_empty()));
    assert!(!run
        .table("metrics")
        .iter()
        .any(|row| row["metric"].contains("accuracy")));
    assert_eq!(run.table("confusion"), []);
    assert_eq!(run.table("predictions").len(), 10);
}

#[test]
fn without_a_classifier_there_are_projections_and_no_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(weights(), folder.path().join("w.safetensors")).unwrap();
    let description = std::fs::read_to_string(weights().with_extension("toml")).unwrap();
    let headless = description.replace("classifier = true", "classifier = false");
    assert_ne!(headless, description);
    std::fs::write(folder.path().join("w.toml"), headless).unwrap();
    let path = folder.path().join("w.safetensors");
    let (_folder, run) = run(&format!(
        "--weights {} --masks m.csv --detail 1",
        path.display()
    ));
    assert_eq!(run.manifest()["model"]["classes"], 0);
    for table in ["predictions", "masked_classes", "confusion"] {
        assert_eq!(run.table(table), [], "{table}");
    }
    assert!(!run
        .table("metrics")
        .iter()
        .any(|row| row["metric"].contains("accuracy")));
    let bytes = std::fs::read(run.0.join("data/probabilities.safetensors")).unwrap();
    let probabilities = SafeTensors::deserialize(&bytes).unwrap();
    assert!(probabilities
        .tensors()
        .iter()
        .all(|(_, view)| view.data().is_empty()));
    let projections = run.table("projections");
    assert_eq!(by(&projections, ["image_id", "condition"]).len(), 4 + 3);
    assert!(!run.table("masking").is_empty() && !run.table("controls").is_empty());
}

/// Runs the sample with different numbers of threads.
fn with_threads(options: &str) -> [TempDir; 2] {
    ["--threads 1", "--threads 2"].map(|threads| {
        let (folder, run) = run(&format!("{options} {threads}"));
        let told = run.manifest()["execution"]["threads"].clone();
        assert_eq!(format!("--threads {told}"), threads);
        folder
    })
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let [one, two] = with_threads("--masks m.csv --detail 1 --seed 3");
    let expected = result(&reference().0);
    assert_same(&result(&one.path().join("o")), &expected, "one thread");
    assert_same(&result(&two.path().join("o")), &expected, "two threads");
}

#[test]
fn the_number_of_threads_changes_no_byte_in_passes_of_several_photos() {
    let [one, two] = with_threads("--masks m.csv --detail 1 --batch 3");
    assert_same(
        &result(&one.path().join("o")),
        &result(&two.path().join("o")),
        "--batch 3",
    );
}

#[test]
fn rendering_again_changes_no_byte() {
    let (folder, run) = run("--masks m.csv --detail 1 --seed 3");
    let render = |options: &str| type_in(folder.path(), &format!("render o {options}")).ok();
    render("");
    assert_same(&result(&run.0), &result(&reference().0), "rendered again");
    std::fs::remove_file(run.0.join("index.html")).unwrap();
    std::fs::remove_dir_all(run.0.join("assets")).unwrap();
    render("");
    assert_same(
        &result(&run.0),
        &result(&reference().0),
        "rendered from arrays and tables",
    );
    std::fs::remove_dir_all(run.0.join("arrays")).unwrap();
    let pictures = files(&run.0.join("assets"));
    render("");
    assert_same(
        &files(&run.0.join("assets")),
        &pictures,
        "rendered without arrays",
    );
    assert!(!Path::new(&run.0.join("arrays")).exists());
}
