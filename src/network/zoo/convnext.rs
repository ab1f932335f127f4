//! ConvNeXt: a ResNet with the parts of a vision transformer, without its attention (Liu et al. 2022).

use super::Names;
use crate::{Builder, Curve, Network, Op, Window};

const EPSILON: f64 = 1e-6;
const ONE: Window = Window::square(1, 1, 0);

/// Maps and blocks of its four groups. The stages are the last widened maps of each group.
pub(super) fn convnext(name: &str, maps: [usize; 4], blocks: [usize; 4], names: Names) -> Network {
    let mut net = Builder::new(name, 224);
    let mut x = 0;
    for (group, (maps, blocks)) in (0..).zip(maps.into_iter().zip(blocks)) {
        x = lowered(&mut net, group, x, maps, names);
        let mut widened = x;
        for block in 0..blocks {
            let name = match names {
                Names::Torchvision => format!("features.{}.{block}", 2 * group + 1),
                Names::Timm => format!("stages.{group}.blocks.{block}"),
            };
            (x, widened) = self::block(&mut net, &name, x, maps, names);
        }
        net.stage(&format!("gelu{}", group + 1), widened);
        net.stage_on_request(&format!("group{}", group + 1), x);
    }
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    let [norm, last] = match names {
        Names::Torchvision => ["classifier.0", "classifier.2"],
        Names::Timm => ["head.norm", "head.fc"],
    };
    x = layer_norm(&mut net, norm, x, maps[3]);
    net.classifier(last, x, 1000)
}

/// Rows and columns by four at the beginning, by two before each other group.
fn lowered(net: &mut Builder, group: usize, input: usize, maps: usize, names: Names) -> usize {
    let part = |part: usize| match (names, group) {
        (Names::Torchvision, _) => format!("features.{}.{part}", 2 * group),
        (Names::Timm, 0) => format!("stem.{part}"),
        (Names::Timm, _) => format!("stages.{group}.downsample.{part}"),
    };
    match group {
        0 => {
            let x = net.conv(&part(0), input, maps, Window::square(4, 4, 0));
            layer_norm(net, &part(1), x, maps)
        }
        _ => {
            let x = layer_norm(net, &part(0), input, maps / 2);
            net.conv(&part(1), x, maps, Window::square(2, 2, 0))
        }
    }
}

/// Filters of single maps, then of single cells, widened in between: the output and the widened maps.
fn block(net: &mut Builder, name: &str, input: usize, maps: usize, names: Names) -> (usize, usize) {
    let parts = match names {
        Names::Torchvision => [
            "block.0",
            "block.2",
            "block.3@cells",
            "block.4",
            "block.5@cells",
            "layer_scale@maps",
        ],
        Names::Timm => [
            "conv_dw",
            "norm",
            "mlp.fc1@cells",
            "mlp.act",
            "mlp.fc2@cells",
            "gamma@vector",
        ],
    };
    let [filter, norm, widen, curve, narrow, scale] = parts.map(|part| format!("{name}.{part}"));
    let mut x = net.grouped_conv(&filter, input, maps, Window::square(7, 1, 3), maps);
    x = layer_norm(net, &norm, x, maps);
    x = net.conv(&widen, x, 4 * maps, ONE);
    let widened = net.node(&curve, Op::Curve(Curve::Gelu { tanh: false }), &[x]);
    x = net.conv(&narrow, widened, maps, ONE);
    let shape = [maps, 1, 1];
    x = net.node(&scale, Op::Scale { shape }, &[x]);
    (
        net.node(&format!("{name}.add"), Op::Add, &[x, input]),
        widened,
    )
}

/// Each cell over its channels, then scaled and shifted map by map.
fn layer_norm(net: &mut Builder, name: &str, input: usize, maps: usize) -> usize {
    let shape = [maps, 1, 1];
    let x = net.node(name, Op::LayerNorm { epsilon: EPSILON }, &[input]);
    let x = net.node(&format!("{name}@scale"), Op::Scale { shape }, &[x]);
    net.node(&format!("{name}@shift"), Op::Shift { shape }, &[x])
}
