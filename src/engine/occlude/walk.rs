//! The forward walk over windows: what the positions of one chunk change, node by node.
//!
//! A node's windows are known in one of two forms, or both: its *new* values, or their *change* against the clean image.
//! A linear op needs the change alone and multiplies nothing else; a rectifier or a maximum needs the new values. Each
//! form is made from the other with the clean map.

use base::{Error, Result};
use network::shape::Shape;
use network::Op;
use tch::{TchError, Tensor};

use super::super::Engine;
use super::clean::Clean;
use super::kernels::Filters;
use super::numbers::{Numbers, Outside};
use super::place::{cut, paste, Offsets, Place};
use super::plan::Chunk;
use super::windows::Windows;
use super::FeatureMap;

/// A node's windows, `[positions, height, width, C]`.
#[derive(Debug, Default)]
pub(super) struct Patch {
    pub(super) new: Option<Tensor>,
    pub(super) change: Option<Tensor>,
}

/// The forms in which an op gives its output.
pub(super) enum Form {
    New(Tensor),
    Change(Tensor),
}

/// What chunks walk over.
pub(super) struct Ground<'a> {
    pub(super) engine: &'a Engine,
    pub(super) filters: &'a Filters,
    pub(super) clean: &'a Clean,
    pub(super) numbers: Numbers,
    /// As [`super::Machine::large_steps`].
    pub(super) large_steps: bool,
}

/// One chunk on its way through the network.
pub(super) struct Walk<'a> {
    pub(super) ground: Ground<'a>,
    pub(super) chunk: &'a Chunk,
    /// Nodes looked at.
    pub(super) end: usize,
    pub(super) patches: Vec<Patch>,
}

/// What a chunk leaves.
pub(super) struct Left {
    /// The last node's new values, `[positions, C·H·W]` in the order of maps.
    pub(super) values: Tensor,
    /// Those before it, where it is the network's last softmax.
    pub(super) scores: Option<Tensor>,
    /// For each watched map its summed change, `[positions]`.
    pub(super) sums: Vec<Tensor>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(ground: Ground<'a>, chunk: &'a Chunk, end: usize) -> Self {
        Self {
            ground,
            chunk,
            end,
            patches: (0..end).map(|_| Patch::default()).collect(),
        }
    }

    /// Walks the chunk through; `fill` is the occluder's colour in network units, `[C]`.
    pub(super) fn run(mut self, fill: &Tensor, watched: &[FeatureMap]) -> Result<Left> {
        let mut sums: Vec<Option<Tensor>> = watched.iter().map(|_| None).collect();
        let mut scores = None;
        let last_of_network = self.ground.engine.network().nodes.len() - 1;
        for index in 0..self.end {
            let node = &self.ground.engine.network().nodes[index];
            let mut step = |walk: &mut Self| -> Result<(), TchError> {
                if index == last_of_network && node.op == Op::Softmax {
                    scores = Some(walk.flat_new(node.inputs[0])?);
                }
                let form = walk.step(index, fill)?;
                match form {
                    Form::New(new) => walk.patches[index].new = Some(new),
                    Form::Change(change) => walk.patches[index].change = Some(change),
                }
                for (sum, map) in sums.iter_mut().zip(watched) {
                    if map.node == index {
                        *sum = Some(walk.summed_change(index, map.feature)?);
                    }
                }
                Ok(())
            };
            step(&mut self).map_err(Error::compute(format!(
                "occlusion at node '{}' ({})",
                node.name,
                node.op.describe()
            )))?;
            for &input in &node.inputs {
                if self.ground.engine.anatomy.last_readers()[input] == index {
                    self.patches[input] = Patch::default();
                }
            }
        }
        let values = self.flat_new(self.end - 1);
        Ok(Left {
            values: values.map_err(Error::compute("occlusion"))?,
            scores,
            sums: sums.into_iter().flatten().collect(),
        })
    }

