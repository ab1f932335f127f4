//! The occluder slid over some photographs, and these hidden and shown piece by piece. The device is waited for three times
//! for all of them: for what it sees of them, for what it sees under the occluder, for what is made of that.

use std::sync::Arc;

use base::Result;
use engine::occlude::{Fast, FeatureMap, Occlusion, Slider};
use engine::{read_back, Engine, MapPeaks, Recording, ReluRule, Seed, Trace};
use records::ranked;

use super::curves;
use super::seen::{missing, Clean, Followed, Found, Given, Made, Slid};

/// What computes.
#[derive(Debug, Clone)]
pub(super) struct Sliders {
    pub(super) engine: Engine,
    pub(super) slider: Slider,
    /// Where not all positions are computed.
    pub(super) fast: Option<Fast>,
    /// The layer whose strongest map is followed.
    pub(super) node: usize,
    /// Whether no projection comes from it.
    pub(super) blocked: bool,
    /// Workers.
    pub(super) threads: usize,
}

/// What the network gives at all positions; in the fast mode some places, and what it gives there exactly.
type OnDevice = (Occlusion, Option<(Vec<usize>, Occlusion)>);

impl Sliders {
    /// Slides the occluder over photos `[C, H, W]`, each with the class that it is labelled as, with all workers.
    pub(super) fn slide(&self, photos: &[(Option<usize>, Arc<[f32]>)]) -> Result<Vec<Found>> {
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let inputs: Vec<&[f32]> = photos.iter().map(|(_, input)| &**input).collect();
        let trace = forward(&self.engine, &inputs)?;
        let labels = photos.iter().map(|(label, _)| *label);
        let clean = self.clean(&trace, labels)?;
        let slid = self.under_the_occluder(&trace, &clean)?;
        let made = self.made_of(&trace, &clean, &slid)?;
        let found = clean.into_iter().zip(slid).zip(made);
        let found = found.map(|((clean, slid), made)| Found { clean, slid, made });
        Ok(found.collect())
    }

    fn clean(
        &self,
        trace: &Trace,
        labels: impl Iterator<Item = Option<usize>>,
    ) -> Result<Vec<Clean>> {
        let (engine, node) = (&self.engine, self.node);
        let [sums, values, places] = &engine.map_peaks(trace, node)?;
        let mut asked = vec![sums, values, places];
        let classifies = engine.network().has_classifier();
        asked.extend(classifies.then_some(&trace.output));
        let read = read_back(&asked)?;
        let peaks = engine.peaks_told(node, &read[..3])?.into_iter();
        let of_photo = |(image, (label, peaks)): (usize, (Option<usize>, MapPeaks))| {
            let probabilities = match read.get(3) {
                Some(probabilities) => probabilities.rows(image, 1)?.all()?,
                None => Vec::new(),
            };
            let predicted = ranked(&probabilities).first().copied();
            Ok(Clean {
                followed: Followed {
                    class: predicted.map(|predicted| label.unwrap_or(predicted)),
                    map: FeatureMap {
                        node,
                        feature: peaks.strongest,
                    },
                },
                probabilities,
                units: peaks.units,
            })
        };
        labels.zip(peaks).enumerate().map(of_photo).collect()
    }

    fn under_the_occluder(&self, trace: &Trace, clean: &[Clean]) -> Result<Vec<Slid>> {
        let mut slid: Vec<OnDevice> = Vec::new();
        for (image, of_photo) in clean.iter().enumerate() {
            let alone = trace.image(image as i64)?;
            let watched = [of_photo.followed.map];
            slid.push(match &self.fast {
                None => (self.slider.slide(&alone, &watched)?, None),
                Some(fast) => {
                    let sketch = fast.slide(&alone, &watched)?;
                    (sketch.all, Some((sketch.places, sketch.exact)))
                }
            });
        }
        let classifies = self.engine.network().has_classifier();
        let mut asked = Vec::new();
        for (all, sample) in &slid {
            for given in [Some(all), sample.as_ref().map(|(_, exact)| exact)] {
                let Some(given) = given else { continue };
                asked.extend(classifies.then_some(&given.output));
                asked.extend(&given.sums);
            }
            asked.extend(&all.clean_sums);
        }
        let mut read = read_back(&asked)?.into_iter();
        let of_photo = |(_, sample): OnDevice| {
            Ok(Slid {
                given: Given::of(&mut read, classifies)?,
                sample: match sample {
                    Some((places, _)) => Some((places, Given::of(&mut read, classifies)?)),
                    None => None,
                },
                map_clean: read.next().ok_or_else(missing)?,
            })
        };
        slid.into_iter().map(of_photo).collect()
    }

