//! Small networks drawn by lot: a seed is a case.

use deconvscope::network::shape::Shape;
use deconvscope::network::{
    Anatomy, Axis, Builder, Coordinates, Curve, Filter, Nearest, Network, Op, Pairing, Reduction,
    Resampling, Window,
};

use super::random::Random;

/// More cells has no node: it is to be quick.
const MOST_CELLS: usize = 4000;

/// Grows a network node by node; what does not fit together is not added.
pub(crate) struct Drawing<'a> {
    random: &'a mut Random,
    network: Network,
    shapes: Vec<Shape>,
    /// Whether ops of today's networks are drawn too.
    today: bool,
}

impl Random {
    pub(crate) fn count(&mut self, low: usize, high: usize) -> usize {
        self.whole(low as i64, high as i64) as usize
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.whole(0, 1) == 1
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }
}

/// A network of branches over an input that need not be square, with one of several ends.
pub(crate) fn network(random: &mut Random) -> Network {
    drawn(random, false)
}

/// Likewise, every other op one of today's networks: smooth rectifiers, norms, resampling, transposed convolutions.
pub(crate) fn today(random: &mut Random) -> Network {
    drawn(random, true)
}

fn drawn(random: &mut Random, today: bool) -> Network {
    let input = [random.count(1, 4), random.count(5, 20), random.count(5, 20)];
    let network = Builder::of("drawn", Shape::of(input)).finish();
    let nodes = random.count(3, 11);
    let mut drawing = Drawing {
        random,
        shapes: vec![network.input],
        network,
        today,
    };
    // What does not fit is drawn again, but not for ever.
    for _ in 0..4 * nodes {
        if drawing.network.nodes.len() <= nodes {
            drawing.grow();
        }
    }
    drawing.end();
    drawing.network
}

