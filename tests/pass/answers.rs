//! What a pass tells on a processor and as a GPU tells it, against a search through all values.

use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{to_values, Engine, Kept, Questions, ReluRule, Trace, Whose};
use tch::{Kind, Tensor};

use crate::alone;
use crate::case::Case;
use crate::common::random::Random;
use crate::common::{random_input, trace};

const IMAGES: usize = 5;

/// The positive values of maps with their places, the strongest first, of equals the first.
fn search(values: &[f32], maps: std::ops::Range<usize>, [height, width]: [usize; 2]) -> Vec<Unit> {
    let cells = height * width;
    let units = maps.flat_map(|feature| {
        (0..cells).map(move |at| Unit {
            feature,
            y: at / width,
            x: at % width,
            activation: values[feature * cells + at],
        })
    });
    let mut units: Vec<Unit> = units.filter(|unit| unit.activation > 0.0).collect();
    units.sort_by(|a, b| b.activation.total_cmp(&a.activation));
    units
}

fn holds(engine: &Engine, trace: &Trace, nodes: &[usize]) {
    let known: Vec<Option<Unit>> = nodes
        .iter()
        .map(|node| {
            let shape = engine.shape(*node);
            Some(Unit {
                feature: shape.channels - 1,
                y: shape.height - 1,
                x: 0,
                activation: 1.0,
            })
        })
        .collect();
    let kept = [
        Kept {
            image: 1,
            of: Whose::Row(0),
        },
        Kept {
            image: 3,
            of: Whose::Known(&known),
        },
    ];
    let questions = Questions {
        output: true,
        nodes,
        units: true,
        kept: &kept,
        peaks: Some(3),
    };
    let answers = engine.ask(trace, &questions).unwrap();
    let output = to_values(&trace.output).unwrap();
    for (number, &node) in nodes.iter().enumerate() {
        let shape = engine.shape(node);
        let size = [shape.height, shape.width];
        let all = to_values(&trace.activations[&node]).unwrap();
        let of = |image: usize| &all[image * shape.cells()..][..shape.cells()];
        let at = |image: usize, unit: &Unit| {
            of(image)[(unit.feature * size[0] + unit.y) * size[1] + unit.x]
        };
        for image in 0..IMAGES {
            let classes = output.len() / IMAGES;
            assert_eq!(answers.output(image), &output[image * classes..][..classes]);
            let strongest = search(of(image), 0..shape.channels, size);
            let unit = answers.unit(number, image);
            assert_eq!(unit, strongest.first().copied());
            let kept = answers.kept(number, image);
            match image {
                1 => {
                    let first = answers.unit(number, 0);
                    assert!(first.is_none_or(|unit| kept == Some(at(1, &unit))));
                }
                3 => assert_eq!(kept, known[number].map(|unit| at(3, &unit))),
                _ => assert_eq!(kept, None),
            }
            // As it was told one by one before.
            let one = trace.activations[&node].narrow(0, image as i64, 1);
            let mean = to_values(&one.mean_dim([0i64, 1].as_slice(), false, Kind::Float)).unwrap();
            assert_eq!(answers.values()[answers.mean_map(number, image)], mean[..]);
            let maps: Vec<usize> = (0..shape.channels).rev().collect();
            let peaks = answers.peaks(number, image, &maps);
            for (map, peaks) in maps.into_iter().zip(peaks) {
                let mut found = search(of(image), map..map + 1, size);
                found.truncate(3);
                assert_eq!(peaks, found, "map {map}");
                let facts = answers.maps(number, image);
                let values = &of(image)[map * size[0] * size[1]..][..size[0] * size[1]];
                let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                assert_eq!(facts.maximum[map], most);
                let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
                assert!((f64::from(facts.mean[map]) - sum / values.len() as f64).abs() < 1e-5);
                let squares = values.iter().map(|&value| f64::from(value).powi(2));
                let norm = squares.sum::<f64>().sqrt();
                assert!((f64::from(facts.norm[map]) - norm).abs() <= 1e-5 * norm.max(1.0));
            }
        }
    }
}

#[test]
fn a_pass_tells_what_a_search_finds_and_of_equals_the_first() {
    let _alone = alone();
    let case = Case::new(1);
    let nodes: Vec<usize> = case.stages.iter().map(|stage| stage.node).collect();
    let network = case.model.network();
    let drawn = random_input(network, IMAGES as i64, &mut Random(5));
    // Of one colour each: most cells of a map are equal.
    let flat = drawn.mean_dim([2i64, 3].as_slice(), true, Kind::Float);
    let flat = flat.expand(drawn.size(), false).contiguous();
    let none = Tensor::zeros_like(&drawn);
    for engine in [case.engine.clone(), case.engine.fed_as_a_gpu().unwrap()] {
        for input in [&drawn, &flat, &none] {
            let trace = trace(&engine, input, &nodes, ReluRule::Deconvnet);
            holds(&engine, &trace, &nodes);
        }
    }
}
