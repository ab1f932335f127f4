//! ZFNet (ZF fig. 3): 7×7 filters at stride 2 where AlexNet has 11×11 at stride 4.

use crate::{Builder, Network, Op, Window};

pub(super) const POOL: Window = Window::square(3, 2, 0);

/// Paddings and ceil-mode pooling are those that give the paper's sizes: 110, 55, 26, 13, 6.
pub(super) fn zfnet() -> Network {
    let mut net = Builder::new("zfnet", 224);
    let mut x = 0;
    let convolutions = [
        ("1", 96, Window::square(7, 2, 1), true, true),
        ("2", 256, Window::square(5, 2, 0), true, true),
        ("3", 384, Window::square(3, 1, 1), false, false),
        ("4", 384, Window::square(3, 1, 1), false, false),
        ("5", 256, Window::square(3, 1, 1), true, false),
    ];
    for (number, channels, window, pooled, normalised) in convolutions {
        x = layer(&mut net, x, (number, channels, window), pooled, normalised);
    }
    fully_connected(net, x, 4096)
}

/// A convolution with what follows it.
fn layer(
    net: &mut Builder,
    x: usize,
    (number, channels, window): (&str, usize, Window),
    pooled: bool,
    normalised: bool,
) -> usize {
    let conv = format!("conv{number}");
    let x = net.conv(&conv, x, channels, window);
    let mut x = net.relu(&format!("relu{number}"), x);
    net.stage(&conv, x);
    if pooled {
        x = net.max_pool(&format!("pool{number}"), x, POOL, true);
    }
    if normalised {
        x = net.node(&format!("norm{number}"), normalisation(), &[x]);
    }
    x
}

/// The same for inputs of 64×64 pixels and a thousandth of the work: five convolutions and three linear layers, normalised and
/// pooled in the same places. The second convolution keeps its maps' size, which the paper's halves: they are small enough.
pub(super) fn small() -> Network {
    let mut net = Builder::new("zfnet_small", 64);
    let mut x = 0;
    let convolutions = [
        ("1", 32, Window::square(7, 2, 1), true, true),
        ("2", 64, Window::square(5, 1, 2), true, true),
        ("3", 96, Window::square(3, 1, 1), false, false),
        ("4", 96, Window::square(3, 1, 1), false, false),
        ("5", 64, Window::square(3, 1, 1), true, false),
    ];
    for (number, channels, window, pooled, normalised) in convolutions {
        x = layer(&mut net, x, (number, channels, window), pooled, normalised);
    }
    fully_connected(net, x, 256)
}

/// Krizhevsky's constants n = 5, k = 2, α = 1e-4 a term (5e-4 on the mean of five), β = 0.75.
pub(super) fn normalisation() -> Op {
    Op::Lrn {
        size: 5,
        alpha: 5e-4,
        beta: 0.75,
        k: 2.0,
    }
}

/// `fc6`, `fc7` with dropout, `fc8` and softmax.
pub(super) fn fully_connected(mut net: Builder, x: usize, features: usize) -> Network {
    let mut x = net.node("flatten", Op::Flatten, &[x]);
    for number in ["6", "7"] {
        let fc = format!("fc{number}");
        x = net.linear(&fc, x, features);
        x = net.relu(&format!("relu{number}"), x);
        net.stage_on_request(&fc, x);
        x = net.node(&format!("drop{number}"), Op::Dropout, &[x]);
    }
    net.classifier("fc8", x, 1000)
}