impl Drawing<'_> {
    fn last(&self) -> usize {
        self.network.nodes.len() - 1
    }

    /// A node to read: often the last.
    fn any(&mut self) -> usize {
        let last = self.last();
        match self.random.whole(0, 2) {
            0 => self.random.count(0, last),
            _ => last,
        }
    }

    /// Adds a node where it fits.
    fn add(&mut self, op: Op, inputs: &[usize]) -> Option<usize> {
        let index = self.network.nodes.len();
        self.network.nodes.push(deconvscope::network::Node {
            name: format!("{index}"),
            op,
            inputs: inputs.to_vec(),
        });
        match Anatomy::of(self.network.clone()) {
            Ok(anatomy) if anatomy.shapes()[index].cells() <= MOST_CELLS => {
                self.shapes.push(anatomy.shapes()[index]);
                Some(index)
            }
            _ => {
                self.network.nodes.pop();
                None
            }
        }
    }

    /// Another node that may be computed with: of the same rows and columns, or repeated over them.
    fn partner(&mut self, of: usize, fits: impl Fn(Shape, Shape) -> bool) -> usize {
        let fitting: Vec<usize> = (0..self.shapes.len())
            .filter(|&node| fits(self.shapes[of], self.shapes[node]))
            .collect();
        fitting[self.random.count(0, fitting.len() - 1)]
    }

    fn window(&mut self, most: usize, dilated: bool) -> Window {
        let random = &mut *self.random;
        let kernel = [random.count(1, most), random.count(1, most)];
        let mut pair = |low: usize, high: usize| [random.count(low, high), random.count(low, high)];
        Window {
            kernel,
            stride: pair(1, 3),
            dilation: pair(1, if dilated { 3 } else { 1 }),
            padding: [0; 2],
        }
    }

    fn convolution(&mut self, x: usize) -> Option<usize> {
        let channels_in = self.shapes[x].channels;
        let mut window = self.window(4, true);
        window.padding = [self.random.count(0, 3), self.random.count(0, 3)];
        if self.random.whole(0, 4) == 0 {
            window = Window::square(1, 1, 0);
        }
        let (groups, channels) = match self.random.whole(0, 3) {
            0 => (channels_in, channels_in * self.random.count(1, 2)),
            1 if channels_in.is_multiple_of(2) => (2, 2 * self.random.count(1, 3)),
            _ => (1, self.random.count(1, 6)),
        };
        let bias = self.random.coin();
        let op = Op::Conv {
            window,
            channels,
            groups,
            bias,
        };
        self.add(op, &[x])
    }

    fn pooling(&mut self, x: usize) -> Option<usize> {
        let largest = self.random.coin();
        let mut window = self.window(4, largest);
        let [high, wide] = window.kernel.map(|cells| cells / 2);
        window.padding = [self.random.count(0, high), self.random.count(0, wide)];
        let (ceil, padding_counts) = (self.random.coin(), self.random.coin());
        let op = match largest {
            true => Op::MaxPool { window, ceil },
            false => Op::AveragePool {
                window,
                ceil,
                padding_counts,
            },
        };
        self.add(op, &[x])
    }

    fn cell_by_cell(&mut self, x: usize) -> Option<usize> {
        let channels = self.shapes[x].channels;
        let random = &mut *self.random;
        let op = match random.whole(0, 9) {
            0..=2 => Op::Relu,
            3 => Op::LeakyRelu { slope: 0.2 },
            4 => Op::Clip {
                min: -0.5,
                max: 0.8,
            },
            5 => Op::Curve(match random.whole(0, 3) {
                0 => Curve::Sigmoid,
                1 => Curve::HardSigmoid {
                    slope: 0.3,
                    offset: 0.4,
                },
                2 => Curve::HardSwish,
                _ => Curve::Tanh,
            }),
            6 => Op::Lrn {
                size: random.count(1, channels.min(5)),
                alpha: random.between(0.0, 1.0),
                beta: 0.75,
                k: random.between(1.0, 2.0),
            },
            7 => Op::Dropout,
            _ => Op::BatchNorm { epsilon: 1e-3 },
        };
        self.add(op, &[x])
    }

    /// A scale or a shift by one number, or for each map, row, column or cell.
    fn parameter(&mut self, x: usize) -> Option<usize> {
        let mut shape = self.shapes[x].axes();
        if self.random.coin() {
            (shape[1], shape[2]) = (1, 1);
        }
        for length in &mut shape {
            if self.random.whole(0, 3) == 0 {
                *length = 1;
            }
        }
        let op = match self.random.coin() {
            true => Op::Scale { shape },
            false => Op::Shift { shape },
        };
        self.add(op, &[x])
    }

    /// Two or three branches added, stacked, multiplied or divided.
    fn join(&mut self, x: usize) -> Option<usize> {
        let same_size = |a: Shape, b: Shape| (a.height, a.width) == (b.height, b.width);
        let repeated = |a: Shape, b: Shape| {
            let axes = a.axes().into_iter().zip(b.axes());
            axes.clone().all(|(a, b)| a == b || a == 1 || b == 1)
        };
        match self.random.whole(0, 4) {
            0 => {
                let mut inputs = vec![x, self.partner(x, same_size)];
                if self.random.coin() {
                    inputs.push(self.partner(x, same_size));
                }
                self.add(Op::Concat, &inputs)
            }
            1 | 2 => {
                let mut inputs = vec![x, self.partner(x, repeated)];
                if self.random.coin() {
                    inputs.push(self.partner(x, repeated));
                }
                if self.random.coin() {
                    inputs.reverse();
                }
                self.add(Op::Add, &inputs)
            }
            3 => {
                let gate = self.partner(x, repeated);
                let gate = match self.random.coin() {
                    true => self.add(Op::GlobalAveragePool, &[x])?,
                    false => gate,
                };
                let gate = self.add(Op::Curve(Curve::Sigmoid), &[gate])?;
                self.add(Op::Multiply, &[x, gate])
            }
            _ => {
                let below = self.partner(x, repeated);
                let clip = Op::Clip { min: 0.5, max: 2.0 };
                let below = self.add(clip, &[below])?;
                self.add(Op::Divide, &[x, below])
            }
        }
    }

    fn moved(&mut self, x: usize) -> Option<usize> {
        let axes = self.shapes[x].axes();
        let random = &mut *self.random;
        let op = match random.whole(0, 9) {
            0..=3 => {
                let mut edge =
                    |low: i64, high: i64| [random.whole(low, high), random.whole(low, high)];
                let edges = [edge(-1, 1), edge(-3, 3), edge(-3, 3)];
                Op::Pad {
                    edges,
                    value: random.between(-0.5, 0.5),
                }
            }
            4..=7 => {
                let (axis, number) = match random.whole(0, 3) {
                    0 => (Axis::Rows, 1),
                    1 => (Axis::Columns, 2),
                    _ => (Axis::Channels, 0),
                };
                let count = random.count(1, axes[number] + 1);
                let mut index = |_| random.count(0, axes[number] - 1);
                let indices = (0..count).map(&mut index).collect();
                Op::Select { axis, indices }
            }
            8 => Op::Permute {
                order: [[0, 2, 1], [2, 0, 1], [1, 0, 2]][random.count(0, 2)],
            },
            _ => Op::Reshape {
                shape: Shape::of([axes[0], axes[2], axes[1]]),
            },
        };
        self.add(op, &[x])
    }

    /// An axis resampled to any length.
    fn resampling(&mut self, length: usize) -> Resampling {
        let random = &mut *self.random;
        let to = random.count(1, 2 * length + 1);
        let scale = match random.coin() {
            true => to as f64 / length as f64,
            // Lengths are rounded down.
            false => (to as f64 + 0.4) / length as f64,
        };
        let coordinates = [
            Coordinates::HalfPixel,
            Coordinates::HalfPixelSymmetric,
            Coordinates::PytorchHalfPixel,
            Coordinates::AlignCorners,
            Coordinates::Asymmetric,
            Coordinates::TfHalfPixelForNn,
            Coordinates::Part {
                start: 0.2,
                end: 0.9,
            },
        ][random.count(0, 6)];
        let nearest = |rounding| Filter::Nearest { rounding };
        let filter = [
            nearest(Nearest::PreferFloor),
            nearest(Nearest::PreferCeil),
            nearest(Nearest::Floor),
            nearest(Nearest::Ceil),
            Filter::Linear,
            Filter::Linear,
            Filter::Cubic { coefficient: -0.75 },
        ][random.count(0, 6)];
        match random.whole(0, 4) {
            0 => Resampling::none(length),
            _ => Resampling {
                length: to,
                scale,
                coordinates,
                filter,
                antialias: random.coin(),
                exclude_outside: random.coin(),
            },
        }
    }

    fn transposed(&mut self, x: usize) -> Option<usize> {
        let channels_in = self.shapes[x].channels;
        let mut window = self.window(4, true);
        let random = &mut *self.random;
        window.padding = [random.count(0, 2), random.count(0, 2)];
        let left_over = [0, 1].map(|axis| random.count(0, window.stride[axis] - 1));
        let groups = if random.coin() { channels_in } else { 1 };
        let op = Op::ConvTranspose {
            window,
            left_over,
            channels: groups * random.count(1, 3),
            groups,
            bias: random.coin(),
        };
        self.add(op, &[x])
    }

    fn smooth(&mut self, x: usize) -> Option<usize> {
        let curves = [
            Curve::Elu {
                alpha: 0.8,
                scale: 1.05,
                width: 0.7,
            },
            Curve::Softplus,
            Curve::Softsign,
            Curve::Silu { slope: 1.0 },
            Curve::Mish,
            Curve::Gelu { tanh: false },
            Curve::Gelu { tanh: true },
            Curve::Abs,
            Curve::Erf,
        ];
        let of_positive = [
            Curve::Sqrt,
            Curve::Exp,
            Curve::Log,
            Curve::Reciprocal,
            Curve::Power { exponent: 1.5 },
        ];
        match self.random.whole(0, 6) {
            0 => {
                let positive = Op::Clip { min: 0.5, max: 2.0 };
                let positive = self.add(positive, &[x])?;
                let curve = of_positive[self.random.count(0, 4)];
                self.add(Op::Curve(curve), &[positive])
            }
            1 => {
                let mut shape = self.shapes[x].axes();
                if self.random.coin() {
                    (shape[1], shape[2]) = (1, 1);
                }
                self.add(Op::PRelu { shape }, &[x])
            }
            _ => {
                let curve = curves[self.random.count(0, 8)];
                self.add(Op::Curve(curve), &[x])
            }
        }
    }

    fn normed(&mut self, x: usize) -> Option<usize> {
        let channels = self.shapes[x].channels;
        let epsilon = 1e-3;
        let op = match self.random.whole(0, 4) {
            0 => Op::GroupNorm {
                groups: channels,
                epsilon,
            },
            1 => Op::GroupNorm { groups: 1, epsilon },
            2 => Op::ReduceChannels {
                by: Reduction::Mean,
            },
            3 => Op::ReduceChannels {
                by: Reduction::Maximum,
            },
            _ => Op::LayerNorm { epsilon },
        };
        self.add(op, &[x])
    }

    /// Values chosen of two branches, or of one and constants.
    fn chosen(&mut self, x: usize) -> Option<usize> {
        let repeated = |a: Shape, b: Shape| {
            let axes = a.axes().into_iter().zip(b.axes());
            axes.clone().all(|(a, b)| a == b || a == 1 || b == 1)
        };
        let mut shape = self.shapes[x].axes();
        if self.random.coin() {
            shape[0] = 1;
        }
        let constant = self.add(Op::Constant { shape }, &[x])?;
        let other = match self.random.coin() {
            true => constant,
            false => self.partner(x, repeated),
        };
        match self.random.whole(0, 2) {
            0 => {
                let by = Pairing::Greater;
                let condition = self.add(Op::Pairwise { by }, &[x, constant])?;
                self.add(Op::Choose, &[condition, x, other])
            }
            1 => {
                let by = Pairing::Maximum;
                self.add(Op::Pairwise { by }, &[x, other])
            }
            _ => {
                let by = Pairing::Minimum;
                self.add(Op::Pairwise { by }, &[other, x])
            }
        }
    }

    fn grow(&mut self) {
        let x = self.any();
        if self.today && self.random.coin() {
            let _ = match self.random.whole(0, 7) {
                0 | 1 => self.transposed(x),
                2 | 3 => {
                    let Shape { height, width, .. } = self.shapes[x];
                    let axes = [self.resampling(height), self.resampling(width)];
                    self.add(Op::Resample { axes }, &[x])
                }
                4 | 5 => self.smooth(x),
                6 => self.normed(x),
                _ => self.chosen(x),
            };
            return;
        }
        let _ = match self.random.whole(0, 15) {
            0..=5 => self.convolution(x),
            6..=7 => self.pooling(x),
            8..=10 => self.cell_by_cell(x),
            11 => self.parameter(x),
            12..=13 => self.join(x),
            _ => self.moved(x),
        };
    }

    /// Nothing, a mean or a flat vector, then perhaps linear layers, then perhaps probabilities.
    fn end(&mut self) {
        let x = self.last();
        let vector = match self.random.whole(0, 3) {
            0 => None,
            1 => self.add(Op::GlobalAveragePool, &[x]),
            _ => self.add(Op::Flatten, &[x]),
        };
        if vector.is_some() {
            for _ in 0..self.random.count(0, 2) {
                let features = self.random.count(2, 7);
                self.add(Op::Linear { features }, &[self.last()]);
                if self.random.coin() {
                    self.add(Op::Relu, &[self.last()]);
                    self.add(Op::Dropout, &[self.last()]);
                }
            }
        }
        if self.random.coin() {
            self.add(Op::Softmax, &[self.last()]);
        }
    }
}
