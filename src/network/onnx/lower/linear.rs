//! Convolutions, linear layers and normalisations: the operators with learned weights.

use super::lowering::Lowering;
use super::value::Maps;
use super::window::Sliding;
use crate::onnx::node::Node;
use crate::onnx::tensor::{Numbers, Tensor};
use crate::shape::Shape;
use crate::{Op, Window};

impl Lowering {
    pub(super) fn conv(&mut self, node: &Node) -> Result<(), String> {
        let x = self.image(node, 0)?;
        let filters = self.constant_input(node, 1)?.ok_or("has no weights")?;
        let [channels, each, rows, columns] = four_axes(&filters)?;
        let groups = groups(node)?;
        let input = self.shapes[x.node];
        if each.checked_mul(groups) != Some(input.channels) {
            return Err(format!(
                "its weights are for {each} × {groups} channels, its input has {}",
                input.channels
            ));
        }
        let sliding = Sliding::of(node, input, Some([rows, columns]), false)?;
        let (window, below) = match sliding.symmetric() {
            Some(window) => (window, x.node),
            None => (sliding.window, self.padded(node, x.node, &sliding, 0.0)?),
        };
        let bias = self.constant_input(node, 2)?;
        let op = Op::Conv {
            window,
            channels,
            groups,
            bias: bias.is_some(),
        };
        let at = self.push(&node.name, op, &[below])?;
        let shape = filters.dims.clone();
        self.parameter(at, "weight", shape, floats(filters)?);
        if let Some(bias) = bias {
            self.vector_parameter(at, "bias", bias, channels)?;
        }
        self.give_image(node, at, x.dims[0]);
        Ok(())
    }

    pub(super) fn gemm(&mut self, node: &Node) -> Result<(), String> {
        if node.attributes.int("transA", 0)? != 0 {
            return Err("transA turns the batch around, which is not supported".into());
        }
        let scale = node.attributes.float("alpha", 1.0)?;
        let weight = self.constant_input(node, 1)?.ok_or("has no weights")?;
        let by_output = node.attributes.int("transB", 0)? != 0;
        let (at, features) = self.linear(node, weight, by_output, scale)?;
        let beta = node.attributes.float("beta", 1.0)?;
        if let Some(branch) = self.branch(node, 2) {
            self.parameter(at, "bias", vec![features], vec![0.0; features]);
            return self.add_branch(node, branch, beta);
        }
        let bias = match self.constant_input(node, 2)? {
            Some(bias) if beta != 0.0 => spread(bias, features)?,
            _ => vec![0.0; features],
        };
        let bias = bias.into_iter().map(|value| value * beta).collect();
        self.parameter(at, "bias", vec![features], bias);
        Ok(())
    }

    pub(super) fn mat_mul(&mut self, node: &Node) -> Result<(), String> {
        let weight = self.constant_input(node, 1)?.ok_or("has no weights")?;
        let x = self.maps(node, 0)?;
        if let (&[inputs, features], 3.., true) = (
            &weight.dims[..],
            x.dims.len(),
            x.dims.last() == weight.dims.first(),
        ) {
            return self.cell_linear(node, x, weight, [inputs, features]);
        }
        let (at, features) = self.linear(node, weight, false, 1.0)?;
        self.parameter(at, "bias", vec![features], vec![0.0; features]);
        Ok(())
    }

    /// A linear layer of each cell across its channels, which are the last axis: a convolution of one cell.
    fn cell_linear(
        &mut self,
        node: &Node,
        x: Maps,
        weight: Tensor,
        [inputs, features]: [usize; 2],
    ) -> Result<(), String> {
        let image = self.batch.image(&x.dims)?.to_vec();
        let values = turned(&floats(weight)?, inputs, features);
        let upright = self.upright(&x);
        let below = match upright {
            Some(upright) => upright,
            None => {
                let cells: usize = image[..image.len() - 1].iter().product();
                let shape = Shape::of([cells, inputs, 1]);
                let name = format!("{}.cells", node.name);
                let at = self.reshaped(&name, x.node, shape)?;
                self.push(&name, Op::Permute { order: [1, 0, 2] }, &[at])?
            }
        };
        let op = Op::Conv {
            window: Window::square(1, 1, 0),
            channels: features,
            groups: 1,
            bias: false,
        };
        let at = self.push(&node.name, op, &[below])?;
        self.parameter(at, "weight", vec![features, inputs, 1, 1], values);
        if upright.is_some() {
            let turned = self.turn(&node.name, at)?;
            self.give(node, 0, turned);
            return Ok(());
        }
        let name = format!("{}.back", node.name);
        let at = self.push(&name, Op::Permute { order: [1, 0, 2] }, &[at])?;
        let mut dims = x.dims;
        if let Some(last) = dims.last_mut() {
            *last = features;
        }
        self.give_reshaped(node, at, dims)
    }

    /// A linear layer without its bias, and how many features it has.
    fn linear(
        &mut self,
        node: &Node,
        weight: Tensor,
        by_output: bool,
        scale: f32,
    ) -> Result<(usize, usize), String> {
        let x = self.maps(node, 0)?;
        let ([batch, inputs], Some(_)) = (&x.dims[..], self.batch.0) else {
            return Err(format!(
                "works on shape {:?}, expected [images, features]",
                x.dims
            ));
        };
        let (features, expected) = match (&weight.dims[..], by_output) {
            (&[features, inputs], true) | (&[inputs, features], false) => (features, inputs),
            _ => {
                return Err(format!(
                    "its weights have shape {:?}, expected two axes",
                    weight.dims
                ))
            }
        };
        if expected != *inputs {
            return Err(self.of_size(format!(
                "its weights are for {expected} inputs, there are {inputs}"
            )));
        }
        let mut values = floats(weight)?;
        if !by_output {
            values = turned(&values, expected, features);
        }
        if scale != 1.0 {
            values.iter_mut().for_each(|value| *value *= scale);
        }
        let dims = vec![*batch, features];
        let at = self.push(&node.name, Op::Linear { features }, &[x.node])?;
        self.parameter(at, "weight", vec![features, expected], values);
        self.give(node, 0, Maps { node: at, dims });
        Ok((at, features))
    }

