//! The forward walk, keeping the activations asked for and the switches of every max pooling.

use std::collections::BTreeMap;

use tch::{Device, TchError, Tensor};

use super::local_response;
use super::parameters::Parameters;
use super::{Engine, ReluRule};
use crate::error::{Error, Result};
use crate::network::{Op, Window};

/// What a forward pass keeps.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Nodes whose outputs are kept.
    pub activations: Vec<usize>,
    /// The rule of the projections to come; `None` keeps nothing for the way back.
    pub rule: Option<ReluRule>,
}

/// What a forward pass leaves behind.
#[derive(Debug)]
pub struct Trace {
    /// Images in the pass.
    pub images: i64,
    /// Outputs of the nodes asked for, `[N, C, H, W]` (`[N, F]` for vectors).
    pub activations: BTreeMap<usize, Tensor>,
    /// Output of the last node: `[N, classes]` probabilities where the network has a classifier.
    pub output: Tensor,
    /// Switches of each max pooling: for each window the place of its maximum in its plane, i64 as libtorch counts.
    pub(super) switches: BTreeMap<usize, Tensor>,
    /// Inputs of nodes that a rule's derivative needs: ReLUs (their outputs) and contrast normalisations.
    pub(super) operands: BTreeMap<usize, Tensor>,
}

impl Engine {
    /// Runs a batch `[N, 3, H, W]` of network inputs.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault (out of memory, wrong input size).
    pub fn forward(&self, input: &Tensor, recording: &Recording) -> Result<Trace> {
        let _no_grad = tch::no_grad_guard();
        let images = input.size().first().copied().unwrap_or(0);
        let mut trace = Trace {
            images,
            activations: BTreeMap::new(),
            output: input.shallow_clone(),
            switches: BTreeMap::new(),
            operands: BTreeMap::new(),
        };
        let mut values: Vec<Option<Tensor>> = Vec::with_capacity(self.network.nodes.len());
        for index in 0..self.network.nodes.len() {
            let node = &self.network.nodes[index];
            let inputs: Vec<&Tensor> = node
                .inputs
                .iter()
                .filter_map(|&at| values[at].as_ref())
                .collect();
            let value = self
                .compute(index, &inputs, input, recording.rule, &mut trace)
                .map_err(Error::compute(format!(
                    "forward pass at node '{}' ({})",
                    node.name,
                    node.op.describe()
                )))?;
            if recording.activations.contains(&index) {
                trace.activations.insert(index, value.shallow_clone());
            }
            values.push(Some(value));
            for &at in &node.inputs {
                if self.last_reader[at] == index {
                    values[at] = None;
                }
            }
        }
        if let Some(output) = values.pop().flatten() {
            trace.output = output;
        }
        Ok(trace)
    }

    fn compute(
        &self,
        index: usize,
        inputs: &[&Tensor],
        image: &Tensor,
        rule: Option<ReluRule>,
        trace: &mut Trace,
    ) -> Result<Tensor, TchError> {
        let x = inputs.first().copied().unwrap_or(image);
        match (&self.network.nodes[index].op, &self.parameters[index]) {
            (Op::Input, _) => x.f_to_device(self.device),
            (Op::Conv { window, groups, .. }, Parameters::Affine { weight, bias }) => {
                let [stride, padding, dilation] = spans(window);
                x.f_conv2d(
                    weight,
                    bias.as_ref(),
                    stride,
                    padding,
                    dilation,
                    *groups as i64,
                )
            }
            (Op::Linear { .. }, Parameters::Affine { weight, bias }) => {
                x.f_linear(weight, bias.as_ref())
            }
            (Op::Relu, _) => {
                let y = x.f_relu()?;
                if rule.is_some_and(ReluRule::looks_at_forward) {
                    trace.operands.insert(index, y.shallow_clone());
                }
                Ok(y)
            }
            (Op::MaxPool { window, ceil }, _) => {
                let [stride, padding, dilation] = spans(window);
                let kernel = pair(window.kernel);
                if rule.is_none() {
                    return x.f_max_pool2d(kernel, stride, padding, dilation, *ceil);
                }
                let (y, switches) =
                    x.f_max_pool2d_with_indices(kernel, stride, padding, dilation, *ceil)?;
                trace.switches.insert(index, switches);
                Ok(y)
            }
            (Op::AveragePool { window }, _) => {
                let [stride, padding, _] = spans(window);
                x.f_avg_pool2d(pair(window.kernel), stride, padding, false, true, None)
            }
            (Op::GlobalAveragePool, _) => x.f_mean_dim([2i64, 3].as_slice(), false, None),
            (
                Op::Lrn {
                    size,
                    alpha,
                    beta,
                    k,
                },
                _,
            ) => {
                if rule == Some(ReluRule::Gradient) {
                    trace.operands.insert(index, x.shallow_clone());
                }
                local_response::forward(x, *size, *alpha, *beta, *k)
            }
            (Op::BatchNorm { .. }, Parameters::Scale { scale, shift }) => {
                x.f_mul(scale)?.f_add(shift)
            }
            (Op::Concat, _) => Tensor::f_cat(inputs, 1),
            (Op::Add, _) => inputs[1..]
                .iter()
                .try_fold(x.shallow_clone(), |sum, other| sum.f_add(other)),
            (Op::Flatten, _) => x.f_flatten(1, -1),
            (Op::Dropout, _) => Ok(x.shallow_clone()),
            (Op::Softmax, _) => x.f_softmax(1, None),
            (Op::Conv { .. } | Op::Linear { .. } | Op::BatchNorm { .. }, _) => Err(TchError::Kind(
                "the node's parameters were not uploaded".into(),
            )),
        }
    }

    /// Network inputs of `[3, side, side]` values each as one batch on the CPU.
    ///
    /// # Errors
    /// [`Error::Compute`] where the values do not fill the inputs.
    pub fn batch(&self, inputs: &[&[f32]]) -> Result<Tensor> {
        let side = self.network.input_size as i64;
        let stack = || -> Result<Tensor, TchError> {
            let images: Vec<Tensor> = inputs
                .iter()
                .map(|values| Tensor::f_from_slice(values)?.f_view([3, side, side]))
                .collect::<Result<_, _>>()?;
            Tensor::f_stack(&images, 0)
        };
        stack().map_err(Error::compute("stacking network inputs"))
    }
}

/// Stride, padding and dilation as libtorch takes them.
pub(super) fn spans(window: &Window) -> [[i64; 2]; 3] {
    [window.stride, window.padding, window.dilation].map(pair)
}

pub(super) fn pair(values: [usize; 2]) -> [i64; 2] {
    values.map(|value| value as i64)
}

/// The values of a tensor, row-major.
///
/// # Errors
/// [`Error::Compute`].
pub fn to_values(tensor: &Tensor) -> Result<Vec<f32>> {
    let copy = || -> Result<Vec<f32>, TchError> {
        let flat = tensor
            .f_to_device(Device::Cpu)?
            .f_contiguous()?
            .f_view([-1])?;
        let mut values = vec![0f32; flat.numel()];
        flat.f_copy_data(&mut values, flat.numel())?;
        Ok(values)
    };
    copy().map_err(Error::compute("reading values back"))
}
