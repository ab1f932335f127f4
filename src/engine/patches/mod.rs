//! Units walked back to the pixels on their receptive fields alone, many at once. A projection is zero outside the field of
//! the unit that it starts from, so nothing else is computed; what is computed is what [`Engine::project`] gives there, up
//! to rounding.

mod adjoint;
mod patch;
mod place;
mod uncut;
mod walk;

use base::{Error, Result};
use network::passage::{Passage, Run};
use network::receptive_field::Field;
use network::shape::Shape;

use super::forward::Recording;
use super::seeds::Unit;
use super::trace::Trace;
use super::{Engine, ReluRule, Seed};
use adjoint::{Adjoint, Adjoints};
pub use patch::Patch;
pub use uncut::Uncut;
use uncut::{Frame, Pass};

/// Units whose patches are handed over together to be cut out.
const SHEAF: usize = 32;

/// A unit of one of a trace's images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The image's row in the trace.
    pub image: i64,
    /// The unit, with the value that it had there.
    pub unit: Unit,
}

/// Projects units of one node by the deconvnet's rules.
#[derive(Debug)]
pub struct UnitProjector {
    engine: Engine,
    node: usize,
    field: Field,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// By receptive fields: for each node below its passage, for each convolution its transpose.
    Fields {
        passages: Vec<Option<Passage>>,
        adjoints: Vec<Option<Adjoint>>,
    },
    /// Some layer on the way lets a unit see everything: as whole images.
    Whole,
}

impl Engine {
    /// Projectors for the units of some nodes, in their order; they share what they have in common.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn unit_projectors(&self, nodes: &[usize]) -> Result<Vec<UnitProjector>> {
        let mut known = Adjoints::default();
        let mut projector = |&node: &usize| -> Result<UnitProjector> {
            let way = match self.anatomy.passages(node) {
                None => Way::Whole,
                Some(passages) => Way::Fields {
                    adjoints: known
                        .of(self, &passages)
                        .map_err(Error::compute("transposing filters"))?,
                    passages,
                },
            };
            Ok(UnitProjector {
                engine: self.clone(),
                node,
                field: self.anatomy.signal_fields()[node],
                way,
            })
        };
        nodes.iter().map(&mut projector).collect()
    }

    /// What projectors need of the way forward of some inputs `[C, H, W]`, [`Engine::images_a_pass`] of them in a pass; `None`
    /// where they need nothing of it.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn trace_for<'p>(
        &self,
        projectors: impl Iterator<Item = &'p UnitProjector>,
        inputs: &[&[f32]],
    ) -> Result<Option<Trace>> {
        let Some(until) = projectors.filter_map(UnitProjector::until).max() else {
            return Ok(None);
        };
        let recording = Recording {
            rule: Some(ReluRule::Deconvnet),
            until: Some(until),
            ..Recording::default()
        };
        let pass = |inputs: &[&[f32]]| self.forward(&self.batch(inputs)?, &recording);
        let passes = inputs.chunks(self.images_a_pass());
        let traces: Vec<Trace> = passes.map(pass).collect::<Result<_>>()?;
        match <[Trace; 1]>::try_from(traces) {
            Ok([trace]) => Ok(Some(trace)),
            Err(traces) => Trace::together(&traces).map(Some),
        }
    }

    /// Projects units of several nodes, of each projector some, each on the part of the input that it sees, and hands them over
    /// in their order, some at a time. The device is waited for once for as many as [`super::Machine::read_bytes`] allow, and
    /// what is left to do with what comes back needs no device. `trace` was recorded for [`ReluRule::Deconvnet`] up to
    /// [`UnitProjector::until`] of all, as [`Engine::trace_for`] does.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault, and those of `give`.
    ///
    /// # Source
    /// ZF §2.1, by the rules of [`Engine::project`].
    pub fn project_units(
        &self,
        trace: Option<&Trace>,
        wanted: &[(&UnitProjector, Vec<Place>)],
        give: &mut dyn FnMut(Uncut) -> Result<()>,
    ) -> Result<()> {
        let _no_grad = tch::no_grad_guard();
        let (mut passes, mut bytes): (Vec<Pass>, usize) = (Vec::new(), 0);
        for (projector, places) in wanted {
            projector.walk(trace, places, &mut |pass| {
                bytes += pass.bytes();
                passes.push(pass);
                if bytes > self.machine.read_bytes {
                    bytes = 0;
                    uncut::read(std::mem::take(&mut passes), give)?;
                }
                Ok(())
            })?;
        }
        uncut::read(passes, give)
    }
}

