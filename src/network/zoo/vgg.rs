//! VGG16: 3×3 convolutions in five blocks.

use crate::{Builder, Network, Op, Window};

/// torchvision's; its adaptive pooling to 7×7 is the identity at 224 pixels and is left out.
pub(super) fn vgg16() -> Network {
    let mut net = Builder::new("vgg16", 224);
    let blocks: [(usize, usize); 5] = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];
    let mut x = 0;
    let mut key = 0;
    for (block, (channels, depth)) in blocks.into_iter().enumerate() {
        for conv in 1..=depth {
            x = net.conv(
                &format!("features.{key}"),
                x,
                channels,
                Window::square(3, 1, 1),
            );
            x = net.relu(&format!("features.{}", key + 1), x);
            key += 2;
            let stage = format!("conv{}_{conv}", block + 1);
            match conv == depth {
                true => net.stage(&stage, x),
                false => net.stage_on_request(&stage, x),
            }
        }
        x = net.max_pool(
            &format!("features.{key}"),
            x,
            Window::square(2, 2, 0),
            false,
        );
        key += 1;
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
