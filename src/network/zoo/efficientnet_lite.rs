//! EfficientNet-Lite0: MobileNet's blocks with larger filters, without gates, and with TensorFlow's padding.

use crate::{Builder, Changes, Network, Op, PerChannel, Rounding, Window};

const EPSILON: f64 = 1e-3;
const ONE: Window = Window::square(1, 1, 0);

/// TensorFlow's for this family: pixels less 127, over 128.
pub(super) const PREPROCESSING: Changes = Changes {
    rounding: Some(Rounding::Down),
    scale: Some(255.0),
    mean: Some(PerChannel::Grey([127.0])),
    std: Some(PerChannel::Grey([128.0])),
    ..Changes::NONE
};

/// Under the names of the package `efficientnet_lite_pytorch`. The stages are the widened maps before each drop of
/// resolution.
pub(super) fn lite0() -> Network {
    let mut net = Builder::new("efficientnet_lite0", 224);
    let mut x = same_conv(&mut net, ["_conv_stem", "_bn0", "_relu0"], 0, [3, 2], 32, 1);
    let groups = [
        (3, 16, 1, 1),
        (3, 24, 2, 2),
        (5, 40, 2, 2),
        (3, 80, 3, 2),
        (5, 112, 3, 1),
        (5, 192, 4, 2),
        (3, 320, 1, 1),
    ];
    let (mut width, mut number) = (32, 0);
    for (kernel, channels, blocks, stride) in groups {
        for block in 0..blocks {
            let sub = |part: &str| format!("_blocks.{number}.{part}");
            let (input, mut wide) = (x, width);
            if number > 0 {
                wide *= 6;
                let names = [&*sub("_expand_conv"), &*sub("_bn0"), &*sub("_relu0")];
                x = same_conv(&mut net, names, x, [1, 1], wide, 1);
            }
            let stride = if block == 0 { stride } else { 1 };
            if stride == 2 {
                net.stage(&format!("expand{number}"), x);
            }
            let names = [&*sub("_depthwise_conv"), &*sub("_bn1"), &*sub("_relu1")];
            x = same_conv(&mut net, names, x, [kernel, stride], wide, wide);
            let names = [&*sub("_project_conv"), &*sub("_bn2")];
            x = net.normed_conv(names, x, channels, ONE, 1, EPSILON);
            if block > 0 {
                x = net.node(&sub("add"), Op::Add, &[x, input]);
            }
            (width, number) = (channels, number + 1);
        }
    }
    x = same_conv(
        &mut net,
        ["_conv_head", "_bn1", "_relu1"],
        x,
        [1, 1],
        1280,
        1,
    );
    net.stage("conv_head", x);
    x = net.node("_avg_pooling", Op::GlobalAveragePool, &[x]);
    x = net.node("_dropout", Op::Dropout, &[x]);
    net.classifier("_fc", x, 1000)
}

/// Convolution, normalisation and rectifier. At stride 2 and an even input TensorFlow pads one cell more behind than
/// before.
fn same_conv(
    net: &mut Builder,
    [conv, norm, relu]: [&str; 3],
    mut input: usize,
    [kernel, stride]: [usize; 2],
    channels: usize,
    groups: usize,
) -> usize {
    let mut padding = (kernel - 1) / 2;
    if stride == 2 {
        let behind = padding as i64;
        let pad = Op::Pad {
            edges: [[0, 0], [behind - 1, behind], [behind - 1, behind]],
            value: 0.0,
        };
        input = net.node(&format!("{conv}.static_padding"), pad, &[input]);
        padding = 0;
    }
    let window = Window::square(kernel, stride, padding);
    let x = net.normed_conv([conv, norm], input, channels, window, groups, EPSILON);
    net.relu6(relu, x)
}
