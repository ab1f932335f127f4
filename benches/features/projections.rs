//! The strongest units of maps, projected.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Mutex;

use deconvscope::engine::patches::{Place, Uncut, UnitProjector};
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{Engine, Executor, Give, Trace};
use deconvscope::experiments::features::{groups, Maps};
use deconvscope::network::Op;
use tch::Tensor;

use crate::common::Failure;
use crate::scan::Batches;
use crate::subject::{Inputs, Subject};
use crate::{locked, number, seconds};

/// Projections that are held against Captum's.
const CHECKED: usize = 6;

/// Photos by number, each with units in it.
type Group = Vec<(usize, Vec<Unit>)>;

pub(crate) fn projections(
    subject: &Subject,
    reference: &Path,
    options: &[&str],
) -> Result<(), Failure> {
    let threads = number(options, "--threads", 2)?;
    let maps = number(options, "--maps", 64)?;
    let top = number(options, "--top", 9)?;
    let found = strongest(subject, maps, top, threads)?;
    let all: usize = found.iter().map(|(_, units)| units.len()).sum();
    let timed = first(found, number(options, "--units", all)?);
    let bench = Projections {
        inputs: subject.inputs()?,
        projector: projector(&subject.engine, subject)?,
        groups: groups(timed.clone(), gathered(&subject.engine)),
        subject,
        threads,
    };
    let units: usize = timed.iter().map(|(_, units)| units.len()).sum();
    bench.write_reference(&timed, number(options, "--sample", 32)?, reference)?;
    let traced = bench.traced()?;
    bench.given_traces(&traced)?;
    let facts = serde_json::json!({"found": all, "units": units, "photos": timed.len()});
    println!("{facts}");
    for line in std::io::stdin().lines() {
        line?;
        let round = serde_json::json!({
            "projections": seconds(|| bench.given_traces(&traced))?,
            "second_pass": seconds(|| bench.given_inputs())?,
        });
        println!("{round}");
    }
    Ok(())
}

/// The strongest units of maps drawn by seed, by photo.
fn strongest(subject: &Subject, maps: usize, top: usize, threads: usize) -> Result<Group, Failure> {
    let tallies = Batches::new(subject, threads)?.scanned(top)?;
    let setting = subject.setting(threads);
    let mut by_photo: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
    for &map in &Maps::Drawn(maps).chosen(&setting, &tallies)[0] {
        for found in &tallies[0].maps[map].strongest {
            by_photo.entry(found.photo).or_default().push(found.unit);
        }
    }
    Ok(by_photo.into_iter().collect())
}

/// So many units, in their photos' order.
fn first(photos: Group, mut count: usize) -> Group {
    let mut taken = Vec::new();
    for (photo, mut units) in photos {
        units.truncate(count);
        count -= units.len();
        if !units.is_empty() {
            taken.push((photo, units));
        }
    }
    taken
}

struct Projections<'a> {
    subject: &'a Subject,
    inputs: Inputs,
    projector: UnitProjector,
    groups: Vec<Group>,
    threads: usize,
}

/// A group's traces as one, where they are needed, and its units. Tensors may not be shared between threads without a lock.
type Traced = Mutex<(Option<Trace>, Vec<Place>)>;

