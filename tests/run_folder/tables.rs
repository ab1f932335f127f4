//! Headers, images, predictions, and the metrics made of them.

use crate::support::repository;
use crate::support::run::{all_are_registered, number, Row};
use crate::{by, reference, run, sample};
use std::collections::BTreeMap;
use std::collections::BTreeSet;

#[test]
fn every_table_has_the_header_of_the_contract() {
    // Without masks some tables have no rows.
    let (_folder, plain) = run("--detail 0");
    for (table, header) in [
        ("images", "image_id,path,label,label_index,width,height,status,reason"),
        ("contents", "image_id,path,sha256"),
        ("predictions", "image_id,path,condition,rank,class_index,class_name,probability"),
        ("metrics", "metric,scope,value,low,high,count"),
        ("confusion", "label,predicted,count"),
        ("masked_classes", "image_id,region,class_index,class_name,probability_original,probability_masked,rank_original,rank_masked,visible_share"),
        ("projections", "image_id,condition,layer,kind,feature,y,x,activation,field_x,field_y,field_width,field_height"),
        ("grids", "image_id,layer,fine_share,area"),
        ("masking", "image_id,region,layer,activation_inside_original,activation_inside_masked,activation_outside_original,activation_outside_masked,share_inside_original,share_inside_masked"),
        ("masks", "image_id,region,x,y,width,height,visible_share"),
        ("controls", "image_id,region,x,y,width,height,class_index,class_name,probability_original,probability_control,rank_control"),
        ("masked_units", "image_id,region,layer,feature,y,x,activation_original,activation_masked"),
        ("occlusion", "image_id,y,x,class_index,probability,top_class_index,top_probability,map_activation"),
        ("occlusion_regions", "image_id,region,hit,overlap,chance"),
        ("occlusion_inside", "image_id,region,drop_inside,drop_outside"),
        ("occlusion_projections", "image_id,map,correlation"),
        ("occlusion_classes", "image_id,class_index,class_name,positions"),
        ("occlusion_curves", "image_id,curve,share,probability"),
        ("occlusion_examples", "image_id,rank,example_id,activation,field_x,field_y,field_width,field_height"),
        ("features", "layer,map,rank,image_id,y,x,activation,field_x,field_y,field_width,field_height"),
        ("maps", "layer,map,mean,sd,maximum,fires_share,sparsity,state,top_label,top_label_share,drawn"),
        ("map_histograms", "layer,map,low,high,photos"),
        ("map_labels", "layer,map,label,photos,mean"),
        ("map_spreads", "layer,map,units,patches,projections"),
        ("filters", "layer,filter,norm,frequency,low_share,middle_share,high_share,aliased_share,nearest,nearest_cosine"),
        ("randomisation", "rule,layer,layers,similarity,mean,low,high,photos"),
    ] {
        assert_eq!(reference().header(table), header, "{table}");
        assert!(!reference().table(table).is_empty(), "{table}");
        assert_eq!(plain.header(table), header, "{table}");
    }
}

#[test]
fn contents_are_the_files_digests() {
    use sha2::{Digest, Sha256};
    let rows = reference().table("contents");
    assert_eq!(rows.len(), 6);
    for row in rows {
        let bytes = std::fs::read(sample().join("p").join(&row["path"])).unwrap();
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(row["sha256"], digest, "{}", row["path"]);
        assert_eq!(row["image_id"], reference().ids()[&row["path"]]);
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

/// Of the photographs in detail: the pixels that hold nine tenths of the energy of what is kept of its projections.
#[test]
fn grids_are_measured_on_the_projections_that_are_kept() {
    let run = reference();
    let rows = run.table("grids");
    let layers: BTreeSet<&String> = rows.iter().map(|row| &row["layer"]).collect();
    let photos: BTreeSet<&String> = rows.iter().map(|row| &row["image_id"]).collect();
    assert!(layers.len() > 2 && !photos.is_empty());
    assert_eq!(layers.len() * photos.len(), rows.len());
    for row in &rows {
        let arrays = run.tensors(&format!("arrays/{}.safetensors", row["image_id"]));
        let name = format!("original/projection/layer/{}", row["layer"]);
        let (shape, values) = &arrays[&name];
        let pixels = shape[1] * shape[2];
        let energy = |pixel: usize| -> f64 {
            let planes = values[pixel..].iter().step_by(pixels);
            planes.map(|value| f64::from(*value).powi(2)).sum()
        };
        let mut energies: Vec<f64> = (0..pixels).map(energy).collect();
        energies.sort_by(|a, b| b.total_cmp(a));
        let all: f64 = energies.iter().sum();
        let area = (number(row, "area") * pixels as f64).round() as usize;
        let held = |pixels: usize| energies[..pixels].iter().sum::<f64>() / all;
        assert!(held(area) >= 0.9 - 1e-9 && held(area - 1) <= 0.9 + 1e-9);
        assert!((0.0..=1.0).contains(&number(row, "fine_share")), "{row:?}");
    }
    let metrics = run.table("metrics");
    for name in ["projection_fine_share_trend", "projection_area_trend"] {
        let row = metrics.iter().find(|row| row["metric"] == name).unwrap();
        assert_eq!(row["count"], photos.len().to_string(), "{row:?}");
        assert!((-1.0..=1.0).contains(&number(row, "value")), "{row:?}");
    }
}

#[test]
fn metrics_and_confusion_agree_with_the_rows_they_are_made_of() {
    let run = reference();
    let metrics = run.table("metrics");
    all_are_registered(&metrics);
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
        let own = rows.iter().filter(|row| row["region"] == region);
        let left = own.filter(|row| number(row, "rank_masked") > 5.0).count();
        let row = metric(&format!("masked_left_five_{region}"), "all");
        assert_eq!(number(row, "value"), left as f64 / photos);
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
