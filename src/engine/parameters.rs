//! A network's parameters as tensors on the device.

use std::convert::Infallible;

use base::{Error, Result};
use network::weights::{Array, Weights};
use network::{Anatomy, Op};
use tch::{Device, Kind, Tensor};

use super::forward::to_values;
use super::mixing::Mixing;
use super::Engine;

/// The tensors of one node.
#[derive(Debug)]
pub(super) enum Parameters {
    None,
    /// Convolutions and linear layer.
    Affine {
        weight: Tensor,
        bias: Option<Tensor>,
    },
    /// `x · scale + shift`, each `[1, C, H, W]`, where an axis may be 1; the slopes of a rectifier are a scale, constants a
    /// shift.
    Scale {
        scale: Option<Tensor>,
        shift: Option<Tensor>,
    },
    /// Numbers of slices, i64.
    Indices(Tensor),
    /// Of rows and columns.
    Mixings([Option<Mixing>; 2]),
}

impl Parameters {
    pub(super) fn share(&self) -> Self {
        let Ok(shared) = self.each(&|tensor| Ok::<_, Infallible>(tensor.shallow_clone()));
        shared
    }

    /// Made of each of its tensors.
    pub(super) fn each<E>(&self, of: &impl Fn(&Tensor) -> Result<Tensor, E>) -> Result<Self, E> {
        let any = |tensor: &Option<Tensor>| tensor.as_ref().map(of).transpose();
        Ok(match self {
            Self::None => Self::None,
            Self::Affine { weight, bias } => Self::Affine {
                weight: of(weight)?,
                bias: any(bias)?,
            },
            Self::Scale { scale, shift } => Self::Scale {
                scale: any(scale)?,
                shift: any(shift)?,
            },
            Self::Indices(indices) => Self::Indices(of(indices)?),
            Self::Mixings([rows, columns]) => {
                let any = |mixing: &Option<Mixing>| {
                    let each = mixing.as_ref().map(|mixing| mixing.each(of));
                    each.transpose()
                };
                Self::Mixings([any(rows)?, any(columns)?])
            }
        })
    }
}

impl Engine {
    /// A convolution's filters, in the order of their axes: outputs, inputs of a group, rows and columns. `None` for another
    /// node.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn filters(&self, node: usize) -> Result<Option<([usize; 4], Vec<f32>)>> {
        let op = &self.network().nodes[node].op;
        let (Op::Conv { .. }, Parameters::Affine { weight, .. }) = (op, &self.parameters[node])
        else {
            return Ok(None);
        };
        let size = weight.size4().map_err(Error::compute("reading filters"))?;
        let shape = <[i64; 4]>::from(size).map(|length| length as usize);
        Ok(Some((shape, to_values(weight)?)))
    }
}

pub(super) fn upload(
    anatomy: &Anatomy,
    weights: &Weights,
    device: Device,
    kind: Kind,
) -> Result<Vec<Parameters>> {
    let network = anatomy.network();
    let array = |node: &str, field: &str| -> Result<&Array> {
        weights
            .get(&format!("{node}.{field}"))
            .ok_or_else(|| Error::Network {
                network: network.name.clone(),
                node: node.to_owned(),
                problem: format!("no parameter '{field}'"),
            })
    };
    let tensor = |array: &Array| -> Result<Tensor> {
        let shape: Vec<i64> = array.shape.iter().map(|&n| n as i64).collect();
        Tensor::f_from_slice(&array.data)
            .and_then(|flat| flat.f_reshape(shape))
            .and_then(|tensor| tensor.f_to_kind(kind)?.f_to_device(device))
            .map_err(Error::compute("moving the weights to the device"))
    };
    let per_image = |array: &Array| -> Result<Tensor> {
        tensor(array)?
            .f_unsqueeze(0)
            .map_err(Error::compute("moving the weights to the device"))
    };
    let upload_node = |node: &network::Node| -> Result<Parameters> {
        Ok(match &node.op {
            Op::Conv { bias, .. } | Op::ConvTranspose { bias, .. } => Parameters::Affine {
                weight: tensor(array(&node.name, "weight")?)?,
                bias: match bias {
                    true => Some(tensor(array(&node.name, "bias")?)?),
                    false => None,
                },
            },
            Op::Linear { .. } => Parameters::Affine {
                weight: tensor(array(&node.name, "weight")?)?,
                bias: Some(tensor(array(&node.name, "bias")?)?),
            },
            Op::BatchNorm { epsilon } => {
                let field = |name: &str| array(&node.name, name).and_then(tensor);
                let (gamma, beta) = (field("weight")?, field("bias")?);
                let (mean, variance) = (field("running_mean")?, field("running_var")?);
                scale_and_shift(&gamma, &beta, &mean, &variance, *epsilon)
                    .map_err(Error::compute(format!("batch norm {}", node.name)))?
            }
            Op::Scale { .. } => Parameters::Scale {
                scale: Some(per_image(array(&node.name, "weight")?)?),
                shift: None,
            },
            Op::Shift { .. } => Parameters::Scale {
                scale: None,
                shift: Some(per_image(array(&node.name, "bias")?)?),
            },
            Op::PRelu { .. } => Parameters::Scale {
                scale: Some(per_image(array(&node.name, "slope")?)?),
                shift: None,
            },
            Op::Constant { .. } => Parameters::Scale {
                scale: None,
                shift: Some(per_image(array(&node.name, "value")?)?),
            },
            Op::Resample {
                axes: [rows, columns],
            } => {
                let below = anatomy.shapes()[node.inputs[0]];
                let mixings = || -> Result<_, tch::TchError> {
                    Ok([
                        Mixing::of(rows, below.height, device, kind)?,
                        Mixing::of(columns, below.width, device, kind)?,
                    ])
                };
                Parameters::Mixings(
                    mixings().map_err(Error::compute("moving the network to the device"))?,
                )
            }
            Op::Select { indices, .. } => {
                let indices: Vec<i64> = indices.iter().map(|&index| index as i64).collect();
                let indices =
                    Tensor::f_from_slice(&indices).and_then(|list| list.f_to_device(device));
                Parameters::Indices(
                    indices.map_err(Error::compute("moving the network to the device"))?,
                )
            }
            _ => Parameters::None,
        })
    };
    network.nodes.iter().map(upload_node).collect()
}

pub(super) fn scale_and_shift(
    gamma: &Tensor,
    beta: &Tensor,
    mean: &Tensor,
    variance: &Tensor,
    epsilon: f64,
) -> Result<Parameters, tch::TchError> {
    let double = |tensor: &Tensor| tensor.f_to_kind(Kind::Double);
    let scale = double(gamma)?.f_div(&(double(variance)? + epsilon).f_sqrt()?)?;
    let shift = double(beta)?.f_sub(&double(mean)?.f_mul(&scale)?)?;
    let per_map = |tensor: Tensor| tensor.f_to_kind(gamma.kind())?.f_view([1, -1, 1, 1]);
    Ok(Parameters::Scale {
        scale: Some(per_map(scale)?),
        shift: Some(per_map(shift)?),
    })
}
