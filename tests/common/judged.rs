//! Network inputs held against those that torchvision's, timm's and Keras' own code makes of the same files
//! (`scripts/conformance/inputs.py`).

use std::path::{Path, PathBuf};

use deconvscope::dataset;
use deconvscope::network::shape::Shape;
use deconvscope::network::{Changes, Preprocessing, Preset};
use image::RgbImage;
use safetensors::SafeTensors;
use serde::Deserialize;

const GREY_LEVELS: f32 = 2.0;
pub(crate) const SHARE_OVERALL: f64 = 0.999;
pub(crate) const SHARE_EACH: f64 = 0.995;

#[derive(Deserialize)]
struct Listed {
    photographs: Vec<PathBuf>,
    cases: Vec<Case>,
}

/// What a network of that input and a user who tells so much get.
#[derive(Deserialize)]
struct Case {
    name: String,
    input: [usize; 3],
    preset: Preset,
    told: Changes,
}

/// Holds all that lies in a folder against the program's inputs, and prints the figures; the number of inputs.
#[track_caller]
pub(crate) fn hold(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("cases.json")).unwrap();
    let listed: Listed = serde_json::from_str(&text).unwrap();
    let read = |path: &PathBuf| dataset::read(&folder.join(path)).unwrap().pixels;
    let photographs: Vec<RgbImage> = listed.photographs.iter().map(read).collect();
    let mut held = 0;
    for case in &listed.cases {
        let name = &case.name;
        let preprocessing =
            Preprocessing::of(case.preset, &case.told, Shape::of(case.input)).unwrap();
        let bytes = std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap();
        let judged = SafeTensors::deserialize(&bytes).unwrap();
        let (mut overall, mut worst) = (0.0, 1.0_f64);
        for (number, pixels) in photographs.iter().enumerate() {
            let path = listed.photographs[number].display();
            let found = dataset::input(pixels, &preprocessing).unwrap();
            let expected = judged.tensor(&number.to_string()).unwrap();
            assert_eq!(expected.shape(), case.input, "{name}: {path}");
            let both = Both {
                preprocessing: &preprocessing,
                found,
                expected: floats(expected.data()),
            };
            let share = both.share_within();
            assert!(share >= SHARE_EACH, "{name}: {path}: {share}");
            assert!(!both.is_shifted(), "{name}: {path} is shifted");
            worst = worst.min(share);
            overall += share / photographs.len() as f64;
            held += 1;
        }
        println!(
            "{name}: {overall:.6} of the pixels of {} photographs within {GREY_LEVELS} levels, worst {worst:.6}",
            photographs.len()
        );
        assert!(overall >= SHARE_OVERALL, "{name}: {overall}");
    }
    held
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let value = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
    bytes.chunks_exact(4).map(value).collect()
}

/// An input of the program's and the judge's.
struct Both<'a> {
    preprocessing: &'a Preprocessing,
    found: Vec<f32>,
    expected: Vec<f32>,
}

impl Both<'_> {
    /// How far they are apart at a pixel of each, in grey levels, which are whole but for the rounding of float32.
    fn apart(&self, channel: usize, ours: usize, theirs: usize) -> f32 {
        let plane = self.preprocessing.crop.pixels();
        let level = self.preprocessing.std.of(channel) / self.preprocessing.scale * 255.0;
        let at = |values: &[f32], pixel: usize| values[channel * plane + pixel];
        ((at(&self.found, ours) - at(&self.expected, theirs)) * level)
            .abs()
            .round()
    }

    /// The share of pixels with all channels within the bound.
    fn share_within(&self) -> f64 {
        let plane = self.preprocessing.crop.pixels();
        let channels = self.preprocessing.channels.count();
        let near =
            |pixel: &usize| (0..channels).all(|c| self.apart(c, *pixel, *pixel) <= GREY_LEVELS);
        (0..plane).filter(near).count() as f64 / plane as f64
    }

    /// Whether it fits better where it is moved by a pixel.
    fn is_shifted(&self) -> bool {
        let here = self.moved(0, 0);
        [(0, 1), (1, 0), (0, -1), (-1, 0)]
            .into_iter()
            .any(|(down, right)| self.moved(down, right) < here)
    }

    /// How far they are apart on average, away from the edge, when the judge's is moved.
    fn moved(&self, down: isize, right: isize) -> f64 {
        let [height, width] = self.preprocessing.crop.sides();
        let mut sum = 0.0;
        for y in 1..height - 1 {
            for x in 1..width - 1 {
                let pixel = y * width + x;
                let other = pixel.wrapping_add_signed(down * width as isize + right);
                sum += f64::from(self.apart(0, pixel, other));
            }
        }
        sum
    }
}
