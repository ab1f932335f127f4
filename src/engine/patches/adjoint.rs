//! A convolution's transpose as a convolution.

use std::collections::BTreeMap;

use network::passage::Passage;
use network::{Op, Window};
use tch::{TchError, Tensor};

use super::super::forward::pair;
use super::super::parameters::Parameters;
use super::super::{rows, Engine};

/// What walks signals back through one convolution. Where its stride is not 1, each phase of the stride is a convolution of
/// its own with every so many-th of the kernel's taps; all of them are computed at once, side by side as maps.
#[derive(Debug)]
pub(super) struct Adjoint {
    /// `[groups · phases · C / groups, outputs / groups, kH, kW]`, ordered for cells in rows.
    filters: Tensor,
    /// `[outputs, C, kH, kW]`, what each output sees; only where it is that of one group without dilation.
    taps: Option<Tensor>,
    stride: [i64; 2],
    dilation: [i64; 2],
    groups: usize,
    /// Cells from the first to the last one under the kernel.
    extent: [i64; 2],
}

/// The adjoints of the convolutions of a network by node, each made once.
#[derive(Debug, Default)]
pub(super) struct Adjoints(BTreeMap<usize, Adjoint>);

impl Adjoints {
    /// Those of all convolutions that signals pass.
    pub(super) fn of(
        &mut self,
        engine: &Engine,
        passages: &[Option<Passage>],
    ) -> Result<Vec<Option<Adjoint>>, TchError> {
        let reached = passages.iter().enumerate();
        reached
            .map(|(node, passage)| match passage {
                Some(_) => self.at(engine, node),
                None => Ok(None),
            })
            .collect()
    }

    fn at(&mut self, engine: &Engine, node: usize) -> Result<Option<Adjoint>, TchError> {
        let (op, parameters) = (&engine.network().nodes[node].op, &engine.parameters[node]);
        let (Op::Conv { window, groups, .. }, Parameters::Affine { weight, .. }) = (op, parameters)
        else {
            return Ok(None);
        };
        if let Some(known) = self.0.get(&node) {
            return Ok(Some(known.share()));
        }
        let made = Adjoint::new(weight, window, *groups)?;
        let shared = made.share();
        self.0.insert(node, made);
        Ok(Some(shared))
    }
}

impl Adjoint {
    fn new(weight: &Tensor, window: &Window, groups: usize) -> Result<Self, TchError> {
        let taps = (window.dilation == [1, 1] && groups == 1).then(|| weight.shallow_clone());
        let stride = pair(window.stride);
        let (weight, dilation) = match stride {
            [1, 1] => (weight.shallow_clone(), pair(window.dilation)),
            _ => (spread(weight, window)?, [1, 1]),
        };
        let (outputs, inputs, high, wide) = weight.size4()?;
        let reach = |length: i64, stride: i64| (length + stride - 1) / stride;
        let (rows_a_phase, columns_a_phase) = (reach(high, stride[0]), reach(wide, stride[1]));
        let (below, right) = (
            rows_a_phase * stride[0] - high,
            columns_a_phase * stride[1] - wide,
        );
        let count = groups as i64;
        let by_phase = weight
            .f_constant_pad_nd([0, right, 0, below])?
            .f_view(
                [
                    count,
                    outputs / count,
                    inputs,
                    rows_a_phase,
                    stride[0],
                    columns_a_phase,
                    stride[1],
                ]
                .as_slice(),
            )?
            .f_permute([0, 4, 6, 2, 1, 3, 5])?
            .f_flip([5, 6])?
            .f_reshape([-1, outputs / count, rows_a_phase, columns_a_phase])?;
        Ok(Self {
            filters: rows::filters(&by_phase)?,
            taps,
            stride,
            dilation,
            groups,
            extent: [window.extent(0) as i64, window.extent(1) as i64],
        })
    }

    pub(super) fn share(&self) -> Self {
        Self {
            filters: self.filters.shallow_clone(),
            taps: self.taps.as_ref().map(Tensor::shallow_clone),
            ..*self
        }
    }

    /// Signals `[N, h, w, outputs]` as those of the inputs under their windows, `[N, (h − 1) · stride + extent, …, C]`.
    pub(super) fn apply(&self, signal: &Tensor) -> Result<Tensor, TchError> {
        let size = signal.size();
        let kernel = self.filters.size();
        let padding = [0, 1].map(|axis| self.dilation[axis] * (kernel[axis + 2] - 1));
        let spans = [[1, 1], padding, self.dilation];
        let phases = rows::convolve(signal, &self.filters, None, spans, self.groups)?;
        if self.stride == [1, 1] {
            return Ok(phases);
        }
        let [count, high, wide] = [phases.size()[0], phases.size()[1], phases.size()[2]];
        let [rows, columns] = self.stride;
        let all = phases
            .f_view([count, high, wide, self.groups as i64, rows, columns, -1].as_slice())?
            .f_permute([0, 1, 4, 2, 5, 3, 6])?
            .f_reshape([count, high * rows, wide * columns, -1])?;
        let length = |axis: usize| (size[axis + 1] - 1) * self.stride[axis] + self.extent[axis];
        all.f_narrow(1, 0, length(0))?.f_narrow(2, 0, length(1))
    }

    /// The signals of single outputs, one an item; `None` where they are not at hand.
    pub(super) fn apply_to_units(
        &self,
        feature: &Tensor,
        value: &Tensor,
    ) -> Result<Option<Tensor>, TchError> {
        match &self.taps {
            Some(taps) => {
                let seen = rows::from_maps(&taps.f_index_select(0, feature)?)?;
                Ok(Some(seen.f_mul(&value.f_view([-1, 1, 1, 1])?)?))
            }
            None => Ok(None),
        }
    }
}

/// A dilated kernel with its gaps as zeros.
fn spread(weight: &Tensor, window: &Window) -> Result<Tensor, TchError> {
    if window.dilation == [1, 1] {
        return Ok(weight.shallow_clone());
    }
    let size = weight.size();
    let (high, wide) = (window.extent(0) as i64, window.extent(1) as i64);
    let options = (weight.kind(), weight.device());
    let spread = Tensor::f_zeros([size[0], size[1], high, wide], options)?;
    let [rows, columns] = pair(window.dilation);
    spread
        .f_slice(2, 0, high, rows)?
        .f_slice(3, 0, wide, columns)?
        .f_copy_(weight)?;
    Ok(spread)
}
