//! Bytes that become values on a device, against those of the CPU and of `dataset::normalise`.

use deconvscope::dataset::normalise;
use deconvscope::engine::{to_values, Engine};
use deconvscope::network::shape::Shape;
use deconvscope::network::{Builder, Changes, Channels, Model, Preprocessing, Preset, Window};
use image::{Rgb, RgbImage};

use crate::alone;
use crate::common::random::Random;
use crate::common::{engine, model, random_weights};

const SIDE: usize = 16;

fn prepared_by(preprocessing: Preprocessing) -> Model {
    let input = Shape::of([preprocessing.channels.count(), SIDE, SIDE]);
    let mut net = Builder::of("small", input);
    let x = net.conv("conv", 0, 2, Window::square(3, 1, 1));
    net.stage("conv", x);
    let network = net.finish();
    let weights = random_weights(&network, &mut Random(1));
    Model {
        preprocessing,
        ..model(network, weights)
    }
}

/// Every level once in every channel.
fn crops() -> [RgbImage; 2] {
    let side = SIDE as u32;
    let crop = |turn: u32| {
        RgbImage::from_fn(side, side, |x, y| {
            let level = y * side + x;
            Rgb([0, 1, 2].map(|channel| ((level * 7 + channel * 31 + turn) % 256) as u8))
        })
    };
    [crop(0), crop(101)]
}

fn bits(engine: &Engine, crops: &[&[u8]]) -> Vec<u32> {
    let values = to_values(&engine.inputs(crops).unwrap()).unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

#[test]
fn a_device_makes_the_same_values_of_every_level_to_the_last_bit() {
    let _alone = alone();
    let colour = Shape::of([3, SIDE, SIDE]);
    let mut tried = 0;
    for preset in Preset::ALL {
        for (channels, input) in [
            (None, colour),
            (Some(Channels::Bgr), colour),
            (None, Shape::of([1, SIDE, SIDE])),
        ] {
            let changes = Changes {
                channels,
                ..Changes::default()
            };
            let preprocessing = Preprocessing::of(preset, &changes, input).unwrap();
            let crops = crops();
            let expected: Vec<u32> = crops
                .iter()
                .flat_map(|crop| normalise(crop, &preprocessing))
                .map(f32::to_bits)
                .collect();
            let crops = crops.each_ref().map(|crop| crop.as_raw().as_slice());
            let engine = engine(&prepared_by(preprocessing));
            assert!(bits(&engine, &crops) == expected, "{preset:?}");
            let fed = engine.fed_as_a_gpu().unwrap();
            assert!(bits(&fed, &crops) == expected, "{preset:?}, on a device");
            tried += 1;
        }
    }
    assert_eq!(tried, 27);
}

#[test]
fn a_crop_of_another_size_is_refused() {
    let _alone = alone();
    let engine = engine(&prepared_by(
        Preprocessing::of(
            Preset::Torchvision,
            &Changes::default(),
            Shape::of([3, SIDE, SIDE]),
        )
        .unwrap(),
    ));
    for engine in [engine.fed_as_a_gpu().unwrap(), engine] {
        let error = engine.inputs(&[&[0; 3 * SIDE]]).unwrap_err().to_string();
        assert!(error.contains("16x16 pixels expected"), "{error}");
    }
}
