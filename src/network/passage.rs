//! Through which cells of every node below the signal of one unit passes on its way back to the pixels: its receptive field
//! at each of them.

use super::shape::Shape;
use super::{Anatomy, Op};

/// Cells of a node, the same number for every unit. They may reach beyond the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// Along rows and columns.
    pub axes: [Run; 2],
}

/// Along one axis the cells `[start + unit·jump, start + unit·jump + size)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Cells between the passages of neighbouring units.
    pub jump: i64,
    /// The first cell for unit 0.
    pub start: i64,
    /// Cells.
    pub size: i64,
}

impl Run {
    pub(super) const UNIT: Self = Self {
        jump: 1,
        start: 0,
        size: 1,
    };

    /// All cells of an axis, whichever unit.
    pub fn whole(length: usize) -> Self {
        Self {
            jump: 0,
            start: 0,
            size: length as i64,
        }
    }

    /// The first cell for a unit.
    pub fn first(self, unit: i64) -> i64 {
        self.start + unit * self.jump
    }

    /// What both come to; `None` where neighbours lie otherwise.
    pub(super) fn hull(self, other: Self) -> Option<Self> {
        let start = self.start.min(other.start);
        let end = (self.start + self.size).max(other.start + other.size);
        (self.jump == other.jump).then_some(Self {
            jump: self.jump,
            start,
            size: end - start,
        })
    }
}

impl Passage {
    /// What an op's inputs give to these outputs, as it comes: the passage of its inputs but for what other readers add.
    pub fn below(self, op: &Op) -> Self {
        let mut axes = self.axes;
        for (axis, run) in axes.iter_mut().enumerate() {
            match op {
                Op::Conv { window, .. }
                | Op::MaxPool { window, .. }
                | Op::AveragePool { window, .. } => {
                    let stride = window.stride[axis] as i64;
                    *run = Run {
                        jump: run.jump * stride,
                        start: run.start * stride - window.padding[axis] as i64,
                        size: (run.size - 1) * stride + window.extent(axis) as i64,
                    };
                }
                Op::Pad { edges, .. } => run.start -= edges[axis + 1][0],
                _ => {}
            }
        }
        Self { axes }
    }

    /// All of an axis where it would be no shorter.
    fn bounded(self, shape: Shape) -> Self {
        let [rows, columns] = self.axes;
        let bounded = |run: Run, length: usize| match run.size < length as i64 {
            true => run,
            false => Run::whole(length),
        };
        Self {
            axes: [bounded(rows, shape.height), bounded(columns, shape.width)],
        }
    }

    fn join(self, other: Self, shape: Shape) -> Self {
        let hull = |axis: usize, length: usize| {
            let hull = self.axes[axis].hull(other.axes[axis]);
            hull.unwrap_or(Run::whole(length))
        };
        Self {
            axes: [hull(0, shape.height), hull(1, shape.width)],
        }
    }
}

impl Anatomy {
    /// The passages of a node's units at it and at every node below that they reach; `None` where an op on the way lets a unit
    /// see all of the map, so that nothing is gained by windows.
    pub fn passages(&self, node: usize) -> Option<Vec<Option<Passage>>> {
        let shapes = self.shapes();
        let mut passages: Vec<Option<Passage>> = vec![None; node + 1];
        passages[node] = Some(Passage {
            axes: [Run::UNIT; 2],
        });
        for at in (0..=node).rev() {
            let Some(passage) = passages[at] else {
                continue;
            };
            let passage = passage.bounded(shapes[at]);
            passages[at] = Some(passage);
            if at > 0 && self.lets_units_see_everything(at) {
                return None;
            }
            let op = &self.network().nodes[at].op;
            for input in self.signals(at) {
                let new = passage.below(op);
                passages[input] = Some(match passages[input] {
                    Some(known) => known.join(new, shapes[input]),
                    None => new,
                });
            }
        }
        Some(passages)
    }

    /// Whether a signal on its way back through a node reaches all of the map below, or passes no cells that run side by side.
    fn lets_units_see_everything(&self, node: usize) -> bool {
        let (shapes, op) = (self.shapes(), &self.network().nodes[node].op);
        let size = |of: Shape| (of.height, of.width);
        let here = shapes[node];
        let repeats = |input: usize| op.broadcasts() && shapes[input].channels != here.channels;
        let spreads = match op {
            Op::GroupNorm { .. } => false,
            Op::ConvTranspose { .. } | Op::Resample { .. } => true,
            Op::Multiply | Op::Divide => {
                let signal = self
                    .signals(node)
                    .all(|input| size(shapes[input]) == size(here));
                let gate = self.held(node).map(|gate| size(shapes[gate]));
                !signal || gate.is_some_and(|gate| gate != (1, 1) && gate != size(here))
            }
            _ => self.spreads(node),
        };
        let ends = self.wall(node).is_some() || matches!(op, Op::Constant { .. });
        spreads || ends || self.signals(node).any(repeats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo;

    fn of(name: &str, stage: &str) -> (Anatomy, usize) {
        let network = zoo::find(name).unwrap().network();
        let mut stages = network.stages.iter();
        let node = stages.find(|s| s.name == stage).unwrap().node;
        (Anatomy::of(network).unwrap(), node)
    }

    #[test]
    fn at_the_pixels_a_passage_is_the_receptive_field() {
        for (name, stage) in [
            ("alexnet", "conv5"),
            ("vgg16", "conv5_3"),
            ("squeezenet1_1", "fire5"),
            ("resnet18", "layer1"),
        ] {
            let (anatomy, node) = of(name, stage);
            let field = anatomy.fields()[node];
            let pixels = anatomy.passages(node).unwrap()[0].unwrap();
            assert_eq!(pixels.axes, field.axes, "{name} {stage}");
        }
    }

    #[test]
    fn where_a_field_is_as_large_as_the_map_it_is_all_of_it() {
        let (anatomy, node) = of("resnet18", "layer4");
        let whole = Run::whole(anatomy.network().input.height);
        assert_eq!(anatomy.passages(node).unwrap()[0].unwrap().axes, [whole; 2]);
    }

    #[test]
    fn units_behind_a_linear_layer_see_everything() {
        let (anatomy, node) = of("alexnet", "fc7");
        assert_eq!(anatomy.passages(node), None);
    }
}
