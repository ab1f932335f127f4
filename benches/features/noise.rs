//! Pictures for want of photographs.

use std::path::Path;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::common::Failure;

/// Patches of colour, from large to small from one picture to the next.
pub(crate) fn noise(folder: &Path, count: usize) -> Result<(), Failure> {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for number in 0..count {
        let side = 4 << (number % 5);
        let patches = RgbImage::from_fn(side, side, |_, _| {
            let [red, green, blue, _] = random.next_u32().to_le_bytes();
            Rgb([red, green, blue])
        });
        let picture = imageops::resize(&patches, 320, 240, FilterType::Triangle);
        picture.save(folder.join(format!("{number:04}.png")))?;
    }
    Ok(())
}
