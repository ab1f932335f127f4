//! Rectifiers, curves and Softmax.

use super::lowering::Lowering;
use crate::onnx::node::Node;
use crate::onnx::shapes;
use crate::shape::Shape;
use crate::{Curve, Op};

impl Lowering {
    pub(super) fn activation(&mut self, node: &Node) -> Result<(), String> {
        let float = |name: &str, usual: f32| node.attributes.float(name, usual).map(f64::from);
        let op = match node.op.as_str() {
            "Relu" => Op::Relu,
            "LeakyRelu" => {
                let slope = float("alpha", 0.01)?;
                if !(0.0..=1.0).contains(&slope) {
                    return Err(format!(
                        "alpha is {slope}, expected a slope between 0 and 1"
                    ));
                }
                Op::LeakyRelu { slope }
            }
            "Clip" => match self.bounds(node)? {
                (f64::NEG_INFINITY, f64::INFINITY) => return self.pass(node),
                (0.0, f64::INFINITY) => Op::Relu,
                (min, max) if min <= max => Op::Clip { min, max },
                (min, max) => return Err(format!("clips to nothing: {min} to {max}")),
            },
            _ => Op::Curve(curve(node)?),
        };
        let x = self.maps(node, 0)?;
        let maps = self.cell_by_cell(&node.name, op, &x)?;
        self.give(node, 0, maps);
        Ok(())
    }

    /// The bounds of a Clip: attributes up to opset 10, inputs since.
    fn bounds(&mut self, node: &Node) -> Result<(f64, f64), String> {
        let mut bound = |name: &str, input: usize, usual: f64| -> Result<f64, String> {
            if let Some(tensor) = self.constant_input(node, input)? {
                return match tensor.as_floats()? {
                    [bound] if !bound.is_nan() => Ok(f64::from(*bound)),
                    _ => Err(format!("{name} is not one number")),
                };
            }
            match node.attributes.has(name) {
                true => node.attributes.float(name, 0.0).map(f64::from),
                false => Ok(usual),
            }
        };
        let min = bound("min", 1, f64::NEG_INFINITY)?;
        let max = bound("max", 2, f64::INFINITY)?;
        // What exporters write for "no bound".
        let open = |bound: f64| bound.abs() >= f64::from(f32::MAX);
        Ok((
            if open(min) { f64::NEG_INFINITY } else { min },
            if open(max) { f64::INFINITY } else { max },
        ))
    }

    /// Softmax along one axis; up to opset 12 along all axes from that one on.
    pub(super) fn softmax(&mut self, node: &Node) -> Result<(), String> {
        let x = self.maps(node, 0)?;
        let old = node.opset < 13;
        let axis = node.attributes.int("axis", if old { 1 } else { -1 })?;
        let axis = self.image_axis(shapes::axis(axis, x.dims.len())?)?;
        let image = self.batch.image(&x.dims)?;
        let before: usize = image[..axis].iter().product();
        let after: usize = image[axis + 1..].iter().product();
        let (along, after) = match old {
            true => (image[axis] * after, 1),
            false => (image[axis], after),
        };
        let inner = |name: &str| format!("{}.{name}", node.name);
        let mut at = x.node;
        if before > 1 {
            let columns = Shape::of([before, along, after]);
            at = self.reshaped(&inner("columns"), at, columns)?;
            at = self.push(&inner("turn"), Op::Permute { order: [1, 0, 2] }, &[at])?;
        } else if self.shapes[at].channels != along {
            at = self.reshaped(&inner("channels"), at, Shape::of([along, after, 1]))?;
        }
        at = self.push(&node.name, Op::Softmax, &[at])?;
        if before > 1 {
            at = self.push(&inner("turn_back"), Op::Permute { order: [1, 0, 2] }, &[at])?;
        }
        self.give_reshaped(node, at, x.dims)
    }
}

/// The curve that an operator is.
fn curve(node: &Node) -> Result<Curve, String> {
    let float = |name: &str, usual: f32| -> Result<f64, String> {
        match node.attributes.float(name, usual)? {
            value if value.is_finite() => Ok(f64::from(value)),
            value => Err(format!("{name} is {value}, expected a number")),
        }
    };
    Ok(match node.op.as_str() {
        "Sigmoid" => Curve::Sigmoid,
        "HardSigmoid" => Curve::HardSigmoid {
            slope: float("alpha", 0.2)?,
            offset: float("beta", 0.5)?,
        },
        "HardSwish" => Curve::HardSwish,
        "Elu" => Curve::Elu {
            alpha: float("alpha", 1.0)?,
            scale: 1.0,
            width: 1.0,
        },
        "Selu" => Curve::Elu {
            alpha: float("alpha", 1.673_263_2)?,
            scale: float("gamma", 1.050_701)?,
            width: 1.0,
        },
        "Celu" => {
            let alpha = float("alpha", 1.0)?;
            if alpha == 0.0 {
                return Err("alpha is 0, which nothing can be divided by".into());
            }
            Curve::Elu {
                alpha,
                scale: 1.0,
                width: alpha,
            }
        }
        "Softplus" => Curve::Softplus,
        "Softsign" => Curve::Softsign,
        "Mish" => Curve::Mish,
        "Swish" => Curve::Silu {
            slope: float("alpha", 1.0)?,
        },
        "Gelu" => Curve::Gelu {
            tanh: match node.attributes.string("approximate")? {
                None | Some("none") => false,
                Some("tanh") => true,
                Some(other) => return Err(format!("approximate is '{other}', which is not known")),
            },
        },
        "ThresholdedRelu" => Curve::Threshold {
            above: float("alpha", 1.0)?,
        },
        "Abs" => Curve::Abs,
        "Sqrt" => Curve::Sqrt,
        "Exp" => Curve::Exp,
        "Log" => Curve::Log,
        "Reciprocal" => Curve::Reciprocal,
        "Erf" => Curve::Erf,
        _ => Curve::Tanh,
    })
}
