//! The tables of parts against vectors of signs.

use crate::support::files::{assert_same, result};
use crate::support::process::{start, Signal};
use crate::support::run::{number, Row};
use crate::support::{type_in, Ended};
use crate::{reference, sample, Network, COMMAND, LAYERS, PARTS};
use deconvscope::dataset;
use image::{Rgb, RgbImage};
use scraper::{Html, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// What was hidden: part and place.
type What = (String, String);
/// Photo → what was hidden → for each of [`VIEWS`] the signs of what that changed.
type Signs = BTreeMap<String, BTreeMap<What, Vec<Vec<i8>>>>;

/// What stands for a place's number where the part lies in another photo.
const ELSEWHERE: &str = "elsewhere";
/// Feature maps of the layers.
const MAPS: [usize; 2] = [512, 1000];
/// What is told of the layers: every value by itself, and every map's sum.
const VIEWS: [&str; 4] = ["fire9", "fire9_maps", "conv10", "conv10_maps"];

fn sign(change: f64) -> i8 {
    i8::from(change > 0.0) - i8::from(change < 0.0)
}

/// Hides every box of `parts.csv` and `part_places.csv` by itself, the boxes of one part together, and notes the signs.
fn signs() -> Signs {
    let run = reference();
    let network = Network::load();
    let paths: BTreeMap<String, String> = run.ids().into_iter().map(|(p, id)| (id, p)).collect();
    let mut boxes: BTreeMap<String, BTreeMap<What, Vec<[f64; 4]>>> = BTreeMap::new();
    for row in [run.table("parts"), run.table("part_places")].concat() {
        if number(&row, "visible_share") > 0.0 {
            let place = match row.get("from") {
                Some(_) => ELSEWHERE.to_owned(),
                None => row["place"].clone(),
            };
            let what = (row["part"].clone(), place);
            let rect = ["x", "y", "width", "height"].map(|side| number(&row, side));
            let photo = boxes.entry(row["image_id"].clone()).or_default();
            photo.entry(what).or_default().push(rect);
        }
    }
    let see = |pixels: &RgbImage| {
        let input = dataset::input(pixels, &network.model.preprocessing).unwrap();
        network.see(&input, &LAYERS)
    };
    let of_photo = |(id, hidden): (String, BTreeMap<_, Vec<[f64; 4]>>)| {
        let path = sample().join("p").join(&paths[&id]);
        let pixels = dataset::read(&path).unwrap().pixels;
        let clean = see(&pixels);
        let of_boxes = |(what, rects): (_, Vec<[f64; 4]>)| {
            let mut masked = pixels.clone();
            for (x, y, pixel) in masked.enumerate_pixels_mut() {
                let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
                let holds = |[left, top, width, height]: &[f64; 4]| {
                    (*left..left + width).contains(&x) && (*top..top + height).contains(&y)
                };
                if rects.iter().any(holds) {
                    *pixel = Rgb([128; 3]);
                }
            }
            let changed = see(&masked);
            let layers = MAPS.iter().enumerate().flat_map(|(layer, maps)| {
                let pairs = clean[layer].iter().zip(&changed[layer]);
                let changes: Vec<f64> = pairs.map(|(x, hidden)| f64::from(x - hidden)).collect();
                let sums: Vec<f64> = changes
                    .chunks(changes.len() / maps)
                    .map(|map| map.iter().sum())
                    .collect();
                [changes, sums].map(|changes| changes.into_iter().map(sign).collect())
            });
            (what, layers.collect())
        };
        (id, hidden.into_iter().map(of_boxes).collect())
    };
    boxes.into_iter().map(of_photo).collect()
}

fn distance(a: &[i8], b: &[i8]) -> f64 {
    let differing = a.iter().zip(b).filter(|(a, b)| a != b).count();
    differing as f64 / a.len() as f64
}

/// Cohen's kappa of two lists of −1, 0 and 1.
fn kappa(a: &[i8], b: &[i8]) -> f64 {
    let share =
        |list: &[i8], sign| list.iter().filter(|s| **s == sign).count() as f64 / list.len() as f64;
    let expected: f64 = [-1, 0, 1].map(|s| share(a, s) * share(b, s)).iter().sum();
    (1.0 - distance(a, b) - expected) / (1.0 - expected)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn near(row: &Row, column: &str, expected: f64) {
    let found = number(row, column);
    let what = format!("{} {}", row["layer"], row["part"]);
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {column} is {found}, expected {expected}"
    );
}

#[test]
fn every_figure_agrees_with_a_plain_computation() {
    let (run, signs) = (reference(), signs());
    let part = |name: &str| (name.to_owned(), String::new());
    let summary = run.table("correspondence");
    let pairs = run.table("correspondence_pairs");
    let ids: Vec<&String> = signs.keys().collect();
    assert_eq!(ids.len(), 3);
    for (layer, name) in VIEWS.iter().enumerate() {
        let row = |part: &str| {
            let mut rows = summary
                .iter()
                .filter(|r| r["layer"] == *name && r["part"] == part);
            rows.next().unwrap().clone()
        };
        let of = |id: &str, what: &(String, String)| signs[id].get(what).map(|s| &s[layer][..]);
        for (what, photos) in [("eye", 3), ("nose", 2)] {
            let having: Vec<&&String> = ids
                .iter()
                .filter(|id| of(id, &part(what)).is_some())
                .collect();
            assert_eq!(having.len(), photos);
            let mut distances = Vec::new();
            let mut agreements = Vec::new();
            let mut random = Vec::new();
            for (at, a) in having.iter().enumerate() {
                for b in &having[at + 1..] {
                    let (x, y) = (of(a, &part(what)).unwrap(), of(b, &part(what)).unwrap());
                    distances.push(distance(x, y));
                    agreements.push(kappa(x, y));
                    let told = pairs.iter().find(|r| {
                        r["layer"] == *name
                            && r["part"] == what
                            && [&r["image_a"], &r["image_b"]]
                                .iter()
                                .all(|i| *i == **a || *i == **b)
                    });
                    near(told.unwrap(), "distance", distance(x, y));
                    near(told.unwrap(), "agreement", kappa(x, y));
                    for place in ["1", "2"] {
                        let place = ("random".to_owned(), place.to_owned());
                        random.push(distance(of(a, &place).unwrap(), of(b, &place).unwrap()));
                    }
                }
            }
            let row = row(what);
            assert_eq!(row["photos"], photos.to_string());
            assert_eq!(row["pairs"], distances.len().to_string());
            near(&row, "mean", mean(&distances));
            near(&row, "agreement_mean", mean(&agreements));
            near(&row, "random_mean", mean(&random));
            match distances.len() {
                1 => assert_eq!(row["sd"], ""),
                n => {
                    let squares = distances.iter().map(|d| (d - mean(&distances)).powi(2));
                    near(&row, "sd", (squares.sum::<f64>() / (n - 1) as f64).sqrt());
                }
            }
            let changed: Vec<f64> = having
                .iter()
                .map(|id| {
                    let signs = of(id, &part(what)).unwrap();
                    signs.iter().filter(|s| **s != 0).count() as f64 / signs.len() as f64
                })
                .collect();
            near(&row, "changed", mean(&changed));
            // Every way to call one of a photo's three boxes the part.
            let candidates = [
                part(what),
                ("random".to_owned(), "1".to_owned()),
                ("random".to_owned(), "2".to_owned()),
            ];
            let ways = 3_usize.pow(photos as u32);
            let sum = |way: usize| -> f64 {
                let chosen: Vec<&[i8]> = having
                    .iter()
                    .enumerate()
                    .map(|(at, id)| of(id, &candidates[way / 3_usize.pow(at as u32) % 3]).unwrap())
                    .collect();
                (0..photos)
                    .flat_map(|a| (a + 1..photos).map(move |b| (a, b)))
                    .map(|(a, b)| distance(chosen[a], chosen[b]))
                    .sum()
            };
            let low = (0..ways).filter(|way| sum(*way) <= sum(0) + 1e-12).count();
            near(&row, "p_value", low as f64 / ways as f64);
            near(&row, "p_least", 1.0 / ways as f64);
            assert_eq!(row["method"], "exact");
        }
        // No photograph shows its edge to the network.
        let edge = row("edge");
        assert_eq!(
            (&*edge["photos"], &*edge["mean"], &*edge["p_value"]),
            ("0", "", "")
        );
        assert_eq!(
            (&*row("random")["photos"], &*row("random")["pairs"]),
            ("3", "6")
        );
    }
}

/// The mean distance over all pairs of photos of which this was hidden.
fn mean_distance(signs: &Signs, view: usize, what: &What) -> f64 {
    let having: Vec<&Vec<i8>> = signs
        .values()
        .filter_map(|photo| Some(&photo.get(what)?[view]))
        .collect();
    let pairs = (0..having.len()).flat_map(|a| (a + 1..having.len()).map(move |b| (a, b)));
    let distances: Vec<f64> = pairs.map(|(a, b)| distance(having[a], having[b])).collect();
    mean(&distances)
}

/// Every photo with a part has a box where another one has it, and what is hidden there is another control.
#[test]
fn parts_are_held_against_their_places_in_other_photos() {
    let (run, signs) = (reference(), signs());
    let places = run.table("part_places");
    let ids = run.ids();
    let told: Vec<_> = places
        .iter()
        .map(|row| (&*row["part"], &row["image_id"], &row["from"]))
        .collect();
    // Of the nose, in two boxes here and one there, there is one other photo each.
    let (first, second) = (&ids["a/1.png"], &ids["a/2.jpg"]);
    let noses = told.iter().filter(|(part, ..)| *part == "nose");
    let noses: BTreeSet<_> = noses.map(|(_, id, from)| (*id, *from)).collect();
    assert_eq!(noses, BTreeSet::from([(first, second), (second, first)]));
    let eyes: Vec<_> = told.iter().filter(|(part, ..)| *part == "eye").collect();
    assert!(eyes.len() == 3 && eyes.iter().all(|(_, id, from)| id != from));
    let closer = run.table("correspondence_closer");
    let row = |layer: &str, part: &str, control: &str| -> Row {
        let mut rows = closer.iter().filter(|row| row["layer"] == layer);
        let row = rows.find(|row| row["part"] == part && row["control"] == control);
        row.unwrap().clone()
    };
    for (view, layer) in VIEWS.iter().enumerate() {
        let (mut parts, mut elsewhere) = (Vec::new(), Vec::new());
        for part in ["eye", "nose"] {
            let of = |place: &str| (part.to_owned(), place.to_owned());
            parts.push(mean_distance(&signs, view, &of("")));
            elsewhere.push(mean_distance(&signs, view, &of(ELSEWHERE)));
            let row = row(layer, part, "place");
            near(&row, "mean", parts[parts.len() - 1]);
            near(&row, "control_mean", elsewhere[elsewhere.len() - 1]);
        }
        let all = row(layer, "", "place");
        assert_eq!(all["photos"], "3");
        near(&all, "closer", mean(&elsewhere) - mean(&parts));
        // Without one photo of a pair nothing is left of the nose.
        assert_eq!(row(layer, "nose", "place")["low"], "");
        let random = row(layer, "eye", "random");
        let (low, high) = (number(&random, "low"), number(&random, "high"));
        let value = number(&random, "closer");
        assert!(low < value && value < high);
    }
    let metrics = run.table("metrics");
    for (metric, control) in [
        ("correspondence_closer_upper", "random"),
        ("correspondence_closer_than_place_upper", "place"),
    ] {
        let found = metrics.iter().find(|row| row["metric"] == metric);
        let (found, expected) = (found.unwrap(), row("fire9", "", control));
        assert_eq!(found["value"], expected["closer"], "{metric}");
        assert_eq!(found["count"], "3");
    }
    // SqueezeNet has no hidden layer without maps.
    let mut closer = metrics
        .iter()
        .filter(|row| row["metric"].starts_with("correspondence_closer"));
    assert!(closer.all(|row| row["metric"].ends_with("_upper")));
}

#[test]
fn random_places_are_as_large_as_a_part_inside_the_crop_and_apart_from_all_parts() {
    let run = reference();
    let rows = run.table("parts");
    let crops = [
        ("a/1.png", [148.0, 14.0]),
        ("a/2.jpg", [14.0, 34.0]),
        ("b/3.png", [17.0, 17.0]),
    ];
    let side = |path: &str| if path == "b/3.png" { 300.0 / 256.0 } else { 260.0 / 256.0 } * 227.0;
    for (path, [left, top]) in crops {
        let id = &run.ids()[path];
        let of_photo: Vec<&Row> = rows.iter().filter(|row| row["image_id"] == *id).collect();
        let rect = |row: &Row| ["x", "y", "width", "height"].map(|side| number(row, side));
        let places: Vec<_> = of_photo
            .iter()
            .filter(|row| row["part"] == "random")
            .collect();
        assert_eq!(places.len(), 2);
        assert_ne!(rect(places[0]), rect(places[1]));
        for place in places {
            let [x, y, width, height] = rect(place);
            assert_eq!([width, height], [50.0, 50.0]);
            assert!(
                x > left - 2.0 && x + width < left + side(path) + 2.0,
                "{path}: {x}"
            );
            assert!(
                y > top - 2.0 && y + height < top + side(path) + 2.0,
                "{path}: {y}"
            );
            for part in of_photo.iter().filter(|row| row["part"] != "random") {
                let [px, py, pw, ph] = rect(part);
                let apart = x >= px + pw || px >= x + width || y >= py + ph || py >= y + height;
                assert!(apart, "{path}: {place:?} {part:?}");
            }
        }
    }
}

#[test]
fn tables_metrics_and_options_are_as_documented() {
    let run = reference();
    assert_eq!(
        run.header("correspondence"),
        "layer,part,photos,pairs,mean,sd,changed,random_mean,random_sd,random_changed,p_value,\
         agreement_mean,agreement_sd,random_agreement_mean,random_agreement_sd,agreement_p_value,p_least,method"
    );
    assert_eq!(
        run.header("correspondence_pairs"),
        "layer,part,place,image_a,image_b,distance,agreement"
    );
    assert_eq!(
        run.header("parts"),
        "image_id,part,place,x,y,width,height,visible_share"
    );
    let edge = run
        .table("parts")
        .into_iter()
        .find(|row| row["part"] == "edge")
        .unwrap();
    assert_eq!(number(&edge, "visible_share"), 0.0);
    let metrics = run.table("metrics");
    let told = |name: &str| metrics.iter().find(|row| row["metric"] == name).cloned();
    let eye = run
        .table("correspondence")
        .into_iter()
        .find(|row| row["part"] == "eye")
        .unwrap();
    let metric = told("correspondence_eye_fire9").unwrap();
    assert_eq!(
        (&metric["value"], &metric["count"]),
        (&eye["mean"], &eye["photos"])
    );
    assert_eq!(
        told("correspondence_p_value_eye_fire9").unwrap()["value"],
        eye["p_value"]
    );
    assert!(told("correspondence_edge_fire9").is_none());
    let experiments = &run.manifest()["options"]["experiments"];
    let options = &experiments["correspondence"];
    assert_eq!(options["correspondence_layers"], serde_json::json!(LAYERS));
    assert_eq!(options["random_places"], 2);
    assert_eq!(experiments["invariance"]["invariance"], "a/4.png,b/3.png");
    let digest = options["parts"].as_str().unwrap();
    assert_eq!(digest.len(), 64);
    let notes = run.manifest()["notes"].to_string();
    assert!(!notes.contains("cut"), "{notes}");
}

#[test]
fn neither_threads_nor_resuming_nor_rendering_changes_a_byte() {
    let expected = result(&reference().0);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("o");
    let line = |more: &str| format!("{COMMAND} --out {} {more}", out.display());
    type_in(sample(), &line("--threads 1")).ok();
    assert_same(&result(&out), &expected, "one thread");
    type_in(folder.path(), "render o").ok();
    assert_same(&result(&out), &expected, "rendered again");
    // Stopped when the photographs' tables are there and the experiments' may not be.
    std::fs::remove_dir_all(&out).unwrap();
    let mut running = start(sample(), &line("--threads 1"));
    assert!(running.until(|| out.join("data/masking.csv").exists()));
    running.signal(Signal::INT);
    let (status, said) = running.end();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(!out.join("run.json").exists());
    type_in(sample(), &line("--resume --threads 2")).ok();
    assert_same(&result(&out), &expected, "resumed");
    type_in(
        sample(),
        &line("--overwrite").replace("--random-places 2", "--random-places 3"),
    )
    .ok();
    let refused = type_in(sample(), &line("--resume"));
    refused.fails_with(&["--random-places was 3 and is 2"]);
}

#[test]
fn the_page_tells_what_the_tables_say() {
    let run = reference();
    let html = run.text("pages/correspondence.html");
    let page = Html::parse_document(&html);
    let select = |what: &str| Selector::parse(what).unwrap();
    let eye = run
        .table("correspondence")
        .into_iter()
        .find(|row| row["part"] == "eye")
        .unwrap();
    let cell = format!("{:.3} ± {:.3}", number(&eye, "mean"), number(&eye, "sd"));
    assert!(html.contains(&cell), "{cell}");
    for published in ["0.067 ± 0.007", "0.107 ± 0.017", "0.073 ± 0.014"] {
        assert!(html.contains(published), "{published}");
    }
    let pictures: Vec<_> = page.select(&select("main img")).collect();
    assert_eq!(pictures.len(), 3);
    for picture in pictures {
        let alt = picture.attr("alt").unwrap();
        assert!(alt.contains("outlines around eye"), "{alt}");
        let file = picture.attr("src").unwrap().trim_start_matches("../");
        assert!(run.0.join(file).is_file(), "{file}");
    }
    // Two parts and two places, one part and two places; nothing for what the network does not see.
    assert_eq!(page.select(&select("main .box")).count(), 4 + 5 + 3);
    assert!(html.contains("a/1.png: edge"));
    assert!(run.text("index.html").contains("pages/correspondence.html"));
}

#[test]
fn a_run_without_parts_has_no_such_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("o");
    let line = format!(
        "report p --model squeezenet1_1 --features none --device cpu --kinds layer --layers conv10 --detail 0 --occlusion none --limit 1 --out {}",
        out.display()
    );
    type_in(sample(), &line).ok();
    assert!(!out.join("pages/correspondence.html").exists());
    assert!(!out.join("data/correspondence.csv").exists());
    let front = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(!front.contains("correspondence") && !front.contains("invariance"));
}

