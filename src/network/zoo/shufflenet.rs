//! ShuffleNet v2: half of the maps are filtered, and mixed with the others behind each block.

use crate::{Axis, Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);

/// torchvision's, with so many maps behind each group of blocks and at the end.
pub(super) fn v2(name: &str, maps: [usize; 4]) -> Network {
    let mut net = Builder::new(name, 224);
    let first = Window::square(3, 2, 1);
    let names = ["conv1.0", "conv1.1", "conv1.2"];
    let mut x = net.rectified_conv(names, 0, 24, first, 1, EPSILON);
    net.stage("conv1", x);
    x = net.max_pool("maxpool", x, Window::square(3, 2, 1), false);
    let mut before = 24;
    for (group, blocks) in [(2, 4), (3, 8), (4, 4)] {
        let after = maps[group - 2];
        for number in 0..blocks {
            let block = Block {
                name: format!("stage{group}.{number}"),
                before,
                half: after / 2,
            };
            x = match number {
                0 => block.narrowing(&mut net, x),
                _ => block.of_half(&mut net, x),
            };
            before = after;
        }
        net.stage(&format!("stage{group}"), x);
    }
    let names = ["conv5.0", "conv5.1", "conv5.2"];
    x = net.rectified_conv(names, x, maps[3], ONE, 1, EPSILON);
    net.stage("conv5", x);
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    net.classifier("fc", x, 1000)
}

struct Block {
    name: String,
    /// Maps that it reads.
    before: usize,
    /// Of the maps that it makes.
    half: usize,
}

impl Block {
    fn sub(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    /// With half as many rows and columns: all maps are filtered twice.
    fn narrowing(&self, net: &mut Builder, input: usize) -> usize {
        let window = Window::square(3, 2, 1);
        let names = [&*self.sub("branch1.0"), &*self.sub("branch1.1")];
        let x = net.normed_conv(names, input, self.before, window, self.before, EPSILON);
        let names = [
            &*self.sub("branch1.2"),
            &*self.sub("branch1.3"),
            &*self.sub("branch1.4"),
        ];
        let one = net.rectified_conv(names, x, self.half, ONE, 1, EPSILON);
        let other = self.filtered(net, input, window);
        self.shuffled(net, [one, other])
    }

    /// The first half of the maps stays as it is.
    fn of_half(&self, net: &mut Builder, input: usize) -> usize {
        let half = |first: usize| Op::Select {
            axis: Axis::Channels,
            indices: (first..first + self.half).collect(),
        };
        let one = net.node(&self.sub("first"), half(0), &[input]);
        let other = net.node(&self.sub("second"), half(self.half), &[input]);
        let other = self.filtered(net, other, Window::square(3, 1, 1));
        self.shuffled(net, [one, other])
    }

    fn filtered(&self, net: &mut Builder, input: usize, window: Window) -> usize {
        let names = [
            &*self.sub("branch2.0"),
            &*self.sub("branch2.1"),
            &*self.sub("branch2.2"),
        ];
        let x = net.rectified_conv(names, input, self.half, ONE, 1, EPSILON);
        let names = [&*self.sub("branch2.3"), &*self.sub("branch2.4")];
        let x = net.normed_conv(names, x, self.half, window, self.half, EPSILON);
        let names = [
            &*self.sub("branch2.5"),
            &*self.sub("branch2.6"),
            &*self.sub("branch2.7"),
        ];
        net.rectified_conv(names, x, self.half, ONE, 1, EPSILON)
    }

    /// Maps of both in turns.
    fn shuffled(&self, net: &mut Builder, halves: [usize; 2]) -> usize {
        let x = net.node(&self.sub("concat"), Op::Concat, &halves);
        let turns = (0..self.half).flat_map(|map| [map, map + self.half]);
        let op = Op::Select {
            axis: Axis::Channels,
            indices: turns.collect(),
        };
        net.node(&self.sub("shuffle"), op, &[x])
    }
}
