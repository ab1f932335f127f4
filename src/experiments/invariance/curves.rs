//! What figure 5's curves are read for: small transformations change the first layer far more than the top one, which moves in
//! proportion where photographs are moved and enlarged, and turning them costs the class (ZF §4.2).

use dataset::Transform;
use network::Stage;
use records::tables::{InvarianceProbabilityRow, InvarianceRow, MetricRow};

use super::Found;

/// The kinds of transforms with what leaves a photo as it is, in the order in which they are done.
const IDENTITIES: [Transform; 3] = [
    Transform::Translation(0.0),
    Transform::Scale(1.0),
    Transform::Rotation(0.0),
];
/// A rotation is a great one from here on, in degrees either way.
const GREAT: f64 = 90.0;

/// How far a transform's value is from that of the photo as it is; angles by the shorter way.
fn size(identity: Transform, value: f64) -> f64 {
    let away = (value - identity.value()).abs();
    match identity {
        Transform::Rotation(_) => away.min(360.0 - away),
        _ => away,
    }
}

/// Means over the photos with Student's t intervals.
pub(super) fn metrics(found: &Found, layers: &[Stage]) -> Vec<MetricRow> {
    let distances = found.distances.chunk_by(|a, b| a.image_id == b.image_id);
    let distances: Vec<&[InvarianceRow]> = distances.collect();
    let mut rows = Vec::new();
    let mut tell = |metric: &str, values: Vec<f64>, bounds: Option<[f64; 2]>| {
        let mean = match bounds {
            Some(bounds) => statistics::bounded_mean(&values, bounds),
            None => statistics::mean(&values),
        };
        rows.extend(mean.map(|mean| MetricRow::new(metric, "all", mean, values.len())));
    };
    if let [first, top] = layers {
        let beyond = |photo: &&[InvarianceRow]| {
            Some(of_small(photo, &first.name)? - of_small(photo, &top.name)?)
        };
        let beyond = distances.iter().filter_map(beyond).collect();
        tell("invariance_first_beyond_top", beyond, None);
        let linear = distances
            .iter()
            .filter_map(|photo| linearity(photo, &top.name));
        tell(
            "invariance_top_linearity",
            linear.collect(),
            Some([0.0, 1.0]),
        );
    }
    let probabilities = found
        .probabilities
        .chunk_by(|a, b| a.image_id == b.image_id);
    let lost = probabilities.filter_map(rotation_loss);
    tell(
        "invariance_rotation_loss",
        lost.collect(),
        Some([-1.0, 1.0]),
    );
    rows
}

/// The values of a photo's curve at a layer: size of the transform and relative distance.
fn curve(photo: &[InvarianceRow], layer: &str, identity: Transform) -> Vec<(f64, f64)> {
    let rows = photo.iter();
    let rows = rows.filter(|row| row.layer == layer && row.transform == identity.name());
    rows.filter_map(|row| Some((size(identity, row.value), row.relative_distance?)))
        .collect()
}

/// The mean relative distance at a layer under the smallest transforms of each kind, each kind counting alike.
fn of_small(photo: &[InvarianceRow], layer: &str) -> Option<f64> {
    let of_kind = |identity: &Transform| {
        let curve = curve(photo, layer, *identity);
        let moved = curve.iter().filter(|(size, _)| *size > 0.0);
        let smallest = moved.clone().map(|(size, _)| *size).reduce(f64::min)?;
        // Sizes differ by rounding.
        let small = moved.filter(|(size, _)| *size < smallest * 1.5);
        let small: Vec<f64> = small.map(|(_, distance)| *distance).collect();
        statistics::mean(&small).map(|(mean, _)| mean)
    };
    let kinds: Option<Vec<f64>> = IDENTITIES.iter().map(of_kind).collect();
    statistics::mean(&kinds?).map(|(mean, _)| mean)
}

/// How much of a layer's distance a straight line over the size of the translation, and of the enlargement, explains: the mean of
/// the two R².
fn linearity(photo: &[InvarianceRow], layer: &str) -> Option<f64> {
    let of_kind = |identity: &Transform| {
        let curve = curve(photo, layer, *identity);
        let (sizes, distances): (Vec<f64>, Vec<f64>) = curve.into_iter().unzip();
        statistics::correlation(&sizes, &distances).map(|r| r * r)
    };
    let kinds: Option<Vec<f64>> = IDENTITIES[..2].iter().map(of_kind).collect();
    statistics::mean(&kinds?).map(|(mean, _)| mean)
}

