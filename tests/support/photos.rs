//! Photographs made on the spot: textured, different by seed, the same each time.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::path::Path;

/// Gratings, a blob and some noise; no two seeds look alike to a network.
pub(crate) fn picture((width, height): (u32, u32), seed: u32) -> RgbImage {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let [turn, pitch, tint, centre_x, centre_y] = [0; 5].map(|_| random());
    let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
    let pitch = 0.05 + 0.4 * pitch;
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        let wave = ((x * cos + y * sin) * pitch).sin() * 60.0;
        let (dx, dy) = (
            x / f64::from(width) - centre_x,
            y / f64::from(height) - centre_y,
        );
        let blob = 120.0 * (-20.0 * (dx * dx + dy * dy)).exp();
        let noise = 16.0 * random();
        let level = |share: f64| (70.0 + wave * share + blob * (1.0 - share) + noise) as u8;
        Rgb([level(tint), level(1.0 - tint), level(0.5)])
    })
}

/// Writes a picture of that seed and size in the format of its name.
pub(crate) fn photo(path: &Path, size: (u32, u32), seed: u32) {
    save(
        path,
        &picture(size, seed).into(),
        ImageFormat::from_path(path).unwrap(),
    );
}

/// Five photographs of two labels, one of them wide.
pub(crate) fn cats_and_dogs(folder: &Path) {
    let photos = [
        ("cats/1.png", (300, 260)),
        ("cats/2.jpg", (260, 300)),
        ("cats/3.jpg", (320, 240)),
        ("dogs/1.png", (520, 260)),
        ("dogs/2.jpg", (300, 300)),
    ];
    for (seed, (name, size)) in (0..).zip(photos) {
        photo(&folder.join(name), size, seed);
    }
}

/// So many small ones of two labels.
pub(crate) fn many_cats_and_dogs(folder: &Path, count: u32) {
    for number in 0..count {
        let label = ["cats", "dogs"][number as usize % 2];
        photo(
            &folder.join(format!("{label}/{number}.png")),
            (40, 40),
            number,
        );
    }
}

/// Writes an image in the format, whatever the name says.
pub(crate) fn save(path: &Path, image: &DynamicImage, format: ImageFormat) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image.save_with_format(path, format).unwrap();
}
