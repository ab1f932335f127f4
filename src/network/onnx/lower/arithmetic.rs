//! Sums, differences, products and quotients of branches and constants.

use super::linear::floats;
use super::lowering::Lowering;
use super::upright::CHANNELS_FIRST;
use super::value::{as_maps, Maps, Value};
use crate::onnx::node::Node;
use crate::onnx::shapes;
use crate::onnx::size::elements;
use crate::onnx::tensor::Tensor;
use crate::strided::Strided;
use crate::{Curve, Op};

impl Lowering {
    pub(super) fn arithmetic(&mut self, node: &Node) -> Result<(), String> {
        match (node.op.as_str(), node.inputs.len()) {
            ("Neg", _) => {
                let x = self.maps(node, 0)?;
                let negative = self.negative(&node.name, &x)?;
                self.give(node, 0, negative);
                Ok(())
            }
            ("Sum" | "Mean", 1) => self.pass(node),
            ("Mean", inputs) => {
                let sum = self.sum(node)?;
                let share = Tensor::number(1.0 / inputs as f32);
                let mean = self.scaled(&format!("{}.mean", node.name), &sum, &share)?;
                self.give(node, 0, mean);
                Ok(())
            }
            (_, 2) => {
                let result = self.binary(node)?;
                self.give(node, 0, result);
                Ok(())
            }
            ("Sum", _) => {
                let result = self.sum(node)?;
                self.give(node, 0, result);
                Ok(())
            }
            (_, inputs) => Err(format!("has {inputs} inputs, expected two")),
        }
    }

    fn binary(&mut self, node: &Node) -> Result<Maps, String> {
        let inner = |name: &str| format!("{}.{name}", node.name);
        let (a, b) = (self.value(node, 0)?, self.value(node, 1)?);
        let operands = shapes::operands(&self.call(node, &[]), a.dims(), b.dims());
        let [matched, _] = operands.map_err(|problem| self.of_size(problem))?;
        match (a, b) {
            (Value::Maps(x), Value::Constant(c)) => {
                let c = |f: fn(f32) -> f32| -> Result<Tensor, String> {
                    let values = floats(c)?.into_iter().map(f);
                    Ok(Tensor::floats(matched, values.collect()))
                };
                match node.op.as_str() {
                    "Sub" => self.shifted(&node.name, &x, &c(|value| -value)?),
                    "Mul" => self.scaled(&node.name, &x, &c(|value| value)?),
                    "Div" => self.scaled(&node.name, &x, &c(|value| 1.0 / value)?),
                    _ => self.shifted(&node.name, &x, &c(|value| value)?),
                }
            }
            (Value::Constant(c), Value::Maps(x)) => {
                let x = self.as_dims(&node.name, x.node, matched)?;
                match node.op.as_str() {
                    "Sub" => {
                        let negative = self.negative(&inner("negative"), &x)?;
                        self.shifted(&node.name, &negative, &c)
                    }
                    "Mul" => self.scaled(&node.name, &x, &c),
                    "Div" => {
                        let reciprocal = Op::Curve(Curve::Reciprocal);
                        let one_over = self.cell_by_cell(&inner("reciprocal"), reciprocal, &x)?;
                        self.scaled(&node.name, &one_over, &c)
                    }
                    _ => self.shifted(&node.name, &x, &c),
                }
            }
            (Value::Maps(a), Value::Maps(b)) => {
                let mut b = self.as_dims(&node.name, b.node, matched)?;
                let op = match node.op.as_str() {
                    "Mul" => Op::Multiply,
                    "Div" => Op::Divide,
                    _ => Op::Add,
                };
                if node.op == "Sub" {
                    b = self.negative(&inner("negative"), &b)?;
                }
                self.joined(node, op, vec![a, b])
            }
            (Value::Constant(_), Value::Constant(_)) => Err("reads constants alone".into()),
        }
    }

    /// Adds a multiple of a branch to what a node has given.
    pub(super) fn add_branch(
        &mut self,
        node: &Node,
        branch: Maps,
        factor: f32,
    ) -> Result<(), String> {
        let name = node.outputs.first().ok_or("has no output")?;
        let Some(Value::Maps(sum)) = self.values.get(name).cloned() else {
            return Ok(());
        };
        let branch = self.scaled(
            &format!("{}.bias", node.name),
            &branch,
            &Tensor::number(factor),
        )?;
        let sum = self.joined(node, Op::Add, vec![sum, branch])?;
        self.give(node, 0, sum);
        Ok(())
    }

    fn sum(&mut self, node: &Node) -> Result<Maps, String> {
        let mut maps = Vec::new();
        let mut constants = Vec::new();
        for input in 0..node.inputs.len() {
            match self.values.get(&node.inputs[input]) {
                Some(Value::Maps(x)) => maps.push(x.clone()),
                _ => constants.extend(self.constant_input(node, input)?),
            }
        }
        let mut sum = match maps.len() {
            1 => maps.remove(0),
            _ => self.joined(node, Op::Add, maps)?,
        };
        for constant in &constants {
            sum = self.shifted(&node.name, &sum, constant)?;
        }
        Ok(sum)
    }

