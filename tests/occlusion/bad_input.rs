//! Occluders, traces and maps that do not fit the network: clear errors, no panic.

use deconvscope::engine::occlude::{Cut, FeatureMap, Occluder};
use deconvscope::engine::{Engine, Recording};
use deconvscope::network::zoo;
use deconvscope::{Error, Result};
use tch::{Device, Tensor};

use crate::common::random::Random;
use crate::common::{folded, random_input, random_weights};

fn tiny(images: i64) -> (Engine, Tensor) {
    let network = zoo::find("tiny").unwrap().network();
    let mut random = Random(3);
    let model = folded(&network, &random_weights(&network, &mut random));
    let input = random_input(&network, images, &mut random);
    (Engine::new(&model, Device::Cpu).unwrap(), input)
}

fn occluder() -> Occluder {
    Occluder {
        size: 4,
        fill: vec![0.0; 3],
        rows: vec![0, 5],
        columns: vec![3],
    }
}

#[track_caller]
fn is_usage<T: std::fmt::Debug>(result: Result<T>, part: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Usage(_)), "{error:?}");
    assert!(error.to_string().contains(part), "{error}");
}

#[track_caller]
fn is_compute<T: std::fmt::Debug>(result: Result<T>, part: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Compute { .. }), "{error:?}");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn a_grid_needs_a_stride_and_a_square_that_fits() {
    let grid = |size, stride| Occluder::grid(size, stride, [32, 32], vec![0.0; 3]);
    is_usage(grid(33, 1), "33 pixels does not fit");
    is_usage(grid(usize::MAX, 1), "does not fit");
    is_usage(grid(0, 1), "at least 1 pixel");
    is_usage(grid(4, 0), "at least 1 pixel");
    assert_eq!(grid(32, 4).unwrap().rows, [0]);
    let wide = Occluder::grid(4, 4, [8, 12], vec![0.0; 3]).unwrap();
    assert_eq!((wide.rows, wide.columns), (vec![0, 4], vec![0, 4, 8]));
    assert_eq!(grid(4, usize::MAX).unwrap().columns, [0]);
    assert_eq!(grid(30, 2).unwrap().rows, [0, 2]);
}

#[test]
fn an_occluder_that_hides_nothing_is_refused() {
    let (engine, _) = tiny(1);
    let slider = |occluder| engine.slider(occluder, 0, Cut::default());
    let without_rows = Occluder {
        rows: vec![],
        ..occluder()
    };
    is_usage(slider(without_rows), "needs a position");
    for channels in [0, 1, 4] {
        let other_colour = Occluder {
            fill: vec![0.5; channels],
            ..occluder()
        };
        is_usage(slider(other_colour), "3 values of colour");
    }
    let of_no_pixel = Occluder {
        size: 0,
        ..occluder()
    };
    is_usage(slider(of_no_pixel), "0 pixels does not hide");
    let side = engine.network().input.height;
    for beyond in [side, usize::MAX] {
        let outside = Occluder {
            columns: vec![0, beyond],
            ..occluder()
        };
        is_usage(slider(outside), "at every position");
    }
    let nodes = engine.network().nodes.len();
    for node in [nodes, usize::MAX] {
        is_usage(engine.slider(occluder(), node, Cut::default()), "no node");
    }
}

/// However large it is and however the work is cut up.
#[test]
fn a_square_over_all_of_the_input_is_cut_off() {
    let (engine, input) = tiny(1);
    let everything = Recording::everything(&engine);
    let clean = engine.forward(&input, &everything).unwrap();
    let all = Occluder {
        size: usize::MAX,
        rows: vec![0],
        columns: vec![0],
        ..occluder()
    };
    let cut = Cut {
        threads: 0,
        bytes: 0,
        ..Cut::default()
    };
    let found = engine.slider(all, 0, cut).unwrap().slide(&clean, &[]);
    let full = engine.forward(&input.zeros_like(), &everything).unwrap();
    let off = (found.unwrap().output - full.output.flatten(1, -1))
        .abs()
        .max();
    assert!(off.double_value(&[]) < 1e-6);
}

#[test]
fn a_trace_that_lacks_something_is_refused() {
    let (engine, input) = tiny(2);
    let slider = engine.slider(occluder(), 0, Cut::default()).unwrap();
    let expected = "expected a trace of one image with every node's output";
    let two = engine.forward(&input, &Recording::everything(&engine));
    is_compute(slider.slide(&two.unwrap(), &[]), expected);
    let one = input.narrow(0, 0, 1);
    let nothing = engine.forward(&one, &Recording::default());
    is_compute(slider.slide(&nothing.unwrap(), &[]), expected);
    let mut recording = Recording::everything(&engine);
    recording.activations.retain(|&node| node != 1);
    let in_part = engine.forward(&one, &recording);
    is_compute(slider.slide(&in_part.unwrap(), &[]), expected);
}

#[test]
fn a_map_that_there_is_not_is_refused() {
    let (engine, input) = tiny(1);
    let clean = engine.forward(&input, &Recording::everything(&engine));
    let clean = clean.unwrap();
    let slider = engine.slider(occluder(), 1, Cut::default()).unwrap();
    let map = |node, feature| FeatureMap { node, feature };
    let first = map(1, 0);
    assert_eq!(slider.slide(&clean, &[first]).unwrap().sums[0].size(), [2]);
    let last = engine.network().nodes.len() - 1;
    is_usage(
        slider.slide(&clean, &[map(last, 0), first]),
        "made ready for maps of nodes before",
    );
    is_compute(slider.slide(&clean, &[map(1, 9999)]), "");
}
