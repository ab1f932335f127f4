//! ResNet18: residual blocks of two 3×3 convolutions with batch normalisation.

use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;

pub(super) fn resnet18() -> Network {
    let mut net = Builder::new("resnet18", 224);
    let mut x = net.normed_conv(["conv1", "bn1"], 0, 64, Window::square(7, 2, 3), 1, EPSILON);
    x = net.relu("relu", x);
    net.stage("conv1", x);
    x = net.max_pool("maxpool", x, Window::square(3, 2, 1), false);
    for (layer, channels) in [(1, 64), (2, 128), (3, 256), (4, 512)] {
        let name = format!("layer{layer}");
        let stride = if layer == 1 { 1 } else { 2 };
        x = block(&mut net, &format!("{name}.0"), x, channels, stride);
        x = block(&mut net, &format!("{name}.1"), x, channels, 1);
        net.stage(&name, x);
    }
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    net.classifier("fc", x, 1000)
}

fn block(net: &mut Builder, name: &str, input: usize, channels: usize, stride: usize) -> usize {
    let sub = |part: &str| format!("{name}.{part}");
    let first = Window::square(3, stride, 1);
    let names = [&*sub("conv1"), &*sub("bn1")];
    let x = net.normed_conv(names, input, channels, first, 1, EPSILON);
    let x = net.relu(&sub("relu1"), x);
    let second = Window::square(3, 1, 1);
    let names = [&*sub("conv2"), &*sub("bn2")];
    let x = net.normed_conv(names, x, channels, second, 1, EPSILON);
    let shortcut = match stride {
        1 => input,
        _ => {
            let window = Window::square(1, stride, 0);
            let names = [&*sub("downsample.0"), &*sub("downsample.1")];
            net.normed_conv(names, input, channels, window, 1, EPSILON)
        }
    };
    let x = net.node(&sub("add"), Op::Add, &[x, shortcut]);
    net.relu(&sub("relu2"), x)
}
