//! Normalisations by the image's own mean and variance.

use super::lowering::Lowering;
use super::value::Maps;
use crate::onnx::node::Node;
use crate::onnx::shapes::{self, Reduction};
use crate::onnx::tensor::Tensor;
use crate::shape::Shape;
use crate::{Curve, Op, Reduction as By};

impl Lowering {
    /// Over the last axes, from one on.
    pub(super) fn layer_norm(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let epsilon = epsilon(node)?;
        let axis = node.attributes.int("axis", -1)?;
        let axis = self.image_axis(shapes::axis(axis, x.dims.len())?)?;
        if node.outputs.iter().skip(1).any(|name| !name.is_empty()) {
            self.statistics(node, &x, axis, epsilon)?;
        }
        let image = self.batch.image(&x.dims)?.to_vec();
        let normed = match self.upright(&x) {
            Some(upright) if axis + 1 == image.len() => {
                let at = self.push(&node.name, Op::LayerNorm { epsilon }, &[upright])?;
                self.turn(&node.name, at)?
            }
            _ => {
                let groups: usize = image[..axis].iter().product();
                let along: usize = image[axis..].iter().product();
                let shape = self.shapes[x.node];
                let (at, op) = match shape == Shape::vector(along) && groups == 1 {
                    true => (x.node, Op::LayerNorm { epsilon }),
                    false => {
                        let fits = shape.channels == groups;
                        let maps = if fits {
                            shape
                        } else {
                            Shape::of([groups, along, 1])
                        };
                        let at = self.reshaped(&format!("{}.groups", node.name), x.node, maps)?;
                        (at, Op::GroupNorm { groups, epsilon })
                    }
                };
                let at = self.push(&node.name, op, &[at])?;
                self.as_dims(&node.name, at, x.dims.clone())?
            }
        };
        let normed = self.affine(node, normed, Ok)?;
        if normed.dims != x.dims {
            return Err("its scale and bias do not fit its input".into());
        }
        self.give(node, 0, normed);
        Ok(())
    }

    /// The mean and one over the deviation, which the operator gives as well.
    fn statistics(
        &mut self,
        node: &Node,
        x: &Maps,
        axis: usize,
        epsilon: f64,
    ) -> Result<(), String> {
        let inner = |name: &str| format!("{}.{name}", node.name);
        let first = axis + self.batch.axes();
        let axes = || {
            let mut dims = x.dims.clone();
            dims[first..].fill(1);
            let over = (first..x.dims.len()).collect();
            Reduction { over, dims }
        };
        let mean = self.reduced(&inner("mean"), x, By::Mean, axes())?;
        let negative = self.negative(&inner("negative"), &mean)?;
        let apart = self.joined(node, Op::Add, vec![x.clone(), negative])?;
        let square = Op::Curve(Curve::Power { exponent: 2.0 });
        let squares = self.cell_by_cell(&inner("squares"), square, &apart)?;
        let variance = self.reduced(&inner("variance"), &squares, By::Mean, axes())?;
        let shifted = self.shifted(
            &inner("epsilon"),
            &variance,
            &Tensor::number(epsilon as f32),
        )?;
        let root = self.cell_by_cell(&inner("deviation"), Op::Curve(Curve::Sqrt), &shifted)?;
        let one_over = Op::Curve(Curve::Reciprocal);
        let one_over = self.cell_by_cell(&inner("one_over"), one_over, &root)?;
        self.give(node, 1, mean);
        self.give(node, 2, one_over);
        Ok(())
    }

    /// InstanceNormalization and GroupNormalization: groups of channels over all of their cells.
    pub(super) fn group_norm(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        if self.batch.0.is_none() || x.dims.len() < 2 {
            return Err(format!(
                "works on shape {:?}, expected images with channels",
                x.dims
            ));
        }
        let channels = x.dims[1];
        let groups = match node.op.as_str() {
            "InstanceNormalization" => channels,
            _ => {
                let groups = node.attributes.int("num_groups", 0)?;
                let groups = usize::try_from(groups).ok().filter(|&groups| groups > 0);
                groups
                    .filter(|groups| channels % groups == 0)
                    .ok_or_else(|| format!("its num_groups does not divide {channels} channels"))?
            }
        };
        let epsilon = epsilon(node)?;
        let shape = self.shapes[x.node];
        let cells = shape.cells() / channels;
        let maps = if shape.channels == channels {
            shape
        } else {
            Shape::of([channels, cells, 1])
        };
        let at = self.reshaped(&format!("{}.maps", node.name), x.node, maps)?;
        let op = Op::GroupNorm { groups, epsilon };
        let at = self.push(&node.name, op, &[at])?;
        let normed = self.as_dims(&node.name, at, x.dims.clone())?;
        // For each channel, before opset 21 of GroupNormalization for each group.
        let rank = x.dims.len();
        self.spend(channels)?;
        let normed = self.affine(node, normed, |mut tensor| {
            let values = tensor.as_floats()?;
            let each = match values.len() {
                count if count == channels => values.to_vec(),
                count if count == groups => values
                    .iter()
                    .flat_map(|&value| std::iter::repeat_n(value, channels / groups))
                    .collect(),
                count => {
                    return Err(format!(
                        "has {count} scales or biases for {channels} channels"
                    ))
                }
            };
            tensor = Tensor::floats(vec![channels], each);
            tensor.dims.resize(rank - 1, 1);
            Ok(tensor)
        })?;
        self.give(node, 0, normed);
        Ok(())
    }

    /// Scale and bias behind a normalisation.
    fn affine(
        &mut self,
        node: &Node,
        mut maps: Maps,
        shaped: impl Fn(Tensor) -> Result<Tensor, String>,
    ) -> Result<Maps, String> {
        if let Some(scale) = self.constant_input(node, 1)? {
            maps = self.scaled(&format!("{}.scale", node.name), &maps, &shaped(scale)?)?;
        }
        if let Some(bias) = self.constant_input(node, 2)? {
            maps = self.shifted(&format!("{}.bias", node.name), &maps, &shaped(bias)?)?;
        }
        Ok(maps)
    }
}

fn epsilon(node: &Node) -> Result<f64, String> {
    let epsilon = f64::from(node.attributes.float("epsilon", 1e-5)?);
    match (0.0..=1e6).contains(&epsilon) {
        true => Ok(epsilon),
        false => Err(format!(
            "epsilon is {epsilon}, expected a small number from 0"
        )),
    }
}
