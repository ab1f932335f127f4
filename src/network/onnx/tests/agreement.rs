//! What moves values does the same to constants and to maps.

use proptest::prelude::*;

use super::super::messages::{ModelProto, NodeProto};
use super::super::{fold, Tensor};
use super::{import, int, integers, ints, node, of_input, parse};
use crate::{shape, Network, Op};

/// Operators one after the other, drawn so that most of them fit what came before.
struct Chain {
    draws: Vec<u32>,
    opset: i64,
    model: ModelProto,
}

impl Chain {
    fn new(dims: [usize; 4], opset: i64, draws: Vec<u32>) -> Self {
        let mut model = of_input(&dims.map(|dim| dim as i64), vec![], vec![]);
        model.opset_import[0].set_version(opset);
        Self {
            draws,
            opset,
            model,
        }
    }

    fn below(&mut self, bound: usize) -> i64 {
        i64::from(self.draws.pop().unwrap_or(0)) % bound.max(1) as i64
    }

    /// An axis from either end, seldom the first, now and then one that is not there.
    fn axis(&mut self, rank: usize) -> i64 {
        let axis = self.below(rank + 1).max(self.below(rank));
        axis - rank as i64 * self.below(2)
    }

    /// Adds an operator, and folds it.
    fn add(&mut self, x: &Tensor) -> Result<Tensor, String> {
        let step = self.model.graph.node.len();
        let from = match step {
            0 => "x".to_owned(),
            _ => format!("x{step}"),
        };
        let to = format!("x{}", step + 1);
        let rank = x.dims.len();
        let axis = self.axis(rank);
        let size = *x
            .dims
            .get(axis.rem_euclid(rank.max(1) as i64) as usize)
            .unwrap_or(&1);
        let op = [
            "Reshape",
            "Flatten",
            "Squeeze",
            "Unsqueeze",
            "Transpose",
            "Slice",
            "Split",
            "Gather",
        ];
        let mut node = node(op[self.below(8) as usize], &[&from], &[&to]);
        let along = int("axis", axis);
        match node.op_type() {
            "Reshape" => {
                let mut shape: Vec<i64> = x.dims.iter().map(|dim| *dim as i64).collect();
                let place = self.below(rank) as usize;
                match self.below(4) {
                    0 => shape = vec![0, -1],
                    1 => shape = vec![1, 2, -1, 2],
                    2 if rank > 1 => shape.swap(0, place),
                    _ if rank > 0 => shape[place] = self.below(3) - 1,
                    _ => {}
                }
                self.list(&mut node, "shape", 5, &shape);
            }
            "Squeeze" | "Unsqueeze" => self.list(&mut node, "axes", 13, &[axis]),
            "Flatten" => node.attribute.push(along),
            "Transpose" => {
                let mut order: Vec<i64> = (0..rank as i64).collect();
                if rank > 2 {
                    let [a, b] = [1, 1].map(|first| first + self.below(rank - 1) as usize);
                    order.swap(a, b);
                }
                node.attribute.push(ints("perm", &order));
            }
            "Slice" => {
                let [start, end] = [-5, -2].map(|least| least + self.below(9));
                self.list(&mut node, "starts", 10, &[start]);
                self.list(&mut node, "ends", 10, &[end]);
                self.list(&mut node, "axes", 10, &[axis]);
                if self.opset >= 10 {
                    let step = self.below(5) - 2;
                    self.list(&mut node, "steps", 10, &[step]);
                }
            }
            "Split" => {
                node.attribute.push(along);
                node.output.push(format!("{to} too"));
                if self.below(2) == 0 {
                    let first = self.below(size + 1);
                    self.list(&mut node, "split", 13, &[first, size as i64 - first]);
                }
            }
            _ => {
                let dims = [&[][..], &[1], &[3], &[2, 2]][self.below(4) as usize];
                let count = dims.iter().product::<i64>();
                let index = |_| self.below(2 * size) - size as i64;
                let indices: Vec<i64> = (0..count).map(index).collect();
                self.constant(&mut node, dims, &indices);
                node.attribute.push(along);
            }
        }
        self.fold(node, x)
    }

