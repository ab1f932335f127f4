//! Do projections depend on what the network has learnt? Its layers are given random weights from the top down, and the
//! projections held against those of before (Adebayo et al. 2018, the cascading parameter randomisation test).

use std::slice;

use base::digest::draw as by_lot;
use base::Result;
use engine::seeds::Unit;
use engine::{read_back, Engine, Recording, ReluRule, Seed};
use network::{Anatomy, Network, Op, Stage};
use progress::Progress;
use records::tables::{MetricRow, RandomisationRow};

use super::{cosine, Features, Readable};
use crate::ssim::ssim;

const RULES: [(ReluRule, &str); 3] = [
    (ReluRule::Deconvnet, "deconvnet"),
    (ReluRule::Guided, "guided"),
    (ReluRule::Gradient, "gradient"),
];
/// Photos whose projections are in memory at once.
const PHOTOS: usize = 32;
/// Side of the windows that structural similarity is taken in, as Wang et al. 2004 have it.
const WINDOW: usize = 8;

/// The layers from a stage up to the next one, which are given random weights together.
struct Step {
    name: String,
    nodes: Vec<usize>,
}

/// A photo's projections by the network as it is.
struct Before {
    input: Vec<f32>,
    unit: Unit,
    /// By rule.
    projections: [Vec<f32>; 3],
}

/// By rule structural similarity and cosine.
type Similarities = [[f64; 2]; 3];

/// The test of a network: where its projections start, and in which steps it forgets.
pub struct Randomisation {
    target: usize,
    /// From the top down.
    steps: Vec<Step>,
}

impl Randomisation {
    /// With a step for each stage; `None` where the network has no unit to start from.
    pub fn of(anatomy: &Anatomy, stages: &[Stage]) -> Option<Self> {
        let target = target(anatomy)?;
        Some(Self {
            target,
            steps: steps(anatomy.network(), stages, target),
        })
    }

    /// How often so many photos are projected.
    pub fn passes(&self, photos: usize) -> usize {
        photos * (1 + self.steps.len())
    }

    /// Runs the test on so many photos drawn by seed.
    ///
    /// # Errors
    /// [`base::Error::Compute`], [`base::Error::Photo`], [`base::Error::Stopped`].
    pub fn run(
        &self,
        features: &Features<'_>,
        engine: &Engine,
        photos: usize,
        progress: &Progress,
    ) -> Result<(Vec<RandomisationRow>, Vec<MetricRow>)> {
        let setting = features.setting;
        let id = |photo: &Readable| &setting.dataset.photos[photo.photo].id;
        let mut drawn: Vec<&Readable> = features.photos.iter().collect();
        drawn.sort_by_cached_key(|photo| by_lot(setting.seed, &["randomisation", id(photo)]));
        drawn.truncate(photos);
        let mut found: Vec<Vec<Similarities>> = vec![Vec::new(); self.steps.len()];
        for photos in drawn.chunks(PHOTOS) {
            let similarities = self.cascade(features, engine, photos, progress)?;
            for (all, of_these) in found.iter_mut().zip(similarities) {
                all.extend(of_these);
            }
        }
        Ok((rows(&self.steps, &found), metrics(&self.steps, &found)))
    }

    /// By step the likeness of the photos' projections to those of before.
    fn cascade(
        &self,
        features: &Features<'_>,
        engine: &Engine,
        photos: &[&Readable],
        progress: &Progress,
    ) -> Result<Vec<Vec<Similarities>>> {
        let (setting, target) = (features.setting, self.target);
        let size = setting.preprocessing.crop.sides();
        let look = |engine: &Engine, input: Vec<f32>| -> Result<Before> {
            let unit = strongest(engine, &input, target)?;
            let projections = projections(engine, &input, target, &unit)?;
            progress.step();
            Ok(Before {
                input,
                unit,
                projections,
            })
        };
        let workers = setting.executor(slice::from_ref(engine));
        let photos = workers.run(photos, |photo| features.input(photo), look, Ok)?;
        let mut twin = engine.clone();
        let mut found = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            twin = twin.randomised(&step.nodes, setting.seed)?;
            let compare = |(before, after): (&Before, [Vec<f32>; 3])| {
                let pairs = [0, 1, 2].map(|rule| (&before.projections[rule], &after[rule]));
                Ok(pairs.map(|(before, after)| {
                    [structural(before, after, size), cosine(before, after)]
                }))
            };
            let workers = setting.executor(slice::from_ref(&twin));
            let similarities = workers.run(
                &photos,
                Ok,
                |twin, before| {
                    let after = projections(twin, &before.input, target, &before.unit)?;
                    progress.step();
                    Ok((before, after))
                },
                compare,
            )?;
            found.push(similarities);
        }
        Ok(found)
    }
}

/// The node that the projections start from: the scores of the classes, or the uppermost stage.
fn target(anatomy: &Anatomy) -> Option<usize> {
    let network = anatomy.network();
    let scores = network.logits();
    let stages = network.stages.iter().map(|stage| stage.node);
    let open = |node: &usize| anatomy.blocked()[*node].is_none();
    scores.filter(open).or_else(|| stages.filter(open).max())
}