impl Clone for UnitProjector {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            node: self.node,
            field: self.field,
            way: match &self.way {
                Way::Whole => Way::Whole,
                Way::Fields { passages, adjoints } => Way::Fields {
                    passages: passages.clone(),
                    adjoints: adjoints
                        .iter()
                        .map(|adjoint| adjoint.as_ref().map(Adjoint::share))
                        .collect(),
                },
            },
        }
    }
}

impl UnitProjector {
    /// The engine that it computes with.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The last node that a trace must have come to: the uppermost one below whose way back needs the way forward (a max
    /// pooling, a gate, a normalisation), or the input where units are projected as whole images. `None` where the way back needs nothing of the way forward.
    pub fn until(&self) -> Option<usize> {
        let nodes = &self.engine.network().nodes;
        let looks = |node: &usize| walk::looks_at_forward(&nodes[*node].op);
        match &self.way {
            Way::Fields { passages, .. } => (0..=self.node)
                .filter(|node| passages[*node].is_some())
                .rfind(looks),
            Way::Whole => Some((0..=self.node).rfind(looks).unwrap_or(0)),
        }
    }

    /// Projects units, each on the part of the input that it sees, in their order: [`Engine::project_units`], cut out.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault.
    pub fn project(&self, trace: Option<&Trace>, places: &[Place]) -> Result<Vec<Patch>> {
        let mut patches = Vec::with_capacity(places.len());
        let wanted = [(self, places.to_vec())];
        self.engine.project_units(trace, &wanted, &mut |uncut| {
            patches.extend(uncut.cut()?);
            Ok(())
        })?;
        Ok(patches)
    }

    /// Walks units back, as many in a pass as fit, and hands over each pass; nothing is waited for.
    fn walk(
        &self,
        trace: Option<&Trace>,
        places: &[Place],
        hand: &mut dyn FnMut(Pass) -> Result<()>,
    ) -> Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        let frame = self.frame()?;
        match &self.way {
            Way::Fields { passages, adjoints } => {
                let clues = walk::Clues::of(&self.engine, trace, passages)?;
                for chunk in places.chunks(self.units_a_pass(passages)) {
                    let pixels = walk::back(&self.engine, self.node, adjoints, &clues, chunk)?;
                    hand(Pass::of(pixels, frame, chunk))?;
                }
            }
            Way::Whole => {
                let trace = trace.ok_or_else(|| Error::Compute {
                    doing: "projection".into(),
                    message: "the images' trace is missing".into(),
                })?;
                for chunk in places.chunks(self.images_a_pass()) {
                    let seed = |at: &Place| Seed::unit(at.image, self.node, &at.unit);
                    let seeds: Vec<Seed> = chunk.iter().map(seed).collect();
                    let pixels = self.engine.project(trace, &seeds, ReluRule::Deconvnet)?;
                    hand(Pass::of(pixels, frame, chunk))?;
                }
            }
        }
        Ok(())
    }

    /// How the pixels of a unit lie in what is computed.
    fn frame(&self) -> Result<Frame> {
        let input = self.engine.network().input;
        let (axes, rows_first) = match &self.way {
            Way::Fields { passages, .. } => {
                let missing = || Error::Compute {
                    doing: "projection".into(),
                    message: "no unit reached the input".into(),
                };
                (passages[0].ok_or_else(missing)?.axes, false)
            }
            Way::Whole => ([input.height, input.width].map(Run::whole), true),
        };
        let (high, wide) = (axes[0].size as usize, axes[1].size as usize);
        Ok(Frame {
            axes,
            steps: match rows_first {
                true => [wide, 1, high * wide],
                false => [wide * input.channels, input.channels, 1],
            },
            field: self.field,
            input,
        })
    }

    fn units_a_pass(&self, passages: &[Option<Passage>]) -> usize {
        let cells = |passage: &Passage| -> usize {
            let cells: i64 = passage.axes.iter().map(|run| run.size).product();
            usize::try_from(cells).unwrap_or(usize::MAX)
        };
        let bytes = |(node, passage): (usize, &Option<Passage>)| {
            let cells = passage.as_ref().map_or(0, cells);
            cells.saturating_mul(self.engine.shape(node).channels * size_of::<f32>())
        };
        let most = passages.iter().enumerate().map(bytes).max().unwrap_or(0);
        let machine = self.engine.machine();
        (machine.unit_bytes / most.max(1)).clamp(1, machine.units)
    }

    fn images_a_pass(&self) -> usize {
        let cells = |shape: &Shape| shape.channels * shape.height * shape.width;
        let most = self.engine.anatomy.shapes()[..=self.node]
            .iter()
            .map(cells)
            .max();
        let machine = self.engine.machine();
        let images = machine.unit_bytes / (most.unwrap_or(1).max(1) * size_of::<f32>());
        images.clamp(1, machine.units / 16)
    }
}
