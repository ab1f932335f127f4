//! Network inputs against Pillow, torchvision, timm and Keras: on small pictures kept beside the test, and against Pillow
//! on all photographs that are at hand.
//!
//! The last needs a `python3` with Pillow (`requirements/reference.txt`, looked for in `.deps/pillow` first) and the
//! photographs of the folder named by `DECONVSCOPE_PHOTOS`; it says so when it has to skip.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "common/judged.rs"]
mod judged;

use deconvscope::dataset::{self, Dataset, DatasetOptions};
use deconvscope::network::{
    Channels, Interpolation, PerChannel, Preprocessing, Resize, Rounding, Size,
};
use judged::{SHARE_EACH, SHARE_OVERALL};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const GREY_LEVELS: u8 = 1;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn preprocessing(resize: u32, crop: u32) -> Preprocessing {
    Preprocessing {
        resize: Resize::Shorter(resize),
        crop: Size::square(crop),
        rounding: Rounding::Down,
        interpolation: Interpolation::Bilinear,
        channels: Channels::Bgr,
        scale: 255.0,
        mean: PerChannel::Colour([104.006, 116.669, 122.679]),
        std: PerChannel::Grey([1.0]),
    }
}

/// The network's input in grey levels, interleaved RGB again: what is compared went through the whole of `input`.
fn grey_levels(photo: &Path, preprocessing: &Preprocessing) -> Vec<u8> {
    let photo = dataset::read(photo).unwrap();
    let input = dataset::input(&photo.pixels, preprocessing).unwrap();
    let plane = input.len() / 3;
    let level = |at: usize| {
        let channel = 2 - at % 3;
        (input[channel * plane + at / 3] + preprocessing.mean.of(channel)).round() as u8
    };
    (0..input.len()).map(level).collect()
}

/// The share of pixels with all three channels within the bound.
fn share_within(found: &[u8], reference: &[u8]) -> f64 {
    assert_eq!(found.len(), reference.len());
    let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= GREY_LEVELS;
    let pairs = found.chunks(3).zip(reference.chunks(3));
    let within = pairs.filter(|(a, b)| a.iter().zip(*b).all(near)).count();
    within as f64 * 3.0 / found.len() as f64
}

#[test]
fn small_pictures_agree_with_pillows_stored_inputs() {
    let folder = repository().join("tests/fixtures/preprocessing");
    let names = [
        "landscape.jpg",
        "portrait.jpg",
        "small.jpg",
        "large.jpg",
        "square.png",
        "strip.png",
    ];
    let mut overall = 0.0;
    for name in names {
        let found = grey_levels(&folder.join(name), &preprocessing(64, 55));
        let reference = image::open(folder.join(format!("{name}.pillow.png")))
            .unwrap()
            .into_rgb8();
        let share = share_within(&found, reference.as_raw());
        assert!(share >= SHARE_EACH, "{name}: {share}");
        overall += share / names.len() as f64;
    }
    assert!(overall >= SHARE_OVERALL, "{overall}");
}

#[test]
fn small_pictures_agree_with_what_their_families_make_of_them() {
    let held = judged::hold(&repository().join("tests/fixtures/preprocessing/judges"));
    assert_eq!(held, 6 * 8);
}

mod proofs {
    #[test]
    fn all_photographs_at_hand_agree_with_pillow() {
        super::all_photographs_at_hand_agree_with_pillow();
    }
}

fn all_photographs_at_hand_agree_with_pillow() {
    let Some(root) = std::env::var_os("DECONVSCOPE_PHOTOS").map(PathBuf::from) else {
        return eprintln!("skipped: DECONVSCOPE_PHOTOS names no folder of photographs");
    };
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", repository().join(".deps/pillow"));
    if !python
        .args(["-c", "import PIL"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|done| done.success())
    {
        return eprintln!("skipped: no python3 with Pillow (requirements/reference.txt)");
    }
    let dataset = Dataset::open(&root, &DatasetOptions::default(), &[]).unwrap();
    let photos: Vec<PathBuf> = dataset
        .photos
        .iter()
        .map(|photo| dataset.absolute(photo))
        .collect();
    let sizes = [(256, 227), (256, 224)];
    for (resize, crop) in sizes {
        let mut python = pillow(&photos, resize, crop);
        let mut reference = python.stdout.take().unwrap();
        let mut shares = Vec::new();
        for photo in &photos {
            let mut expected = vec![0; (crop * crop * 3) as usize];
            reference.read_exact(&mut expected).unwrap();
            let share = share_within(&grey_levels(photo, &preprocessing(resize, crop)), &expected);
            assert!(share >= SHARE_EACH, "{}: {share}", photo.display());
            shares.push(share);
        }
        assert!(python.wait().unwrap().success());
        let overall = shares.iter().sum::<f64>() / shares.len() as f64;
        let worst = shares.iter().copied().fold(1.0, f64::min);
        eprintln!("{} photographs, crop {crop}: {overall:.6} of pixels within {GREY_LEVELS}, worst {worst:.6}", shares.len());
        assert!(overall >= SHARE_OVERALL, "{overall}");
    }
}

/// Writes Pillow's crops of the photographs to its standard output, one after the other.
fn pillow(photos: &[PathBuf], resize: u32, crop: u32) -> Child {
    let mut python = Command::new("python3")
        .env("PYTHONPATH", repository().join(".deps/pillow"))
        .arg(repository().join("scripts/golden/preprocessing_reference.py"))
        .args(["inputs", &resize.to_string(), &crop.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let names: String = photos
        .iter()
        .map(|path| format!("{}\n", path.display()))
        .collect();
    let mut stdin = python.stdin.take().unwrap();
    std::thread::spawn(move || stdin.write_all(names.as_bytes()));
    python
}
