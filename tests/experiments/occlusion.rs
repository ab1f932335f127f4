//! Occlusion (ZF fig. 7) through the program: tables, arrays and curves against full inference of every occluded input.

use crate::common::rounding::Rounding;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::support::photos::{photo, picture};
use crate::support::run::{number, Row, Run};
use crate::support::{type_in, weights};
use crate::Network;
use deconvscope::dataset;

const STRIDE: usize = 39;
const SIZE: usize = 40;
/// The label of `a` is one class of the network, that of `b` is two.
const LABELS: &str = "label,first_class,last_class\na,207,207\nb,151,152\n";
const MASKS: &str = "image,region,x,y,width,height
a/1.png,all,0,0,300,260
a/1.png,corner,180,150,120,110
";

/// The data set `p` and the run `o` of it, made once.
fn sample() -> &'static Path {
    static SAMPLE: OnceLock<PathBuf> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("occlusion");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        for (name, size, seed) in [
            ("a/1.png", (300, 260), 1),
            ("b/2.png", (260, 300), 2),
            ("b/3.png", (300, 300), 3),
        ] {
            photo(&folder.join("p").join(name), size, seed);
        }
        std::fs::write(folder.join("p/a/4.jpg"), "no photograph").unwrap();
        std::fs::write(folder.join("labels.csv"), LABELS).unwrap();
        std::fs::write(folder.join("masks.csv"), MASKS).unwrap();
        report(
            &folder,
            "--out o --threads 2 --masks masks.csv --occlusion 1",
        );
        folder
    })
}

fn report(folder: &Path, options: &str) {
    let line = format!(
        "report p --model squeezenet1_1 --features none --device cpu --layers conv10 --detail all --label-map labels.csv --occluder {SIZE} \
         --occluder-stride {STRIDE} --occluder-fill 10,200,90 {options}"
    );
    type_in(folder, &line).ok();
}

fn run() -> Run {
    Run(sample().join("o"))
}

/// Of one table, the rows of a photo.
fn of(run: &Run, table: &str, path: &str) -> Vec<Row> {
    let id = &run.ids()[path];
    let rows = run.table(table).into_iter();
    rows.filter(|row| row["image_id"] == *id).collect()
}

fn input(network: &Network, size: (u32, u32), seed: u32) -> Vec<f32> {
    dataset::input(&picture(size, seed), &network.model.preprocessing).unwrap()
}

/// The input with the square painted in it: blue 90, green 200, red 10 less their means.
fn hidden(input: &[f32], y: usize, x: usize) -> Vec<f32> {
    let mut hidden = input.to_vec();
    for (plane, fill) in hidden.chunks_exact_mut(227 * 227).zip(FILL) {
        for row in plane.chunks_exact_mut(227).skip(y).take(SIZE) {
            row[x..x + SIZE].fill(fill);
        }
    }
    hidden
}

const FILL: [f32; 3] = [90.0 - 104.006, 200.0 - 116.669, 10.0 - 122.679];

