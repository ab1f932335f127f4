//! Which input of a product is the signal, and which one only lets it through.

use super::{Network, Node, Op};
use crate::shape::Shape;

/// For each node the place, among its inputs, of the one that is held constant on the way back to the pixels: a gate, or
/// what is divided by. `None` for every other op, and for products of two branches neither of which is known for a gate.
///
/// Of a product the gate is the branch that ends in a saturating curve (the Sigmoid of a squeeze-and-excitation block or of
/// a gated linear unit); where none or both do, the one that is repeated over the other's cells or maps.
pub(super) fn held(network: &Network, shapes: &[Shape]) -> Vec<Option<usize>> {
    let of_node = |(index, node): (usize, &Node)| match (&node.op, &node.inputs[..]) {
        (Op::Divide, [_, _]) => Some(1),
        (Op::Multiply, &[first, second]) => {
            let saturates = [first, second].map(|input| saturates(network, input));
            let repeated = [first, second].map(|input| shapes[input] != shapes[index]);
            match (saturates, repeated) {
                ([true, false], _) => Some(0),
                ([false, true], _) => Some(1),
                (_, [true, false]) => Some(0),
                (_, [false, true]) => Some(1),
                _ => None,
            }
        }
        _ => None,
    };
    network.nodes.iter().enumerate().map(of_node).collect()
}

/// Whether a value is a saturating curve's, moved and scaled as it may be.
fn saturates(network: &Network, mut node: usize) -> bool {
    loop {
        let Node { op, inputs, .. } = &network.nodes[node];
        let moves = matches!(
            op,
            Op::Scale { .. }
                | Op::Shift { .. }
                | Op::Resample { .. }
                | Op::Select { .. }
                | Op::Permute { .. }
                | Op::Reshape { .. }
                | Op::Flatten
                | Op::Dropout
        );
        match (op, &inputs[..]) {
            (Op::Curve(curve), _) => return curve.is_activation() && !curve.is_rectifier(),
            (Op::Softmax, _) => return true,
            (_, &[below]) if moves => node = below,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{shape, Axis, Builder, Curve, Window};

    fn of_last(net: Builder) -> Option<usize> {
        let network = net.finish();
        let shapes = shape::shapes(&network).unwrap();
        *held(&network, &shapes).last().unwrap()
    }

    #[test]
    fn the_gate_is_what_saturates_wherever_it_stands() {
        for gate_first in [false, true] {
            let mut net = Builder::new("gated", 8);
            let x = net.conv("signal", 0, 4, Window::square(3, 1, 1));
            let y = net.conv("gate", 0, 4, Window::square(3, 1, 1));
            let y = net.node("sigmoid", Op::Curve(Curve::Sigmoid), &[y]);
            let y = net.node("scale", Op::Scale { shape: [1, 1, 1] }, &[y]);
            let inputs = if gate_first { [y, x] } else { [x, y] };
            net.node("product", Op::Multiply, &inputs);
            assert_eq!(of_last(net), Some(usize::from(!gate_first)));
        }
    }

    #[test]
    fn or_what_is_repeated_over_maps() {
        let mut net = Builder::new("gated", 8);
        let x = net.conv("signal", 0, 4, Window::square(3, 1, 1));
        let mean = net.node("mean", Op::GlobalAveragePool, &[x]);
        let gate = net.relu("gate", mean);
        net.node("product", Op::Multiply, &[gate, x]);
        assert_eq!(of_last(net), Some(0));
    }

    #[test]
    fn of_two_signals_neither_is_a_gate() {
        let mut net = Builder::new("bilinear", 8);
        let x = net.conv("left", 0, 4, Window::square(3, 1, 1));
        let y = net.conv("right", 0, 4, Window::square(3, 1, 1));
        net.node("product", Op::Multiply, &[x, y]);
        assert_eq!(of_last(net), None);
    }

    #[test]
    fn a_gated_linear_unit_lets_half_of_the_maps_through() {
        let mut net = Builder::new("glu", 8);
        let x = net.conv("conv", 0, 8, Window::square(3, 1, 1));
        let half = |maps: std::ops::Range<usize>| Op::Select {
            axis: Axis::Channels,
            indices: maps.collect(),
        };
        let signal = net.node("signal", half(0..4), &[x]);
        let gate = net.node("half", half(4..8), &[x]);
        let gate = net.node("gate", Op::Curve(Curve::Sigmoid), &[gate]);
        net.node("product", Op::Multiply, &[signal, gate]);
        assert_eq!(of_last(net), Some(1));
    }
}
