//! Large networks on a photograph. Windows give all positions, full inference as many as there is time for. With
//! `DECONVSCOPE_EXACT=occluders` in the environment they are shown all occluders (`make exact`), with `DECONVSCOPE_EXACT=all`
//! full inference is run for all positions, for tens of minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use deconvscope::engine::occlude::{Cut, Occluder};
use deconvscope::network::{zoo, Model, ModelSource, Network};

use crate::answers::Answers;
use crate::calibrated::calibrated;
use crate::case::{Case, Others};
use crate::common::doubles;
use crate::common::random::Random;
use crate::common::rounding::{distance, Rounding};
use crate::photograph;

/// Positions that full inference is run for, beside those at the borders.
const DRAWN: usize = 10;
/// Positions that are computed in float64 beside those where windows and full inference are furthest apart.
const FIRST: usize = 2;
/// An occluder of 16 pixels or more changes the followed class's probability and the scores at least so much over the
/// positions: the first in itself, the second as a part of the scores' range.
const NOT_FLAT: [f64; 2] = [0.03, 0.02];

/// One at a time: VGG16's weights alone are 550 MB.
static TURN: Mutex<()> = Mutex::new(());

/// SqueezeNet with its real weights, and two occluders; the others are proofs.
#[test]
fn squeezenet_agrees() {
    squeezenet(&[[32, 16], [1, 29]]);
}

pub(crate) fn squeezenet(occluders: &[[usize; 2]]) {
    let source = ModelSource {
        name: "squeezenet1_1".into(),
        ..ModelSource::default()
    };
    let _turn = turn();
    agrees(&Model::load(&source).unwrap(), occluders);
}

/// A network of the zoo with seeded weights.
pub(crate) fn of_the_zoo(name: &str) {
    seeded(zoo::find(name).unwrap().network());
}

/// A network with seeded weights.
pub(crate) fn seeded(network: Network) {
    let _turn = turn();
    let preprocessing = photograph::torchvision(network.input.height);
    let photographs = photograph::all(&preprocessing);
    let mut model = calibrated(network, &photographs, 2013);
    model.preprocessing = preprocessing;
    let side = model.network().input.height;
    agrees(&model, &occluders(side));
}

