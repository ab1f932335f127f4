//! MobileNet v3: inverted blocks, some of them gated, with hard curves in the place of smooth ones (Howard et al. 2019).

use super::inverted::Inverted;
use super::{of_eight, Names};
use crate::{Builder, Curve, Network, Op, Window};

const ONE: Window = Window::square(1, 1, 0);
const HARD_SWISH: Op = Op::Curve(Curve::HardSwish);
const HARD_SIGMOID: Op = Op::Curve(Curve::HardSigmoid {
    slope: 1.0 / 6.0,
    offset: 0.5,
});

/// A block: kernel, stride, maps in the middle and that go out, whether it is gated and whether its rectifier is a hard swish.
type Row = (usize, usize, usize, usize, bool, bool);

/// Groups of blocks, as timm counts them.
const SMALL: &[&[Row]] = &[
    &[(3, 2, 16, 16, true, false)],
    &[(3, 2, 72, 24, false, false), (3, 1, 88, 24, false, false)],
    &[
        (5, 2, 96, 40, true, true),
        (5, 1, 240, 40, true, true),
        (5, 1, 240, 40, true, true),
    ],
    &[(5, 1, 120, 48, true, true), (5, 1, 144, 48, true, true)],
    &[
        (5, 2, 288, 96, true, true),
        (5, 1, 576, 96, true, true),
        (5, 1, 576, 96, true, true),
    ],
];

const LARGE: &[&[Row]] = &[
    &[(3, 1, 16, 16, false, false)],
    &[(3, 2, 64, 24, false, false), (3, 1, 72, 24, false, false)],
    &[
        (5, 2, 72, 40, true, false),
        (5, 1, 120, 40, true, false),
        (5, 1, 120, 40, true, false),
    ],
    &[
        (3, 2, 240, 80, false, true),
        (3, 1, 200, 80, false, true),
        (3, 1, 184, 80, false, true),
        (3, 1, 184, 80, false, true),
    ],
    &[(3, 1, 480, 112, true, true), (3, 1, 672, 112, true, true)],
    &[
        (5, 2, 672, 160, true, true),
        (5, 1, 960, 160, true, true),
        (5, 1, 960, 160, true, true),
    ],
];

pub(super) fn small(names: Names) -> Network {
    v3("mobilenet_v3_small", SMALL, [576, 1024], names)
}

pub(super) fn large(names: Names) -> Network {
    v3("mobilenet_v3_large", LARGE, [960, 1280], names)
}

/// The stages are the maps before each drop of resolution, and the last ones.
fn v3(name: &str, groups: &[&[Row]], [last, features]: [usize; 2], names: Names) -> Network {
    // timm's trains with PyTorch's own.
    let epsilon = match names {
        Names::Torchvision => 1e-3,
        Names::Timm => 1e-5,
    };
    let mut net = Builder::new(name, 224);
    let rectified = |net: &mut Builder, names: [&str; 3], x, maps, window| {
        let [conv, norm, rectifier] = names;
        let x = net.normed_conv([conv, norm], x, maps, window, 1, epsilon);
        net.node(rectifier, HARD_SWISH, &[x])
    };
    let stem = match names {
        Names::Torchvision => ["features.0.0", "features.0.1", "features.0.2"],
        Names::Timm => ["conv_stem", "bn1", "act1"],
    };
    let mut x = rectified(&mut net, stem, 0, 16, Window::square(3, 2, 1));
    let (mut maps, mut number) = (16, 1);
    for (group, rows) in groups.iter().enumerate() {
        for (block, &(kernel, stride, wide, narrow, is_gated, is_hard)) in rows.iter().enumerate() {
            let block = Inverted {
                name: match names {
                    Names::Torchvision => format!("features.{number}"),
                    Names::Timm => format!("blocks.{group}.{block}"),
                },
                names,
                maps: [maps, wide, narrow],
                kernel,
                stride,
                squeezed: is_gated.then(|| of_eight(wide as f64 / 4.0)),
                rectifier: if is_hard { HARD_SWISH } else { Op::Relu },
                gate: [Op::Relu, HARD_SIGMOID],
                epsilon,
            };
            let (output, widened) = block.build(&mut net, x);
            match (stride, widened) {
                (2, Some(widened)) => net.stage(&format!("expand{number}"), widened),
                (2, None) => net.stage(&format!("conv{}", number - 1), x),
                _ => {}
            }
            (x, maps, number) = (output, narrow, number + 1);
        }
    }
    let numbered = |part: &str| match names {
        Names::Torchvision => format!("features.{number}.{part}"),
        Names::Timm => {
            let part = ["conv", "bn1", "act"][part.parse().unwrap_or(0)];
            format!("blocks.{}.0.{part}", groups.len())
        }
    };
    let end = ["0", "1", "2"].map(numbered);
    x = rectified(&mut net, end.each_ref().map(String::as_str), x, last, ONE);
    net.stage(&format!("conv{number}"), x);
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    let [hidden, curve, classifier] = match names {
        Names::Torchvision => ["classifier.0", "classifier.1", "classifier.3"],
        Names::Timm => ["conv_head", "act2", "classifier"],
    };
    x = match names {
        Names::Torchvision => net.linear(hidden, x, features),
        Names::Timm => net.conv(hidden, x, features, ONE),
    };
    x = net.node(curve, HARD_SWISH, &[x]);
    x = net.node("dropout", Op::Dropout, &[x]);
    net.classifier(classifier, x, 1000)
}
