//! Photographs that a processor's second decodes, by the program and by the decoder that it had before, in turn, medians of the
//! rounds. Seconds are those of all threads together: the older decoder starts one for each photograph.
//!
//! `cargo bench --bench decode -- FOLDER [--rounds 5]` reads the JPEG files below FOLDER into memory first.

use std::error::Error;
use std::fs::read_to_string;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

type Failure = Box<dyn Error>;
type Decode = fn(&Path, &[u8]) -> Result<usize, Failure>;

const DECODERS: [(&str, Decode); 2] = [("libjpeg-turbo-rs", now), ("jpeg-decoder", before)];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let (folder, rounds) = match &arguments[..] {
        [folder] => (folder, 5),
        [folder, option, rounds] if option == "--rounds" => (folder, rounds.parse()?),
        _ => return Err("usage: decode FOLDER [--rounds 5]".into()),
    };
    let photographs = photographs(folder)?;
    if photographs.is_empty() {
        return Err(format!("{folder}: no JPEG files").into());
    }
    let mut rates = DECODERS.map(|_| Vec::new());
    for _ in 0..rounds {
        for ((_, decode), rates) in DECODERS.iter().zip(&mut rates) {
            let start = processor_seconds()?;
            for (path, bytes) in &photographs {
                black_box(decode(path, bytes)?);
            }
            rates.push(photographs.len() as f64 / (processor_seconds()? - start));
        }
    }
    println!("{} photographs, {rounds} rounds", photographs.len());
    for ((name, _), rates) in DECODERS.iter().zip(&mut rates) {
        rates.sort_by(f64::total_cmp);
        println!("{name}: {:.0} photographs/s", rates[rates.len() / 2]);
    }
    Ok(())
}

fn photographs(folder: &str) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let mut photographs = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let path = entry?.into_path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is = |name: &str| extension.is_some_and(|own| own.eq_ignore_ascii_case(name));
        if is("jpg") || is("jpeg") {
            let bytes = std::fs::read(&path)?;
            photographs.push((path, bytes));
        }
    }
    Ok(photographs)
}

fn now(path: &Path, bytes: &[u8]) -> Result<usize, Failure> {
    let pixels = deconvscope_dataset::decode(path, bytes)?;
    Ok(pixels.as_raw().len())
}

fn before(path: &Path, bytes: &[u8]) -> Result<usize, Failure> {
    let decoded = jpeg_decoder::Decoder::new(bytes).decode();
    let told = |error| format!("{}: {error}", path.display());
    Ok(decoded.map_err(told)?.len())
}

/// Of this process so far, all threads.
fn processor_seconds() -> Result<f64, Failure> {
    /// Linux's, whatever the machine.
    const TICKS_A_SECOND: f64 = 100.0;
    let text = read_to_string("/proc/self/stat")?;
    let (_, fields) = text.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let mut ticks = 0.0;
    for of_user_and_system in fields.split_whitespace().skip(11).take(2) {
        ticks += of_user_and_system.parse::<f64>()?;
    }
    Ok(ticks / TICKS_A_SECOND)
}
