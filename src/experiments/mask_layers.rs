//! What hiding a region does to the activations and projections of each stage inside it (R §5), over all photos.

use std::collections::BTreeMap;

use records::tables::MetricRow;
use records::MaskedLayer;

/// What is left, region by region.
#[derive(Debug, Default)]
pub(super) struct MaskedLayers(BTreeMap<String, Falls>);

#[derive(Debug, Default)]
struct Falls {
    activation: Fall,
    share: Fall,
}

/// A change inside the region: photo by photo, and stage by stage.
#[derive(Debug, Default)]
struct Fall {
    /// By photo the mean over its stages.
    photos: Vec<f64>,
    /// By stage, from the input upwards, the photos' changes.
    stages: Vec<(String, Vec<f64>)>,
}

impl MaskedLayers {
    /// Counts a photo whose region is visible; stages stand from the input upwards.
    pub(super) fn count(&mut self, region: &str, layers: &[MaskedLayer]) {
        if layers.is_empty() {
            return;
        }
        let falls = self.0.entry(region.to_owned()).or_default();
        falls.activation.count(layers, activation_fall);
        falls.share.count(layers, share_fall);
    }

    /// Means over the photos with Student's t intervals, over all stages and stage by stage.
    pub(super) fn metrics(&self) -> Vec<MetricRow> {
        let of_region = |(region, falls): (&String, &Falls)| {
            let activation = falls
                .activation
                .metrics(&format!("masked_activation_fall_{region}"));
            let share = falls.share.metrics(&format!("masked_share_fall_{region}"));
            [activation, share].concat()
        };
        self.0.iter().flat_map(of_region).collect()
    }
}

impl Fall {
    fn count(&mut self, layers: &[MaskedLayer], fall: fn(&MaskedLayer) -> Option<f64>) {
        let mut values = Vec::new();
        for layer in layers {
            let known = self
                .stages
                .iter()
                .position(|(name, _)| *name == layer.layer);
            let at = known.unwrap_or_else(|| {
                self.stages.push((layer.layer.clone(), Vec::new()));
                self.stages.len() - 1
            });
            if let Some(value) = fall(layer) {
                self.stages[at].1.push(value);
                values.push(value);
            }
        }
        self.photos
            .extend(statistics::mean(&values).map(|(mean, _)| mean));
    }

    fn metrics(&self, name: &str) -> Vec<MetricRow> {
        let metric = |(scope, values): (String, &Vec<f64>)| {
            let mean = statistics::mean(values)?;
            Some(MetricRow::new(name, scope, mean, values.len()))
        };
        let stages = self.stages.iter();
        let stages = stages.map(|(stage, values)| (format!("layer:{stage}"), values));
        std::iter::once(("all".to_owned(), &self.photos))
            .chain(stages)
            .filter_map(metric)
            .collect()
    }
}

/// What is left of the activation inside less what is left of it outside, as parts of what was there; `None` where nothing was.
fn activation_fall(layer: &MaskedLayer) -> Option<f64> {
    let left = |masked: Option<f32>, original: Option<f32>| {
        let original = original.filter(|value| *value > 0.0)?;
        Some(f64::from(masked?) / f64::from(original))
    };
    let inside = left(
        layer.activation_inside_masked,
        layer.activation_inside_original,
    )?;
    let outside = left(
        layer.activation_outside_masked,
        layer.activation_outside_original,
    )?;
    Some(inside - outside)
}

/// The share of the projection's energy inside, region hidden, less that of the photo as it is.
fn share_fall(layer: &MaskedLayer) -> Option<f64> {
    Some(f64::from(layer.share_inside_masked?) - f64::from(layer.share_inside_original?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn layer(name: &str, [before, after]: [[f32; 2]; 2], shares: [f32; 2]) -> MaskedLayer {
        MaskedLayer {
            layer: name.into(),
            activation_inside_original: Some(before[0]),
            activation_inside_masked: Some(after[0]),
            activation_outside_original: Some(before[1]),
            activation_outside_masked: Some(after[1]),
            share_inside_original: Some(shares[0]),
            share_inside_masked: Some(shares[1]),
        }
    }

    /// Of two photos and stages: inside a half and a quarter are left, outside all; then the other way about.
    #[test]
    fn what_falls_inside_and_what_falls_outside_have_different_signs() {
        let found = |turned: bool| {
            let mut all = MaskedLayers::default();
            for (left, share) in [(0.5, 0.25), (0.25, 0.125)] {
                let (mut before, mut after) = ([2.0, 4.0], [2.0 * left, 4.0]);
                let mut shares = [0.5, share];
                if turned {
                    before.reverse();
                    after.reverse();
                    shares.reverse();
                }
                let silent = layer("conv2", [[0.0, 1.0], [0.0, 1.0]], shares);
                all.count("face", &[layer("conv1", [before, after], shares), silent]);
            }
            all.metrics()
        };
        let value = |rows: &[MetricRow], metric: &str, scope: &str| {
            let row = rows
                .iter()
                .find(|row| row.metric == metric && row.scope == scope);
            row.map(|row| (row.value, row.low.is_some(), row.count))
        };
        let (activation, share) = ("masked_activation_fall_face", "masked_share_fall_face");
        let held = found(false);
        // −1/2 and −3/4; the silent stage says nothing.
        assert_eq!(value(&held, activation, "all"), Some((-0.625, true, 2)));
        assert_eq!(
            value(&held, activation, "layer:conv1"),
            Some((-0.625, true, 2))
        );
        assert_eq!(value(&held, activation, "layer:conv2"), None);
        assert_eq!(value(&held, share, "layer:conv2"), Some((-0.3125, true, 2)));
        let turned = found(true);
        assert_eq!(value(&turned, activation, "all"), Some((0.625, true, 2)));
        assert_eq!(value(&turned, share, "all"), Some((0.3125, true, 2)));
    }

    #[test]
    fn without_layers_there_is_nothing_to_tell() {
        let mut all = MaskedLayers::default();
        all.count("face", &[]);
        assert!(all.metrics().is_empty());
    }
}
