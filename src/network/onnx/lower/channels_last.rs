//! Images with their channels last (TensorFlow's order). The graph sees them so; what it does to them before it moves the
//! channels to the front is rewritten to be done to maps, and the two moves are left out.

use super::lowering::Lowering;
use super::upright::{CHANNELS_FIRST, CHANNELS_LAST};
use super::value::Value;
use crate::onnx::node::Node;
use crate::onnx::order;
use crate::shape;
use crate::strided::Strided;
use crate::{self as net, Axis, Op};

/// Shorter sides has no photograph: such axes may be anything.
const SHORTEST_SIDE: usize = 8;

/// Whether an input of this shape has its channels last: it begins with operators that do not mix places, after which the
/// channels are moved; or its other axes cannot be channels.
pub(super) fn is_so(stated: &[Option<usize>], nodes: &[Node], input: &str) -> bool {
    let &[_, first, second, last] = stated else {
        return false;
    };
    let colours = |axis: Option<usize>| matches!(axis, Some(1 | 3));
    if !colours(last) && last.is_some() {
        return false;
    }
    let side = |axis: Option<usize>| axis.is_none_or(|length| length >= SHORTEST_SIDE);
    let told = colours(last) && !colours(first) && side(first) && side(second);
    told && first.or(second).is_some() || moves_channels(nodes, input)
}

/// Whether all that is computed from the input, place by place, ends in a move of the channels to the front.
fn moves_channels(nodes: &[Node], input: &str) -> bool {
    let by_place = |node: &Node| {
        matches!(
            node.op.as_str(),
            "Add"
                | "Sub"
                | "Mul"
                | "Div"
                | "Neg"
                | "Cast"
                | "CastLike"
                | "Identity"
                | "Clip"
                | "Gather"
                | "Slice"
                | "Split"
                | "Concat"
                | "Dropout"
        )
    };
    let moves = |node: &Node| {
        node.op == "Transpose" && node.attributes.ints("perm") == Ok(Some(&[0, 3, 1, 2]))
    };
    let fits = |node: &Node| moves(node) || by_place(node) || node.op == "Shape";
    let readers: Vec<&Node> = order::readers(nodes, input, by_place).collect();
    readers.iter().any(|node| moves(node)) && readers.iter().all(|node| fits(node))
}

/// Where a node of before is now.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// As it was.
    plain: Option<usize>,
    /// With the channels in front.
    turned: Option<usize>,
}

impl Lowering {
    /// Does to maps what the graph does to images with their channels last, as far as it goes.
    pub(super) fn bring_channels_to_the_front(&mut self, output: &str) -> Result<(), String> {
        let nodes = std::mem::take(&mut self.network.nodes);
        self.shapes.clear();
        let mut places: Vec<Place> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let place = self.placed(node, &mut places)?;
            places.push(place);
        }
        if let Some(Value::Maps(maps)) = self.values.get(output) {
            let node = maps.node;
            self.plain(&mut places, node)?;
        }
        self.values.retain(|_, value| match value {
            Value::Constant(_) => true,
            Value::Maps(maps) => match places[maps.node].plain {
                Some(plain) => {
                    maps.node = plain;
                    true
                }
                None => false,
            },
        });
        Ok(())
    }

    fn placed(&mut self, mut node: net::Node, places: &mut [Place]) -> Result<Place, String> {
        let (plain, turned) = (
            |at| Place {
                plain: Some(at),
                turned: None,
            },
            |at| Place {
                plain: None,
                turned: Some(at),
            },
        );
        if node.op
            == (Op::Permute {
                order: CHANNELS_LAST,
            })
            && node.inputs == [0]
        {
            return Ok(turned(0));
        }
        let below: Option<Vec<usize>> = node
            .inputs
            .iter()
            .map(|&input| places[input].turned)
            .collect();
        if let Some(below) = below.filter(|below| !below.is_empty()) {
            if node.op
                == (Op::Permute {
                    order: CHANNELS_FIRST,
                })
            {
                return Ok(plain(below[0]));
            }
            // One channel lies as it lay, wherever it stands.
            let here = self.shapes[below[0]];
            match node.op {
                Op::Reshape { shape } if here.channels == 1 && shape == here => {
                    return Ok(plain(below[0]));
                }
                Op::Reshape { .. } | Op::Flatten if here.channels == 1 => {
                    node.inputs = below;
                    return self.replaced(node).map(plain);
                }
                _ => {}
            }
            if let Some(op) = turned_op(&node.op) {
                if let Op::Scale { .. } | Op::Shift { .. } = op {
                    self.turn_parameter(&node);
                }
                let node = net::Node {
                    op,
                    inputs: below,
                    ..node
                };
                return self.replaced(node).map(turned);
            }
        }
        let inputs: Vec<usize> = node.inputs.clone();
        node.inputs.clear();
        for input in inputs {
            let at = self.plain(places, input)?;
            node.inputs.push(at);
        }
        self.replaced(node).map(plain)
    }

    /// Where a node's values are as they were, moved there where they are not yet.
    fn plain(&mut self, places: &mut [Place], node: usize) -> Result<usize, String> {
        let place = places[node];
        match (place.plain, place.turned) {
            (Some(plain), _) => Ok(plain),
            (None, turned) => {
                let op = Op::Permute {
                    order: CHANNELS_LAST,
                };
                let at = self.push("channels_last", op, &[turned.unwrap_or(0)])?;
                places[node].plain = Some(at);
                Ok(at)
            }
        }
    }

    /// Puts a node that has its name already.
    fn replaced(&mut self, node: net::Node) -> Result<usize, String> {
        let inputs: Vec<_> = node
            .inputs
            .iter()
            .map(|&input| self.shapes[input])
            .collect();
        let shape = shape::output(self.network.input, &node.op, &inputs)?;
        self.shapes.push(shape);
        self.network.nodes.push(node);
        Ok(self.network.nodes.len() - 1)
    }

    fn turn_parameter(&mut self, node: &net::Node) {
        for field in ["weight", "bias"] {
            if let Some(array) = self.weights.get_mut(&format!("{}.{field}", node.name)) {
                let turned = Strided::whole(&array.shape).transposed(&CHANNELS_FIRST);
                array.data = turned.read(&array.data);
                array.shape = turned.dims().to_vec();
            }
        }
    }
}

/// An op on rows, columns and channels as one on maps, where it does not mix the axes.
fn turned_op(op: &Op) -> Option<Op> {
    let front = |[rows, columns, channels]: [usize; 3]| [channels, rows, columns];
    Some(match op {
        Op::Scale { shape } => Op::Scale {
            shape: front(*shape),
        },
        Op::Shift { shape } => Op::Shift {
            shape: front(*shape),
        },
        Op::Select { axis, indices } => Op::Select {
            axis: match axis {
                Axis::Channels => Axis::Rows,
                Axis::Rows => Axis::Columns,
                Axis::Columns => Axis::Channels,
            },
            indices: indices.clone(),
        },
        Op::Pad {
            edges: [rows, columns, channels],
            value,
        } => Op::Pad {
            edges: [*channels, *rows, *columns],
            value: *value,
        },
        Op::Add
        | Op::Multiply
        | Op::Divide
        | Op::Relu
        | Op::LeakyRelu { .. }
        | Op::Clip { .. }
        | Op::Curve(_)
        | Op::Dropout => op.clone(),
        _ => return None,
    })
}
