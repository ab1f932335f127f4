//! The randomisation test's numbers against the same done by hand.

use deconvscope::engine::{to_values, Engine, Recording, ReluRule, Seed};
use deconvscope::experiments::features::Randomisation;
use deconvscope::network::Op;
use deconvscope::records::tables::RandomisationRow;

use crate::case::Case;
use crate::support::photos::photo;
use crate::{counted, installed};

/// Of one picture, with SqueezeNet.
fn case() -> Option<(Case, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    photo(&folder.path().join("1.png"), (260, 240), 3);
    let model = installed("squeezenet1_1")?;
    Some((Case::new(model, folder.path(), None), folder))
}

/// The projection of a class's score, as it was most active in the network as it is.
fn projection(case: &Case, engine: &Engine, rule: ReluRule) -> Vec<f32> {
    let scores = case.engine.network().nodes.len() - 2;
    let recording = Recording {
        activations: vec![scores],
        rule: Some(rule),
        until: None,
    };
    let batch = case.engine.batch(&[&case.input(0)]).unwrap();
    let first = case.engine.forward(&batch, &recording).unwrap();
    let mut unit = case
        .engine
        .strongest_unit(&first, 0, scores)
        .unwrap()
        .unwrap();
    unit.activation = 1.0;
    let trace = engine.forward(&batch, &recording).unwrap();
    let seed = Seed::unit(0, scores, &unit);
    to_values(&engine.project(&trace, &[seed], rule).unwrap()).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn layers_are_forgotten_from_the_top_down() {
    let Some((case, _folder)) = case() else {
        return;
    };
    let progress = counted();
    let test = Randomisation::of(case.engine.anatomy(), &case.stages).unwrap();
    let room = case.room(1);
    let setting = case.setting(&room, 2);
    let found = test.run(&case.features(&setting), &case.engine, 1, &progress);
    let (rows, metrics) = found.unwrap();
    assert_eq!(progress.done(), test.passes(1));
    let of = |rule: &str| -> Vec<RandomisationRow> {
        let rows = rows
            .iter()
            .filter(|row| row.rule == rule && row.similarity == "cosine");
        rows.cloned().collect()
    };
    let network = case.engine.network();
    let weighted: Vec<usize> = (0..network.nodes.len())
        .filter(|&node| matches!(network.nodes[node].op, Op::Conv { .. } | Op::Linear { .. }))
        .collect();
    for (name, rule) in [
        ("deconvnet", ReluRule::Deconvnet),
        ("guided", ReluRule::Guided),
        ("gradient", ReluRule::Gradient),
    ] {
        let rows = of(name);
        let stages = case.stages.iter().rev().map(|stage| &stage.name);
        assert!(rows.iter().map(|row| &row.layer).eq(stages));
        assert!(rows.is_sorted_by(|a, b| a.layers < b.layers));
        assert_eq!(rows[rows.len() - 1].layers, weighted.len());
        let before = projection(&case, &case.engine, rule);
        for row in &rows {
            let random = &weighted[weighted.len() - row.layers..];
            let twin = case.engine.randomised(random, 0).unwrap();
            let expected = cosine(&before, &projection(&case, &twin, rule));
            assert!((row.mean - expected).abs() < 1e-6, "{row:?}: {expected}");
            assert_eq!((row.low, row.high, row.photos), (row.mean, row.mean, 1));
        }
    }
    // Of all layers above the lowest: of one photograph there is no interval.
    let above = of("guided");
    let told = metrics.iter();
    let mut told = told.filter(|row| row.metric == "randomisation_cosine_guided");
    let all = told.clone().find(|row| row.scope == "all").unwrap();
    assert_eq!(all.value, above[above.len() - 2].mean);
    assert_eq!((all.low, all.count), (None, 1));
    assert!(told.any(|row| row.scope == format!("layer:{}", above[0].layer)));
    let ends = |rule: &str| of(rule).iter().map(|row| row.mean).collect::<Vec<_>>();
    assert!(ends("deconvnet")[0] > 0.9, "{:?}", ends("deconvnet"));
    assert!(ends("gradient").iter().all(|cosine| cosine.abs() < 0.5));
}

#[test]
fn random_weights_are_those_of_the_seed_and_nothing_else_changes() {
    let Some((case, _folder)) = case() else {
        return;
    };
    let filters = |engine: &Engine, node: usize| engine.filters(node).unwrap().unwrap();
    let first = case.stages[0].node - 1;
    let network = case.engine.network();
    let convolutions: Vec<usize> = (0..network.nodes.len())
        .filter(|&node| matches!(network.nodes[node].op, Op::Conv { .. }))
        .collect();
    assert!(convolutions.contains(&first));
    let twin = case.engine.randomised(&[first], 1).unwrap();
    for &node in &convolutions {
        let same = filters(&twin, node) == filters(&case.engine, node);
        assert_eq!(same, node != first);
    }
    let again = case.engine.randomised(&[first], 1).unwrap();
    assert_eq!(filters(&twin, first), filters(&again, first));
    let other = case.engine.randomised(&[first], 2).unwrap();
    assert_ne!(filters(&twin, first), filters(&other, first));
    let ([outputs, inputs, rows, columns], values) = filters(&twin, first);
    let (seen, count) = (inputs * rows * columns, values.len());
    assert_eq!(count, outputs * seen);
    let square: f64 = values.iter().map(|value| f64::from(*value).powi(2)).sum();
    // The variance of He et al.; of so many numbers it scatters by a few percent.
    let found = square / count as f64 * seen as f64 / 2.0;
    assert!((found - 1.0).abs() < 0.15, "{found}");
}
