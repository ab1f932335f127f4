//! AlexNet: torchvision's single tower, and the original with two groups and contrast normalisation.

use super::zfnet::{normalisation, POOL};
use crate::{Builder, Network, Op, Window};

/// torchvision's; its adaptive pooling to 6×6 is the identity at 224 pixels and is left out.
pub(super) fn one_tower() -> Network {
    let mut net = Builder::new("alexnet", 224);
    let mut x = 0;
    let convolutions = [
        ("conv1", 0, 64, Window::square(11, 4, 2), true),
        ("conv2", 3, 192, Window::square(5, 1, 2), true),
        ("conv3", 6, 384, Window::square(3, 1, 1), false),
        ("conv4", 8, 256, Window::square(3, 1, 1), false),
        ("conv5", 10, 256, Window::square(3, 1, 1), true),
    ];
    for (stage, key, channels, window, pooled) in convolutions {
        x = net.conv(&format!("features.{key}"), x, channels, window);
        x = net.relu(&format!("features.{}", key + 1), x);
        net.stage(stage, x);
        if pooled {
            x = net.max_pool(&format!("features.{}", key + 2), x, POOL, false);
        }
    }
    x = net.node("flatten", Op::Flatten, &[x]);
    x = net.node("classifier.0", Op::Dropout, &[x]);
    x = net.linear("classifier.1", x, 4096);
    x = net.relu("classifier.2", x);
    net.stage_on_request("fc6", x);
    x = net.node("classifier.3", Op::Dropout, &[x]);
    x = net.linear("classifier.4", x, 4096);
    x = net.relu("classifier.5", x);
    net.stage_on_request("fc7", x);
    net.classifier("classifier.6", x, 1000)
}

/// Krizhevsky's, as Caffe writes it down: `conv2`, `conv4` and `conv5` in two groups, normalisation before pooling.
pub(super) fn original() -> Network {
    let mut net = Builder::new("alexnet_original", 227);
    let mut x = 0;
    let convolutions = [
        ("1", 96, Window::square(11, 4, 0), 1, true, true),
        ("2", 256, Window::square(5, 1, 2), 2, true, true),
        ("3", 384, Window::square(3, 1, 1), 1, false, false),
        ("4", 384, Window::square(3, 1, 1), 2, false, false),
        ("5", 256, Window::square(3, 1, 1), 2, false, true),
    ];
    for (number, channels, window, groups, normalised, pooled) in convolutions {
        let conv = format!("conv{number}");
        x = net.grouped_conv(&conv, x, channels, window, groups);
        x = net.relu(&format!("relu{number}"), x);
        net.stage(&conv, x);
        if normalised {
            x = net.node(&format!("norm{number}"), normalisation(), &[x]);
        }
        if pooled {
            x = net.max_pool(&format!("pool{number}"), x, POOL, false);
        }
    }
    super::zfnet::fully_connected(net, x, 4096)
}
