//! The stages of a network whose author named none: found by the graph.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::shape::Shape;
use super::{gates, reach, Network, Op, Pairing, Stage};

/// The last activation before each drop of resolution, and the last one of all: of those that everything the network
/// computes goes through, where there are any (no branch of an Inception module). Side branches that are small for a
/// while (the squeeze of a squeeze-and-excitation block) are no stages. Where that activation cannot be projected, the
/// last one of its resolution that can is a stage too.
pub(super) fn found(network: &Network, shapes: &[Shape]) -> Vec<Stage> {
    let size = |node: usize| shapes[node].height * shapes[node].width;
    let active = activations(network);
    let narrow = bottlenecks(network);
    let mut largest_above = vec![0; network.nodes.len()];
    for (index, node) in network.nodes.iter().enumerate().rev() {
        let here = match active[index] {
            true => size(index).max(largest_above[index]),
            false => largest_above[index],
        };
        for &input in &node.inputs {
            largest_above[input] = here.max(largest_above[input]);
        }
    }
    let held = gates::held(network, shapes);
    let blocked = reach::blocked(network, &held, &reach::walls(network, &held));
    let last_of_each_size = |counts: &dyn Fn(usize) -> bool| {
        let mut last_of_size: BTreeMap<usize, usize> = BTreeMap::new();
        for index in (0..network.nodes.len()).filter(|&index| counts(index)) {
            if active[index] && largest_above[index] <= size(index) {
                let last = last_of_size.entry(size(index)).or_insert(index);
                if narrow[index] || !narrow[*last] {
                    *last = index;
                }
            }
        }
        let mut last: Vec<usize> = last_of_size.into_values().collect();
        last.sort_unstable();
        // A convolution without padding takes a cell or two away; that is no drop.
        let drops = |at: usize| match last.get(at + 1) {
            Some(&next) => size(next) * 4 < size(last[at]) * 3,
            None => true,
        };
        let kept: Vec<usize> = (0..last.len())
            .filter(|&at| drops(at))
            .map(|at| last[at])
            .collect();
        kept
    };
    let mut nodes: BTreeSet<usize> = last_of_each_size(&|_| true).into_iter().collect();
    nodes.extend(last_of_each_size(&|index| blocked[index].is_none()));
    let mut names = Names::default();
    let stage = |node: usize| Stage {
        name: plain_name(&module_path(&network.nodes[node].name), &mut names),
        node,
        default: true,
    };
    nodes.into_iter().map(stage).collect()
}

/// Which nodes no branch leads around.
fn bottlenecks(network: &Network) -> Vec<bool> {
    let mut furthest = 0;
    let mut narrow = Vec::with_capacity(network.nodes.len());
    for (index, reader) in network.last_readers().into_iter().enumerate() {
        narrow.push(furthest <= index);
        furthest = furthest.max(reader);
    }
    narrow
}

/// Which nodes give activations: a rectifier or curve, a stack of them, a product with one, or the larger or
/// smaller of two values (maxout).
fn activations(network: &Network) -> Vec<bool> {
    let mut active: Vec<bool> = Vec::with_capacity(network.nodes.len());
    // Scores are no layer's activations.
    let scores = network.scores.map(|_| network.nodes.len() - 1);
    for (index, node) in network.nodes.iter().enumerate() {
        let mut inputs = node.inputs.iter().map(|&input| active[input]);
        let here = match node.op {
            Op::Concat => inputs.all(|active| active),
            Op::Multiply => inputs.any(|active| active),
            Op::Pairwise {
                by: Pairing::Maximum | Pairing::Minimum,
            } => true,
            _ => node.op.is_activation(),
        };
        active.push(here && Some(index) != scores);
    }
    active
}