    pub(super) fn place(&self, node: usize) -> Place<'a> {
        Place {
            rows: &self.chunk.rows.windows[node],
            columns: &self.chunk.columns.windows[node],
        }
    }

    pub(super) fn shape(&self, node: usize) -> Shape {
        self.ground.engine.shape(node)
    }

    /// The clean map under some windows.
    pub(super) fn gather(
        &self,
        node: usize,
        place: Place<'_>,
        outside: Outside,
    ) -> Result<Tensor, TchError> {
        let rows = self.ground.clean.rows(node)?;
        let shape = self.shape(node);
        let numbers = &self.ground.numbers;
        let numbers = numbers.gathered(place, shape, outside, rows.device())?;
        rows.f_index_select(0, &numbers)?.f_view([
            place.positions(),
            place.height(),
            place.width(),
            shape.channels as i64,
        ])
    }

    /// The new values of a node; made afresh, and the caller's own, where the second value says so.
    pub(super) fn new_values(&mut self, node: usize) -> Result<(Tensor, bool), TchError> {
        if let Some(new) = &self.patches[node].new {
            return Ok((new.shallow_clone(), false));
        }
        let place = self.place(node);
        let mut new = self.gather(node, place, Outside::Least)?;
        if let Some(change) = &self.patches[node].change {
            new = new.f_add_(change)?;
        }
        Ok((new, true))
    }

    /// The change of a node, kept for its other readers.
    pub(super) fn change(&mut self, node: usize) -> Result<Tensor, TchError> {
        if let Some(change) = &self.patches[node].change {
            return Ok(change.shallow_clone());
        }
        let place = self.place(node);
        let clean = self.gather(node, place, Outside::Least)?;
        let new = self.patches[node].new.as_ref();
        let change = new.ok_or_else(missing)?.f_sub(&clean)?;
        self.patches[node].change = Some(change.shallow_clone());
        Ok(change)
    }

    pub(super) fn has_change(&self, node: usize) -> bool {
        self.patches[node].change.is_some()
    }

    pub(super) fn has_new(&self, node: usize) -> bool {
        self.patches[node].new.is_some()
    }

    /// The change laid over other windows of the same map; nothing changes around it.
    pub(super) fn change_at(&mut self, node: usize, to: Place<'_>) -> Result<Tensor, TchError> {
        let offsets = Offsets::between(self.place(node), to);
        let change = self.change(node)?;
        self.laid(&change, &offsets, to)
    }

    /// The new values laid over other windows of the same map, which may reach beyond it; clean around them.
    pub(super) fn new_at(
        &mut self,
        node: usize,
        to: Place<'_>,
        outside: Outside,
    ) -> Result<Tensor, TchError> {
        let offsets = Offsets::between(self.place(node), to);
        let (new, _) = self.new_values(node)?;
        if let Some(part) = cut(&new, &offsets, to)? {
            return Ok(part);
        }
        let around = self.gather(node, to, outside)?;
        self.paste(&around, &new, &offsets, to)?;
        Ok(around)
    }

    /// Cells laid over windows with nothing around them.
    pub(super) fn laid(
        &self,
        cells: &Tensor,
        offsets: &Offsets,
        to: Place<'_>,
    ) -> Result<Tensor, TchError> {
        if let Some(part) = cut(cells, offsets, to)? {
            return Ok(part);
        }
        let channels = cells.size()[3];
        let size = [to.positions(), to.height(), to.width(), channels];
        let canvas = Tensor::f_zeros(size, (cells.kind(), cells.device()))?;
        self.paste(&canvas, cells, offsets, to)?;
        Ok(canvas)
    }

    /// Copies cells into windows; what falls outside is left out.
    fn paste(
        &self,
        into: &Tensor,
        cells: &Tensor,
        offsets: &Offsets,
        to: Place<'_>,
    ) -> Result<(), TchError> {
        if !self.ground.large_steps {
            return paste(into, cells, offsets, to);
        }
        let (_, high, wide, channels) = cells.size4()?;
        let window = [to.height(), to.width()];
        let numbers = &self.ground.numbers;
        let laid = numbers.laid(offsets, [high, wide], window, into.device())?;
        let mut rows = cells.f_reshape([-1, channels])?;
        if let Some(from) = &laid.from {
            rows = rows.f_index_select(0, from)?;
        }
        let _ = into
            .f_view([-1, channels])?
            .f_index_copy_(0, &laid.into, &rows)?;
        Ok(())
    }

    /// The new values of a whole map, `[positions, C, H, W]`.
    pub(super) fn whole_new(&mut self, node: usize) -> Result<Tensor, TchError> {
        let shape = self.shape(node);
        let rows = Windows::whole(self.chunk.rows.members.len(), shape.height);
        let columns = Windows::whole(self.chunk.columns.members.len(), shape.width);
        let whole = Place {
            rows: &rows,
            columns: &columns,
        };
        self.new_at(node, whole, Outside::Least)?
            .f_permute([0, 3, 1, 2])
    }

    /// Likewise in one row for each position, `[positions, C·H·W]`.
    fn flat_new(&mut self, node: usize) -> Result<Tensor, TchError> {
        self.whole_new(node)?.f_flatten(1, -1)?.f_contiguous()
    }

    fn summed_change(&mut self, node: usize, feature: usize) -> Result<Tensor, TchError> {
        let feature = feature as i64;
        let change = match (&self.patches[node].change, &self.patches[node].new) {
            (Some(change), _) => change.f_select(3, feature)?,
            (None, Some(new)) => {
                let new = new.f_select(3, feature)?;
                let (place, shape) = (self.place(node), self.shape(node));
                let map = self.ground.clean.rows(node)?.f_select(1, feature)?;
                let numbers = &self.ground.numbers;
                let numbers = numbers.gathered(place, shape, Outside::Least, map.device())?;
                new.f_sub(&map.f_index_select(0, &numbers)?.f_view_as(&new)?)?
            }
            (None, None) => return Err(missing()),
        };
        change.f_sum_dim_intlist([1i64, 2].as_slice(), false, None)
    }
}

pub(super) fn missing() -> TchError {
    TchError::Kind("a value is read that was not computed".into())
}
