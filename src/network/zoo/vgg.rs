//! VGG: 3×3 convolutions in five blocks.

use crate::{Builder, Network, Op, Window};

const EPSILON: f64 = 1e-5;

/// torchvision's, with so many convolutions in each block, normalised or not; its adaptive pooling to 7×7 is the identity at 224
/// pixels and is left out.
pub(super) fn vgg(name: &str, depths: [usize; 5], is_normed: bool) -> Network {
    let mut net = Builder::new(name, 224);
    let mut x = 0;
    let mut key = 0;
    let mut next = || {
        key += 1;
        format!("features.{}", key - 1)
    };
    for (block, (channels, depth)) in [64, 128, 256, 512, 512].into_iter().zip(depths).enumerate() {
        for conv in 1..=depth {
            x = net.conv(&next(), x, channels, Window::square(3, 1, 1));
            if is_normed {
                x = net.batch_norm(&next(), x, EPSILON);
            }
            x = net.relu(&next(), x);
            let stage = format!("conv{}_{conv}", block + 1);
            match conv == depth {
                true => net.stage(&stage, x),
                false => net.stage_on_request(&stage, x),
            }
        }
        x = net.max_pool(&next(), x, Window::square(2, 2, 0), false);
    }
    x = net.node("flatten", Op::Flatten, &[x]);
    x = net.linear("classifier.0", x, 4096);
    x = net.relu("classifier.1", x);
    net.stage_on_request("fc6", x);
    x = net.node("classifier.2", Op::Dropout, &[x]);
    x = net.linear("classifier.3", x, 4096);
    x = net.relu("classifier.4", x);
    net.stage_on_request("fc7", x);
    x = net.node("classifier.5", Op::Dropout, &[x]);
    net.classifier("classifier.6", x, 1000)
}