    fn made_of(&self, trace: &Trace, clean: &[Clean], slid: &[Slid]) -> Result<Vec<Made>> {
        let (engine, occluder) = (&self.engine, self.slider.occluder());
        let input = engine.network().input;
        let size = [input.height, input.width];
        let (mut orders, mut asked) = (Vec::new(), Vec::new());
        for (image, (clean, slid)) in clean.iter().zip(slid).enumerate() {
            if let (Some(class), Some(outputs)) = (clean.followed.class, &slid.given.outputs) {
                let hidden: Vec<f32> = outputs.column(class)?.all()?;
                let probability = (clean.probabilities[class], &hidden[..]);
                let order = curves::order(probability, occluder, size);
                asked.push(curves::asked(image as i64, class, &order));
                orders.push(order);
            }
        }
        let hidden = engine.piece_by_piece(self.threads, &occluder.fill, trace, &asked)?;
        let projected = match self.blocked {
            true => None,
            false => {
                let seed = |(image, clean): (usize, &Clean)| {
                    let FeatureMap { node, feature } = clean.followed.map;
                    Seed::map(image as i64, node, feature)
                };
                let seeds: Vec<Seed> = clean.iter().enumerate().map(seed).collect();
                Some(engine.project(trace, &seeds, ReluRule::Deconvnet)?)
            }
        };
        let asked: Vec<_> = hidden.iter().chain(&projected).collect();
        let mut read = read_back(&asked)?.into_iter();
        let mut pieces = orders.into_iter().zip(read.by_ref().take(hidden.len()));
        let mut pieces: Vec<_> = (0..clean.len()).map(|_| pieces.next()).collect();
        let projections = read.next();
        let projection = |image: usize| match &projections {
            Some(projections) => projections.rows(image, 1).map(Some),
            None => Ok(None),
        };
        let made = pieces.drain(..).enumerate();
        made.map(|(image, pieces)| Ok((pieces, projection(image)?)))
            .collect()
    }
}