    fn list(&mut self, node: &mut NodeProto, name: &str, since: i64, values: &[i64]) {
        match self.opset < since {
            true => node.attribute.push(ints(name, values)),
            false => self.constant(node, &[values.len() as i64], values),
        }
    }

    fn constant(&mut self, node: &mut NodeProto, dims: &[i64], values: &[i64]) {
        let graph = self.model.graph.mut_or_insert_default();
        let name = format!("c{}", graph.initializer.len());
        graph.initializer.push(integers(&name, dims, values));
        node.input.push(name);
    }

    fn fold(&mut self, node: NodeProto, x: &Tensor) -> Result<Tensor, String> {
        let graph = self.model.graph.mut_or_insert_default();
        graph.output[0].set_name(node.output[0].clone());
        graph.node.push(node);
        let graph = parse(&self.model).unwrap();
        let node = graph.nodes.last().unwrap();
        let constants = node.inputs[1..]
            .iter()
            .map(|name| graph.constants.get(name));
        let inputs: Vec<_> = std::iter::once(Some(x)).chain(constants).collect();
        let made = fold::evaluate(node, &inputs)?;
        Ok(made.unwrap().remove(0))
    }
}

/// Which cell of the image each cell of a node is.
fn cells(network: &Network, node: usize) -> Vec<f32> {
    let shapes = shape::shapes(network).unwrap();
    let here = &network.nodes[node];
    let Some(&input) = here.inputs.first() else {
        return (0..shapes[node].cells()).map(|cell| cell as f32).collect();
    };
    let below = cells(network, input);
    let [_, height, width] = shapes[input].axes();
    let [channels, rows, columns] = shapes[node].axes();
    let places = (0..channels)
        .flat_map(|c| (0..rows).flat_map(move |y| (0..columns).map(move |x| [c, y, x])));
    let source = |place: [usize; 3]| {
        let mut from = place;
        match &here.op {
            Op::Select { axis, indices } => from[axis.number()] = indices[place[axis.number()]],
            Op::Permute { order } => (0..3).for_each(|axis| from[order[axis]] = place[axis]),
            other => panic!("{other:?}"),
        }
        below[(from[0] * height + from[1]) * width + from[2]]
    };
    match here.op {
        Op::Flatten | Op::Reshape { .. } => below,
        _ => places.map(source).collect(),
    }
}

/// Whether an image is refused what a constant is not: the batch stays in front, and no map is empty.
fn is_limit(problem: &str) -> bool {
    let limits = ["batch", "picks nothing", "not supported"];
    limits.iter().any(|limit| problem.contains(limit))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn folding_and_lowering_move_the_same_cells(
        image in [1..4_usize, 1..4, 1..4],
        opset in prop::sample::select(vec![9_i64, 11, 13, 18]),
        draws in prop::collection::vec(any::<u32>(), 64),
    ) {
        let [channels, height, width] = image;
        let count = channels * height * width;
        let mut x = Tensor::floats(
            vec![1, channels, height, width],
            (0..count).map(|cell| cell as f32).collect(),
        );
        let mut chain = Chain::new([1, channels, height, width], opset, draws);
        for _ in 0..4 {
            let folded = chain.add(&x);
            x = match (folded, import(&chain.model)) {
                (Ok(folded), Ok(lowered)) => {
                    let output = chain.model.graph.output[0].name();
                    let found = cells(&lowered.network, lowered.values[output]);
                    prop_assert_eq!(Ok(&found[..]), folded.as_floats());
                    folded
                }
                (Err(folded), Ok(_)) => {
                    return Err(TestCaseError::fail(format!("lowered, not folded: {folded}")))
                }
                (folded, Err(lowered)) => {
                    let alike = folded.is_err_and(|folded| folded == lowered);
                    prop_assert!(alike || is_limit(&lowered), "{lowered}");
                    break;
                }
            };
        }
    }
}