/// From the top down.
fn steps(network: &Network, stages: &[Stage], target: usize) -> Vec<Step> {
    let has_weights =
        |node: &usize| matches!(network.nodes[*node].op, Op::Conv { .. } | Op::Linear { .. });
    let mut steps = Vec::new();
    let mut upper = target;
    for (at, stage) in stages.iter().enumerate().rev() {
        let below = at.checked_sub(1).map_or(0, |below| stages[below].node);
        let nodes: Vec<usize> = (below + 1..=upper).filter(has_weights).collect();
        upper = below.min(target);
        if !nodes.is_empty() {
            steps.push(Step {
                name: stage.name.clone(),
                nodes,
            });
        }
    }
    steps
}

fn strongest(engine: &Engine, input: &[f32], target: usize) -> Result<Unit> {
    let recording = Recording {
        activations: vec![target],
        until: Some(target),
        rule: None,
    };
    let trace = engine.forward(&engine.batch(&[input])?, &recording)?;
    let strongest = engine.strongest_unit(&trace, 0, target)?;
    let first = Unit {
        feature: 0,
        y: 0,
        x: 0,
        activation: 0.0,
    };
    // A projection is the same but for its size whatever the unit's value: it starts with 1.
    Ok(Unit {
        activation: 1.0,
        ..strongest.unwrap_or(first)
    })
}

/// One projection a rule, of the same unit with the same value.
fn projections(
    engine: &Engine,
    input: &[f32],
    target: usize,
    unit: &Unit,
) -> Result<[Vec<f32>; 3]> {
    // What the gradient needs of the way forward is all that the other rules need as well.
    let recording = Recording {
        rule: Some(ReluRule::Gradient),
        until: Some(target),
        ..Recording::default()
    };
    let trace = engine.forward(&engine.batch(&[input])?, &recording)?;
    let seed = Seed::unit(0, target, unit);
    let seeds = std::slice::from_ref(&seed);
    let project = |(rule, _): &(ReluRule, _)| engine.project(&trace, seeds, *rule);
    let projected = RULES.iter().map(project).collect::<Result<Vec<_>>>()?;
    let read = read_back(&projected.iter().collect::<Vec<_>>())?;
    let mut projections = [const { Vec::new() }; 3];
    for (values, projection) in read.iter().zip(&mut projections) {
        *projection = values.all()?;
    }
    Ok(projections)
}

/// Structural similarity of two projections' magnitudes, each scaled to its greatest: the mean over windows of [`WINDOW`]
/// pixels a side, half of it apart (Wang et al. 2004).
fn structural(a: &[f32], b: &[f32], [height, width]: [usize; 2]) -> f64 {
    let (a, b) = (magnitude(a, height * width), magnitude(b, height * width));
    let places = |side: usize| (0..=side.saturating_sub(WINDOW)).step_by(WINDOW / 2);
    let (mut sum, mut windows) = (0.0, 0);
    for top in places(height) {
        for left in places(width) {
            let rows = top..(top + WINDOW).min(height);
            let cells =
                rows.flat_map(|row| row * width + left..row * width + (left + WINDOW).min(width));
            let pairs: Vec<(f64, f64)> = cells.map(|at| (a[at], b[at])).collect();
            sum += ssim(&pairs, 1.0);
            windows += 1;
        }
    }
    sum / f64::from(windows.max(1))
}

/// The sum over the planes of so many pixels of magnitudes, from 0 to 1.
fn magnitude(values: &[f32], pixels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; pixels];
    for plane in values.chunks_exact(pixels.max(1)) {
        for (sum, value) in sums.iter_mut().zip(plane) {
            *sum += f64::from(value.abs());
        }
    }
    let greatest = sums.iter().copied().fold(0.0, f64::max);
    if greatest > 0.0 {
        sums.iter_mut().for_each(|sum| *sum /= greatest);
    }
    sums
}

/// What the measures of likeness are called, as [`Similarities`] has them.
const SIMILARITIES: [&str; 2] = ["ssim", "cosine"];