#[test]
fn every_position_is_what_full_inference_says() {
    let (run, network) = (run(), Network::load());
    let chosen: Vec<Row> = run.table("occlusion_photos");
    assert_eq!(chosen.len(), 2, "the one with masks and another");
    for (path, size, seed, class) in [
        ("a/1.png", (300, 260), 1, Some(207)),
        ("b/2.png", (260, 300), 2, None),
        ("b/3.png", (300, 300), 3, None),
    ] {
        let rows = of(&run, "occlusion", path);
        let Some(told) = of(&run, "occlusion_photos", path).pop() else {
            continue;
        };
        let clean_input = input(&network, size, seed);
        let clean = network.see(&clean_input, &["fire9"]);
        let first = top(&clean[1]);
        let class = class.unwrap_or(first);
        let source = if path == "a/1.png" {
            "label"
        } else {
            "predicted"
        };
        assert_eq!(
            (
                number(&told, "class_index") as usize,
                &*told["class_source"]
            ),
            (class, source)
        );
        assert!((number(&told, "probability") - f64::from(clean[1][class])).abs() < 1e-6);
        let map = number(&told, "map") as usize;
        let sums: Vec<f32> = clean[0]
            .chunks(clean[0].len() / 512)
            .map(|map| map.iter().sum())
            .collect();
        assert_eq!((&*told["layer"], map), ("fire9", top(&sums)));

        let starts: Vec<usize> = (0..=227 - SIZE).step_by(STRIDE).collect();
        assert_eq!(rows.len(), starts.len() * starts.len());
        let mut worst = (f64::INFINITY, 0, 0);
        let mut changed = 0;
        let [mut likely, mut best, mut summed] = <[Ways; 3]>::default();
        for (at, row) in rows.iter().enumerate() {
            let (y, x) = (starts[at / starts.len()], starts[at % starts.len()]);
            assert_eq!((number(row, "y"), number(row, "x")), (y as f64, x as f64));
            let occluded = hidden(&clean_input, y, x);
            let seen = network.see(&occluded, &["fire9"]);
            let exact = network.see_exactly(&occluded, &["fire9"]);
            likely.add(row, "probability", seen[1][class], exact[1][class]);
            let named = number(row, "top_class_index") as usize;
            let highest = exact[1].iter().copied().fold(0.0, f64::max);
            best.add(row, "top_probability", seen[1][top(&seen[1])], highest);
            // Another class is named only where rounding cannot tell the two apart.
            assert!(highest - exact[1][named] < 1e-5, "{named}");
            changed += usize::from(named != first);
            let plane = seen[0].len() / 512;
            let cells = map * plane..(map + 1) * plane;
            let sum: f64 = seen[0][cells.clone()]
                .iter()
                .map(|cell| f64::from(*cell))
                .sum();
            summed.add(
                row,
                "map_activation",
                sum as f32,
                exact[0][cells].iter().sum(),
            );
            if number(row, "probability") < worst.0 {
                worst = (number(row, "probability"), y, x);
            }
        }
        for (what, ways) in [("class", likely), ("first class", best), ("map", summed)] {
            let rounding = Rounding::of(&ways.told, &ways.full, &ways.exact);
            println!("{path}: {what}: {rounding}");
            assert!(rounding.part() <= 1.0, "{path}: {what}: {rounding}");
        }
        assert_eq!(number(&told, "worst_probability"), worst.0);
        let place = (
            number(&told, "worst_y") as usize,
            number(&told, "worst_x") as usize,
        );
        assert_eq!(place, (worst.1, worst.2));
        assert_eq!(
            number(&told, "changed_share"),
            changed as f64 / rows.len() as f64
        );
        let counted: f64 = of(&run, "occlusion_classes", path)
            .iter()
            .map(|row| number(row, "positions"))
            .sum();
        assert_eq!(counted as usize, rows.len());

        let arrays = run.tensors(&format!("arrays/{}.safetensors", run.ids()[path]));
        for (name, column) in [
            ("probability", "probability"),
            ("top_class", "top_class_index"),
            ("map_activation", "map_activation"),
        ] {
            let (shape, values) = &arrays[&format!("occlusion/{name}")];
            assert_eq!(*shape, [starts.len(), starts.len()]);
            let table: Vec<f32> = rows
                .iter()
                .map(|row| row[column].parse().unwrap())
                .collect();
            assert_eq!(*values, table, "{name}");
        }
    }
}

/// A number at every position: as the table tells it, by full inference, and by full inference in float64.
#[derive(Default)]
struct Ways {
    told: Vec<f64>,
    full: Vec<f64>,
    exact: Vec<f64>,
}

impl Ways {
    fn add(&mut self, row: &Row, column: &str, full: f32, exact: f64) {
        self.told.push(number(row, column));
        self.full.push(f64::from(full));
        self.exact.push(exact);
    }
}

fn top(values: &[f32]) -> usize {
    let best = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter().position(|value| *value == best).unwrap()
}

