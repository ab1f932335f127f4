//! Units walked back to the pixels on their receptive fields alone, many at once. A projection is zero outside the field of
//! the unit that it starts from, so nothing else is computed; what is computed is what [`Engine::project`] gives there, up
//! to rounding.

mod adjoint;
mod patch;
mod place;
mod walk;

use base::{Error, Result};
use network::passage::Passage;
use network::receptive_field::Field;
use network::shape::Shape;
use network::Op;
use tch::Tensor;

use super::forward::{to_values, Recording, Trace};
use super::seeds::Unit;
use super::{Engine, ReluRule, Seed};
use adjoint::{Adjoint, Adjoints};
pub use patch::Patch;
use patch::Pixels;

/// Bytes of the largest value of one pass: it stays in the processor's cache.
const BYTES: usize = 8 << 20;

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
                field: self.anatomy.fields()[node],
                way,
            })
        };
        nodes.iter().map(&mut projector).collect()
    }

    /// What projectors need of the way forward of some inputs `[C, H, W]`, each passed alone; `None` where they need
    /// nothing of it.
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
        let pass = |input: &&[f32]| self.forward(&self.batch(&[input])?, &recording);
        let traces: Vec<Trace> = inputs.iter().map(pass).collect::<Result<_>>()?;
        Trace::together(&traces).map(Some)
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
    /// The last node that a trace must have come to: the uppermost max pooling below, or the input where units are projected
    /// as whole images. `None` where the way back needs nothing of the way forward.
    pub fn until(&self) -> Option<usize> {
        let nodes = &self.engine.network().nodes;
        let pool = |node: &usize| matches!(nodes[*node].op, Op::MaxPool { .. });
        match &self.way {
            Way::Fields { passages, .. } => (0..=self.node)
                .filter(|node| passages[*node].is_some())
                .rfind(pool),
            Way::Whole => Some((0..=self.node).rfind(pool).unwrap_or(0)),
        }
    }

    /// Projects units, each on the part of the input that it sees, in their order. `trace` was recorded for
    /// [`ReluRule::Deconvnet`] up to [`UnitProjector::until`], as [`Engine::trace_for`] does.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault.
    ///
    /// # Source
    /// ZF §2.1, by the rules of [`Engine::project`].
    pub fn project(&self, trace: Option<&Trace>, places: &[Place]) -> Result<Vec<Patch>> {
        let _no_grad = tch::no_grad_guard();
        let mut patches = Vec::with_capacity(places.len());
        match &self.way {
            Way::Fields { passages, adjoints } => {
                let clues = walk::Clues::of(&self.engine, trace, passages)?;
                for chunk in places.chunks(self.units_a_pass(passages)) {
                    let pixels = walk::back(&self.engine, self.node, adjoints, &clues, chunk)?;
                    patches.extend(self.cut_out(&pixels, passages, chunk)?);
                }
            }
            Way::Whole => {
                for chunk in places.chunks(self.images_a_pass()) {
                    patches.extend(self.whole(trace, chunk)?);
                }
            }
        }
        Ok(patches)
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
        (BYTES / most.max(1)).clamp(1, 256)
    }

    fn images_a_pass(&self) -> usize {
        let cells = |shape: &Shape| shape.channels * shape.height * shape.width;
        let most = self.engine.anatomy.shapes()[..=self.node]
            .iter()
            .map(cells)
            .max();
        (BYTES / (most.unwrap_or(1).max(1) * size_of::<f32>())).clamp(1, 16)
    }

    /// The units' patches out of their windows' pixels `[N, h, w, C]`.
    fn cut_out(
        &self,
        pixels: &Tensor,
        passages: &[Option<Passage>],
        places: &[Place],
    ) -> Result<Vec<Patch>> {
        let missing = || Error::Compute {
            doing: "projection".into(),
            message: "no unit reached the input".into(),
        };
        let [rows, columns] = passages[0].ok_or_else(missing)?.axes;
        let input = self.engine.network().input;
        let channels = input.channels;
        let (high, wide) = (rows.size as usize, columns.size as usize);
        let values = to_values(pixels)?;
        let each = values.chunks_exact((high * wide * channels).max(1));
        let patch = |(values, place): (&[f32], &Place)| {
            let (y, x) = (place.unit.y as i64, place.unit.x as i64);
            let pixels = Pixels {
                values,
                first: [rows.first(y), columns.first(x)],
                size: [rows.size, columns.size],
                steps: [wide * channels, channels, 1],
            };
            pixels.cut(&place.unit, &self.field, input)
        };
        Ok(each.zip(places).map(patch).collect())
    }

    fn whole(&self, trace: Option<&Trace>, places: &[Place]) -> Result<Vec<Patch>> {
        let trace = trace.ok_or_else(|| Error::Compute {
            doing: "projection".into(),
            message: "the images' trace is missing".into(),
        })?;
        let seed = |place: &Place| self.engine.unit_seed(place.image, self.node, &place.unit);
        let seeds: Vec<Seed> = places.iter().map(seed).collect::<Result<_>>()?;
        let pixels = to_values(&self.engine.project(trace, &seeds, ReluRule::Deconvnet)?)?;
        let input = self.engine.network().input;
        let each = pixels.chunks_exact(input.cells().max(1));
        let patch = |(values, place): (&[f32], &Place)| {
            let pixels = Pixels {
                values,
                first: [0; 2],
                size: [input.height as i64, input.width as i64],
                steps: [input.width, 1, input.height * input.width],
            };
            pixels.cut(&place.unit, &self.field, input)
        };
        Ok(each.zip(places).map(patch).collect())
    }
}
