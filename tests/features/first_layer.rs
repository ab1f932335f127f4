//! The first layer of a trained network against one with random weights, by their numbers.

use deconvscope::engine::Engine;
use deconvscope::experiments::features::{first_layer, FirstLayer};
use deconvscope::figures::features::FILTERS;
use deconvscope::figures::Pictured;
use deconvscope::network::Model;
use deconvscope::records::tables::MetricRow;
use tch::Device;

use crate::installed;

/// Shares of power less those of white noise, low, middle and high; all metrics; and which node it is.
fn beyond_noise(engine: &Engine, model: &Model) -> ([f64; 3], Vec<MetricRow>, usize) {
    let FirstLayer {
        maps,
        rows,
        metrics,
    } = first_layer(engine).unwrap().unwrap();
    let pictures = maps.pictures(&model.preprocessing).unwrap();
    assert_eq!(pictures[0].path, FILTERS);
    let nodes = &model.network().nodes;
    let node = nodes.iter().position(|node| node.name == rows[0].layer);
    let node = node.unwrap();
    assert_eq!(rows.len(), model.anatomy.shapes()[node].channels);
    for row in &rows {
        let sum = row.low_share + row.middle_share + row.high_share;
        assert!((sum - 1.0).abs() < 1e-9, "{row:?}");
    }
    let of = |name: String| metrics.iter().find(|row| row.metric == name).unwrap().value;
    let beyond = ["low", "middle", "high"]
        .map(|band| of(format!("filter_{band}_share")) - of(format!("filter_{band}_share_noise")));
    (beyond, metrics, node)
}

#[test]
fn alexnets_filters_are_told_from_random_ones() {
    let Some(model) = installed("alexnet") else {
        return;
    };
    let engine = Engine::new(&model, Device::Cpu).unwrap();
    let ([low, middle, high], metrics, node) = beyond_noise(&engine, &model);
    // The paper finds extremely high and low frequencies and little between; by far more than noise lies below a quarter
    // of a cycle a pixel.
    assert!(low + middle > 0.3, "{low} {middle} {high}");
    let aliased = metrics
        .iter()
        .find(|row| row.metric == "filter_aliased_share");
    assert!(aliased.unwrap().value > 0.05);
    for seed in [1, 2, 3] {
        let random = engine.randomised(&[node], seed).unwrap();
        let (beyond, ..) = beyond_noise(&random, &model);
        assert!(beyond.iter().all(|share| share.abs() < 0.05), "{beyond:?}");
    }
}
