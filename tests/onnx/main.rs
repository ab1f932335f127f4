//! ONNX' own backend tests (the package onnx 1.17.0): every case of a graph that this program can mean is computed and
//! compared with what the case says must come out.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod light;
mod run;

use std::path::{Path, PathBuf};

use case::Case;

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deps/onnx/onnx/backend/test/data");
    folder.is_dir().then_some(folder)
}

#[test]
fn explore() {
    let Some(data) = data() else { return };
    let mut table = std::collections::BTreeMap::<String, Vec<String>>::new();
    for kind in ["node", "simple", "pytorch-converted", "pytorch-operator"] {
        let mut folders: Vec<PathBuf> = std::fs::read_dir(data.join(kind))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        folders.sort();
        for folder in folders {
            let name = format!("{kind}/{}", folder.file_name().unwrap().to_string_lossy());
            let case = match Case::read(&folder) {
                Ok(case) => case,
                Err(why) => {
                    table.entry(format!("unread {why}")).or_default().push(name);
                    continue;
                }
            };
            let expected = match run::expected(&case.outputs) {
                Ok(e) => e,
                Err(why) => {
                    table
                        .entry(format!("no numbers {why}"))
                        .or_default()
                        .push(name);
                    continue;
                }
            };
            let verdict = |outputs: Result<run::Outputs, String>| match outputs {
                Ok(found) => {
                    let worst = found
                        .iter()
                        .zip(&expected)
                        .map(|(f, e)| run::excess(f, e))
                        .fold(0.0, f64::max);
                    if worst <= 1.0 {
                        "ok".to_owned()
                    } else {
                        format!("WRONG {worst}")
                    }
                }
                Err(why) => why,
            };
            let maps = verdict(run::as_maps(&case));
            let mut key = format!("maps: {}", maps);
            if maps != "ok" {
                let constants = verdict(run::as_constants(&case));
                if constants == "ok" {
                    key = "constants: ok".into();
                }
            }
            if key.ends_with(": ok") {
                table.entry(key).or_default().push(name);
            } else {
                println!("{name}\t{}\t{key}", case.operators().join(","));
            }
        }
    }
    for (key, names) in &table {
        println!("== {} {key}", names.len());
    }
    println!("{:?}", table.get("maps: ok"));
    println!("{:?}", table.get("constants: ok"));
}

#[test]
fn lights() {
    let Some(data) = data() else { return };
    for name in light::NAMES {
        let start = std::time::Instant::now();
        println!(
            "{name} {:?} {:?}",
            light::run(&data.join("light"), name),
            start.elapsed()
        );
    }
}
