//! The network run over a group of prepared photos: probabilities, strongest units, projections.

use std::sync::Arc;

use base::{Error, Result};
use engine::seeds::Unit;
use engine::{Answers, Engine, Kept, Questions, Recording, ReluRule, Seed, Trace, Whose};
use records::maps::{ProjectionArray, Values};
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
    pub mean_maps: Vec<Values>,
    /// By stage from the input upwards, then kind.
    pub projections: Vec<ProjectionArray>,
}

/// Observations of one photo, in the order of its inputs.
pub type Observations = Vec<Observation>;

/// Who shows photos to the network.
#[derive(Clone, Copy)]
pub struct Observer<'a> {
    /// How it is shown.
    pub setting: &'a Setting<'a>,
    /// Looks on.
    pub onlooker: &'a dyn Onlooker,
    /// Is told when passes were halved for lack of memory.
    pub halved: &'a (dyn Fn() -> Result<()> + Sync),
}

impl Observer<'_> {
    /// Runs the network over all inputs of a group of photos, as many a pass as have room. What a pass is made of depends on the
    /// group and the room alone.
    ///
    /// # Errors
    /// [`base::Error::Compute`].
    pub fn observe(&self, engine: &Engine, group: &[Box<Prepared>]) -> Result<Vec<Observations>> {
        let all = group.iter().enumerate();
        let inputs: Vec<(usize, &PreparedInput)> = all
            .flat_map(|(owner, photo)| photo.inputs.iter().map(move |input| (owner, input)))
            .collect();
        let mut found: Vec<Observations> = group.iter().map(|_| Vec::new()).collect();
        let (mut left, room) = (&inputs[..], self.setting.room);
        while !left.is_empty() {
            let share = room.share();
            let (inputs, others) = left.split_at(share.batch.min(left.len()));
            let pass = Pass {
                setting: self.setting,
                engine,
                group,
                inputs,
            };
            match pass.observe(self.onlooker, &found, share.signals) {
                Ok(observations) => {
                    for ((owner, _), observation) in inputs.iter().zip(observations) {
                        found[*owner].push(observation);
                    }
                    left = others;
                }
                Err(error) => {
                    if room.halve(share, error)? {
                        (self.halved)()?;
                    }
                }
            }
        }
        Ok(found)
    }
}

/// Inputs that go through the network together.
struct Pass<'a> {
    setting: &'a Setting<'a>,
    engine: &'a Engine,
    group: &'a [Box<Prepared>],
    /// With the place of their photo in the group.
    inputs: &'a [(usize, &'a PreparedInput)],
}

/// A projection to be made: the row of its image, the number of its stage, its kind, the unit where it is one's.
type Wanted = (usize, usize, ProjectionKind, Option<Unit>);

