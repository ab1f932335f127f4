//! MnasNets: MobileNet's blocks as a search for fast networks found them.

use super::of_eight;
use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;
const ONE: Window = Window::square(1, 1, 0);
/// Maps of the stem, of its block, and of the six groups of blocks, at a width of 1.
const MAPS: [usize; 8] = [32, 16, 24, 40, 80, 96, 192, 320];

/// torchvision's. The stages are the widened maps before each drop of resolution.
pub(super) fn mnasnet(name: &str, width: f64) -> Network {
    let maps = MAPS.map(|maps| of_eight(maps as f64 * width));
    let mut net = Builder::new(name, 224);
    let mut x = net.rectified_conv(
        ["layers.0", "layers.1", "layers.2"],
        0,
        maps[0],
        Window::square(3, 2, 1),
        1,
        EPSILON,
    );
    x = net.rectified_conv(
        ["layers.3", "layers.4", "layers.5"],
        x,
        maps[0],
        Window::square(3, 1, 1),
        maps[0],
        EPSILON,
    );
    x = net.normed_conv(["layers.6", "layers.7"], x, maps[1], ONE, 1, EPSILON);
    let groups = [
        (3, 2, 3, 3),
        (5, 2, 3, 3),
        (5, 2, 6, 3),
        (3, 1, 6, 2),
        (5, 2, 6, 4),
        (3, 1, 6, 1),
    ];
    for (group, (kernel, stride, wider, blocks)) in groups.into_iter().enumerate() {
        let (before, after) = (maps[group + 1], maps[group + 2]);
        for block in 0..blocks {
            let sub = |part: usize| format!("layers.{}.{block}.layers.{part}", group + 8);
            let names = |first: usize| [first, first + 1, first + 2].map(sub);
            let input = x;
            let wide = wider * if block == 0 { before } else { after };
            let stride = if block == 0 { stride } else { 1 };
            let [a, b, c] = &names(0);
            x = net.rectified_conv([a, b, c], x, wide, ONE, 1, EPSILON);
            if stride == 2 {
                net.stage(&format!("expand{}", group + 8), x);
            }
            let window = Window::square(kernel, stride, kernel / 2);
            let [a, b, c] = &names(3);
            x = net.rectified_conv([a, b, c], x, wide, window, wide, EPSILON);
            x = net.normed_conv([&sub(6), &sub(7)], x, after, ONE, 1, EPSILON);
            if block > 0 {
                x = net.node(
                    &format!("layers.{}.{block}.add", group + 8),
                    Op::Add,
                    &[input, x],
                );
            }
        }
    }
    x = net.rectified_conv(
        ["layers.14", "layers.15", "layers.16"],
        x,
        1280,
        ONE,
        1,
        EPSILON,
    );
    net.stage("conv14", x);
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    x = net.node("classifier.0", Op::Dropout, &[x]);
    net.classifier("classifier.1", x, 1000)
}
