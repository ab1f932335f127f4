//! SqueezeNet: squeeze to few maps with 1×1 filters, expand with 1×1 and 3×3 ones side by side.

use crate::{Builder, Network, Op, Window};

const POOL: Window = Window::square(3, 2, 0);

pub(super) fn v1_1() -> Network {
    let mut net = Builder::new("squeezenet1_1", 227);
    let mut x = stem(&mut net, 64, Window::square(3, 2, 0));
    x = net.max_pool("features.2", x, POOL, true);
    x = fire(&mut net, "features.3", x, 16, 64);
    x = fire(&mut net, "features.4", x, 16, 64);
    net.stage("fire3", x);
    x = net.max_pool("features.5", x, POOL, true);
    x = fire(&mut net, "features.6", x, 32, 128);
    x = fire(&mut net, "features.7", x, 32, 128);
    net.stage("fire5", x);
    x = net.max_pool("features.8", x, POOL, true);
    x = fire(&mut net, "features.9", x, 48, 192);
    x = fire(&mut net, "features.10", x, 48, 192);
    x = fire(&mut net, "features.11", x, 64, 256);
    x = fire(&mut net, "features.12", x, 64, 256);
    net.stage("fire9", x);
    classifier(net, x)
}

pub(super) fn v1_0() -> Network {
    let mut net = Builder::new("squeezenet1_0", 224);
    let mut x = stem(&mut net, 96, Window::square(7, 2, 0));
    x = net.max_pool("features.2", x, POOL, true);
    x = fire(&mut net, "features.3", x, 16, 64);
    x = fire(&mut net, "features.4", x, 16, 64);
    net.stage("fire3", x);
    x = fire(&mut net, "features.5", x, 32, 128);
    x = net.max_pool("features.6", x, POOL, true);
    x = fire(&mut net, "features.7", x, 32, 128);
    net.stage("fire5", x);
    x = fire(&mut net, "features.8", x, 48, 192);
    x = fire(&mut net, "features.9", x, 48, 192);
    x = fire(&mut net, "features.10", x, 64, 256);
    x = net.max_pool("features.11", x, POOL, true);
    x = fire(&mut net, "features.12", x, 64, 256);
    net.stage("fire9", x);
    classifier(net, x)
}

fn stem(net: &mut Builder, channels: usize, window: Window) -> usize {
    let x = net.conv("features.0", 0, channels, window);
    let x = net.relu("features.1", x);
    net.stage("conv1", x);
    x
}

fn fire(net: &mut Builder, name: &str, input: usize, squeeze: usize, expand: usize) -> usize {
    let sub = |part: &str| format!("{name}.{part}");
    let one = Window::square(1, 1, 0);
    let x = net.conv(&sub("squeeze"), input, squeeze, one);
    let x = net.relu(&sub("squeeze_activation"), x);
    let left = net.conv(&sub("expand1x1"), x, expand, one);
    let left = net.relu(&sub("expand1x1_activation"), left);
    let right = net.conv(&sub("expand3x3"), x, expand, Window::square(3, 1, 1));
    let right = net.relu(&sub("expand3x3_activation"), right);
    net.node(name, Op::Concat, &[left, right])
}

fn classifier(mut net: Builder, x: usize) -> Network {
    let x = net.node("classifier.0", Op::Dropout, &[x]);
    let x = net.conv("classifier.1", x, 1000, Window::square(1, 1, 0));
    let x = net.relu("classifier.2", x);
    net.stage("conv10", x);
    let x = net.node("classifier.3", Op::GlobalAveragePool, &[x]);
    net.node("probability", Op::Softmax, &[x]);
    net.finish()
}