fn turn() -> impl Drop {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sizes and strides of the occluders: also sizes that are no multiple of any stride in the network, and one whose last
/// position ends at the border exactly. A few of them where not all were asked for.
pub(crate) fn occluders(side: usize) -> Vec<[usize; 2]> {
    let to_the_border = (17..).find(|size| (side - size).is_multiple_of(13));
    let few = [[32, 8], [16, 13], [1, 13], [to_the_border.unwrap(), 13]];
    let others = [[16, 4], [16, 8], [32, 4], [32, 13], [27, 13]];
    match std::env::var_os("DECONVSCOPE_EXACT") {
        Some(_) => [&few[..], &others].concat(),
        None => few.to_vec(),
    }
}

fn agrees(model: &Model, occluders: &[[usize; 2]]) {
    let network = model.network();
    let stages = model.anatomy.late_stages().into_iter();
    let is_map = |node: &usize| model.anatomy.shapes()[*node].height > 1;
    let watched: Vec<usize> = stages.map(|stage| stage.node).filter(is_map).collect();
    assert!(!watched.is_empty());
    let input = photograph::input(photograph::SHOWN, &model.preprocessing);
    let case = Case::new(model, &input, &watched);
    let mut roundings = BTreeMap::new();
    for &[size, stride] in occluders {
        // Grey: 127 of 255 is about the mean colour, 0 in the network's units.
        let fill = vec![0.0; network.input.channels];
        let input = [network.input.height, network.input.width];
        let occluder = Occluder::grid(size, stride, input, fill).unwrap();
        with_occluder(&case, &occluder, stride, &mut roundings);
    }
    // Over all occluders: few positions of one can be had in float64, and among few full inference may come near by chance.
    for (what, roundings) in roundings {
        let worst = Rounding::worst(roundings);
        println!("{}: {what}, at worst: {worst}", network.name);
        assert!(worst.part() <= 1.0, "{}: {what}: {worst}", network.name);
    }
}

/// Holds one occluder's windows against full inference, and both against float64.
fn with_occluder(
    case: &Case,
    occluder: &Occluder,
    stride: usize,
    roundings: &mut BTreeMap<String, Vec<Rounding>>,
) {
    let cut = Cut {
        threads: 2,
        ..Cut::default()
    };
    let found = case.windows(occluder, cut);
    let all = occluder.positions();
    let positions = match std::env::var("DECONVSCOPE_EXACT") {
        Ok(which) if which == "all" => (0..all).collect(),
        _ => sample(occluder),
    };
    let windows = found.at(&positions, all);
    let full = case.full(occluder, &positions);
    let in_double = in_double(&windows, &full, positions.len());
    let [windows, full] = [windows, full].map(|answers| answers.at(&in_double, positions.len()));
    let places: Vec<usize> = in_double.iter().map(|&at| positions[at]).collect();
    let others = Others {
        exact: case.exact(occluder, &places),
        full,
        mirrored: Vec::new(),
    };

    let probabilities = doubles(&case.clean.output);
    let likely =
        (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    let likely = likely.unwrap();
    let followed = found
        .output
        .iter()
        .skip(likely)
        .step_by(probabilities.len());
    let followed: Vec<f64> = followed.copied().collect();
    let clean = case.clean_scores();
    let changes = found.scores.chunks(clean.len());
    let change = changes.map(|values| distance(values, &clean));
    let flat = [
        range(&followed),
        change.fold(0.0, f64::max) / range(&found.scores),
    ];
    let name = format!(
        "{}, {} pixels by {stride}, {} of {all} positions, {} in float64",
        case.engine.network().name,
        occluder.size,
        positions.len(),
        places.len()
    );
    println!(
        "{name}: the likely class has {:.3} and changes by {:.3}, scores by {:.3} of their range",
        probabilities[likely], flat[0], flat[1]
    );
    for (what, rounding) in case.roundings(&windows, &others) {
        println!("  {what}: {rounding}");
        roundings.entry(what).or_default().push(rounding);
    }
    if occluder.size >= 16 {
        let changes = flat
            .iter()
            .zip(NOT_FLAT)
            .all(|(flat, least)| *flat >= least);
        assert!(changes, "{name}: the map is flat: {flat:.3?}");
    }
}

/// Which of the positions are computed in float64 as well, where full inference takes long: those where windows and full
/// inference are furthest apart, and the first few.
fn in_double(windows: &Answers, full: &Answers, positions: usize) -> Vec<usize> {
    let mut chosen = windows.furthest_from(full, positions);
    chosen.extend(0..FIRST.min(positions));
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// The largest value less the smallest.
fn range(values: &[f64]) -> f64 {
    let of = |fold: fn(f64, f64) -> f64, start| values.iter().copied().fold(start, fold);
    of(f64::max, f64::NEG_INFINITY) - of(f64::min, f64::INFINITY)
}

/// Positions at the corners, at the borders and next to them, and some drawn by lot.
fn sample(occluder: &Occluder) -> Vec<usize> {
    let (high, wide) = (occluder.rows.len(), occluder.columns.len());
    let mut random = Random(occluder.size as u64);
    let mut any = |length: usize| random.whole(0, length as i64 - 1) as usize;
    let mut places = vec![
        [0, any(wide)],
        [high - 1, any(wide)],
        [any(high), 0],
        [any(high), wide - 1],
    ];
    places.push([high - 2, wide - 2]);
    for row in [0, 1, high - 1] {
        places.extend([0, 1, wide - 1].map(|column| [row, column]));
    }
    places.extend((0..DRAWN).map(|_| [any(high), any(wide)]));
    let mut positions: Vec<usize> = places
        .iter()
        .map(|[row, column]| row * wide + column)
        .collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}
