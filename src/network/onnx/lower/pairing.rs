//! Values chosen or compared one by one, and learned slopes.

use super::lowering::Lowering;
use super::value::{Maps, Value};
use crate::onnx::node::Node;
use crate::onnx::tensor::{Numbers, Tensor};
use crate::{Curve, Op, Pairing};

/// A constant as floats, whatever it is.
pub(super) fn in_floats(tensor: Tensor) -> Tensor {
    match tensor.values {
        Numbers::Floats(_) => tensor,
        Numbers::Integers(values) => {
            let values = values.into_iter().map(|value| value as f32);
            Tensor::floats(tensor.dims, values.collect())
        }
    }
}

/// The one number of a constant.
fn single(tensor: &Tensor) -> Option<f64> {
    match &tensor.values {
        Numbers::Floats(values) if values.len() == 1 && !values[0].is_nan() => {
            Some(f64::from(values[0]))
        }
        _ => None,
    }
}

impl Lowering {
    /// An input that is maps or a constant of floats.
    fn operand(&mut self, node: &Node, input: usize) -> Result<Value, String> {
        Ok(match self.value(node, input)? {
            Value::Constant(tensor) => Value::Constant(in_floats(tensor)),
            maps => maps,
        })
    }

    /// A constant as maps beside other maps.
    fn beside(&mut self, name: &str, maps: &Maps, constant: &Tensor) -> Result<Maps, String> {
        let name = format!("{name}.constant");
        self.with_constant(
            &name,
            maps,
            constant,
            |shape| Op::Constant { shape },
            "value",
        )
    }

    fn paired(&mut self, node: &Node, by: Pairing, [a, b]: [Value; 2]) -> Result<Maps, String> {
        let (a, b) = match (a, b) {
            (Value::Maps(a), Value::Maps(b)) => (a, b),
            (Value::Maps(a), Value::Constant(b)) => {
                if let (Some(op), true) = (with_number(by, &b), b.dims.len() <= a.dims.len()) {
                    return self.cell_by_cell(&node.name, op, &a);
                }
                let b = self.beside(&node.name, &a, &b)?;
                (a, b)
            }
            (Value::Constant(a), Value::Maps(b)) => {
                let commutes = matches!(by, Pairing::Maximum | Pairing::Minimum);
                let op = with_number(by, &a).filter(|_| commutes);
                if let (Some(op), true) = (op, a.dims.len() <= b.dims.len()) {
                    return self.cell_by_cell(&node.name, op, &b);
                }
                let a = self.beside(&node.name, &b, &a)?;
                (a, b)
            }
            (Value::Constant(_), Value::Constant(_)) => return Err("reads constants alone".into()),
        };
        self.joined(node, Op::Pairwise { by }, vec![a, b])
    }

    /// Max and Min of any number of inputs.
    pub(super) fn extreme(&mut self, node: &Node) -> Result<(), String> {
        let by = match node.op.as_str() {
            "Max" => Pairing::Maximum,
            _ => Pairing::Minimum,
        };
        let mut so_far = self.operand(node, 0)?;
        let mut waiting = Vec::new();
        for input in 1..node.inputs.len() {
            let next = self.operand(node, input)?;
            match (&so_far, &next) {
                // Together once there are maps.
                (Value::Constant(_), Value::Constant(_)) => waiting.push(next),
                _ => so_far = Value::Maps(self.paired(node, by, [so_far, next])?),
            }
        }
        for constant in waiting {
            so_far = Value::Maps(self.paired(node, by, [so_far, constant])?);
        }
        match so_far {
            Value::Maps(maps) => self.give(node, 0, maps),
            Value::Constant(_) => return Err("reads constants alone".into()),
        }
        Ok(())
    }

    /// Powers, and comparisons, which give 1 for true and 0 for false.
    pub(super) fn pair(&mut self, node: &Node) -> Result<(), String> {
        if node.inputs.len() != 2 {
            return Err(format!("has {} inputs, expected two", node.inputs.len()));
        }
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let by = match node.op.as_str() {
            "Pow" => Pairing::Power,
            "And" => Pairing::Minimum,
            "Or" => Pairing::Maximum,
            "Greater" | "Less" => Pairing::Greater,
            "GreaterOrEqual" | "LessOrEqual" => Pairing::GreaterOrEqual,
            _ => Pairing::Equal,
        };
        let operands = match node.op.starts_with("Less") {
            true => [b, a],
            false => [a, b],
        };
        let mut result = self.paired(node, by, operands)?;
        if node.op == "Xor" {
            result = self.negated(&node.name, &result)?;
        }
        self.give(node, 0, result);
        Ok(())
    }