/// The probability of a photo's class that turning it by a quarter turn or more costs, on the average.
fn rotation_loss(photo: &[InvarianceProbabilityRow]) -> Option<f64> {
    let rotation = IDENTITIES[2];
    let rows = photo.iter().filter(|row| row.transform == rotation.name());
    let probability = |great: bool| {
        let rows = rows.clone().filter(|row| match great {
            true => size(rotation, row.value) >= GREAT,
            false => size(rotation, row.value) == 0.0,
        });
        let probabilities: Vec<f64> = rows.map(|row| row.probability).collect();
        statistics::mean(&probabilities).map(|(mean, _)| mean)
    };
    Some(probability(false)? - probability(true)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn layers() -> [Stage; 2] {
        ["conv1", "fc7"].map(|name| Stage {
            name: name.into(),
            node: 0,
            default: true,
        })
    }

    /// Photos whose layers move by these parts of what a transform's size is, and whose class has that probability upright and
    /// turned.
    fn found(first: f64, top: f64, probability: impl Fn(f64) -> f64) -> Found {
        let mut found = Found::default();
        for (number, id) in ["a", "b", "c"].into_iter().enumerate() {
            for transform in super::super::transforms() {
                let identity = IDENTITIES
                    .into_iter()
                    .find(|it| it.name() == transform.name())
                    .unwrap();
                let away = size(identity, transform.value());
                for (layer, part) in [("conv1", first), ("fc7", top)] {
                    found.distances.push(InvarianceRow {
                        image_id: id.into(),
                        transform: transform.name().into(),
                        value: transform.value(),
                        layer: layer.into(),
                        distance: 0.0,
                        relative_distance: Some(part * away + 1e-3 * number as f64 * part),
                    });
                }
                found.probabilities.push(InvarianceProbabilityRow {
                    image_id: id.into(),
                    transform: transform.name().into(),
                    value: transform.value(),
                    class: "cat".into(),
                    probability: probability(away) + 1e-3 * number as f64 * away,
                    first_class: "cat".into(),
                });
            }
        }
        found
    }

    fn value(rows: &[MetricRow], metric: &str) -> MetricRow {
        let row = rows.iter().find(|row| row.metric == metric);
        row.unwrap().clone()
    }

    #[test]
    fn the_first_layer_moves_more_or_less_than_the_top_one() {
        let part = 0.01;
        let rows = metrics(&found(part, part / 2.0, |_| 0.5), &layers());
        let row = value(&rows, "invariance_first_beyond_top");
        // Half a hundredth of 10 pixels, of a tenth and of 10 degrees; and of one thousandth, the photos' mean.
        let expected = part / 2.0 * ((10.0 + 0.1 + 10.0) / 3.0 + 1e-3);
        assert!((row.value - expected).abs() < 1e-12, "{}", row.value);
        assert!(row.low.unwrap() > 0.0 && row.count == 3);
        let turned = metrics(&found(part / 2.0, part, |_| 0.5), &layers());
        let turned = value(&turned, "invariance_first_beyond_top");
        assert!((turned.value + expected).abs() < 1e-12);
        assert!(turned.high.unwrap() < 0.0);
    }

    #[test]
    fn a_straight_curve_is_linear_and_a_bent_one_less_so() {
        let mut all = found(0.01, 0.01, |_| 0.5);
        let row = value(&metrics(&all, &layers()), "invariance_top_linearity");
        assert!((row.value - 1.0).abs() < 1e-12);
        for row in &mut all.distances {
            row.relative_distance = row.relative_distance.map(|it| (300.0 * it).sin());
        }
        let bent = value(&metrics(&all, &layers()), "invariance_top_linearity");
        assert!(bent.value < 0.5, "{}", bent.value);
    }

    #[test]
    fn turning_costs_the_class_or_does_not() {
        let loss = |probability: &dyn Fn(f64) -> f64| {
            let rows = metrics(&found(0.01, 0.01, probability), &layers());
            value(&rows, "invariance_rotation_loss")
        };
        let lost = loss(&|away| if away >= 90.0 { 0.0 } else { 0.75 });
        // Less the mean over 90° to 270° in steps of 10° of 0, 1 or 2 thousandths of the way: 130.53°.
        let mean = (90..=270_i32)
            .step_by(10)
            .map(|angle| f64::from(angle.min(360 - angle)))
            .sum::<f64>()
            / 19.0;
        assert!((lost.value - (0.75 - 1e-3 * mean)).abs() < 1e-12);
        assert!(lost.low.unwrap() > 0.0);
        let gained = loss(&|away| if away >= 90.0 { 0.75 } else { 0.0 });
        assert!(gained.high.unwrap() < 0.0);
    }
}
