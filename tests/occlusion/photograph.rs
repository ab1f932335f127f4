//! Photographs of the sample as a network's input.

use std::path::Path;

use deconvscope::dataset;
use deconvscope::network::shape::Shape;
use deconvscope::network::{Changes, Preprocessing, Preset};
use tch::Tensor;

/// The one that the occluder is slid over.
pub(crate) const SHOWN: &str = "chelsea.png";
/// Those that networks are calibrated on.
const ALL: [&str; 3] = [SHOWN, "astronaut.png", "coffee.png"];

/// `[1, 3, H, W]`.
pub(crate) fn input(name: &str, preprocessing: &Preprocessing) -> Tensor {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/sample");
    let path = sample.join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `make setup`",
        path.display()
    );
    let pixels = image::open(path).unwrap().into_rgb8();
    let values = dataset::input(&pixels, preprocessing).unwrap();
    Tensor::from_slice(&values).view([
        1,
        3,
        i64::from(preprocessing.crop.height),
        i64::from(preprocessing.crop.width),
    ])
}

/// `[3, 3, side, side]`.
pub(crate) fn all(preprocessing: &Preprocessing) -> Tensor {
    Tensor::cat(&ALL.map(|name| input(name, preprocessing)), 0)
}

/// torchvision's, for a network of that side.
pub(crate) fn torchvision(side: usize) -> Preprocessing {
    let input = Shape::of([3, side, side]);
    Preprocessing::of(Preset::Torchvision, &Changes::NONE, input).unwrap()
}