#[test]
fn curves_go_from_the_photo_to_nothing_and_back() {
    let (run, network) = (run(), Network::load());
    let clean = input(&network, (300, 260), 1);
    let nothing: Vec<f32> = FILL
        .iter()
        .flat_map(|fill| vec![*fill; 227 * 227])
        .collect();
    let [clean, nothing] =
        [clean, nothing].map(|input| f64::from(network.see(&input, &[])[0][207]));
    let told = of(&run, "occlusion_photos", "a/1.png").pop().unwrap();
    for (curve, first, last) in [("deletion", clean, nothing), ("insertion", nothing, clean)] {
        let rows = of(&run, "occlusion_curves", "a/1.png");
        let rows: Vec<Row> = rows
            .into_iter()
            .filter(|row| row["curve"] == curve)
            .collect();
        let points: Vec<(f64, f64)> = rows
            .iter()
            .map(|row| (number(row, "share"), number(row, "probability")))
            .collect();
        assert_eq!(points.len(), 21);
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let ends = (points[0], points[20]);
        assert!((ends.0 .0, ends.1 .0) == (0.0, 1.0), "{ends:?}");
        assert!(
            (ends.0 .1 - first).abs() < 1e-5 && (ends.1 .1 - last).abs() < 1e-5,
            "{ends:?}"
        );
        let area: f64 = points
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0)
            .sum();
        assert!((number(&told, &format!("{curve}_area")) - area).abs() < 1e-6);
    }
}