impl Projections<'_> {
    fn traced(&self) -> Result<Vec<Traced>, Failure> {
        let traced = |group: &Group| -> deconvscope::Result<Traced> {
            let trace = trace(&self.subject.engine, &self.projector, &self.inputs, group)?;
            Ok(Mutex::new((trace, places(group))))
        };
        Ok(self.groups.iter().map(traced).collect::<Result<_, _>>()?)
    }

    fn given_traces(&self, traced: &[Traced]) -> Result<(), Failure> {
        self.pass(traced, |projector, item, give| {
            let (trace, places) = &*locked(item);
            project(projector, trace.as_ref(), places, give)
        })
    }

    fn given_inputs(&self) -> Result<(), Failure> {
        let inputs = &self.inputs;
        self.pass(&self.groups, |projector, group, give| {
            let trace = trace(projector.engine(), projector, inputs, group)?;
            project(projector, trace.as_ref(), &places(group), give)
        })
    }

    /// Takes items through the stages: what comes back from the device is cut out by others than who feeds it.
    fn pass<T: Sync>(
        &self,
        items: &[T],
        compute: impl Fn(&UnitProjector, &T, &mut Give<'_, Uncut>) -> deconvscope::Result<()> + Sync,
    ) -> Result<(), Failure> {
        let workers = Executor::new(&self.subject.engine, self.threads);
        let workers = workers.with(|_| Ok(self.projector.clone()));
        workers.stream(
            items,
            Ok,
            compute,
            |uncut| {
                black_box(uncut.cut()?);
                Ok(())
            },
            |_| Ok(()),
        )?;
        Ok(())
    }

    /// For Captum: the filters, units spread over those that are timed with their photos, and what some of their
    /// projections should be.
    fn write_reference(&self, timed: &Group, sample: usize, path: &Path) -> Result<(), Failure> {
        let units: Vec<(usize, Unit)> = timed
            .iter()
            .flat_map(|(photo, units)| units.iter().map(|unit| (*photo, *unit)))
            .collect();
        let sample: Vec<(usize, Unit)> = spread(sample, units.len()).map(|at| units[at]).collect();
        let mut photos: Vec<usize> = sample.iter().map(|(photo, _)| *photo).collect();
        photos.dedup();
        let (mut rows, mut activations) = (Vec::new(), Vec::new());
        for (photo, unit) in &sample {
            let row = photos.iter().position(|at| at == photo).unwrap_or_default();
            rows.extend([row, unit.feature, unit.y, unit.x].map(|number| number as i64));
            activations.push(unit.activation);
        }
        let checked: Vec<usize> = spread(CHECKED, sample.len()).collect();
        let ours: Vec<Tensor> = checked
            .iter()
            .map(|&at| self.projection(sample[at]))
            .collect::<Result<_, _>>()?;
        let inputs: Vec<Tensor> = photos
            .iter()
            .map(|photo| self.subject.engine.batch(&[&self.inputs[photo]]))
            .collect::<Result<_, _>>()?;
        let checked: Vec<i64> = checked.into_iter().map(|at| at as i64).collect();
        let mut tensors: Vec<(String, Tensor)> = vec![
            ("inputs".into(), Tensor::f_cat(&inputs, 0)?),
            (
                "units".into(),
                Tensor::f_from_slice(&rows)?.f_view([-1, 4])?,
            ),
            ("activations".into(), Tensor::f_from_slice(&activations)?),
            ("checked".into(), Tensor::f_from_slice(&checked)?),
            ("projections".into(), Tensor::f_stack(&ours, 0)?),
        ];
        let network = self.subject.model.network();
        for node in &network.nodes {
            if !matches!(node.op, Op::Conv { .. }) {
                continue;
            }
            for field in ["weight", "bias"] {
                let name = format!("{}.{field}", node.name);
                let array = &self.subject.model.weights[&name];
                let shape: Vec<i64> = array.shape.iter().map(|&length| length as i64).collect();
                let values = Tensor::f_from_slice(&array.data)?.f_view(shape.as_slice())?;
                tensors.push((name, values));
            }
        }
        Ok(Tensor::write_safetensors(&tensors, path)?)
    }

    /// A unit's projection laid into an empty image.
    fn projection(&self, (photo, unit): (usize, Unit)) -> Result<Tensor, Failure> {
        let group = vec![(photo, vec![unit])];
        let trace = trace(&self.subject.engine, &self.projector, &self.inputs, &group)?;
        let patches = self.projector.project(trace.as_ref(), &places(&group))?;
        let [patch] = &patches[..] else {
            return Err("expected one patch".into());
        };
        let input = self.subject.model.network().input;
        let shape = input.axes().map(|length| length as i64);
        Ok(Tensor::f_from_slice(&patch.in_input(input))?.f_view(shape)?)
    }
}

/// For the units of the one layer that is looked at.
fn projector(engine: &Engine, subject: &Subject) -> deconvscope::Result<UnitProjector> {
    let mut projectors = engine.unit_projectors(&[subject.stages[0].node])?;
    Ok(projectors.swap_remove(0))
}

/// How many photos and units are projected together.
fn gathered(engine: &Engine) -> [usize; 2] {
    let [photos, units] = engine.machine().gathered;
    [engine.photos_together(photos), units]
}

fn project(
    projector: &UnitProjector,
    trace: Option<&Trace>,
    places: &[Place],
    give: &mut Give<'_, Uncut>,
) -> deconvscope::Result<()> {
    let wanted = [(projector, places.to_vec())];
    projector.engine().project_units(trace, &wanted, give)
}

/// A group's traces as one; `None` where projections need none.
fn trace(
    engine: &Engine,
    projector: &UnitProjector,
    inputs: &Inputs,
    group: &Group,
) -> deconvscope::Result<Option<Trace>> {
    let inputs: Vec<&[f32]> = group.iter().map(|(photo, _)| &inputs[photo][..]).collect();
    engine.trace_for([projector].into_iter(), &inputs)
}

fn places(group: &Group) -> Vec<Place> {
    let photos = group.iter().enumerate();
    let of_photo = |(image, (_, units)): (usize, &(usize, Vec<Unit>))| {
        let place = move |&unit: &Unit| Place {
            image: image as i64,
            unit,
        };
        units.iter().map(place).collect::<Vec<_>>()
    };
    photos.flat_map(of_photo).collect()
}

/// At most so many numbers below `of`, spread over it.
fn spread(count: usize, of: usize) -> impl Iterator<Item = usize> {
    let count = count.min(of);
    (0..count).map(move |at| at * of / count)
}
