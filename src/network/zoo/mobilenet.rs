//! MobileNet v2: few maps widened to many, filtered one by one, and narrowed again without a rectifier.

use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);

/// torchvision's, of width 1. The stages are the widened maps before each drop of resolution.
pub(super) fn v2() -> Network {
    let mut net = Builder::new("mobilenet_v2", 224);
    let mut x = conv(&mut net, "features.0", 0, 32, Window::square(3, 2, 1), 1);
    x = conv(
        &mut net,
        "features.1.conv.0",
        x,
        32,
        Window::square(3, 1, 1),
        32,
    );
    let names = ["features.1.conv.1", "features.1.conv.2"];
    x = net.normed_conv(names, x, 16, ONE, 1, EPSILON);
    let groups = [
        (24, 2, 2),
        (32, 3, 2),
        (64, 4, 2),
        (96, 3, 1),
        (160, 3, 2),
        (320, 1, 1),
    ];
    let (mut width, mut number) = (16, 2);
    for (channels, blocks, stride) in groups {
        for block in 0..blocks {
            let sub = |part: &str| format!("features.{number}.{part}");
            let input = x;
            x = conv(&mut net, &sub("conv.0"), x, 6 * width, ONE, 1);
            if block == 0 && stride == 2 {
                net.stage(&format!("expand{number}"), x);
            }
            let window = Window::square(3, if block == 0 { stride } else { 1 }, 1);
            x = conv(&mut net, &sub("conv.1"), x, 6 * width, window, 6 * width);
            let names = [&*sub("conv.2"), &*sub("conv.3")];
            x = net.normed_conv(names, x, channels, ONE, 1, EPSILON);
            if block > 0 {
                x = net.node(&sub("add"), Op::Add, &[input, x]);
            }
            (width, number) = (channels, number + 1);
        }
    }
    x = conv(&mut net, "features.18", x, 1280, ONE, 1);
    net.stage("conv18", x);
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    x = net.node("classifier.0", Op::Dropout, &[x]);
    net.classifier("classifier.1", x, 1000)
}

fn conv(
    net: &mut Builder,
    name: &str,
    input: usize,
    channels: usize,
    window: Window,
    groups: usize,
) -> usize {
    let names = [&*format!("{name}.0"), &*format!("{name}.1")];
    let x = net.normed_conv(names, input, channels, window, groups, EPSILON);
    net.relu6(&format!("{name}.2"), x)
}