#[test]
fn regions_are_hit_where_the_middle_of_the_worst_square_lies() {
    let run = run();
    let rows = of(&run, "occlusion_regions", "a/1.png");
    let told = of(&run, "occlusion_photos", "a/1.png").pop().unwrap();
    let row = |name: &str| {
        rows.iter()
            .find(|row| row["region"] == name)
            .unwrap()
            .clone()
    };
    let all = row("all");
    assert_eq!(
        (
            &*all["hit"],
            number(&all, "overlap"),
            number(&all, "chance")
        ),
        ("true", 1.0, 1.0)
    );
    // The photo is 300 × 260: resized to 295 × 256, its crop begins at 34, 14.
    let inside = |row: &Row, [y, x]: [&str; 2]| {
        let down = (number(row, y) + 20.0 + 14.0) * 260.0 / 256.0;
        let across = (number(row, x) + 20.0 + 34.0) * 300.0 / 295.0;
        down >= 150.0 && across >= 180.0
    };
    let corner = row("corner");
    assert_eq!(
        corner["hit"],
        inside(&told, ["worst_y", "worst_x"]).to_string()
    );
    let positions = of(&run, "occlusion", "a/1.png");
    let by_lot = positions
        .iter()
        .filter(|row| inside(row, ["y", "x"]))
        .count();
    assert!(by_lot > 0);
    assert_eq!(
        number(&corner, "chance"),
        by_lot as f64 / positions.len() as f64
    );
    let metrics = run.table("metrics");
    let metric = |name: &str| {
        metrics
            .iter()
            .find(|row| row["metric"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(number(&metric("occlusion_hit_all"), "value"), 1.0);
    assert_eq!(number(&metric("occlusion_drop"), "count"), 2.0);
}

#[test]
fn the_worst_square_can_be_hidden_like_a_region() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["p", "labels.csv"] {
        std::os::unix::fs::symlink(sample().join(name), folder.path().join(name)).unwrap();
    }
    report(folder.path(), "--out o --masks worst --occlusion all");
    let found = Run(folder.path().join("o"));
    assert_eq!(found.manifest()["options"]["masks"], "worst");
    let masks = found.table("masks");
    assert_eq!(masks.len(), 3, "every photo that can be read");
    for mask in &masks {
        assert_eq!(mask["region"], "worst");
        // 40 pixels of the input, where 256 are the shorter side; the longer one is rounded down to whole pixels.
        let shorter = if mask["image_id"].starts_with("b-3") {
            300.0
        } else {
            260.0
        };
        assert!(
            (number(mask, "height") - 40.0 * shorter / 256.0).abs() < 0.1,
            "{mask:?}"
        );
    }
    assert_eq!(found.table("occlusion_photos").len(), 3);
    let lost = |row: &Row| number(row, "probability_masked") < number(row, "probability_original");
    assert!(found.table("masked_classes").iter().all(lost));
    // The same photo as in a run that hides nothing else.
    let plain = of(&run(), "occlusion", "a/1.png");
    assert_eq!(of(&found, "occlusion", "a/1.png"), plain);
}

#[test]
fn the_fast_mode_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["p", "labels.csv"] {
        std::os::unix::fs::symlink(sample().join(name), folder.path().join(name)).unwrap();
    }
    let line = "report p --model squeezenet1_1 --features none --device cpu --layers conv10 --detail 0 --arrays none --occlusion all --occluder-stride 16";
    for options in [
        "--out exact",
        "--out fast --occlusion-fast --threads 1",
        "--out again --occlusion-fast --threads 2",
    ] {
        type_in(folder.path(), &format!("{line} {options}")).ok();
    }
    let [exact, fast, again] = ["exact", "fast", "again"].map(|name| Run(folder.path().join(name)));
    assert_eq!(
        fast.text("data/occlusion.csv"),
        again.text("data/occlusion.csv")
    );
    for row in fast.table("occlusion_photos") {
        assert_eq!((&*row["mode"], &*row["sampled"]), ("fast", "25"));
        assert!(number(&row, "probability_similarity") <= 1.0);
        assert!(
            number(&row, "map_error") > 0.0,
            "positions between others are not exact"
        );
    }
    for row in exact.table("occlusion_photos") {
        assert_eq!(
            (&*row["mode"], &*row["sampled"], &*row["map_error"]),
            ("exact", "", "")
        );
    }
    let near = |a: &Row, b: &Row| (number(a, "probability") - number(b, "probability")).abs() < 0.3;
    let pairs = exact
        .table("occlusion")
        .into_iter()
        .zip(fast.table("occlusion"));
    assert!(pairs
        .into_iter()
        .all(|(a, b)| a["x"] == b["x"] && near(&a, &b)));
    assert!(fast.text("pages/occlusion.html") != exact.text("pages/occlusion.html"));
}

#[test]
fn without_a_classifier_the_map_alone_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(sample().join("p"), folder.path().join("p")).unwrap();
    std::fs::copy(weights(), folder.path().join("w.safetensors")).unwrap();
    std::fs::write(
        folder.path().join("w.toml"),
        "classifier = false\npreset = \"caffe\"\n",
    )
    .unwrap();
    let line = "report p --features none --device cpu --weights w.safetensors --detail all --out o --occlusion 1 --occluder-stride 64";
    type_in(folder.path(), line).ok();
    let run = Run(folder.path().join("o"));
    let row = &run.table("occlusion_photos")[0];
    for column in [
        "class_index",
        "class_name",
        "probability",
        "worst_probability",
        "deletion_area",
    ] {
        assert_eq!(row[column], "", "{column}");
    }
    let positions = run.table("occlusion");
    let least = positions
        .iter()
        .map(|row| number(row, "map_activation"))
        .fold(f64::INFINITY, f64::min);
    assert_eq!(number(row, "worst_map_activation"), least);
    let id = &row["image_id"];
    let arrays = run.tensors(&format!("arrays/{id}.safetensors"));
    assert!(
        arrays.contains_key("occlusion/map_activation")
            && !arrays.contains_key("occlusion/probability")
    );
}

#[test]
fn squares_that_cannot_be_slid_are_refused_before_a_run_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let photos = sample().join("p");
    for (options, code, told) in [
        (
            "--occluder 228",
            2,
            "228 pixels does not fit into the network's input of 227 × 227",
        ),
        ("--occluder 0", 2, "at least 1"),
        ("--occluder-stride 0", 2, "at least 1"),
        ("--occluder 8 --occluder-stride 1", 2, "48400 positions"),
        ("--occlusion some", 2, "none, masked, all or a number"),
        ("--occluder-fill red", 2, "128,128,128"),
        ("--masks worst --occlusion none", 2, "--occlusion N or all"),
        ("--masks worst --apply-masks face", 2, "not worst"),
    ] {
        let line = format!(
            "report {} --model squeezenet1_1 --device cpu --out o {options}",
            photos.display()
        );
        let ended = type_in(folder.path(), &line);
        assert_eq!(ended.code, code, "{options}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{options}: {}", ended.stderr);
        assert!(!folder.path().join("o").exists(), "{options}");
    }
}
