//! The tables of transformed photographs.

use crate::support::photos::picture;
use crate::support::run::{number, Row};
use crate::{reference, sample, Network};
use deconvscope::dataset;
use deconvscope::network::Size;
use image::{Rgb, RgbImage};
use scraper::{Html, Selector};

const STAGES: [&str; 2] = ["conv1", "conv10"];

fn find<'a>(rows: &'a [Row], id: &str, transform: &str, value: f64) -> Vec<&'a Row> {
    let wanted = |row: &&Row| {
        row["image_id"] == id && row["transform"] == transform && number(row, "value") == value
    };
    rows.iter().filter(wanted).collect()
}

/// What moving a photo down by 40 pixels of the input gives, by taking rows of the resized picture.
fn moved_down(pixels: &RgbImage, network: &Network) -> Vec<f32> {
    let preprocessing = &network.model.preprocessing;
    // A crop of the whole shorter side has the rows above and below what the network sees.
    let mut wide = preprocessing.clone();
    wide.crop = Size::square(256);
    let picture = dataset::crop(pixels, &wide).unwrap();
    let (side, margin) = (227, 14);
    assert_eq!(preprocessing.crop, Size::square(side));
    // The weights' own description: blue 104, green 117, red 123.
    let mean = [123, 117, 104];
    let moved = RgbImage::from_fn(side, side, |x, y| match (y + margin).checked_sub(40) {
        Some(row) => *picture.get_pixel(x + margin, row),
        None => Rgb(mean),
    });
    dataset::normalise(&moved, preprocessing)
}

#[test]
fn distances_and_probabilities_agree_with_a_plain_computation() {
    let (run, network) = (reference(), Network::load());
    let (distances, probabilities) = (
        run.table("invariance"),
        run.table("invariance_probabilities"),
    );
    let id = &run.ids()["b/3.png"];
    let pixels = picture((300, 300), 3);
    let clean = network.see(
        &dataset::input(&pixels, &network.model.preprocessing).unwrap(),
        &STAGES,
    );
    let moved = network.see(&moved_down(&pixels, &network), &STAGES);
    let rows = find(&distances, id, "translation", 40.0);
    assert_eq!(rows.len(), 2);
    for (layer, row) in rows.into_iter().enumerate() {
        assert_eq!(row["layer"], STAGES[layer]);
        let squares = clean[layer]
            .iter()
            .zip(&moved[layer])
            .map(|(a, b)| f64::from(a - b).powi(2));
        let distance = squares.sum::<f64>().sqrt();
        let norm = clean[layer]
            .iter()
            .map(|a| f64::from(*a).powi(2))
            .sum::<f64>()
            .sqrt();
        assert!(distance > 0.0);
        assert!((number(row, "distance") / distance - 1.0).abs() < 1e-9);
        assert!((number(row, "relative_distance") / (distance / norm) - 1.0).abs() < 1e-9);
    }
    // The folder's names are no classes, so the first class of the photo as it is is followed.
    let first = (0..1000).fold(0, |best, class| {
        if clean[2][class] > clean[2][best] {
            class
        } else {
            best
        }
    });
    let row = find(&probabilities, id, "translation", 40.0)[0];
    assert!((number(row, "probability") - f64::from(moved[2][first])).abs() < 1e-9);
    let predictions = run.table("predictions");
    let told = predictions
        .iter()
        .find(|r| r["image_id"] == *id && r["rank"] == "1")
        .unwrap();
    assert_eq!(row["class"], told["class_name"]);
}

