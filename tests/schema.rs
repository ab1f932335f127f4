//! Runs of older schemas, as older versions made them (`tests/fixtures/schema1` to `schema3`): all that reads runs reads them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

#[path = "support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use serde_json::{json, Value};
use support::files::{assert_same, files, Files};
use support::run::Run;
use support::{repository, type_in};
use tempfile::TempDir;

/// A run as an older version left it.
struct Older {
    schema: u32,
    name: &'static str,
}

const SCHEMA_1: Older = Older {
    schema: 1,
    name: "p-tiny-20261126T120439Z-3d45e9706e",
};
const SCHEMA_2: Older = Older {
    schema: 2,
    name: "p-tiny-20261126T185454Z-3f63801d9b",
};
const SCHEMA_3: Older = Older {
    schema: 3,
    name: "p-tiny-20261127T074200Z-c2e87a580b",
};

/// Each check of each run.
macro_rules! checked {
    ($($check:ident),+ $(,)?) => {
        mod schema_1 {
            $(#[test]
            fn $check() {
                super::$check(&super::SCHEMA_1);
            })+
        }
        mod schema_2 {
            $(#[test]
            fn $check() {
                super::$check(&super::SCHEMA_2);
            })+
        }
        mod schema_3 {
            $(#[test]
            fn $check() {
                super::$check(&super::SCHEMA_3);
            })+
        }
    };
}

checked!(
    it_is_verified_in_its_archive_and_unpacked,
    it_is_rendered_as_a_run_of_this_schema,
    every_option_in_force_is_one_of_the_command_line,
    it_is_compared_and_checked,
    it_is_archived_and_listed,
    it_is_not_gone_on_with,
);

fn packed(older: &Older) -> PathBuf {
    let folder = format!("tests/fixtures/schema{}", older.schema);
    let name = format!("{}.tar.zst", older.name);
    repository().join(folder).join(name)
}

/// A folder with the run `o`.
fn unpacked(older: &Older) -> (TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::open(packed(older)).unwrap();
    let mut tar = tar::Archive::new(zstd::Decoder::new(file).unwrap());
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        // What the archive adds to the run stands beside it there.
        let ours: PathBuf = path.components().skip(1).collect();
        if ours == Path::new("archive.json") || ours == Path::new("ro-crate-metadata.json") {
            continue;
        }
        let out = folder.path().join("o").join(ours);
        std::fs::create_dir_all(out.parent().unwrap()).unwrap();
        entry.unpack(out).unwrap();
    }
    let run = Run(folder.path().join("o"));
    (folder, run)
}

/// Runs a line that must succeed.
#[track_caller]
fn done(folder: &TempDir, line: &str) -> support::Ended {
    let ended = type_in(folder.path(), line);
    assert_eq!(ended.code, 0, "{line}: {}", ended.stderr);
    ended
}

/// What pages are made from.
fn sources(run: &Run) -> Files {
    let mut files = files(&run.0);
    files.retain(|name, _| name.starts_with("data/") || name.starts_with("arrays/"));
    files
}

fn it_is_verified_in_its_archive_and_unpacked(older: &Older) {
    let (folder, run) = unpacked(older);
    assert_eq!(run.manifest()["schema"], older.schema);
    let archive = format!("verify {}", packed(older).display());
    for line in ["verify o", &archive] {
        let told = done(&folder, line);
        assert!(!told.stderr.contains("no seal"), "{}", told.stderr);
    }
    let table = run.0.join("data/maps.csv");
    std::fs::write(&table, run.text("data/maps.csv") + "\n").unwrap();
    assert_eq!(type_in(folder.path(), "verify o").code, 1);
}

