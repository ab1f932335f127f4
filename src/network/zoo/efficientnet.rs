//! EfficientNet: gated inverted blocks whose widths, depths and input grow together (Tan & Le 2019, 2021).

use super::inverted::{Inverted, SIGMOID, SILU};
use super::{of_eight, Names};
use crate::{Builder, Network, Op, Window};

const ONE: Window = Window::square(1, 1, 0);
const HALVING: Window = Window::square(3, 2, 1);

/// A group of blocks: by how much they widen, kernel, stride of the first, maps, and how many.
type Group = [usize; 5];

/// Of B0.
const GROUPS: [Group; 7] = [
    [1, 3, 1, 16, 1],
    [6, 3, 2, 24, 2],
    [6, 5, 2, 40, 2],
    [6, 3, 2, 80, 3],
    [6, 5, 1, 112, 3],
    [6, 5, 2, 192, 4],
    [6, 3, 1, 320, 1],
];

/// So many times as wide and as deep as B0, for an input of so many pixels a side.
pub(super) fn b(name: &str, side: usize, width: f64, depth: f64, names: Names) -> Network {
    let wide = |maps: usize| of_eight(maps as f64 * width);
    let mut net = Trunk::new(name, side, names, 1e-5);
    let mut x = net.stem(wide(32));
    for (number, [widening, kernel, stride, maps, blocks]) in (1..).zip(GROUPS) {
        let blocks = (blocks as f64 * depth).ceil() as usize;
        let group = [widening, kernel, stride, wide(maps), blocks];
        x = net.group(number, x, group);
    }
    net.end(x, 8, 4 * wide(320))
}

/// V2-S: its first groups filter all maps at once, without a gate.
pub(super) fn v2_s() -> Network {
    let mut net = Trunk::new("efficientnet_v2_s", 384, Names::Torchvision, 1e-3);
    let mut x = net.stem(24);
    let fused = [[1, 3, 1, 24, 2], [4, 3, 2, 48, 4], [4, 3, 2, 64, 4]];
    for (number, group) in (1..).zip(fused) {
        x = net.fused(number, x, group);
    }
    let groups = [[4, 3, 2, 128, 6], [6, 3, 1, 160, 9], [6, 3, 2, 256, 15]];
    for (number, group) in (4..).zip(groups) {
        x = net.group(number, x, group);
    }
    net.end(x, 7, 1280)
}

/// What has been built of a network. Its stages are the widened maps before each drop of resolution, and the last ones.
struct Trunk {
    net: Builder,
    names: Names,
    epsilon: f64,
    /// Maps of the last block.
    maps: usize,
    /// The last rectifier of a block without a gate.
    active: usize,
}

impl Trunk {
    fn new(name: &str, side: usize, names: Names, epsilon: f64) -> Self {
        Self {
            net: Builder::new(name, side),
            names,
            epsilon,
            maps: 0,
            active: 0,
        }
    }

    fn stem(&mut self, maps: usize) -> usize {
        let names = match self.names {
            Names::Torchvision => ["features.0.0", "features.0.1", "features.0.2"],
            Names::Timm => ["conv_stem", "bn1", "act1"],
        };
        self.maps = maps;
        self.rectified(names, 0, maps, HALVING)
    }

    fn group(
        &mut self,
        number: usize,
        input: usize,
        [widening, kernel, stride, maps, blocks]: Group,
    ) -> usize {
        let mut x = input;
        for block in 0..blocks {
            let name = match self.names {
                Names::Torchvision => format!("features.{number}.{block}"),
                Names::Timm => format!("blocks.{}.{block}", number - 1),
            };
            let block = Inverted {
                name,
                names: self.names,
                maps: [self.maps, self.maps * widening, maps],
                kernel,
                stride: if block == 0 { stride } else { 1 },
                squeezed: Some((self.maps / 4).max(1)),
                rectifier: SILU,
                gate: [SILU, SIGMOID],
                epsilon: self.epsilon,
            };
            let (output, widened) = block.build(&mut self.net, x);
            if let (2, Some(widened)) = (block.stride, widened) {
                self.net.stage(&format!("expand{number}"), widened);
            }
            (x, self.maps) = (output, maps);
        }
        x
    }

    fn fused(
        &mut self,
        number: usize,
        input: usize,
        [widening, kernel, stride, maps, blocks]: Group,
    ) -> usize {
        let mut x = input;
        for block in 0..blocks {
            let name = format!("features.{number}.{block}");
            let part = |part: &str| format!("{name}.block.{part}");
            let window = Window::square(kernel, if block == 0 { stride } else { 1 }, kernel / 2);
            if window.stride == [2, 2] {
                self.net.stage(&format!("fused{}", number - 1), self.active);
            }
            let before = x;
            let names = ["0.0", "0.1", "0.2"].map(part);
            let names = names.each_ref().map(String::as_str);
            let wide = if widening == 1 {
                maps
            } else {
                self.maps * widening
            };
            self.active = self.rectified(names, x, wide, window);
            x = match widening {
                1 => self.active,
                _ => {
                    let x = self.active;
                    let names = [&*part("1.0"), &*part("1.1")];
                    self.net.normed_conv(names, x, maps, ONE, 1, self.epsilon)
                }
            };
            if window.stride == [1, 1] && self.maps == maps {
                x = self.net.node(&format!("{name}.add"), Op::Add, &[x, before]);
            }
            self.maps = maps;
        }
        x
    }

    fn end(mut self, input: usize, number: usize, maps: usize) -> Network {
        let (names, last) = match self.names {
            Names::Torchvision => {
                let names = ["0", "1", "2"].map(|part| format!("features.{number}.{part}"));
                (names, "classifier.1")
            }
            Names::Timm => (
                ["conv_head", "bn2", "act2"].map(str::to_owned),
                "classifier",
            ),
        };
        let x = self.rectified(names.each_ref().map(String::as_str), input, maps, ONE);
        self.net.stage("head", x);
        let x = self.net.node("avgpool", Op::GlobalAveragePool, &[x]);
        let x = self.net.node("dropout", Op::Dropout, &[x]);
        self.net.classifier(last, x, 1000)
    }

    fn rectified(
        &mut self,
        [conv, norm, rectifier]: [&str; 3],
        input: usize,
        maps: usize,
        window: Window,
    ) -> usize {
        let names = [conv, norm];
        let x = self
            .net
            .normed_conv(names, input, maps, window, 1, self.epsilon);
        self.net.node(rectifier, SILU, &[x])
    }
}
