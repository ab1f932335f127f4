//! The network of scripts/golden/training.py.

use std::sync::Arc;

use deconvscope::network::{Anatomy, Builder, Op, Window};

pub(crate) fn anatomy() -> Arc<Anatomy> {
    let mut net = Builder::new("small", 27);
    let x = net.normed_conv(["conv1", "bn1"], 0, 8, Window::square(5, 2, 1), 1, 1e-5);
    let x = net.relu("relu1", x);
    let x = net.max_pool("pool1", x, Window::square(3, 2, 0), true);
    let lrn = Op::Lrn {
        size: 5,
        alpha: 5e-4,
        beta: 0.75,
        k: 2.0,
    };
    let x = net.node("norm1", lrn, &[x]);
    let x = net.grouped_conv("conv2", x, 12, Window::square(3, 1, 1), 2);
    let x = net.relu("relu2", x);
    let x = net.average_pool("pool2", x, Window::square(2, 2, 0));
    let x = net.node("flatten", Op::Flatten, &[x]);
    let x = net.linear("fc3", x, 10);
    let x = net.relu("relu3", x);
    let x = net.node("drop3", Op::Dropout, &[x]);
    Arc::new(Anatomy::of(net.classifier("fc4", x, 4)).unwrap())
}