impl Pass<'_> {
    /// Two waits for a device: for what the pass tells, and for the projections, once for each time that so many signals go back.
    /// Until all is there nothing is told to the onlooker, so that a pass that failed can be made again.
    fn observe(
        &self,
        onlooker: &dyn Onlooker,
        before: &[Observations],
        signals: usize,
    ) -> Result<Vec<Observation>> {
        let (engine, setting) = (self.engine, self.setting);
        let shown: Vec<bool> = self
            .inputs
            .iter()
            .map(|input| self.is_shown(input))
            .collect();
        let any_shown = shown.contains(&true);
        let awaited = self.awaited(onlooker);
        let nodes: Vec<usize> = match any_shown || !awaited.is_empty() {
            true => setting.stages.iter().map(|stage| stage.node).collect(),
            false => Vec::new(),
        };
        if nodes.is_empty() && !engine.network().has_classifier() {
            // Nothing is asked of this pass.
            return Ok(self.inputs.iter().map(|_| Observation::default()).collect());
        }
        let recording = Recording {
            activations: nodes.clone(),
            rule: any_shown.then_some(ReluRule::Deconvnet),
            ..Recording::default()
        };
        let crops: Vec<&[u8]> = self
            .inputs
            .iter()
            .map(|(_, it)| it.crop.as_raw() as &[u8])
            .collect();
        let trace = engine.classify(&engine.inputs(&crops)?, &recording)?;
        let kept = self.kept(&shown, before);
        let questions = Questions {
            output: engine.network().has_classifier(),
            nodes: &nodes,
            units: any_shown,
            kept: &kept,
            peaks: (!awaited.is_empty()).then(|| onlooker.peaks()),
        };
        let answers = engine.ask(&trace, &questions)?;
        let rows = shown.iter().enumerate();
        let told = rows.map(|(image, shown)| self.told(&answers, image, *shown));
        let mut observations: Vec<Observation> = told.collect::<Result<_>>()?;
        self.project(&trace, &mut observations, signals)?;
        drop(trace);
        if !awaited.is_empty() {
            onlooker.see(&answers, &awaited)?;
        }
        Ok(observations)
    }

    fn is_shown(&self, (owner, input): &(usize, &PreparedInput)) -> bool {
        self.group[*owner].detail && !matches!(input.condition, Condition::Control(_))
    }

    fn awaited(&self, onlooker: &dyn Onlooker) -> Vec<Sighting<'_>> {
        let originals = self.inputs.iter().enumerate();
        let originals = originals.filter(|(_, (_, it))| it.condition == Condition::Original);
        originals
            .map(|(image, (owner, _))| Sighting {
                image,
                photo: self.group[*owner].photo,
                sha256: &self.group[*owner].sha256,
            })
            .filter(|seen| onlooker.awaits(seen.photo))
            .collect()
    }

    /// Of masked inputs that are shown: whose units are looked at, in this pass or one before. The original comes first.
    fn kept<'b>(&self, shown: &[bool], before: &'b [Observations]) -> Vec<Kept<'b>> {
        let inputs = self.inputs.iter().enumerate().zip(shown);
        let masked =
            inputs.filter(|((_, (_, it)), shown)| **shown && it.condition != Condition::Original);
        masked
            .filter_map(|((image, (owner, _)), _)| {
                let first = self.inputs.iter().position(|(other, _)| other == owner)?;
                let of = match before[*owner].first() {
                    Some(original) => Whose::Known(&original.units),
                    None => Whose::Row(first),
                };
                Some(Kept { image, of })
            })
            .collect()
    }

    fn told(&self, answers: &Answers, image: usize, shown: bool) -> Result<Observation> {
        let mut observation = Observation {
            probabilities: answers.output(image).to_vec(),
            ..Observation::default()
        };
        self.finite(&observation.probabilities, image)?;
        if shown {
            for node in 0..self.setting.stages.len() {
                let map = Values::part(Arc::clone(answers.values()), answers.mean_map(node, image));
                self.finite(&map, image)?;
                observation.mean_maps.push(map);
                observation.units.push(answers.unit(node, image));
                observation.clean_units.push(answers.kept(node, image));
            }
        }
        Ok(observation)
    }

    fn finite(&self, values: &[f32], image: usize) -> Result<()> {
        if values.iter().all(|value| value.is_finite()) {
            return Ok(());
        }
        let photo = self.group[self.inputs[image].0].photo;
        Err(Error::Compute {
            doing: format!("showing {}", self.setting.dataset.photos[photo].path),
            message: "the network gives values that are not finite (NaN or infinite); are its weights damaged?".into(),
        })
    }

    /// Makes the projections of all that is shown, `signals` at a time.
    fn project(
        &self,
        trace: &Trace,
        observations: &mut [Observation],
        signals: usize,
    ) -> Result<()> {
        let (engine, stages) = (self.engine, self.setting.stages);
        let mut wanted: Vec<Wanted> = Vec::new();
        for (image, observation) in observations.iter().enumerate() {
            for (stage, unit) in observation.units.iter().enumerate() {
                for &kind in self.setting.kinds {
                    if kind == ProjectionKind::Layer || unit.is_some() {
                        wanted.push((image, stage, kind, *unit));
                    }
                }
            }
        }
        for together in wanted.chunks(signals.max(1)) {
            let seed = |&(image, stage, kind, unit): &Wanted| {
                let (image, node) = (image as i64, stages[stage].node);
                match (kind, unit) {
                    (ProjectionKind::Unit, Some(unit)) => Seed::unit(image, node, &unit),
                    _ => Seed::layer(image, node),
                }
            };
            let seeds: Vec<Seed> = together.iter().map(seed).collect();
            let pixels = engine.project(trace, &seeds, ReluRule::Deconvnet)?;
            let pixels = Arc::new(engine.read(&pixels)?);
            let cells = pixels.len() / together.len();
            for (number, &(image, stage, kind, _)) in together.iter().enumerate() {
                let part = number * cells..(number + 1) * cells;
                observations[image].projections.push(ProjectionArray {
                    kind,
                    layer: stages[stage].name.clone(),
                    values: Values::part(Arc::clone(&pixels), part),
                });
            }
        }
        Ok(())
    }
}
