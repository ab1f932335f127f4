//! DenseNets: each layer reads the maps of all layers before it in its block; normalisation and ReLU come before the
//! convolutions.

use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);

/// torchvision's, whose layers add so many maps each, with so many of them in each block. The stages are what comes of each block,
/// rectified.
pub(super) fn densenet(name: &str, growth: usize, layers: [usize; 4]) -> Network {
    let mut net = Builder::new(name, 224);
    let names = ["features.conv0", "features.norm0", "features.relu0"];
    let mut channels = 2 * growth;
    let mut x = net.rectified_conv(names, 0, channels, Window::square(7, 2, 3), 1, EPSILON);
    net.stage("conv0", x);
    x = net.max_pool("features.pool0", x, Window::square(3, 2, 1), false);
    for (block, layers) in (1..).zip(layers) {
        for layer in 1..=layers {
            x = dense(
                &mut net,
                &format!("features.denseblock{block}.denselayer{layer}"),
                x,
                growth,
            );
        }
        channels = (channels + layers * growth) / 2;
        let sub = |part: &str| format!("features.transition{block}.{part}");
        let names = match block {
            4 => ["features.norm5".into(), "features.relu5".into()],
            _ => [sub("norm"), sub("relu")],
        };
        x = net.batch_norm(&names[0], x, EPSILON);
        x = net.relu(&names[1], x);
        net.stage(&format!("denseblock{block}"), x);
        if block < 4 {
            x = net.plain_conv(&sub("conv"), x, channels, ONE, 1);
            x = net.average_pool(&sub("pool"), x, Window::square(2, 2, 0));
        }
    }
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    net.classifier("classifier", x, 1000)
}

/// The maps that it reads and, behind them, its own.
fn dense(net: &mut Builder, name: &str, input: usize, growth: usize) -> usize {
    let sub = |part: &str| format!("{name}.{part}");
    let x = net.batch_norm(&sub("norm1"), input, EPSILON);
    let x = net.relu(&sub("relu1"), x);
    let names = [&*sub("conv1"), &*sub("norm2")];
    let x = net.normed_conv(names, x, 4 * growth, ONE, 1, EPSILON);
    let x = net.relu(&sub("relu2"), x);
    let x = net.plain_conv(&sub("conv2"), x, growth, Window::square(3, 1, 1), 1);
    net.node(&sub("concat"), Op::Concat, &[input, x])
}