    /// 1 for 0 and 0 for 1.
    fn negated(&mut self, name: &str, x: &Maps) -> Result<Maps, String> {
        let negative = self.negative(&format!("{name}.negative"), x)?;
        self.shifted(&format!("{name}.not"), &negative, &Tensor::number(1.0))
    }

    pub(super) fn not(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let negated = self.negated(&node.name, &x)?;
        self.give(node, 0, negated);
        Ok(())
    }

    /// 1 for all numbers but 0.
    pub(super) fn truth(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let operands = [Value::Maps(x), Value::Constant(Tensor::number(0.0))];
        let zero = self.paired(node, Pairing::Equal, operands)?;
        let truth = self.negated(&node.name, &zero)?;
        self.give(node, 0, truth);
        Ok(())
    }

    /// The operator Where.
    pub(super) fn choose(&mut self, node: &Node) -> Result<(), String> {
        let operands: Vec<Value> = (0..3)
            .map(|input| self.operand(node, input))
            .collect::<Result<_, _>>()?;
        let known = operands.iter().find_map(|operand| match operand {
            Value::Maps(maps) => Some(maps.clone()),
            Value::Constant(_) => None,
        });
        let known = known.ok_or("reads constants alone")?;
        let mut parts = Vec::new();
        for operand in operands {
            parts.push(match operand {
                Value::Maps(maps) => maps,
                Value::Constant(constant) => self.beside(&node.name, &known, &constant)?,
            });
        }
        let chosen = self.joined(node, Op::Choose, parts)?;
        self.give(node, 0, chosen);
        Ok(())
    }

    /// A rectifier with learned slopes; where they are all one between 0 and 1, a leaky one.
    pub(super) fn prelu(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let slopes = self.constant_input(node, 1)?.ok_or("has no slope")?;
        let mut slopes = in_floats(slopes);
        let values = slopes.as_floats()?;
        let Some(&first) = values.first() else {
            return Err("its slope is empty".into());
        };
        if let Some(odd) = values.iter().find(|slope| !slope.is_finite()) {
            return Err(format!("has a slope of {odd}"));
        }
        if values.iter().all(|&slope| slope == first) && (0.0..=1.0).contains(&first) {
            let slope = f64::from(first);
            let maps = self.cell_by_cell(&node.name, Op::LeakyRelu { slope }, &x)?;
            self.give(node, 0, maps);
            return Ok(());
        }
        // One for each map, before slopes were broadcast from the last axis on.
        if node.opset < 7 && x.dims.len() > 1 && slopes.dims == [x.dims[1]] {
            slopes.dims.resize(x.dims.len() - 1, 1);
        }
        let prelu = |shape| Op::PRelu { shape };
        let maps = self.with_constant(&node.name, &x, &slopes, prelu, "slope")?;
        if maps.dims != x.dims {
            return Err(format!(
                "its slope has shape {:?}, which does not fit {:?}",
                slopes.dims, x.dims
            ));
        }
        self.give(node, 0, maps);
        Ok(())
    }
}

/// An op of the first operand alone, where the second is one number.
fn with_number(by: Pairing, second: &Tensor) -> Option<Op> {
    let number = single(second)?;
    let (min, max) = (f64::NEG_INFINITY, f64::INFINITY);
    match by {
        Pairing::Maximum if number == 0.0 => Some(Op::Relu),
        Pairing::Maximum => Some(Op::Clip { min: number, max }),
        Pairing::Minimum => Some(Op::Clip { min, max: number }),
        Pairing::Power if number == 0.5 => Some(Op::Curve(Curve::Sqrt)),
        Pairing::Power if number == -1.0 => Some(Op::Curve(Curve::Reciprocal)),
        Pairing::Power => Some(Op::Curve(Curve::Power { exponent: number })),
        _ => None,
    }
}
