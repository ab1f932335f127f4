//! The forward walk over windows: what the positions of one chunk change, node by node.
//!
//! A node's windows are known in one of two forms, or both: its *new* values, or their *change* against the clean image.
//! A linear op needs the change alone and multiplies nothing else; a rectifier or a maximum needs the new values. Each
//! form is made from the other with the clean map.

use std::collections::HashMap;

use tch::{TchError, Tensor};

use super::super::forward::{pair, Trace};
use super::super::parameters::Parameters;
use super::super::Engine;
use super::clean::Clean;
use super::kernels::{linear, Filters};
use super::place::{cut, paste, Offsets, Place};
use super::plan::Chunk;
use super::windows::{Slide, Windows};
use super::FeatureMap;
use crate::error::{Error, Result};
use crate::network::projective_field::spreads;
use crate::network::shape::Shape;
use crate::network::{Op, Window};

/// A node's windows, `[positions, height, width, C]`.
#[derive(Debug, Default)]
struct Patch {
    new: Option<Tensor>,
    change: Option<Tensor>,
}

/// The forms in which an op gives its output.
enum Form {
    New(Tensor),
    Change(Tensor),
}

/// One chunk on its way through the network.
pub(super) struct Walk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) filters: &'a Filters,
    pub(super) clean: &'a Clean,
    pub(super) chunk: &'a Chunk,
    /// Nodes looked at.
    pub(super) end: usize,
    patches: Vec<Patch>,
    /// The numbers of windows' cells, by the windows and the map's size.
    numbers: HashMap<(Windows, Windows, [usize; 2]), Tensor>,
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
    pub(super) fn new(
        engine: &'a Engine,
        filters: &'a Filters,
        clean: &'a Clean,
        chunk: &'a Chunk,
        end: usize,
    ) -> Self {
        Self {
            engine,
            filters,
            clean,
            chunk,
            end,
            patches: (0..end).map(|_| Patch::default()).collect(),
            numbers: HashMap::new(),
        }
    }

    /// Walks the chunk through; `fill` is the occluder's colour in network units, `[C]`.
    pub(super) fn run(mut self, fill: &Tensor, watched: &[FeatureMap]) -> Result<Left> {
        let mut sums: Vec<Option<Tensor>> = watched.iter().map(|_| None).collect();
        let mut scores = None;
        let last_of_network = self.engine.network.nodes.len() - 1;
        for index in 0..self.end {
            let node = &self.engine.network.nodes[index];
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
                if self.engine.last_reader[input] == index {
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

    fn place(&self, node: usize) -> Place<'a> {
        Place {
            rows: &self.chunk.rows.windows[node],
            columns: &self.chunk.columns.windows[node],
        }
    }

    fn shape(&self, node: usize) -> Shape {
        self.engine.shapes[node]
    }

    /// The clean map under some windows.
    fn gather(&mut self, node: usize, place: Place<'_>) -> Result<Tensor, TchError> {
        let rows = self.clean.rows(node)?;
        let shape = self.shape(node);
        let key = (
            place.rows.clone(),
            place.columns.clone(),
            [shape.height, shape.width],
        );
        let size = [
            place.positions(),
            place.height(),
            place.width(),
            shape.channels as i64,
        ];
        let numbers = match self.numbers.entry(key) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(place.numbers(shape)?.f_to_device(rows.device())?)
            }
        };
        rows.f_index_select(0, numbers)?.f_view(size)
    }

    /// The new values of a node; made afresh, and the caller's own, where the second value says so.
    fn new_values(&mut self, node: usize) -> Result<(Tensor, bool), TchError> {
        if let Some(new) = &self.patches[node].new {
            return Ok((new.shallow_clone(), false));
        }
        let place = self.place(node);
        let mut new = self.gather(node, place)?;
        if let Some(change) = &self.patches[node].change {
            new = new.f_add_(change)?;
        }
        Ok((new, true))
    }

    /// The change of a node, kept for its other readers.
    fn change(&mut self, node: usize) -> Result<Tensor, TchError> {
        if let Some(change) = &self.patches[node].change {
            return Ok(change.shallow_clone());
        }
        let place = self.place(node);
        let clean = self.gather(node, place)?;
        let new = self.patches[node].new.as_ref();
        let change = new.ok_or_else(missing)?.f_sub(&clean)?;
        self.patches[node].change = Some(change.shallow_clone());
        Ok(change)
    }

    fn has_change(&self, node: usize) -> bool {
        self.patches[node].change.is_some()
    }

    fn has_new(&self, node: usize) -> bool {
        self.patches[node].new.is_some()
    }

    /// The change laid over other windows of the same map; nothing changes around it.
    fn change_at(&mut self, node: usize, to: Place<'_>) -> Result<Tensor, TchError> {
        let offsets = Offsets::between(self.place(node), to);
        let change = self.change(node)?;
        laid(&change, &offsets, to)
    }

    /// The new values laid over other windows of the same map, which may reach beyond it; clean around them.
    fn new_at(&mut self, node: usize, to: Place<'_>) -> Result<Tensor, TchError> {
        let offsets = Offsets::between(self.place(node), to);
        let (new, _) = self.new_values(node)?;
        if let Some(part) = cut(&new, &offsets, to)? {
            return Ok(part);
        }
        let around = self.gather(node, to)?;
        paste(&around, &new, &offsets, to)?;
        Ok(around)
    }

    /// The new values of a whole map, `[positions, C, H, W]`.
    fn whole_new(&mut self, node: usize) -> Result<Tensor, TchError> {
        let shape = self.shape(node);
        let rows = Windows::whole(self.chunk.rows.members.len(), shape.height);
        let columns = Windows::whole(self.chunk.columns.members.len(), shape.width);
        let whole = Place {
            rows: &rows,
            columns: &columns,
        };
        self.new_at(node, whole)?.f_permute([0, 3, 1, 2])
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
                let place = self.place(node);
                let map = self.clean.rows(node)?.f_select(1, feature)?;
                let numbers = place.numbers(self.shape(node))?.f_to_device(map.device())?;
                new.f_sub(&map.f_index_select(0, &numbers)?.f_view_as(&new)?)?
            }
            (None, None) => return Err(missing()),
        };
        change.f_sum_dim_intlist([1i64, 2].as_slice(), false, None)
    }

    fn step(&mut self, index: usize, fill: &Tensor) -> Result<Form, TchError> {
        let engine = self.engine;
        let node = &engine.network.nodes[index];
        let Some(&below) = node.inputs.first() else {
            return self.hide(index, fill);
        };
        let inputs: Vec<Shape> = node.inputs.iter().map(|&input| self.shape(input)).collect();
        let parameters = &engine.parameters[index];
        match (&node.op, parameters) {
            (Op::Linear { .. }, Parameters::Affine { weight, bias }) => {
                self.linear(below, weight, bias.as_ref())
            }
            (Op::GlobalAveragePool, _) => self.mean(below),
            (op, _) if spreads(op, &inputs, self.shape(index)) => self.whole(index),
            (Op::Conv { window, groups, .. }, Parameters::Affine { bias, .. }) => {
                self.convolve(index, below, (window, *groups), bias.as_ref())
            }
            (Op::MaxPool { window, .. }, _) => self.max_pool(index, below, window),
            (
                Op::AveragePool {
                    window,
                    padding_counts,
                    ..
                },
                _,
            ) => self.average_pool(index, below, window, *padding_counts),
            (Op::Relu, _) => {
                let (new, fresh) = self.new_values(below)?;
                Ok(Form::New(match fresh {
                    true => {
                        let mut new = new;
                        new.f_relu_()?
                    }
                    false => new.f_relu()?,
                }))
            }
            (Op::BatchNorm { .. } | Op::Scale { .. }, Parameters::Scale { scale, .. })
                if self.has_change(below) && !self.has_new(below) =>
            {
                let change = self.change(below)?;
                Ok(Form::Change(match scale {
                    Some(scale) => change.f_mul(&scale.f_permute([0, 2, 3, 1])?)?,
                    None => change,
                }))
            }
            (Op::Dropout, _) => {
                let patch = &self.patches[below];
                match (&patch.change, &patch.new) {
                    (_, Some(new)) => Ok(Form::New(new.shallow_clone())),
                    (Some(change), None) => Ok(Form::Change(change.shallow_clone())),
                    (None, None) => Err(missing()),
                }
            }
            (Op::Add, _) => {
                let to = self.place(index);
                let mut sum = self.change_at(below, to)?;
                for &other in &node.inputs[1..] {
                    sum = sum.f_add(&self.change_at(other, to)?)?;
                }
                Ok(Form::Change(sum))
            }
            (Op::Concat, _) => self.concat(index),
            (Op::Multiply | Op::Divide, _) => {
                let to = self.place(index);
                let (left, right) = (self.new_at(below, to)?, self.new_at(node.inputs[1], to)?);
                Ok(Form::New(match node.op {
                    Op::Multiply => left.f_mul(&right)?,
                    _ => left.f_div(&right)?,
                }))
            }
            (Op::Pad { edges, .. }, _) => {
                let [[front, back], [top, _], [left, _]] = *edges;
                let mut offsets = Offsets::between(self.place(below), self.place(index));
                offsets.rows.iter_mut().for_each(|offset| *offset += top);
                offsets
                    .columns
                    .iter_mut()
                    .for_each(|offset| *offset += left);
                let change = self.change(below)?.f_constant_pad_nd([front, back])?;
                Ok(Form::Change(laid(&change, &offsets, self.place(index))?))
            }
            (Op::Select { .. }, Parameters::Indices(indices)) => {
                let pick = |cells: &Tensor| cells.f_index_select(3, indices);
                let patch = &self.patches[below];
                match (&patch.change, &patch.new) {
                    (_, Some(new)) => Ok(Form::New(pick(new)?)),
                    (Some(change), None) => Ok(Form::Change(pick(change)?)),
                    (None, None) => Err(missing()),
                }
            }
            // These look at one cell at a time.
            (
                Op::LeakyRelu { .. }
                | Op::Clip { .. }
                | Op::Curve(_)
                | Op::Lrn { .. }
                | Op::BatchNorm { .. }
                | Op::Scale { .. }
                | Op::Shift { .. }
                | Op::Softmax,
                _,
            ) => {
                let (new, _) = self.new_values(below)?;
                let maps = new.f_permute([0, 3, 1, 2])?;
                let made = compute(engine, index, &[&maps])?;
                Ok(Form::New(made.f_permute([0, 2, 3, 1])?.f_contiguous()?))
            }
            // What spreads is above; the others have parameters.
            (
                Op::Input
                | Op::Flatten
                | Op::Reshape { .. }
                | Op::Permute { .. }
                | Op::Conv { .. }
                | Op::Linear { .. }
                | Op::Select { .. },
                _,
            ) => Err(TchError::Kind(
                "the node's parameters were not uploaded".into(),
            )),
        }
    }

    /// The input under the square.
    fn hide(&mut self, index: usize, fill: &Tensor) -> Result<Form, TchError> {
        let place = self.place(index);
        let mut change = self.gather(index, place)?.f_neg_()?.f_add_(fill)?;
        let (high, wide) = (
            place.rows.starts.len() as i64,
            place.columns.starts.len() as i64,
        );
        let axes = [
            (&self.chunk.rows, [high, 1, place.height(), 1, 1]),
            (&self.chunk.columns, [1, wide, 1, place.width(), 1]),
        ];
        for (class, size) in axes {
            let Some(cells) = class.hidden_cells() else {
                continue;
            };
            let cells = Tensor::f_from_slice(&cells)?.f_to_device(change.device())?;
            change = change
                .f_unflatten(0, [high, wide])?
                .f_mul(&cells.f_view(size)?)?
                .f_flatten(0, 1)?;
        }
        Ok(Form::Change(change))
    }

    fn convolve(
        &mut self,
        index: usize,
        below: usize,
        (window, groups): (&Window, usize),
        bias: Option<&Tensor>,
    ) -> Result<Form, TchError> {
        let one_cell = Window::square(1, 1, 0);
        if *window == one_cell && self.has_new(below) {
            let (new, _) = self.new_values(below)?;
            let convolved = self
                .filters
                .convolve(index, &new, (window, groups), [0; 2], bias)?;
            return Ok(Form::New(convolved));
        }
        let (from, to) = (self.place(below), self.place(index));
        let rows = slide(window, 0).align(from.rows, to.rows);
        let columns = slide(window, 1).align(from.columns, to.columns);
        let canvas = Place {
            rows: &rows.canvas(from.rows),
            columns: &columns.canvas(from.columns),
        };
        let offsets = Offsets::between(from, canvas);
        let change = laid(&self.change(below)?, &offsets, canvas)?;
        let padding = [rows.padding, columns.padding];
        let made = self
            .filters
            .convolve(index, &change, (window, groups), padding, None)?;
        let offsets = Offsets {
            rows: rows.offsets,
            columns: columns.offsets,
        };
        Ok(Form::Change(laid(&made, &offsets, to)?))
    }

    fn max_pool(&mut self, index: usize, below: usize, window: &Window) -> Result<Form, TchError> {
        let to = self.place(index);
        let rows = slide(window, 0).canvas(to.rows);
        let columns = slide(window, 1).canvas(to.columns);
        let canvas = Place {
            rows: &rows,
            columns: &columns,
        };
        let cells = self.new_at(below, canvas)?.f_permute([0, 3, 1, 2])?;
        let (stride, dilation) = (pair(window.stride), pair(window.dilation));
        let pooled = cells.f_max_pool2d(pair(window.kernel), stride, [0, 0], dilation, false)?;
        Ok(Form::New(pooled.f_permute([0, 2, 3, 1])?.f_contiguous()?))
    }

    fn average_pool(
        &mut self,
        index: usize,
        below: usize,
        window: &Window,
        padding_counts: bool,
    ) -> Result<Form, TchError> {
        let to = self.place(index);
        let rows = slide(window, 0).canvas(to.rows);
        let columns = slide(window, 1).canvas(to.columns);
        let canvas = Place {
            rows: &rows,
            columns: &columns,
        };
        let cells = self.change_at(below, canvas)?.f_permute([0, 3, 1, 2])?;
        let kernel = pair(window.kernel);
        let sums = cells.f_avg_pool2d(kernel, pair(window.stride), [0, 0], false, true, 1)?;
        let share = |axis: usize, outputs: &Windows, cells: usize| -> Result<Tensor, TchError> {
            let counts = counts(window, axis, outputs, cells, padding_counts);
            Tensor::f_from_slice(&counts)?
                .f_reciprocal()?
                .f_to_device(sums.device())
        };
        let shape = self.shape(below);
        let (high, wide) = (to.rows.starts.len() as i64, to.columns.starts.len() as i64);
        let rows = share(0, to.rows, shape.height)?.f_view([high, 1, to.height(), 1, 1])?;
        let columns = share(1, to.columns, shape.width)?.f_view([1, wide, 1, to.width(), 1])?;
        let shares = rows.f_mul(&columns)?.f_flatten(0, 1)?;
        let means = sums.f_permute([0, 2, 3, 1])?.f_mul(&shares)?;
        Ok(Form::Change(means.f_contiguous()?))
    }

    fn mean(&mut self, below: usize) -> Result<Form, TchError> {
        let (shape, place) = (self.shape(below), self.place(below));
        if self.has_new(below) && place.is_whole(shape) {
            let (new, _) = self.new_values(below)?;
            return Ok(Form::New(new.f_mean_dim(
                [1i64, 2].as_slice(),
                true,
                None,
            )?));
        }
        let sum = self
            .change(below)?
            .f_sum_dim_intlist([1i64, 2].as_slice(), true, None)?;
        let cells = (shape.height * shape.width) as i64;
        Ok(Form::Change(sum.f_div_scalar(cells)?))
    }

    fn linear(
        &mut self,
        below: usize,
        weight: &Tensor,
        bias: Option<&Tensor>,
    ) -> Result<Form, TchError> {
        let cells = |flat: Tensor| flat.f_unsqueeze(1)?.f_unsqueeze(1);
        if self.has_new(below) {
            let (new, _) = self.new_values(below)?;
            return Ok(Form::New(cells(linear(
                &new.f_flatten(1, -1)?,
                weight,
                bias,
            )?)?));
        }
        let change = self.change(below)?.f_flatten(1, -1)?;
        Ok(Form::Change(cells(linear(&change, weight, None)?)?))
    }

    fn concat(&mut self, index: usize) -> Result<Form, TchError> {
        let to = self.place(index);
        let inputs = &self.engine.network.nodes[index].inputs;
        let linear = inputs
            .iter()
            .all(|&input| self.has_change(input) && !self.has_new(input));
        let mut parts = Vec::with_capacity(inputs.len());
        for &input in inputs {
            parts.push(match linear {
                true => self.change_at(input, to)?,
                false => self.new_at(input, to)?,
            });
        }
        let stacked = Tensor::f_cat(&parts, 3)?;
        Ok(match linear {
            true => Form::Change(stacked),
            false => Form::New(stacked),
        })
    }

    /// Computes whole maps from whole maps.
    fn whole(&mut self, index: usize) -> Result<Form, TchError> {
        let engine = self.engine;
        let maps = engine.network.nodes[index]
            .inputs
            .iter()
            .map(|&input| self.whole_new(input)?.f_contiguous())
            .collect::<Result<Vec<Tensor>, TchError>>()?;
        let inputs: Vec<&Tensor> = maps.iter().collect();
        let made = compute(engine, index, &inputs)?;
        Ok(Form::New(made.f_permute([0, 2, 3, 1])?.f_contiguous()?))
    }
}

