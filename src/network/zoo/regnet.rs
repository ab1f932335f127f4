//! RegNetX: ResNeXt's blocks, whose widths and depths follow a rule of a few numbers.

use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);

/// torchvision's: maps of its four groups of blocks, how many blocks each has, and how many maps see each other.
pub(super) fn x(name: &str, maps: [usize; 4], blocks: [usize; 4], together: usize) -> Network {
    let mut net = Builder::new(name, 224);
    let stem = Window::square(3, 2, 1);
    let mut x = net.rectified_conv(["stem.0", "stem.1", "stem.2"], 0, 32, stem, 1, EPSILON);
    net.stage("stem", x);
    for (group, (maps, blocks)) in (1..).zip(maps.into_iter().zip(blocks)) {
        for number in 0..blocks {
            let name = format!("trunk_output.block{group}.block{group}-{number}");
            x = block(
                &mut net,
                &name,
                x,
                maps,
                (number == 0, maps / together.min(maps)),
            );
        }
        net.stage(&format!("block{group}"), x);
    }
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    net.classifier("fc", x, 1000)
}

/// The first of a group halves rows and columns.
fn block(
    net: &mut Builder,
    name: &str,
    input: usize,
    maps: usize,
    (is_first, groups): (bool, usize),
) -> usize {
    let sub = |part: &str| format!("{name}.{part}");
    let stride = if is_first { 2 } else { 1 };
    let names = [&*sub("f.a.0"), &*sub("f.a.1"), &*sub("f.a.2")];
    let x = net.rectified_conv(names, input, maps, ONE, 1, EPSILON);
    let window = Window::square(3, stride, 1);
    let names = [&*sub("f.b.0"), &*sub("f.b.1"), &*sub("f.b.2")];
    let x = net.rectified_conv(names, x, maps, window, groups, EPSILON);
    let x = net.normed_conv([&sub("f.c.0"), &sub("f.c.1")], x, maps, ONE, 1, EPSILON);
    let shortcut = match is_first {
        true => {
            let window = Window::square(1, 2, 0);
            net.normed_conv(
                [&sub("proj.0"), &sub("proj.1")],
                input,
                maps,
                window,
                1,
                EPSILON,
            )
        }
        false => input,
    };
    let x = net.node(&sub("add"), Op::Add, &[x, shortcut]);
    net.relu(&sub("activation"), x)
}