/// PyTorch's exporter names a node by the whole path of its module and the operator (`/layer1/layer1.1/relu/Relu`): the
/// module's own name is enough (`layer1.1.relu`). Other names stay.
fn module_path(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    let modules = match &parts[..] {
        [modules @ .., _operator] if name.starts_with('/') && !modules.is_empty() => modules,
        _ => return name.to_owned(),
    };
    let repeated = |at: usize| {
        let next: Option<&&str> = modules.get(at + 1);
        next.and_then(|next| next.strip_prefix(modules[at]))
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let own: Vec<&str> = (0..modules.len())
        .filter(|&at| !repeated(at))
        .map(|at| modules[at])
        .collect();
    own.join(".")
}

/// A name fit for files and keys: letters, digits, dots, dashes and underscores, and no other's.
pub(super) fn plain_name(name: &str, taken: &mut Names) -> String {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let plain: String = name
        .trim_matches('/')
        .chars()
        .map(|c| if fit(c) { c } else { '_' })
        .collect();
    let plain = match plain.trim_matches('.') {
        "" => "layer",
        rest => rest,
    };
    taken.unique(plain.to_owned(), '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{shape, zoo, Builder, Curve, Window};

    #[test]
    fn names_of_the_exporter_become_those_of_the_modules() {
        for (exported, short) in [
            ("/layer1/layer1.1/relu_1/Relu", "layer1.1.relu_1"),
            ("/relu/Relu", "relu"),
            ("/features/features.12/Concat", "features.12"),
            ("/Relu_3", "/Relu_3"),
            ("conv1/relu", "conv1/relu"),
        ] {
            assert_eq!(module_path(exported), short);
        }
    }

    const SAME: Window = Window::square(3, 1, 1);
    const HALF: Window = Window::square(3, 2, 1);

    fn names(network: &Network) -> Vec<String> {
        let shapes = shape::shapes(network).unwrap();
        let stages = found(network, &shapes).into_iter();
        stages.map(|stage| stage.name).collect()
    }

    fn conv(net: &mut Builder, name: &str, input: usize, window: Window) -> usize {
        let x = net.conv(&format!("{name}.conv"), input, 4, window);
        net.relu(name, x)
    }

    #[test]
    fn the_zoos_networks_have_the_stages_that_their_resolutions_tell() {
        let of = |name: &str| names(&zoo::find(name).unwrap().network());
        let vgg = [3, 8, 15, 22, 29].map(|key| format!("features.{key}"));
        assert_eq!(of("vgg16")[..5], vgg);
        assert_eq!(of("vgg16")[5], "classifier.4");
        let blocks = [1, 2, 3, 4].map(|layer| format!("layer{layer}.1.relu2"));
        assert_eq!(of("resnet18"), [&["relu".to_owned()], &blocks[..]].concat());
        let fires = ["features.1", "features.4", "features.7", "classifier.2"];
        assert_eq!(of("squeezenet1_1"), fires);
    }

    /// The squeeze is smaller than what comes after it; the product with its gate is the layer's activation, and behind one
    /// with another signal the last that can be projected is a stage too.
    #[test]
    fn a_squeeze_and_excitation_block_is_a_stage() {
        let mut net = Builder::new("gated", 16);
        let x = conv(&mut net, "low", 0, SAME);
        let x = conv(&mut net, "high", x, HALF);
        let mean = net.node("mean", Op::GlobalAveragePool, &[x]);
        let squeeze = conv(&mut net, "squeeze", mean, Window::square(1, 1, 0));
        let gate = net.node("gate", Op::Curve(Curve::Sigmoid), &[squeeze]);
        let x = net.node("product", Op::Multiply, &[x, gate]);
        let other = conv(&mut net, "other", x, SAME);
        let x = net.node("bilinear", Op::Multiply, &[x, other]);
        let x = net.node("average", Op::GlobalAveragePool, &[x]);
        net.linear("fc", x, 5);
        assert_eq!(names(&net.finish()), ["low", "product", "bilinear"]);
    }

    /// A maxout network has no other activation.
    #[test]
    fn the_larger_of_two_maps_is_an_activation() {
        let mut net = Builder::new("maxout", 16);
        let mut x = 0;
        for (name, window) in [("low", SAME), ("high", HALF)] {
            let halves =
                ["left", "right"].map(|half| net.conv(&format!("{name}.{half}"), x, 4, window));
            x = net.node(
                name,
                Op::Pairwise {
                    by: Pairing::Maximum,
                },
                &halves,
            );
        }
        let x = net.node("average", Op::GlobalAveragePool, &[x]);
        net.linear("fc", x, 5);
        assert_eq!(names(&net.finish()), ["low", "high"]);
    }

    /// Branches of a module that halves the resolution do so each at its own place.
    #[test]
    fn what_branches_compute_is_no_stage_where_they_come_together() {
        let mut net = Builder::new("inception", 16);
        let x = conv(&mut net, "stem", 0, SAME);
        let left = conv(&mut net, "left", x, HALF);
        let reduce = conv(&mut net, "reduce", x, SAME);
        let right = conv(&mut net, "right", reduce, HALF);
        let pool = net.max_pool("pool", x, HALF, false);
        let x = net.node("mixed", Op::Concat, &[left, right, pool]);
        let left = conv(&mut net, "left2", x, SAME);
        let right = conv(&mut net, "right2", x, SAME);
        net.node("mixed2", Op::Concat, &[left, right]);
        assert_eq!(names(&net.finish()), ["stem", "mixed2"]);
    }

    /// With a shortcut around every activation the last one stands for its resolution.
    #[test]
    fn a_network_without_bottlenecks_has_stages_too() {
        let mut net = Builder::new("shortcuts", 16);
        let x = conv(&mut net, "first", 0, SAME);
        let y = conv(&mut net, "second", 0, SAME);
        let sum = net.node("sum", Op::Add, &[x, y]);
        net.average_pool("pool", sum, HALF);
        assert_eq!(names(&net.finish()), ["second"]);
    }

    #[test]
    fn names_are_fit_for_files_and_unlike_each_other() {
        let mut taken = Names::default();
        let mut plain = |name: &str| plain_name(name, &mut taken);
        assert_eq!(
            plain("/layer1/conv/Relu_output_0"),
            "layer1_conv_Relu_output_0"
        );
        assert_eq!(plain("features.3"), "features.3");
        assert_eq!(plain("features/3"), "features_3");
        assert_eq!(plain("features:3"), "features_3_2");
        assert_eq!(plain("features 3"), "features_3_3");
        assert_eq!(plain("../é"), "__");
        assert_eq!(plain("../../"), "_");
        assert_eq!(plain(""), "layer");
        assert_eq!(plain(".."), "layer_2");
    }
}