/// A node as the forward pass computes it.
pub(super) fn compute(
    engine: &Engine,
    index: usize,
    inputs: &[&Tensor],
) -> Result<Tensor, TchError> {
    let image = inputs.first().copied().ok_or_else(missing)?;
    let mut trace = Trace::empty(image);
    engine.compute(index, inputs, image, None, &mut trace)
}

/// Cells laid over windows with nothing around them.
fn laid(cells: &Tensor, offsets: &Offsets, to: Place<'_>) -> Result<Tensor, TchError> {
    if let Some(part) = cut(cells, offsets, to)? {
        return Ok(part);
    }
    let channels = cells.size()[3];
    let size = [to.positions(), to.height(), to.width(), channels];
    let canvas = Tensor::f_zeros(size, (cells.kind(), cells.device()))?;
    paste(&canvas, cells, offsets, to)?;
    Ok(canvas)
}

fn slide(window: &Window, axis: usize) -> Slide {
    Slide {
        stride: window.stride[axis] as i64,
        padding: window.padding[axis] as i64,
        extent: window.extent(axis) as i64,
    }
}

/// Cells in each output's window along an axis that count for its mean, as libtorch counts them.
fn counts(
    window: &Window,
    axis: usize,
    outputs: &Windows,
    cells: usize,
    padding_counts: bool,
) -> Vec<f32> {
    let padding = window.padding[axis] as i64;
    let cells = cells as i64;
    let (low, high) = match padding_counts {
        true => (-padding, cells + padding),
        false => (0, cells),
    };
    let starts = outputs.starts.iter();
    let all = starts.flat_map(|start| *start..start + outputs.length);
    all.map(|output| {
        let first = output * window.stride[axis] as i64 - padding;
        let last = first + window.kernel[axis] as i64;
        (last.min(high) - first.max(low)) as f32
    })
    .collect()
}

fn missing() -> TchError {
    TchError::Kind("a value is read that was not computed".into())
}
