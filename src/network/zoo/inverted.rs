//! The block that small networks are made of: few maps are widened to many, filtered one by one, gated, and narrowed again
//! without a rectifier (Sandler et al. 2018; the gate by squeeze and excitation, Hu et al. 2017).

use super::Names;
use crate::{Builder, Curve, Op, Window};

const ONE: Window = Window::square(1, 1, 0);

/// Such a block.
#[derive(Debug, Clone)]
pub(super) struct Inverted {
    pub(super) name: String,
    pub(super) names: Names,
    /// Maps that come in, in the middle and that go out.
    pub(super) maps: [usize; 3],
    /// Of the filters in the middle.
    pub(super) kernel: usize,
    pub(super) stride: usize,
    /// Maps that the gate sees all in; `None` without one.
    pub(super) squeezed: Option<usize>,
    pub(super) rectifier: Op,
    /// Of the gate, in its middle and at its end.
    pub(super) gate: [Op; 2],
    pub(super) epsilon: f64,
}

/// The names of a block's modules: convolution, normalisation and rectifier of each part.
struct Parts {
    widen: [String; 3],
    filter: [String; 3],
    gate: Gate,
    narrow: [String; 2],
}

/// The names of a gate's modules.
struct Gate {
    whole: String,
    fields: [&'static str; 2],
}

impl Inverted {
    fn is_widened(&self) -> bool {
        self.maps[0] != self.maps[1]
    }

    fn parts(&self) -> Parts {
        let name = &self.name;
        let before = usize::from(self.is_widened());
        let module = |parts: [&str; 3]| parts.map(|part| format!("{name}.{part}"));
        match self.names {
            Names::Torchvision => {
                let numbered = |place: usize| {
                    ["0", "1", "2"].map(|part| format!("{name}.block.{place}.{part}"))
                };
                let behind = before + 1 + usize::from(self.squeezed.is_some());
                let [conv, norm, _] = numbered(behind);
                Parts {
                    widen: numbered(0),
                    filter: numbered(before),
                    gate: Gate {
                        whole: format!("{name}.block.{}", before + 1),
                        fields: ["fc1", "fc2"],
                    },
                    narrow: [conv, norm],
                }
            }
            Names::Timm => {
                let [conv, norm] = match before {
                    0 => ["conv_pw", "bn2"],
                    _ => ["conv_pwl", "bn3"],
                };
                Parts {
                    widen: module(["conv_pw", "bn1", "act1"]),
                    filter: match before {
                        0 => module(["conv_dw", "bn1", "act1"]),
                        _ => module(["conv_dw", "bn2", "act2"]),
                    },
                    gate: Gate {
                        whole: format!("{name}.se"),
                        fields: ["conv_reduce", "conv_expand"],
                    },
                    narrow: [conv, norm].map(|part| format!("{name}.{part}")),
                }
            }
        }
    }

    /// Appends the block; tells its output and, where they are widened, the widened maps.
    pub(super) fn build(&self, net: &mut Builder, input: usize) -> (usize, Option<usize>) {
        let Parts {
            widen,
            filter,
            gate,
            narrow,
        } = self.parts();
        let [maps, wide, narrowed] = self.maps;
        let mut x = input;
        let widened = self.is_widened().then(|| {
            x = self.rectified(net, &widen, x, wide, ONE, 1);
            x
        });
        let window = Window::square(self.kernel, self.stride, (self.kernel - 1) / 2);
        x = self.rectified(net, &filter, x, wide, window, wide);
        if let Some(squeezed) = self.squeezed {
            x = gated(
                net,
                (&gate.whole, gate.fields),
                x,
                [squeezed, wide],
                &self.gate,
            );
        }
        let names = narrow.each_ref().map(String::as_str);
        x = net.normed_conv(names, x, narrowed, ONE, 1, self.epsilon);
        if self.stride == 1 && maps == narrowed {
            x = net.node(&format!("{}.add", self.name), Op::Add, &[x, input]);
        }
        (x, widened)
    }

    fn rectified(
        &self,
        net: &mut Builder,
        [conv, norm, rectifier]: &[String; 3],
        input: usize,
        maps: usize,
        window: Window,
        groups: usize,
    ) -> usize {
        let x = net.normed_conv([conv, norm], input, maps, window, groups, self.epsilon);
        net.node(rectifier, self.rectifier.clone(), &[x])
    }
}

/// Squeeze and excitation: maps times what the mean of all of them makes of each, through so many and back.
pub(super) fn gated(
    net: &mut Builder,
    (name, [first, second]): (&str, [&str; 2]),
    input: usize,
    [squeezed, maps]: [usize; 2],
    [middle, end]: &[Op; 2],
) -> usize {
    let sub = |part: &str| format!("{name}.{part}");
    let mut x = net.node(&sub("avgpool"), Op::GlobalAveragePool, &[input]);
    x = net.conv(&sub(first), x, squeezed, ONE);
    x = net.node(&sub("activation"), middle.clone(), &[x]);
    x = net.conv(&sub(second), x, maps, ONE);
    x = net.node(&sub("gate"), end.clone(), &[x]);
    net.node(name, Op::Multiply, &[input, x])
}

/// SiLU.
pub(super) const SILU: Op = Op::Curve(Curve::Silu { slope: 1.0 });
/// The gates of EfficientNet, RegNetY and others end in it.
pub(super) const SIGMOID: Op = Op::Curve(Curve::Sigmoid);
