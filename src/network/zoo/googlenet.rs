//! GoogLeNet: filters of several sizes side by side, with batch normalisation.

use crate::{Builder, Network, Op, Window};

const ONE: Window = Window::square(1, 1, 0);
const THREE: Window = Window::square(3, 1, 1);
const POOL: Window = Window::square(3, 2, 0);

/// torchvision's, which has 3×3 filters where the paper has 5×5 ones; without the heads that helped in training.
pub(super) fn googlenet() -> Network {
    let mut net = Builder::new("googlenet", 224);
    let mut x = conv(&mut net, "conv1", 0, 64, Window::square(7, 2, 3));
    net.stage("conv1", x);
    x = net.max_pool("maxpool1", x, POOL, true);
    x = conv(&mut net, "conv2", x, 64, ONE);
    net.stage_on_request("conv2", x);
    x = conv(&mut net, "conv3", x, 192, THREE);
    net.stage("conv3", x);
    x = net.max_pool("maxpool2", x, POOL, true);
    x = inception(&mut net, "inception3a", x, [64, 96, 128, 16, 32, 32]);
    x = inception(&mut net, "inception3b", x, [128, 128, 192, 32, 96, 64]);
    net.stage("inception3b", x);
    x = net.max_pool("maxpool3", x, POOL, true);
    x = inception(&mut net, "inception4a", x, [192, 96, 208, 16, 48, 64]);
    x = inception(&mut net, "inception4b", x, [160, 112, 224, 24, 64, 64]);
    x = inception(&mut net, "inception4c", x, [128, 128, 256, 24, 64, 64]);
    x = inception(&mut net, "inception4d", x, [112, 144, 288, 32, 64, 64]);
    x = inception(&mut net, "inception4e", x, [256, 160, 320, 32, 128, 128]);
    net.stage("inception4e", x);
    x = net.max_pool("maxpool4", x, Window::square(2, 2, 0), true);
    x = inception(&mut net, "inception5a", x, [256, 160, 320, 32, 128, 128]);
    x = inception(&mut net, "inception5b", x, [384, 192, 384, 48, 128, 128]);
    net.stage("inception5b", x);
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    x = net.node("dropout", Op::Dropout, &[x]);
    net.classifier("fc", x, 1000)
}

/// Channels: of the 1×1 filters, of what the 3×3 ones read and give, of the second 3×3 ones likewise, behind the pool.
fn inception(net: &mut Builder, name: &str, input: usize, channels: [usize; 6]) -> usize {
    let sub = |part: &str| format!("{name}.{part}");
    let [one, three_in, three, five_in, five, pooled] = channels;
    let first = conv(net, &sub("branch1"), input, one, ONE);
    let x = conv(net, &sub("branch2.0"), input, three_in, ONE);
    let second = conv(net, &sub("branch2.1"), x, three, THREE);
    let x = conv(net, &sub("branch3.0"), input, five_in, ONE);
    let third = conv(net, &sub("branch3.1"), x, five, THREE);
    let x = net.max_pool(&sub("branch4.0"), input, THREE, true);
    let fourth = conv(net, &sub("branch4.1"), x, pooled, ONE);
    net.node(name, Op::Concat, &[first, second, third, fourth])
}

fn conv(net: &mut Builder, name: &str, input: usize, channels: usize, window: Window) -> usize {
    let names = ["conv", "bn", "relu"].map(|part| format!("{name}.{part}"));
    net.rectified_conv(
        names.each_ref().map(String::as_str),
        input,
        channels,
        window,
        1,
        1e-3,
    )
}
