//! Units walked back to the pixels on their receptive fields alone, many at once. A projection is zero outside the field of
//! the unit that it starts from, so nothing else is computed; what is computed is what [`Engine::project`] gives there, up
//! to rounding.

mod adjoint;
mod place;
mod walk;

use tch::{Kind, TchError, Tensor};

use super::forward::{to_values, Trace};
use super::seeds::Unit;
use super::{Engine, ReluRule, Seed};
use crate::error::{Error, Result};
use crate::network::passage::{passages, Passage};
use crate::network::Op;
use adjoint::Adjoint;

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

/// A projection on the part of the network's input that its unit sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// Its first row in the input.
    pub y: usize,
    /// Its first column.
    pub x: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `[3, height, width]` in network input units, not rectified.
    pub values: Vec<f32>,
}

/// Projects units of one node by the deconvnet's rules.
#[derive(Debug)]
pub struct UnitProjector {
    engine: Engine,
    node: usize,
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
    /// A projector for the units of a node.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn unit_projector(&self, node: usize) -> Result<UnitProjector> {
        let way = match passages(&self.network, &self.shapes, node) {
            None => Way::Whole,
            Some(passages) => Way::Fields {
                adjoints: adjoint::of(self, &passages)
                    .map_err(Error::compute("transposing filters"))?,
                passages,
            },
        };
        Ok(UnitProjector {
            engine: self.clone(),
            node,
            way,
        })
    }
}

impl Clone for UnitProjector {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            node: self.node,
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
    /// The last node that a trace must have come to: the uppermost max pooling below. `None` where the way back needs nothing
    /// of the way forward.
    pub fn last_switches(&self) -> Option<usize> {
        let nodes = &self.engine.network.nodes;
        let reached = |node: &usize| match &self.way {
            Way::Fields { passages, .. } => passages[*node].is_some(),
            Way::Whole => true,
        };
        let pools = |node: &usize| matches!(nodes[*node].op, Op::MaxPool { .. });
        (0..=self.node).filter(reached).rfind(pools)
    }

    /// Projects units, each on the part of the input that it sees, in their order. `trace` was recorded for
    /// [`ReluRule::Deconvnet`] up to [`UnitProjector::last_switches`]; without those it may be `None`.
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
                    self.cut_out(&pixels, passages, chunk, &mut patches)?;
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
            cells.saturating_mul(self.engine.shapes[node].channels * size_of::<f32>())
        };
        let most = passages.iter().enumerate().map(bytes).max().unwrap_or(0);
        (BYTES / most.max(1)).clamp(1, 256)
    }

    fn images_a_pass(&self) -> usize {
        let cells = |shape: &super::Shape| shape.channels * shape.height * shape.width;
        let most = self.engine.shapes[..=self.node].iter().map(cells).max();
        (BYTES / (most.unwrap_or(1).max(1) * size_of::<f32>())).clamp(1, 16)
    }

    /// What of the pixels `[N, H, W, 3]` lies in the image.
    fn cut_out(
        &self,
        pixels: &Tensor,
        passages: &[Option<Passage>],
        places: &[Place],
        patches: &mut Vec<Patch>,
    ) -> Result<()> {
        let missing = || Error::Compute {
            doing: "projection".into(),
            message: "no unit reached the input".into(),
        };
        let [rows, columns] = passages[0].ok_or_else(missing)?.axes;
        let input = self.engine.network.input;
        let values = to_values(pixels)?;
        let (high, wide, channels) = (rows.size as usize, columns.size as usize, input.channels);
        let each = values.chunks_exact((high * wide * channels).max(1));
        for (values, place) in each.zip(places) {
            let seen = |first: i64, size: i64, length: usize| {
                let start = first.clamp(0, length as i64);
                let end = (first + size).clamp(start, length as i64);
                (
                    start as usize,
                    end as usize,
                    (start - first).max(0) as usize,
                )
            };
            let (top, bottom, skip) =
                seen(rows.first(place.unit.y as i64), rows.size, input.height);
            let (left, right, indent) = seen(
                columns.first(place.unit.x as i64),
                columns.size,
                input.width,
            );
            let (height, width) = (bottom - top, right - left);
            let mut cut = Vec::with_capacity(channels * height * width);
            for channel in 0..channels {
                for row in (skip..skip + height).filter(|_| width > 0) {
                    let from = (row * wide + indent) * channels + channel;
                    cut.extend(values[from..].iter().step_by(channels).take(width));
                }
            }
            patches.push(Patch {
                y: top,
                x: left,
                height,
                width,
                values: cut,
            });
        }
        Ok(())
    }

    fn whole(&self, trace: Option<&Trace>, places: &[Place]) -> Result<Vec<Patch>> {
        let trace = trace.ok_or_else(|| Error::Compute {
            doing: "projection".into(),
            message: "the images' trace is missing".into(),
        })?;
        let shape = self.engine.shapes[self.node];
        let [channels, height, width] = shape.axes().map(|length| length as i64);
        let seed = |place: &Place| -> Result<Seed, TchError> {
            let unit = &place.unit;
            let at = (unit.feature * shape.height + unit.y) * shape.width + unit.x;
            let options = (Kind::Float, self.engine.device);
            let signal = Tensor::f_zeros([1, channels, height, width], options)?;
            let _ = signal
                .f_view([-1])?
                .f_narrow(0, at as i64, 1)?
                .f_fill_(f64::from(unit.activation))?;
            Ok(Seed {
                image: place.image,
                node: self.node,
                signal,
            })
        };
        let seeds: Result<Vec<Seed>, TchError> = places.iter().map(seed).collect();
        let seeds = seeds.map_err(Error::compute("choosing the activations to project"))?;
        let pixels = to_values(&self.engine.project(trace, &seeds, ReluRule::Deconvnet)?)?;
        let input = self.engine.network.input;
        let each = pixels.chunks_exact(pixels.len() / places.len().max(1));
        let patch = |values: &[f32]| Patch {
            y: 0,
            x: 0,
            height: input.height,
            width: input.width,
            values: values.to_vec(),
        };
        Ok(each.map(patch).collect())
    }
}