fn it_is_rendered_as_a_run_of_this_schema(older: &Older) {
    let (folder, run) = unpacked(older);
    let before = sources(&run);
    done(&folder, "render o");
    assert_same(&sources(&run), &before, "render");
    done(&folder, "verify o");
    let manifest = run.manifest();
    assert_eq!(manifest["schema"], 4);
    // Until schema 3 an offset was always rounded down.
    let rounding = if older.schema < 3 {
        "down"
    } else {
        "half-even"
    };
    assert_eq!(
        manifest["preprocessing"],
        json!({
            "mode": "shorter", "resize": 37, "crop": {"height": 32, "width": 32}, "rounding": rounding,
            "interpolation": "bilinear", "channels": "RGB", "scale": 1.0, "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225]
        })
    );
    let options = &manifest["options"];
    assert_eq!(
        options["experiments"],
        json!({
            "correspondence": {
                "parts": "22531f98f4347aaa5c083d173297bd2ce19d7e675b04b5870a29bb569186454f",
                "correspondence_layers": ["conv3"],
                "random_places": 2
            },
            "invariance": {"invariance": "dogs/3.png"},
            "occlusion": {
                "occlusion": "masked", "occluder": 8, "occluder_stride": 8, "occluder_fill": [0, 0, 0],
                "occlusion_fast": false
            },
            "features": {"features": "conv1:0,conv3:1", "strongest": 2, "per_image": 2, "randomisation": 1}
        })
    );
    assert_eq!(options["occluder"], Value::Null);
    assert_eq!(
        (&options["detail"], &options["top"]),
        (&json!("0"), &json!(5))
    );
}

fn every_option_in_force_is_one_of_the_command_line(older: &Older) {
    let (folder, run) = unpacked(older);
    done(&folder, "render o");
    let help = done(&folder, "report --help").stdout;
    let options = run.manifest()["options"].clone();
    let mut options = options.as_object().unwrap().clone();
    let experiments = options.remove("experiments").unwrap();
    let experiments = experiments.as_object().unwrap().values();
    let of_experiments = experiments.flat_map(|options| options.as_object().unwrap().keys());
    let page = run.text("pages/provenance.html");
    for option in options.keys().chain(of_experiments) {
        let typed = format!("--{}", option.replace('_', "-"));
        let is_there = |text: &str| {
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            words.any(|word| word == typed)
        };
        assert!(is_there(&help), "{typed} is no option");
        assert!(is_there(&page), "{typed} is not on the page");
    }
}

fn it_is_compared_and_checked(older: &Older) {
    let (folder, _) = unpacked(older);
    let (other, _) = unpacked(older);
    let now = other.path().join("o");
    done(&other, "render o");
    let now = now.display();
    done(&folder, &format!("compare o {now} --out c"));
    let compared = Run(folder.path().join("c"));
    let photos = compared.table("photos");
    assert!(!photos.is_empty());
    let line =
        format!("check o --baseline {now} --rule photos>=baseline --rule masked_drop_face<=1");
    let checked = done(&folder, &line);
    assert!(checked.stdout.contains("photos"), "{}", checked.stdout);
}

fn it_is_archived_and_listed(older: &Older) {
    let (folder, _) = unpacked(older);
    done(&folder, "archive o --to shelf --with-arrays");
    let shelf = files(&folder.path().join("shelf"));
    let names: Vec<&String> = shelf.keys().collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let archive = names
        .iter()
        .find(|name| name.ends_with(".tar.zst"))
        .unwrap();
    let line = format!("verify shelf/{archive}");
    done(&folder, &line);
    // Its card of then is listed beside that of today.
    for end in ["json", "tar.zst"] {
        let name = format!("{}.{end}", older.name);
        let then = packed(older).with_file_name(&name);
        std::fs::copy(
            then,
            folder.path().join("shelf").join(format!("old-{name}")),
        )
        .unwrap();
    }
    done(&folder, "index shelf");
    let listed = std::fs::read_to_string(folder.path().join("shelf/index.html")).unwrap();
    assert!(listed.contains(older.name), "{listed}");
}

fn it_is_not_gone_on_with(older: &Older) {
    let (folder, run) = unpacked(older);
    support::photos::many_cats_and_dogs(&folder.path().join("p"), 4);
    let before = files(&run.0);
    let line = "report p --features none --occlusion none --out o --resume";
    type_in(folder.path(), line).fails_with(&["run folder o", "--resume needs", "--overwrite"]);
    assert_same(&files(&run.0), &before, "a refused --resume");
}