    pub(super) fn scaled(
        &mut self,
        name: &str,
        x: &Maps,
        constant: &Tensor,
    ) -> Result<Maps, String> {
        self.with_constant(name, x, constant, |shape| Op::Scale { shape }, "weight")
    }

    pub(super) fn shifted(
        &mut self,
        name: &str,
        x: &Maps,
        constant: &Tensor,
    ) -> Result<Maps, String> {
        self.with_constant(name, x, constant, |shape| Op::Shift { shape }, "bias")
    }

    pub(super) fn negative(&mut self, name: &str, x: &Maps) -> Result<Maps, String> {
        self.scaled(name, x, &Tensor::number(-1.0))
    }

    pub(super) fn with_constant(
        &mut self,
        name: &str,
        x: &Maps,
        constant: &Tensor,
        op: fn([usize; 3]) -> Op,
        field: &str,
    ) -> Result<Maps, String> {
        let rank = x.dims.len().max(constant.dims.len());
        let x = self.of_rank(name, x, rank)?;
        let mut own = vec![1; rank - constant.dims.len()];
        own.extend(&constant.dims);
        let batch = self.batch.axes();
        if own[..batch].iter().any(|&images| images != 1) {
            return Err(format!(
                "a constant of shape {:?} differs from image to image, which is not supported",
                constant.dims
            ));
        }
        if constant.values.is_empty() {
            return Err(format!("a constant of shape {:?} is empty", constant.dims));
        }
        let values = floats(constant.clone())?;
        let (own, image) = (&own[batch..], &x.dims[batch..]);
        let fits = shapes::broadcast(image, own)? == image;
        if let (Some(upright), true) = (self.upright(&x).filter(|_| own.len() == 3), fits) {
            self.spend(values.len())?;
            let shape = CHANNELS_FIRST.map(|axis| own[axis]);
            let turned = Strided::whole(own).transposed(&CHANNELS_FIRST);
            let at = self.push(name, op(shape), &[upright])?;
            self.parameter(at, field, shape.to_vec(), turned.read(&values));
            return self.turn(name, at);
        }
        let (shape, values) = merged(own, image, values)?;
        self.spend(values.len())?;
        let mut dims = x.dims[..batch].to_vec();
        let both = shapes::broadcast(image, own);
        dims.extend(both.map_err(|problem| self.of_size(problem))?);
        let at = self.push(name, op(shape), &[x.node])?;
        self.parameter(at, field, shape.to_vec(), values);
        Ok(Maps { node: at, dims })
    }

    /// Joins branches by an op that broadcasts.
    pub(super) fn joined(&mut self, node: &Node, op: Op, parts: Vec<Maps>) -> Result<Maps, String> {
        let rank = parts.iter().map(|part| part.dims.len()).max().unwrap_or(0);
        let batch = self.batch.axes();
        let uprights = parts.iter().map(|part| self.upright(part));
        let uprights: Option<Vec<usize>> = uprights.collect();
        if let Some(uprights) = uprights {
            let at = self.push(&node.name, op, &uprights)?;
            return self.turn(&node.name, at);
        }
        let mut nodes = Vec::new();
        let mut image: Vec<usize> = Vec::new();
        let mut images = Vec::new();
        for part in &parts {
            let part = self.of_rank(&node.name, part, rank)?;
            image = match nodes.is_empty() {
                true => part.dims[batch..].to_vec(),
                false => shapes::broadcast(&image, &part.dims[batch..])
                    .map_err(|problem| self.of_size(problem))?,
            };
            images = part.dims[..batch].to_vec();
            nodes.push(part.node);
        }
        let at = self.push(&node.name, op, &nodes)?;
        if self.shapes[at] != as_maps(&image) {
            return Err(format!("broadcasts to {image:?} along axes between channels and rows, which is not supported"));
        }
        let dims = images.into_iter().chain(image).collect();
        Ok(Maps { node: at, dims })
    }

    /// A value with axes of length 1 in front, so that it has that many.
    fn of_rank(&mut self, name: &str, x: &Maps, rank: usize) -> Result<Maps, String> {
        if x.dims.len() == rank {
            return Ok(x.clone());
        }
        if self.batch.0.is_some() {
            return Err(format!("shape {:?} is matched from its last axis on with one of {rank} axes, which moves the batch", x.dims));
        }
        let mut dims = vec![1; rank - x.dims.len()];
        dims.extend(&x.dims);
        self.as_dims(name, x.node, dims)
    }
}

/// A constant of an image's axes as `[C, H, W]`; where several axes are channels together, it is repeated along those
/// of them that it has only once, unless it has all of them once.
fn merged(
    own: &[usize],
    image: &[usize],
    values: Vec<f32>,
) -> Result<([usize; 3], Vec<f32>), String> {
    let leading = own.len().saturating_sub(2);
    let (front, back) = own.split_at(leading);
    if leading < 2 || front.iter().all(|&axis| axis == 1) || front == &image[..leading] {
        return Ok((as_maps(own).axes(), values));
    }
    let channels = shapes::broadcast(front, &image[..leading])?;
    let all = [&channels, back].concat();
    elements(&all)?;
    let repeated = Strided::whole(own).broadcast(&all).read(&values);
    let shape = [channels.iter().product(), back[0], back[1]];
    Ok((shape, repeated))
}
