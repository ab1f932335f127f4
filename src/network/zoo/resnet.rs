//! ResNets: residual blocks of convolutions with batch normalisation; wide ones, and those of groups (ResNeXt).

use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);

/// What a residual block is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Block {
    /// Two 3×3 convolutions.
    Basic,
    /// A 3×3 convolution, in so many groups of so many maps each where there are 64 outside, between two of 1×1 of which the last
    /// makes four times as many.
    Bottleneck { groups: usize, width: usize },
}

impl Block {
    /// Of ResNet50 and deeper ones.
    pub(super) const BOTTLENECK: Self = Self::Bottleneck {
        groups: 1,
        width: 64,
    };
}

/// torchvision's, with so many blocks in each of its four layers.
pub(super) fn resnet(name: &str, blocks: [usize; 4], block: Block) -> Network {
    let mut net = Builder::new(name, 224);
    let first = Window::square(7, 2, 3);
    let mut x = net.rectified_conv(["conv1", "bn1", "relu"], 0, 64, first, 1, EPSILON);
    net.stage("conv1", x);
    x = net.max_pool("maxpool", x, Window::square(3, 2, 1), false);
    let mut before = 64;
    for (layer, blocks) in (1..).zip(blocks) {
        let name = format!("layer{layer}");
        let channels = 32 << layer;
        for number in 0..blocks {
            let stride = if layer > 1 && number == 0 { 2 } else { 1 };
            let name = format!("{name}.{number}");
            (x, before) = residual(&mut net, &name, (x, before), (channels, stride), block);
        }
        net.stage(&name, x);
    }
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    net.classifier("fc", x, 1000)
}

/// The block's output, and its maps.
fn residual(
    net: &mut Builder,
    name: &str,
    (input, before): (usize, usize),
    (channels, stride): (usize, usize),
    block: Block,
) -> (usize, usize) {
    let sub = |part: &str| format!("{name}.{part}");
    let conv = |net: &mut Builder, number: usize, input, channels, window, groups| {
        let names = [format!("conv{number}"), format!("bn{number}")].map(|part| sub(&part));
        let names = names.each_ref().map(String::as_str);
        net.normed_conv(names, input, channels, window, groups, EPSILON)
    };
    let (x, last, after) = match block {
        Block::Basic => {
            let x = conv(net, 1, input, channels, Window::square(3, stride, 1), 1);
            let x = net.relu(&sub("relu1"), x);
            let three = Window::square(3, 1, 1);
            (conv(net, 2, x, channels, three, 1), 2, channels)
        }
        Block::Bottleneck { groups, width } => {
            let inner = channels * width / 64 * groups;
            let x = conv(net, 1, input, inner, ONE, 1);
            let x = net.relu(&sub("relu1"), x);
            let x = conv(net, 2, x, inner, Window::square(3, stride, 1), groups);
            let x = net.relu(&sub("relu2"), x);
            (conv(net, 3, x, 4 * channels, ONE, 1), 3, 4 * channels)
        }
    };
    let shortcut = match stride == 1 && before == after {
        true => input,
        false => {
            let window = Window::square(1, stride, 0);
            let names = [&*sub("downsample.0"), &*sub("downsample.1")];
            net.normed_conv(names, input, after, window, 1, EPSILON)
        }
    };
    let x = net.node(&sub("add"), Op::Add, &[x, shortcut]);
    (net.relu(&sub(&format!("relu{last}")), x), after)
}
