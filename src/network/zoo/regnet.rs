//! RegNet: ResNeXt's blocks, whose widths and depths follow a rule of a few numbers (Radosavovic et al. 2020).

use super::inverted::{gated, SIGMOID};
use super::Names;
use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);

/// What tells one from another: maps of its four groups of blocks, how many blocks each has, and how many maps see each
/// other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) maps: [usize; 4],
    pub(super) blocks: [usize; 4],
    pub(super) together: usize,
}

/// RegNetX.
pub(super) fn x(name: &str, numbers: Numbers, names: Names) -> Network {
    regnet(name, numbers, false, names)
}

/// RegNetY: with gates.
pub(super) fn y(name: &str, numbers: Numbers, names: Names) -> Network {
    regnet(name, numbers, true, names)
}

fn regnet(name: &str, numbers: Numbers, is_gated: bool, names: Names) -> Network {
    let mut net = Builder::new(name, 224);
    let stem = match names {
        Names::Torchvision => ["stem.0", "stem.1", "stem.2"],
        Names::Timm => ["stem.conv", "stem.bn", "stem.act"],
    };
    let mut x = net.rectified_conv(stem, 0, 32, Window::square(3, 2, 1), 1, EPSILON);
    net.stage("stem", x);
    let mut before = 32;
    let groups = numbers.maps.into_iter().zip(numbers.blocks);
    for (group, (maps, blocks)) in (1..).zip(groups) {
        for number in 0..blocks {
            let name = match names {
                Names::Torchvision => format!("trunk_output.block{group}.block{group}-{number}"),
                Names::Timm => format!("s{group}.b{}", number + 1),
            };
            let block = Block {
                names,
                name,
                is_first: number == 0,
                groups: maps / numbers.together.min(maps),
                maps,
                squeezed: is_gated.then_some(before / 4),
            };
            x = block.build(&mut net, x);
            before = maps;
        }
        net.stage(&format!("block{group}"), x);
    }
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    let last = match names {
        Names::Torchvision => "fc",
        Names::Timm => "head.fc",
    };
    net.classifier(last, x, 1000)
}

struct Block {
    names: Names,
    name: String,
    /// Of its group: it halves rows and columns.
    is_first: bool,
    groups: usize,
    maps: usize,
    /// Maps that the gate sees all in.
    squeezed: Option<usize>,
}

impl Block {
    fn build(&self, net: &mut Builder, input: usize) -> usize {
        let (maps, stride) = (self.maps, if self.is_first { 2 } else { 1 });
        let sub = |part: &str| format!("{}.{part}", self.name);
        let [first, second, third] = match self.names {
            Names::Torchvision => [
                ["f.a.0", "f.a.1", "f.a.2"],
                ["f.b.0", "f.b.1", "f.b.2"],
                ["f.c.0", "f.c.1", ""],
            ],
            Names::Timm => [
                ["conv1.conv", "conv1.bn", "conv1.act"],
                ["conv2.conv", "conv2.bn", "conv2.act"],
                ["conv3.conv", "conv3.bn", ""],
            ],
        }
        .map(|parts| parts.map(sub));
        let [gate, shortcut, shortcut_norm, end] = match self.names {
            Names::Torchvision => ["f.se", "proj.0", "proj.1", "activation"],
            Names::Timm => ["se", "downsample.conv", "downsample.bn", "act3"],
        }
        .map(sub);
        let mut x = net.rectified_conv(
            first.each_ref().map(String::as_str),
            input,
            maps,
            ONE,
            1,
            EPSILON,
        );
        let names = second.each_ref().map(String::as_str);
        let window = Window::square(3, stride, 1);
        x = net.rectified_conv(names, x, maps, window, self.groups, EPSILON);
        if let Some(squeezed) = self.squeezed {
            let names = (&*gate, ["fc1", "fc2"]);
            x = gated(net, names, x, [squeezed, maps], &[Op::Relu, SIGMOID]);
        }
        let [conv, norm, _] = third;
        x = net.normed_conv([&conv, &norm], x, maps, ONE, 1, EPSILON);
        let around = match self.is_first {
            true => {
                let window = Window::square(1, stride, 0);
                net.normed_conv([&shortcut, &shortcut_norm], input, maps, window, 1, EPSILON)
            }
            false => input,
        };
        let sum = net.node(&sub("add"), Op::Add, &[x, around]);
        net.relu(&end, sum)
    }
}