/// Means over the photos with Student's t intervals, step by step; over all layers above the lowest step's, which is what is left to
/// say of a network whose lowest layers alone are its own; and there how much more alike than the gradient's the other rules' are.
fn metrics(steps: &[Step], found: &[Vec<Similarities>]) -> Vec<MetricRow> {
    let bounds = [-1.0, 1.0];
    let mut rows = Vec::new();
    let mut tell = |metric: String, scope: String, values: Vec<f64>, bounds| {
        if let Some(mean) = statistics::bounded_mean(&values, bounds) {
            rows.push(MetricRow::new(metric, scope, mean, values.len()));
        }
    };
    let above_lowest = found.len().checked_sub(2);
    for (kind, similarity) in SIMILARITIES.into_iter().enumerate() {
        for (rule, (of_rule, name)) in RULES.iter().enumerate() {
            let metric = format!("randomisation_{similarity}_{name}");
            let values = |photos: &[Similarities]| -> Vec<f64> {
                photos.iter().map(|photo| photo[rule][kind]).collect()
            };
            if let Some(at) = above_lowest {
                let photos = &found[at];
                tell(metric.clone(), "all".into(), values(photos), bounds);
                if *of_rule != ReluRule::Gradient {
                    let gradient = RULES.len() - 1;
                    let beyond = photos.iter();
                    let beyond = beyond.map(|photo| photo[rule][kind] - photo[gradient][kind]);
                    let metric = format!("{metric}_beyond_gradient");
                    tell(metric, "all".into(), beyond.collect(), [-2.0, 2.0]);
                }
            }
            for (step, photos) in steps.iter().zip(found) {
                let scope = format!("layer:{}", step.name);
                tell(metric.clone(), scope, values(photos), bounds);
            }
        }
    }
    rows
}

/// By rule and step, over the photos.
fn rows(steps: &[Step], found: &[Vec<Similarities>]) -> Vec<RandomisationRow> {
    let mut rows = Vec::new();
    for (rule, (_, name)) in RULES.iter().enumerate() {
        let mut layers = 0;
        for (step, photos) in steps
            .iter()
            .zip(found)
            .filter(|(_, photos)| !photos.is_empty())
        {
            layers += step.nodes.len();
            for (kind, similarity) in SIMILARITIES.into_iter().enumerate() {
                let values = photos.iter().map(|photo| photo[rule][kind]);
                rows.push(RandomisationRow {
                    rule: (*name).into(),
                    layer: step.name.clone(),
                    layers,
                    similarity: similarity.into(),
                    mean: values.clone().sum::<f64>() / photos.len() as f64,
                    low: values.clone().fold(f64::INFINITY, f64::min),
                    high: values.fold(f64::NEG_INFINITY, f64::max),
                    photos: photos.len(),
                });
            }
        }
    }
    rows
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    #[test]
    fn a_projection_is_like_itself_and_unlike_noise() {
        let (size, pixels) = ([24, 32], 24 * 32);
        let wave = |step: usize| -> Vec<f32> {
            let value = |at: usize| ((at * step % 101) as f32 - 50.0) / 50.0;
            (0..3 * pixels).map(value).collect()
        };
        let (a, b) = (wave(7), wave(38));
        assert!((structural(&a, &a, size) - 1.0).abs() < 1e-9);
        assert!((cosine(&a, &a) - 1.0).abs() < 1e-9);
        let larger: Vec<f32> = a.iter().map(|value| -3.0 * value).collect();
        assert!((structural(&a, &larger, size) - 1.0).abs() < 1e-9);
        assert!((cosine(&a, &larger) + 1.0).abs() < 1e-9);
        assert!(structural(&a, &b, size) < 0.5);
        assert!(cosine(&a, &b).abs() < 0.5);
        assert_eq!(cosine(&a, &vec![0.0; a.len()]), 0.0);
    }

    /// Of three photos at three steps by rule the cosine, and of structural similarity a half of that.
    fn found(of_rule: [f64; 3]) -> Vec<MetricRow> {
        let steps = ["conv5", "conv3", "conv1"].map(|name| Step {
            name: name.into(),
            nodes: vec![0],
        });
        let photo = |step: f64, photo: f64| {
            of_rule.map(|cosine| {
                let cosine = cosine * (1.0 + 0.01 * photo) - 0.1 * step;
                [cosine / 2.0, cosine]
            })
        };
        let photos =
            |step: f64| -> Vec<Similarities> { [0.0, 1.0, 2.0].map(|at| photo(step, at)).to_vec() };
        metrics(&steps, &[0.0, 1.0, 2.0].map(photos))
    }

    #[test]
    fn what_is_left_above_the_lowest_step_is_told_beside_the_gradient() {
        let row = |rows: &[MetricRow], metric: &str, scope: &str| -> MetricRow {
            let mut rows = rows.iter();
            let row = rows.find(|row| row.metric == metric && row.scope == scope);
            row.unwrap().clone()
        };
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
        let held = found([0.9, 0.8, 0.2]);
        let cosine = row(&held, "randomisation_cosine_deconvnet", "all");
        near(cosine.value, 0.809);
        assert!(cosine.low.unwrap() > 0.75 && cosine.high.unwrap() < 0.85 && cosine.count == 3);
        near(row(&held, "randomisation_ssim_guided", "all").value, 0.354);
        near(
            row(&held, "randomisation_cosine_gradient", "layer:conv1").value,
            0.002,
        );
        let beyond = "randomisation_cosine_deconvnet_beyond_gradient";
        near(row(&held, beyond, "all").value, 0.707);
        let turned = row(&found([0.2, 0.8, 0.9]), beyond, "all");
        near(turned.value, -0.707);
        assert!(turned.high.unwrap() < 0.0);
    }
}
