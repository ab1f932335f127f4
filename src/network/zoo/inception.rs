//! Inception v3: filters of several sizes side by side, the larger ones taken apart into rows and columns (Szegedy et al. 2015).

use crate::{Builder, Network, Op, Window};

const ONE: Window = Window::square(1, 1, 0);
const THREE: Window = Window::square(3, 1, 1);
const HALVING: Window = Window::square(3, 2, 0);

/// A filter of so many cells in a row, and one of so many below each other.
const fn row(cells: usize) -> Window {
    Window {
        kernel: [1, cells],
        padding: [0, cells / 2],
        ..ONE
    }
}
const fn column(cells: usize) -> Window {
    Window {
        kernel: [cells, 1],
        padding: [cells / 2, 0],
        ..ONE
    }
}

/// torchvision's, without the head that helped in training.
pub(super) fn v3() -> Network {
    let mut net = Builder::new("inception_v3", 299);
    let mut x = conv(&mut net, "Conv2d_1a_3x3", 0, 32, HALVING);
    x = conv(&mut net, "Conv2d_2a_3x3", x, 32, Window::square(3, 1, 0));
    x = conv(&mut net, "Conv2d_2b_3x3", x, 64, THREE);
    net.stage("conv2b", x);
    x = net.max_pool("maxpool1", x, HALVING, false);
    x = conv(&mut net, "Conv2d_3b_1x1", x, 80, ONE);
    x = conv(&mut net, "Conv2d_4a_3x3", x, 192, Window::square(3, 1, 0));
    net.stage("conv4a", x);
    x = net.max_pool("maxpool2", x, HALVING, false);
    for (name, pooled) in [("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)] {
        x = Block::of(&mut net, name, x).fine(pooled);
    }
    net.stage("mixed5d", x);
    x = Block::of(&mut net, "Mixed_6a", x).first_halving();
    for (name, inner) in [
        ("Mixed_6b", 128),
        ("Mixed_6c", 160),
        ("Mixed_6d", 160),
        ("Mixed_6e", 192),
    ] {
        x = Block::of(&mut net, name, x).of_sevens(inner);
    }
    net.stage("mixed6e", x);
    x = Block::of(&mut net, "Mixed_7a", x).second_halving();
    for name in ["Mixed_7b", "Mixed_7c"] {
        x = Block::of(&mut net, name, x).wide();
    }
    net.stage("mixed7c", x);
    x = net.node("avgpool", Op::GlobalAveragePool, &[x]);
    x = net.node("dropout", Op::Dropout, &[x]);
    net.classifier("fc", x, 1000)
}

/// A block of branches, stacked.
struct Block<'n> {
    net: &'n mut Builder,
    name: &'n str,
    input: usize,
}

impl<'n> Block<'n> {
    fn of(net: &'n mut Builder, name: &'n str, input: usize) -> Self {
        Self { net, name, input }
    }

    /// A branch: one convolution behind the other, by what stands behind its name, with maps and window.
    fn branch(&mut self, name: &str, convolutions: &[(&str, usize, Window)]) -> usize {
        let mut x = self.input;
        for (number, channels, window) in convolutions {
            x = self.conv(&format!("{name}{number}"), x, *channels, *window);
        }
        x
    }

    fn conv(&mut self, name: &str, input: usize, channels: usize, window: Window) -> usize {
        conv(
            self.net,
            &format!("{}.{name}", self.name),
            input,
            channels,
            window,
        )
    }

    fn averaged(&mut self, channels: usize) -> usize {
        let x = self
            .net
            .average_pool(&format!("{}.pool", self.name), self.input, THREE);
        self.conv("branch_pool", x, channels, ONE)
    }

    fn halved(&mut self) -> usize {
        self.net
            .max_pool(&format!("{}.pool", self.name), self.input, HALVING, false)
    }

    fn stacked(self, branches: &[usize]) -> usize {
        self.net.node(self.name, Op::Concat, branches)
    }

    fn fine(mut self, pooled: usize) -> usize {
        let five = Window::square(5, 1, 2);
        let branches = [
            self.branch("branch1x1", &[("", 64, ONE)]),
            self.branch("branch5x5", &[("_1", 48, ONE), ("_2", 64, five)]),
            self.branch(
                "branch3x3dbl",
                &[("_1", 64, ONE), ("_2", 96, THREE), ("_3", 96, THREE)],
            ),
            self.averaged(pooled),
        ];
        self.stacked(&branches)
    }

    fn first_halving(mut self) -> usize {
        let branches = [
            self.branch("branch3x3", &[("", 384, HALVING)]),
            self.branch(
                "branch3x3dbl",
                &[("_1", 64, ONE), ("_2", 96, THREE), ("_3", 96, HALVING)],
            ),
            self.halved(),
        ];
        self.stacked(&branches)
    }

    fn of_sevens(mut self, inner: usize) -> usize {
        let (row, column) = (row(7), column(7));
        let once = [("_1", inner, ONE), ("_2", inner, row), ("_3", 192, column)];
        let twice = [
            ("_1", inner, ONE),
            ("_2", inner, column),
            ("_3", inner, row),
            ("_4", inner, column),
            ("_5", 192, row),
        ];
        let branches = [
            self.branch("branch1x1", &[("", 192, ONE)]),
            self.branch("branch7x7", &once),
            self.branch("branch7x7dbl", &twice),
            self.averaged(192),
        ];
        self.stacked(&branches)
    }

    fn second_halving(mut self) -> usize {
        let sevens = [
            ("_1", 192, ONE),
            ("_2", 192, row(7)),
            ("_3", 192, column(7)),
            ("_4", 192, HALVING),
        ];
        let branches = [
            self.branch("branch3x3", &[("_1", 192, ONE), ("_2", 320, HALVING)]),
            self.branch("branch7x7x3", &sevens),
            self.halved(),
        ];
        self.stacked(&branches)
    }

    fn wide(mut self) -> usize {
        let one = self.branch("branch1x1", &[("", 320, ONE)]);
        let x = self.branch("branch3x3", &[("_1", 384, ONE)]);
        let three = self.both(["branch3x3_2a", "branch3x3_2b"], x);
        let x = self.branch("branch3x3dbl", &[("_1", 448, ONE), ("_2", 384, THREE)]);
        let twice = self.both(["branch3x3dbl_3a", "branch3x3dbl_3b"], x);
        let pooled = self.averaged(192);
        self.stacked(&[one, three[0], three[1], twice[0], twice[1], pooled])
    }

    /// By a row and by a column.
    fn both(&mut self, [first, second]: [&str; 2], input: usize) -> [usize; 2] {
        [
            self.conv(first, input, 384, row(3)),
            self.conv(second, input, 384, column(3)),
        ]
    }
}

fn conv(net: &mut Builder, name: &str, input: usize, channels: usize, window: Window) -> usize {
    let names = ["conv", "bn", "relu"].map(|part| format!("{name}.{part}"));
    let names = names.each_ref().map(String::as_str);
    net.rectified_conv(names, input, channels, window, 1, 1e-3)
}
