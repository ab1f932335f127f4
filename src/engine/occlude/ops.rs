//! What each op makes of the windows below it.

use network::Op;
use tch::{TchError, Tensor};

use super::super::parameters::Parameters;
use super::super::trace::Trace;
use super::super::transfer::sent;
use super::super::Engine;
use super::kernels::linear;
use super::numbers::Outside;
use super::place::Offsets;
use super::walk::{missing, Form, Walk};

impl Walk<'_> {
    /// Computes a node.
    pub(super) fn step(&mut self, index: usize, fill: &Tensor) -> Result<Form, TchError> {
        let engine = self.ground.engine;
        let node = &engine.network().nodes[index];
        let Some(&below) = node.inputs.first() else {
            return self.hide(index, fill);
        };
        let parameters = &engine.parameters[index];
        match (&node.op, parameters) {
            (Op::Linear { .. }, Parameters::Affine { weight, bias }) => {
                self.linear(below, weight, bias.as_ref())
            }
            (Op::GlobalAveragePool, _) => self.mean(below),
            _ if engine.anatomy().spreads(index) => self.whole(index),
            (Op::Conv { window, groups, .. }, Parameters::Affine { bias, .. }) => {
                self.convolve(index, below, (window, *groups), bias.as_ref())
            }
            (Op::ConvTranspose { window, groups, .. }, Parameters::Affine { weight, .. }) => {
                self.spread(index, below, (window, *groups), weight)
            }
            (Op::Resample { .. }, Parameters::Mixings(axes)) => self.resample(index, below, axes),
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
            (Op::Add, _) if self.ground.large_steps => {
                let to = self.place(index);
                let mut sum = self.new_at(below, to, Outside::Least)?;
                for &other in &node.inputs[1..] {
                    sum = sum.f_add(&self.new_at(other, to, Outside::Least)?)?;
                }
                Ok(Form::New(sum))
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
                let left = self.new_at(below, to, Outside::Least)?;
                let right = self.new_at(node.inputs[1], to, Outside::Least)?;
                Ok(Form::New(match node.op {
                    Op::Multiply => left.f_mul(&right)?,
                    _ => left.f_div(&right)?,
                }))
            }
            (Op::Pairwise { .. } | Op::Choose, _) => {
                let to = self.place(index);
                let inputs = node
                    .inputs
                    .iter()
                    .map(|&input| self.new_at(input, to, Outside::Least));
                let inputs = inputs.collect::<Result<Vec<Tensor>, TchError>>()?;
                let inputs: Vec<&Tensor> = inputs.iter().collect();
                Ok(Form::New(compute(engine, index, &inputs)?))
            }
            (Op::Constant { .. }, _) => {
                let place = self.place(index);
                Ok(Form::New(self.gather(index, place, Outside::Least)?))
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
                Ok(Form::Change(self.laid(
                    &change,
                    &offsets,
                    self.place(index),
                )?))
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
                | Op::PRelu { .. }
                | Op::ReduceChannels { .. }
                | Op::LayerNorm { .. }
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
                | Op::GroupNorm { .. }
                | Op::Conv { .. }
                | Op::ConvTranspose { .. }
                | Op::Resample { .. }
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
        let mut change = self
            .gather(index, place, Outside::Least)?
            .f_neg_()?
            .f_add_(fill)?;
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
            let cells = sent(&cells, change.device())?;
            change = change
                .f_unflatten(0, [high, wide])?
                .f_mul(&cells.f_view(size)?)?
                .f_flatten(0, 1)?;
        }
        Ok(Form::Change(change))
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
        let inputs = &self.ground.engine.network().nodes[index].inputs;
        let linear = inputs
            .iter()
            .all(|&input| self.has_change(input) && !self.has_new(input));
        let mut parts = Vec::with_capacity(inputs.len());
        for &input in inputs {
            parts.push(match linear {
                true => self.change_at(input, to)?,
                false => self.new_at(input, to, Outside::Least)?,
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
        let engine = self.ground.engine;
        let maps = engine.network().nodes[index]
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