/// A run of this table of parts.
fn with_parts(rows: &str, options: &str) -> (tempfile::TempDir, Ended) {
    let folder = tempfile::tempdir().unwrap();
    let header = PARTS.lines().next().unwrap();
    std::fs::write(
        folder.path().join("parts.csv"),
        format!("{header}\n{rows}\n"),
    )
    .unwrap();
    let (photos, parts) = (sample().join("p"), folder.path().join("parts.csv"));
    let line = format!(
        "report {} --model squeezenet1_1 --features none --occlusion none --device cpu --kinds layer --layers conv10 --detail 0 --out o --parts {} {options}",
        photos.display(),
        parts.display()
    );
    let ended = type_in(folder.path(), &line);
    (folder, ended)
}

#[test]
fn one_photo_has_no_distance_and_says_so() {
    let (folder, ended) = with_parts("a/2.jpg,eye,60,60,50,50", "--correspondence-layers conv1");
    ended.ok();
    let run = crate::support::run::Run(folder.path().join("o"));
    let rows = run.table("correspondence");
    assert_eq!(rows.len(), 4);
    for (row, layer) in rows
        .iter()
        .zip(["conv1", "conv1", "conv1_maps", "conv1_maps"])
    {
        assert_eq!((&*row["layer"], &*row["photos"]), (layer, "1"));
        assert_eq!((&*row["mean"], &*row["sd"], &*row["p_value"]), ("", "", ""));
    }
    let html = run.text("pages/correspondence.html");
    assert!(
        html.contains("there is no distance to tell") && !html.contains("NaN"),
        "{html}"
    );
}

#[test]
fn a_photo_without_room_has_no_random_places() {
    let rows = "a/2.jpg,all,0,0,260,300\nb/3.png,all,0,0,300,300";
    let (folder, ended) = with_parts(rows, "--correspondence-layers conv10");
    ended.ok();
    let run = crate::support::run::Run(folder.path().join("o"));
    let row = &run.table("correspondence")[0];
    assert_eq!(
        (
            &*row["photos"],
            &*row["pairs"],
            &*row["random_mean"],
            &*row["p_value"]
        ),
        ("2", "1", "", "")
    );
    assert!(!run.text("pages/correspondence.html").contains("NaN"));
}
