//! A network small enough for exhaustive tests that holds every op once.

use super::zfnet::normalisation;
use crate::{Builder, Network, Op, Window};

pub(super) fn tiny() -> Network {
    let mut net = Builder::new("tiny", 32);
    let x = net.conv("conv1", 0, 8, Window::square(5, 2, 2));
    let x = net.relu("relu1", x);
    net.stage("conv1", x);
    let x = net.max_pool("pool1", x, Window::square(3, 2, 0), true);
    let x = net.node("norm1", normalisation(), &[x]);
    let op = Op::Conv {
        window: Window::square(3, 1, 1),
        channels: 8,
        groups: 2,
        bias: false,
    };
    let y = net.node("conv2", op, &[x]);
    let y = net.node("bn2", Op::BatchNorm { epsilon: 1e-5 }, &[y]);
    let y = net.node("add2", Op::Add, &[x, y]);
    let y = net.relu("relu2", y);
    net.stage("conv2", y);
    let left = net.conv("conv3a", y, 4, Window::square(1, 1, 0));
    let left = net.relu("relu3a", left);
    let right = net.conv("conv3b", y, 6, Window::square(3, 1, 1));
    let right = net.relu("relu3b", right);
    let z = net.node("concat3", Op::Concat, &[left, right]);
    net.stage("conv3", z);
    let z = net.average_pool("pool3", z, Window::square(2, 2, 0));
    let z = net.node("flatten", Op::Flatten, &[z]);
    let z = net.linear("fc4", z, 12);
    let z = net.relu("relu4", z);
    net.stage("fc4", z);
    let z = net.node("drop4", Op::Dropout, &[z]);
    net.classifier("fc5", z, 5)
}
