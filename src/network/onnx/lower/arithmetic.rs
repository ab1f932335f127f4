//! Sums, differences, products and quotients of branches and constants.

use super::linear::floats;
use super::lowering::Lowering;
use super::value::{as_maps, Maps, Value};
use crate::network::onnx::node::Node;
use crate::network::onnx::size::elements;
use crate::network::onnx::tensor::Tensor;
use crate::network::Op;

impl Lowering {
    pub(super) fn arithmetic(&mut self, node: &Node) -> Result<(), String> {
        match (node.op.as_str(), node.inputs.len()) {
            ("Neg", _) => {
                let x = self.maps(node, 0)?;
                let negative = self.scaled(&node.name, &x, &Tensor::floats(vec![], vec![-1.0]))?;
                self.give(node, 0, negative);
                Ok(())
            }
            ("Sum", 1) => self.pass(node),
            (_, 2) => {
                let result = self.binary(node)?;
                self.give(node, 0, result);
                Ok(())
            }
            ("Sum", _) => self.sum(node),
            (_, inputs) => Err(format!("has {inputs} inputs, expected two")),
        }
    }

    fn binary(&mut self, node: &Node) -> Result<Maps, String> {
        let constant = |input: usize| {
            matches!(
                self.values.get(&node.inputs[input]),
                Some(Value::Constant(_))
            )
        };
        let inner = |name: &str| format!("{}.{name}", node.name);
        let minus_one = Tensor::floats(vec![], vec![-1.0]);
        match (node.op.as_str(), constant(0), constant(1)) {
            (op, false, true) => {
                let x = self.maps(node, 0)?;
                let mut c = self.constant_input(node, 1)?.ok_or("has one input")?;
                self.legacy_broadcast(node, &x.dims, &mut c)?;
                let inverted = |c: Tensor, f: fn(f32) -> f32| -> Result<Tensor, String> {
                    let dims = c.dims.clone();
                    Ok(Tensor::floats(
                        dims,
                        floats(c)?.into_iter().map(f).collect(),
                    ))
                };
                match op {
                    "Sub" => self.shifted(&node.name, &x, &inverted(c, |value| -value)?),
                    "Mul" => self.scaled(&node.name, &x, &c),
                    "Div" => self.scaled(&node.name, &x, &inverted(c, |value| 1.0 / value)?),
                    _ => self.shifted(&node.name, &x, &c),
                }
            }
            (op, true, false) => {
                let c = self.constant_input(node, 0)?.ok_or("has one input")?;
                let x = self.maps(node, 1)?;
                match op {
                    "Sub" => {
                        let negative = self.scaled(&inner("negative"), &x, &minus_one)?;
                        self.shifted(&node.name, &negative, &c)
                    }
                    "Mul" => self.scaled(&node.name, &x, &c),
                    "Div" => Err("divides a constant by maps, which is not supported".into()),
                    _ => self.shifted(&node.name, &x, &c),
                }
            }
            (op, ..) => {
                let (a, mut b) = (self.maps(node, 0)?, self.maps(node, 1)?);
                if op == "Sub" {
                    b = self.scaled(&inner("negative"), &b, &minus_one)?;
                }
                let op = match op {
                    "Mul" => Op::Multiply,
                    "Div" => Op::Divide,
                    _ => Op::Add,
                };
                self.joined(node, op, vec![a, b])
            }
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
        let factor = Tensor::floats(vec![], vec![factor]);
        let branch = self.scaled(&format!("{}.bias", node.name), &branch, &factor)?;
        let sum = self.joined(node, Op::Add, vec![sum, branch])?;
        self.give(node, 0, sum);
        Ok(())
    }

    fn sum(&mut self, node: &Node) -> Result<(), String> {
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
        self.give(node, 0, sum);
        Ok(())
    }

    /// Up to opset 6 the second operand's axes stood where `axis` said, not at the end.
    fn legacy_broadcast(
        &self,
        node: &Node,
        dims: &[usize],
        constant: &mut Tensor,
    ) -> Result<(), String> {
        if self.opset >= 7
            || node.attributes.int("broadcast", 0)? == 0
            || !node.attributes.has("axis")
        {
            return Ok(());
        }
        let axis = super::axes::any_axis(dims.len(), node.attributes.int("axis", 0)?)?;
        let behind = (dims.len() - axis).checked_sub(constant.dims.len());
        let behind = behind.ok_or("its second input has more axes than there is room for")?;
        constant.dims.extend(std::iter::repeat_n(1, behind));
        Ok(())
    }

    fn scaled(&mut self, name: &str, x: &Maps, constant: &Tensor) -> Result<Maps, String> {
        self.with_constant(name, x, constant, |shape| Op::Scale { shape }, "weight")
    }

    fn shifted(&mut self, name: &str, x: &Maps, constant: &Tensor) -> Result<Maps, String> {
        self.with_constant(name, x, constant, |shape| Op::Shift { shape }, "bias")
    }

    fn with_constant(
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
        let (shape, values) = merged(own, image, values)?;
        self.spend(values.len())?;
        let mut dims = x.dims[..batch].to_vec();
        dims.extend(broadcast(image, own)?);
        let at = self.push(name, op(shape), &[x.node])?;
        self.parameter(at, field, shape.to_vec(), values);
        Ok(Maps { node: at, dims })
    }

    /// Joins branches by an op that broadcasts.
    fn joined(&mut self, node: &Node, op: Op, parts: Vec<Maps>) -> Result<Maps, String> {
        let rank = parts.iter().map(|part| part.dims.len()).max().unwrap_or(0);
        let batch = self.batch.axes();
        let mut nodes = Vec::new();
        let mut image: Vec<usize> = Vec::new();
        let mut images = Vec::new();
        for part in &parts {
            let part = self.of_rank(&node.name, part, rank)?;
            image = match nodes.is_empty() {
                true => part.dims[batch..].to_vec(),
                false => broadcast(&image, &part.dims[batch..])?,
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
        let node = self.reshaped(&format!("{name}.shape"), x.node, as_maps(&dims))?;
        Ok(Maps { node, dims })
    }
}

/// NumPy's rule for two shapes of as many axes.
fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    let axis = |(&a, &b): (&usize, &usize)| match (a, b) {
        (a, b) if a == b => Some(a),
        (1, b) => Some(b),
        (a, 1) => Some(a),
        _ => None,
    };
    let joined: Option<Vec<usize>> = a.iter().zip(b).map(axis).collect();
    joined.ok_or_else(|| format!("shapes {a:?} and {b:?} do not fit together"))
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
    let all = broadcast(front, &image[..leading])?;
    let plane: usize = back.iter().product();
    elements(&[&all, back].concat())?;
    let mut repeated = Vec::new();
    for channel in 0..all.iter().product::<usize>() {
        let (mut rest, mut stride, mut source) = (channel, 1, 0);
        for axis in (0..leading).rev() {
            let index = rest % all[axis];
            rest /= all[axis];
            source += if front[axis] == 1 { 0 } else { index * stride };
            stride *= front[axis];
        }
        repeated.extend_from_slice(&values[source * plane..(source + 1) * plane]);
    }
    Ok(([all.iter().product(), back[0], back[1]], repeated))
}