    pub(super) fn batch_norm(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        if self.batch.0.is_none() || x.dims.len() < 2 {
            return Err(format!(
                "works on shape {:?}, expected images with channels",
                x.dims
            ));
        }
        if normalises_by_batch(node)? {
            if !self.running_batch_norm {
                return Err("is in training mode: it normalises by the mean and variance of the images that are fed together; export the model for inference (model.eval()), or --batch-norm running takes its running ones".into());
            }
            let note =
                "batch norms in training mode use their running statistics (--batch-norm running)";
            if !self.notes.iter().any(|said| said == note) {
                self.notes.push(note.into());
            }
        }
        if node.attributes.int("spatial", 1)? == 0 {
            return Err(
                "normalises each cell by itself (spatial = 0), which is not supported".into(),
            );
        }
        let epsilon = f64::from(node.attributes.float("epsilon", 1e-5)?);
        // Of more axes than rows and columns, the channels are the first alone.
        let channels = x.dims[1];
        if self.shapes[x.node].channels != channels {
            return Err(format!(
                "works on shape {:?}, expected [images, channels, rows, columns]",
                x.dims
            ));
        }
        let at = self.same_shape(node, Op::BatchNorm { epsilon })?;
        let fields = ["weight", "bias", "running_mean", "running_var"];
        for (input, field) in fields.into_iter().enumerate() {
            let tensor = self.constant_input(node, input + 1)?;
            let tensor = tensor.ok_or_else(|| format!("has no {field}"))?;
            self.vector_parameter(at, field, tensor, channels)?;
        }
        Ok(())
    }

    pub(super) fn contrast_norm(&mut self, node: &Node) -> Result<(), String> {
        self.image(node, 0)?;
        let float = |name: &str, usual: f32| node.attributes.float(name, usual).map(f64::from);
        let size = node.attributes.int("size", 0)?;
        if !(1..=1 << 16).contains(&size) || size % 2 == 0 {
            return Err(format!(
                "size is {size}; an odd number of channels is supported"
            ));
        }
        let op = Op::Lrn {
            size: size as usize,
            alpha: float("alpha", 1e-4)?,
            beta: float("beta", 0.75)?,
            k: float("bias", 1.0)?,
        };
        self.same_shape(node, op).map(drop)
    }

    pub(super) fn vector_parameter(
        &mut self,
        at: usize,
        field: &str,
        tensor: Tensor,
        length: usize,
    ) -> Result<(), String> {
        let values = vector(field, tensor, length)?;
        self.parameter(at, field, vec![length], values);
        Ok(())
    }
}

/// The floats of a tensor of one axis of that length.
pub(super) fn vector(field: &str, tensor: Tensor, length: usize) -> Result<Vec<f32>, String> {
    match tensor.dims == [length] {
        true => floats(tensor),
        false => Err(format!(
            "{field} has shape {:?}, expected [{length}]",
            tensor.dims
        )),
    }
}

/// The shape of filters over rows and columns.
pub(super) fn four_axes(filters: &Tensor) -> Result<[usize; 4], String> {
    filters.dims[..].try_into().map_err(|_| {
        format!(
            "its weights have shape {:?}, expected four axes",
            filters.dims
        )
    })
}

/// Groups of channels that do not see each other.
pub(super) fn groups(node: &Node) -> Result<usize, String> {
    let groups = usize::try_from(node.attributes.int("group", 1)?).ok();
    let groups = groups.filter(|&groups| groups > 0);
    groups.ok_or_else(|| "its group is not a number from 1".into())
}

pub(super) fn floats(tensor: Tensor) -> Result<Vec<f32>, String> {
    match tensor.values {
        Numbers::Floats(values) => Ok(values),
        Numbers::Integers(_) => Err("its weights are integers; export the float model".into()),
    }
}

/// Whether a batch norm is in training mode: by its attribute from opset 14 on, by its further outputs from 7 on, by
/// either before.
fn normalises_by_batch(node: &Node) -> Result<bool, String> {
    let more = node.outputs.iter().skip(1).any(|name| !name.is_empty());
    Ok(match node.opset {
        14.. => node.attributes.int("training_mode", 0)? != 0,
        7..=13 => more,
        _ => node.attributes.int("is_test", i64::from(!more))? == 0,
    })
}

/// A matrix with its axes changed, in blocks that stay in the cache.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let mut turned = vec![0.0; values.len()];
    for top in (0..rows).step_by(BLOCK) {
        for left in (0..columns).step_by(BLOCK) {
            for row in top..rows.min(top + BLOCK) {
                for column in left..columns.min(left + BLOCK) {
                    turned[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    turned
}

/// The bias of a Gemm as one value a feature.
fn spread(bias: Tensor, features: usize) -> Result<Vec<f32>, String> {
    let dims = bias.dims.clone();
    let values = floats(bias)?;
    match dims[..] {
        [] | [1] | [1, 1] => Ok(vec![values[0]; features]),
        [length] | [1, length] if length == features => Ok(values),
        _ => Err(format!(
            "its bias has shape {dims:?}, expected [{features}]"
        )),
    }
}