#[test]
fn every_photo_is_transformed_in_the_same_steps_and_the_identity_changes_nothing() {
    let run = reference();
    let (distances, probabilities) = (
        run.table("invariance"),
        run.table("invariance_probabilities"),
    );
    assert_eq!(
        run.header("invariance"),
        "image_id,transform,value,layer,distance,relative_distance"
    );
    assert_eq!(
        run.header("invariance_probabilities"),
        "image_id,transform,value,class,probability,first_class"
    );
    assert_eq!((distances.len(), probabilities.len()), (2 * 58 * 2, 2 * 58));
    let predictions = run.table("predictions");
    for path in ["a/4.png", "b/3.png"] {
        let id = &run.ids()[path];
        let first = predictions
            .iter()
            .find(|r| r["image_id"] == *id && r["rank"] == "1")
            .unwrap();
        for (transform, value) in [("translation", 0.0), ("scale", 1.0), ("rotation", 0.0)] {
            for row in find(&distances, id, transform, value) {
                assert_eq!(
                    (number(row, "distance"), number(row, "relative_distance")),
                    (0.0, 0.0)
                );
            }
            let row = find(&probabilities, id, transform, value)[0];
            assert_eq!(row["first_class"], first["class_name"]);
            assert!((number(row, "probability") - number(first, "probability")).abs() < 1e-7);
        }
        for (transform, value) in [("translation", -60.0), ("scale", 1.8), ("rotation", 350.0)] {
            for row in find(&distances, id, transform, value) {
                assert!(number(row, "relative_distance") > 0.01, "{row:?}");
            }
        }
    }
    let metrics = run.table("metrics");
    let metric = metrics
        .iter()
        .find(|r| r["metric"] == "invariance_scale_conv10")
        .unwrap();
    let of_scale = distances.iter().filter(|r| {
        r["transform"] == "scale" && r["layer"] == "conv10" && number(r, "value") != 1.0
    });
    let values: Vec<f64> = of_scale.map(|r| number(r, "relative_distance")).collect();
    assert_eq!(values.len(), 16);
    let mean = values.iter().sum::<f64>() / 16.0;
    assert!((number(metric, "value") - mean).abs() < 1e-12);
}

#[test]
fn the_page_shows_nine_panels_and_what_was_put_in() {
    let run = reference();
    let html = run.text("pages/invariance.html");
    let page = Html::parse_document(&html);
    let pictures = Selector::parse("main img").unwrap();
    let sources: Vec<(String, String)> = page
        .select(&pictures)
        .map(|picture| {
            let src = picture
                .attr("src")
                .unwrap()
                .trim_start_matches("../")
                .to_owned();
            (src, picture.attr("alt").unwrap().to_owned())
        })
        .collect();
    let charts: Vec<_> = sources
        .iter()
        .filter(|(src, _)| src.ends_with(".svg"))
        .collect();
    assert_eq!(charts.len(), 9);
    // Fifteen inputs of the first photo, and each photo once in the legend.
    assert_eq!(sources.len() - charts.len(), 15 + 2);
    for (src, alt) in &sources {
        assert!(run.0.join(src).is_file(), "{src}");
        assert!(alt.len() > 10, "{src}: '{alt}'");
    }
    let svg = run.text(&charts[0].0);
    for colour in ["#1C6E8C", "#C84B11"] {
        assert_eq!(
            svg.matches(&format!("stroke=\"{colour}\"")).count(),
            1,
            "{colour}"
        );
    }
    assert!(!svg.contains("NaN"));
    assert!(run.text("index.html").contains("pages/invariance.html"));
    assert!(!html.contains("NaN"));
}

#[test]
fn photographs_are_drawn_by_the_seed() {
    let chosen = |seed: u32| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("o");
        let line = format!(
            "report p --features none --device cpu --kinds layer --layers fc4 --detail 0 --occlusion none --invariance 1 --seed {seed} --out {}",
            out.display()
        );
        crate::support::type_in(sample(), &line).ok();
        let run = crate::support::run::Run(out);
        let mut ids: Vec<String> = run
            .table("invariance")
            .iter()
            .map(|r| r["image_id"].clone())
            .collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
        ids.remove(0)
    };
    let by_seed: Vec<String> = (0..4).map(chosen).collect();
    assert!(by_seed.iter().any(|id| *id != by_seed[0]), "{by_seed:?}");
    assert_eq!(chosen(1), by_seed[1]);
}

#[test]
fn without_a_classifier_there_are_six_panels_and_no_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    let description = crate::support::weights().with_extension("toml");
    let description = std::fs::read_to_string(description).unwrap();
    let headless = description.replace("classifier = true", "classifier = false");
    assert_ne!(headless, description);
    std::fs::write(folder.path().join("net.toml"), headless).unwrap();
    std::fs::copy(
        crate::support::weights(),
        folder.path().join("net.safetensors"),
    )
    .unwrap();
    let line = format!(
        "report {} --weights net.safetensors --features none --occlusion none --device cpu --kinds layer --layers conv10 --detail 0 --invariance b/3.png --out o",
        sample().join("p").display()
    );
    crate::support::type_in(folder.path(), &line).ok();
    let run = crate::support::run::Run(folder.path().join("o"));
    assert_eq!(run.table("invariance").len(), 58 * 2);
    assert!(run.table("invariance_probabilities").is_empty());
    let html = run.text("pages/invariance.html");
    assert_eq!(html.matches(".svg\"").count(), 6);
    assert!(!html.contains("NaN"));
}