/// The trace that all of it looks at.
fn forward(engine: &Engine, inputs: &[&[f32]]) -> Result<Trace> {
    let recording = Recording {
        rule: Some(ReluRule::Deconvnet),
        ..Recording::everything(engine)
    };
    engine.forward(&engine.batch(inputs)?, &recording)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
pub(super) mod tests {
    use std::path::Path;

    use engine::device::{self, DeviceChoice};
    use engine::occlude::{Cut, Occluder};
    use engine::{waits, Machine, Precision};
    use network::{Model, ModelSource};

    use super::super::curves::Curve;
    use super::super::seen::Told;
    use super::*;

    /// The tests' small network, its work cut for a kind of device.
    pub(crate) fn engine(machine: Machine) -> Engine {
        let weights = "../../tests/fixtures/checkpoints/tiny.pth";
        let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join(weights);
        let source = ModelSource {
            name: "tiny".into(),
            weights: Some(weights),
            ..ModelSource::default()
        };
        let model = Model::load(&source).unwrap();
        let (devices, _) = device::open(&DeviceChoice::Cpu, Precision::default()).unwrap();
        device::one_thread_here();
        Engine::new(&model, devices[0]).unwrap().cut_for(machine)
    }

    /// So many inputs, none like another.
    pub(crate) fn inputs(engine: &Engine, count: usize) -> Vec<Vec<f32>> {
        let cells = engine.network().input.cells();
        let value = |number: usize, cell: usize| {
            let (wave, noise) = (cell * (number + 3) / 7 % 64, cell * 7919 % (101 + number));
            (wave as f32 / 32.0 - 1.0) + (noise as f32 / 50.0 - 1.0)
        };
        let input = |number| (0..cells).map(|cell| value(number, cell)).collect();
        (0..count).map(input).collect()
    }

    fn sliders(machine: Machine, stride: usize, fast: bool) -> Sliders {
        let engine = engine(machine);
        let input = engine.network().input;
        let sides = [input.height, input.width];
        let occluder = Occluder::grid(8, stride, sides, vec![0.0; input.channels]).unwrap();
        let node = engine.anatomy().top_maps().unwrap().node;
        let slider = engine.slider(occluder, node, Cut::on(machine)).unwrap();
        Sliders {
            fast: match fast {
                true => Fast::of(&slider, &[1, 4], &[0, 5]).unwrap(),
                false => None,
            },
            slider,
            node,
            blocked: engine.anatomy().blocked()[node].is_some(),
            threads: 2,
            engine,
        }
    }

    fn told(sliders: &Sliders, inputs: &[Vec<f32>]) -> (Vec<Told>, usize) {
        let photos: Vec<_> = inputs
            .iter()
            .map(|input| (None, input[..].into()))
            .collect();
        let before = waits();
        let found = sliders.slide(&photos).unwrap();
        let waited = waits() - before;
        let input = sliders.engine.network().input;
        let told = |found: Found| found.told([input.height, input.width]).unwrap();
        (found.into_iter().map(told).collect(), waited)
    }

    /// With curves and the projection of the map, exactly and in the fast mode.
    #[test]
    fn a_device_is_waited_for_three_times_however_many_photos_and_positions() {
        for machine in [Machine::PROCESSOR, Machine::GPU] {
            for (count, stride, fast) in [(1, 8, false), (5, 8, false), (3, 2, false), (4, 2, true)]
            {
                let sliders = sliders(machine, stride, fast);
                assert_eq!(sliders.fast.is_some(), fast);
                let (told, waited) = told(&sliders, &inputs(&sliders.engine, count));
                assert_eq!((told.len(), waited), (count, 3));
                for told in &told {
                    assert_eq!((told.curves.0.len(), told.curves.1.len()), (21, 21));
                    assert!(told.projection.is_some());
                }
            }
        }
    }

    /// Probabilities within 1e-5, as everywhere (CONTRIBUTING.md).
    #[test]
    fn photos_together_are_what_each_is_alone() {
        let near = |one: &[f32], other: &[f32], scale: f32| {
            assert_eq!(one.len(), other.len());
            let off = one
                .iter()
                .zip(other)
                .map(|(one, other)| (one - other).abs());
            let off = off.fold(0.0, f32::max);
            assert!(off <= 1e-5 * scale, "{off} of {scale}");
        };
        for fast in [false, true] {
            let (alone, gpu) = (
                sliders(Machine::PROCESSOR, 2, fast),
                sliders(Machine::GPU, 2, fast),
            );
            let inputs = inputs(&alone.engine, 5);
            let (together, _) = told(&gpu, &inputs);
            for (input, together) in inputs.iter().zip(&together) {
                let (of_one, _) = told(&alone, std::slice::from_ref(input));
                let of_one = &of_one[0];
                let (one, other) = (&of_one.followed, &together.followed);
                assert_eq!((one.class, one.map), (other.class, other.map));
                near(&of_one.probabilities, &together.probabilities, 1.0);
                near(&of_one.seen.probability, &together.seen.probability, 1.0);
                let sums = &of_one.seen.map_activation;
                let largest = sums.iter().copied().fold(1.0, f32::max);
                near(sums, &together.seen.map_activation, largest);
                near(&[of_one.map_clean], &[together.map_clean], largest);
                let probabilities = |curve: &Curve| curve.iter().map(|at| at.1).collect::<Vec<_>>();
                let curves = [
                    (&of_one.curves.0, &together.curves.0),
                    (&of_one.curves.1, &together.curves.1),
                ];
                for (one, other) in curves {
                    let shares = |curve: &Curve| curve.iter().map(|at| at.0).collect::<Vec<_>>();
                    assert_eq!(shares(one), shares(other));
                    near(&probabilities(one), &probabilities(other), 1.0);
                }
                let places = |told: &Told| -> Vec<(usize, usize, usize)> {
                    told.units
                        .iter()
                        .map(|unit| (unit.feature, unit.y, unit.x))
                        .collect()
                };
                assert_eq!(places(of_one), places(together));
                let (one, other) = (of_one.projection.as_ref(), together.projection.as_ref());
                let (one, other) = (one.unwrap(), other.unwrap());
                let largest = one
                    .iter()
                    .fold(0.0, |most: f32, value| most.max(value.abs()));
                assert!(largest > 0.0);
                near(one, other, largest);
            }
        }
    }
}
