//! What stands in the tables of hidden regions.

use crate::support::run::{number, Row};
use crate::{by, reference, STAGES};
use std::collections::BTreeSet;

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
