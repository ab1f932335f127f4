//! Ends of graphs that say Softmax in other operators.

use super::attributes::{Attribute, Attributes};
use super::graph::Graph;
use super::node::Node;
use super::order;

/// Makes one Softmax of what computes the output as `exp(x) / Σ exp(x)`.
///
/// # Errors
/// Those of [`Graph::needed`].
pub(super) fn gather(graph: &mut Graph, output: &str) -> Result<(), String> {
    let found = softmax(graph, output)?;
    if let Some((at, axis, input)) = found {
        let node = &mut graph.nodes[at];
        "Softmax".clone_into(&mut node.op);
        node.inputs = vec![input];
        node.attributes = Attributes::from([("axis", Attribute::Int(axis))]);
        // From this opset on it is along one axis.
        node.opset = node.opset.max(13);
        graph.needed(&[output.to_owned()])?;
    }
    Ok(())
}

/// The division, the axis, and the sums that the probabilities are of.
fn softmax(graph: &Graph, output: &str) -> Result<Option<(usize, i64, String)>, String> {
    let makers = order::makers(&graph.nodes)?;
    let made = |value: &str, op: &str| -> Option<&Node> {
        let node = &graph.nodes[*makers.get(value)?];
        (node.op == op).then_some(node)
    };
    let find = || {
        let at = *makers.get(output)?;
        let division = made(output, "Div")?;
        let [exponential, sum] = &division.inputs[..] else {
            return None;
        };
        let sum = made(sum, "ReduceSum")?;
        if sum.inputs.first() != Some(exponential) || sum.attributes.int("keepdims", 1) != Ok(1) {
            return None;
        }
        let listed = match (sum.attributes.ints("axes"), sum.inputs.get(1)) {
            (Ok(Some(axes)), _) => axes,
            (_, Some(axes)) => graph.constants.get(axes)?.as_integers().ok()?,
            _ => return None,
        };
        let &[axis] = listed else {
            return None;
        };
        let below = made(exponential, "Exp")?.inputs.first()?;
        let less_the_largest = made(below, "Sub").and_then(|node| {
            let [sums, largest] = &node.inputs[..] else {
                return None;
            };
            let largest = made(largest, "ReduceMax")?;
            (largest.inputs.first() == Some(sums)).then_some(sums)
        });
        Some((at, axis, less_the_largest.unwrap_or(below).clone()))
    };
    Ok(find())
}

/// Takes a LogSoftmax at the end of a graph away, so that the probabilities can be told by a Softmax in its place; gives
/// the value that it was taken of.
pub(super) fn take_logarithm(graph: &mut Graph, output: &str) -> Option<String> {
    let mut at = output.to_owned();
    for node in graph.nodes.iter_mut().rev() {
        if node.outputs.first() != Some(&at) {
            continue;
        }
        match (node.op.as_str(), node.inputs.first()) {
            ("LogSoftmax", sums) => {
                let sums = sums.cloned();
                "Identity".clone_into(&mut node.op);
                node.attributes = Attributes::default();
                return sums;
            }
            (_, Some(input)) if node.passes() => at.clone_from(input),
            _ => return None,
        }
    }
    None
}
