//! The network run over a group of prepared photos: probabilities, strongest units, projections.

use base::{Error, Result};
use engine::seeds::Unit;
use engine::{to_values, Engine, Recording, ReluRule, Seed, Trace};
use records::maps::ProjectionArray;
use records::ProjectionKind;

use super::prepare::{Condition, Prepared, PreparedInput};
use super::{Onlooker, Setting, Sighting};

/// What the network said and showed for one input.
#[derive(Debug, Default)]
pub struct Observation {
    /// Probability of every class; empty without a classifier.
    pub probabilities: Vec<f32>,
    /// The strongest unit of each stage.
    pub units: Vec<Option<Unit>>,
    /// Under a mask: the activation of the original's strongest unit, by stage.
    pub clean_units: Vec<Option<f32>>,
    /// Mean over the feature maps of each stage, `[H, W]`.
    pub mean_maps: Vec<Vec<f32>>,
    /// By stage from the input upwards, then kind.
    pub projections: Vec<ProjectionArray>,
}

/// Observations of one photo, in the order of its inputs.
pub type Observations = Vec<Observation>;

/// Runs the network over all inputs of a group of photos, `batch` inputs a pass. What a pass is made of depends on
/// the group alone.
///
/// # Errors
/// [`base::Error::Compute`].
pub fn observe(
    setting: &Setting,
    engine: &Engine,
    onlooker: &dyn Onlooker,
    group: &[Box<Prepared>],
) -> Result<Vec<Observations>> {
    let inputs: Vec<(usize, &PreparedInput)> = group
        .iter()
        .enumerate()
        .flat_map(|(owner, photo)| photo.inputs.iter().map(move |input| (owner, input)))
        .collect();
    let mut found: Vec<Observations> = group.iter().map(|_| Vec::new()).collect();
    for pass in inputs.chunks(setting.batch.max(1)) {
        observe_pass(setting, engine, onlooker, (group, pass), &mut found)?;
    }
    Ok(found)
}

fn observe_pass(
    setting: &Setting,
    engine: &Engine,
    onlooker: &dyn Onlooker,
    (group, pass): (&[Box<Prepared>], &[(usize, &PreparedInput)]),
    found: &mut [Observations],
) -> Result<()> {
    let values: Vec<&[f32]> = pass.iter().map(|(_, input)| &input.values[..]).collect();
    let is_shown = |&(owner, input): &(usize, &PreparedInput)| {
        group[owner].detail && !matches!(input.condition, Condition::Control(_))
    };
    let any_shown = pass.iter().any(is_shown);
    let awaited: Vec<Sighting<'_>> = pass
        .iter()
        .enumerate()
        .filter(|(_, (_, input))| input.condition == Condition::Original)
        .map(|(image, (owner, _))| Sighting {
            image,
            photo: group[*owner].photo,
            sha256: &group[*owner].sha256,
        })
        .filter(|seen| onlooker.awaits(seen.photo))
        .collect();
    let recording = Recording {
        activations: match any_shown || !awaited.is_empty() {
            true => setting.stages.iter().map(|stage| stage.node).collect(),
            false => Vec::new(),
        },
        rule: any_shown.then_some(ReluRule::Deconvnet),
        ..Recording::default()
    };
    let trace = engine.classify(&engine.batch(&values)?, &recording)?;
    let classes = trace.output.size().get(1).copied().unwrap_or(0) as usize;
    let probabilities = match engine.network().has_classifier() {
        true => to_values(&trace.output)?,
        false => Vec::new(),
    };
    let mut seeds = Vec::new();
    let mut shown = Vec::new();
    let finite = |values: &[f32], owner: usize| {
        match values.iter().all(|value| value.is_finite()) {
        true => Ok(()),
        false => Err(Error::Compute {
            doing: format!("showing {}", setting.dataset.photos[group[owner].photo].path),
            message: "the network gives values that are not finite (NaN or infinite); are its weights damaged?".into(),
        }),
    }
    };
    for (image, entry) in pass.iter().enumerate() {
        let owner = entry.0;
        let mut observation = Observation::default();
        if !probabilities.is_empty() {
            observation.probabilities =
                probabilities[image * classes..(image + 1) * classes].to_vec();
            finite(&observation.probabilities, owner)?;
        }
        if is_shown(entry) {
            let original = found[owner].first();
            look(setting, engine, &trace, image, original, &mut observation)?;
            observation
                .mean_maps
                .iter()
                .try_for_each(|map| finite(map, owner))?;
            shown.push((owner, found[owner].len()));
            plant(setting, engine, &trace, image, &observation, &mut seeds)?;
        }
        found[owner].push(observation);
    }
    if !awaited.is_empty() {
        onlooker.see(engine, &trace, &awaited)?;
    }
    if seeds.is_empty() {
        return Ok(());
    }
    let pixels = to_values(&engine.project(&trace, &seeds, ReluRule::Deconvnet)?)?;
    let mut projections = pixels
        .chunks_exact(pixels.len() / seeds.len())
        .map(<[f32]>::to_vec);
    for (owner, number) in shown {
        let observation = &mut found[owner][number];
        for (stage, unit) in setting.stages.iter().zip(&observation.units) {
            for &kind in setting.kinds {
                if kind == ProjectionKind::Unit && unit.is_none() {
                    continue;
                }
                observation.projections.push(ProjectionArray {
                    kind,
                    layer: stage.name.clone(),
                    values: projections.next().unwrap_or_default(),
                });
            }
        }
    }
    Ok(())
}

fn look(
    setting: &Setting,
    engine: &Engine,
    trace: &Trace,
    image: usize,
    original: Option<&Observation>,
    observation: &mut Observation,
) -> Result<()> {
    let image = image as i64;
    for (number, stage) in setting.stages.iter().enumerate() {
        let unit = engine.strongest_unit(trace, image, stage.node)?;
        observation.units.push(unit);
        let map = engine.mean_over_maps(trace, image, stage.node)?;
        observation.mean_maps.push(map);
        if let Some(original) = original {
            let left = original.units[number]
                .map(|unit| engine.activation(trace, image, stage.node, &unit))
                .transpose()?;
            observation.clean_units.push(left);
        }
    }
    Ok(())
}

fn plant(
    setting: &Setting,
    engine: &Engine,
    trace: &Trace,
    image: usize,
    observation: &Observation,
    seeds: &mut Vec<Seed>,
) -> Result<()> {
    let image = image as i64;
    for (stage, unit) in setting.stages.iter().zip(&observation.units) {
        for kind in setting.kinds {
            match (kind, unit) {
                (ProjectionKind::Layer, _) => {
                    seeds.push(engine.layer_seed(trace, image, stage.node)?);
                }
                (ProjectionKind::Unit, Some(unit)) => {
                    seeds.push(engine.unit_seed(image, stage.node, unit)?);
                }
                (ProjectionKind::Unit, None) => {}
            }
        }
    }
    Ok(())
}
