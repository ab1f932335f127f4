//! Writes a network down node by node; the zoo's short hand.

use super::shape::Shape;
use super::{Network, Node, Op, Scores, Stage, Window};

/// Builds a [`Network`]; every method adds a node and returns its index.
#[derive(Debug)]
pub struct Builder {
    network: Network,
}

impl Builder {
    /// A network of square colour photographs with its input node, index 0.
    pub fn new(name: &str, side: usize) -> Self {
        Self::of(name, Shape::of([3, side, side]))
    }

    /// A network of any input with its input node, index 0.
    pub fn of(name: &str, input: Shape) -> Self {
        let mut builder = Self {
            network: Network {
                name: name.to_owned(),
                input,
                nodes: Vec::new(),
                stages: Vec::new(),
                scores: None,
            },
        };
        builder.node("input", Op::Input, &[]);
        builder
    }

    /// Adds any node.
    pub fn node(&mut self, name: &str, op: Op, inputs: &[usize]) -> usize {
        self.network.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs: inputs.to_vec(),
        });
        self.network.nodes.len() - 1
    }

    /// A convolution with bias.
    pub fn conv(&mut self, name: &str, input: usize, channels: usize, window: Window) -> usize {
        self.grouped_conv(name, input, channels, window, 1)
    }

    /// A convolution with bias in groups.
    pub fn grouped_conv(
        &mut self,
        name: &str,
        input: usize,
        channels: usize,
        window: Window,
        groups: usize,
    ) -> usize {
        let op = Op::Conv {
            window,
            channels,
            groups,
            bias: true,
        };
        self.node(name, op, &[input])
    }

    /// A convolution without bias and the batch normalisation after it, by their two names.
    pub fn normed_conv(
        &mut self,
        [conv, norm]: [&str; 2],
        input: usize,
        channels: usize,
        window: Window,
        groups: usize,
        epsilon: f64,
    ) -> usize {
        let x = self.plain_conv(conv, input, channels, window, groups);
        self.batch_norm(norm, x, epsilon)
    }

    /// The same and the ReLU behind them, by their three names.
    pub fn rectified_conv(
        &mut self,
        [conv, norm, relu]: [&str; 3],
        input: usize,
        channels: usize,
        window: Window,
        groups: usize,
        epsilon: f64,
    ) -> usize {
        let x = self.normed_conv([conv, norm], input, channels, window, groups, epsilon);
        self.relu(relu, x)
    }

    /// A convolution without bias in groups.
    pub fn plain_conv(
        &mut self,
        name: &str,
        input: usize,
        channels: usize,
        window: Window,
        groups: usize,
    ) -> usize {
        let op = Op::Conv {
            window,
            channels,
            groups,
            bias: false,
        };
        self.node(name, op, &[input])
    }

    /// A batch normalisation.
    pub fn batch_norm(&mut self, name: &str, input: usize, epsilon: f64) -> usize {
        self.node(name, Op::BatchNorm { epsilon }, &[input])
    }

    /// A ReLU.
    pub fn relu(&mut self, name: &str, input: usize) -> usize {
        self.node(name, Op::Relu, &[input])
    }

    /// A ReLU that ends at 6.
    pub fn relu6(&mut self, name: &str, input: usize) -> usize {
        self.node(name, Op::Clip { min: 0.0, max: 6.0 }, &[input])
    }

    /// A max pooling.
    pub fn max_pool(&mut self, name: &str, input: usize, window: Window, ceil: bool) -> usize {
        self.node(name, Op::MaxPool { window, ceil }, &[input])
    }

    /// An average pooling; padding counts, the output size is rounded down.
    pub fn average_pool(&mut self, name: &str, input: usize, window: Window) -> usize {
        let op = Op::AveragePool {
            window,
            ceil: false,
            padding_counts: true,
        };
        self.node(name, op, &[input])
    }

    /// A linear layer with bias.
    pub fn linear(&mut self, name: &str, input: usize, features: usize) -> usize {
        self.node(name, Op::Linear { features }, &[input])
    }

    /// Names a node as a stage that reports show.
    pub fn stage(&mut self, name: &str, node: usize) {
        self.push_stage(name, node, true);
    }

    /// Names a node as a stage that reports show on request only.
    pub fn stage_on_request(&mut self, name: &str, node: usize) {
        self.push_stage(name, node, false);
    }

    fn push_stage(&mut self, name: &str, node: usize, default: bool) {
        self.network.stages.push(Stage {
            name: name.to_owned(),
            node,
            default,
        });
    }

    /// Ends the network with a linear layer and Softmax.
    pub fn classifier(mut self, name: &str, input: usize, classes: usize) -> Network {
        let x = self.linear(name, input, classes);
        self.node("probability", Op::Softmax, &[x]);
        self.finish()
    }

    /// The finished network; a Softmax at its end gives the scores of classes.
    pub fn finish(mut self) -> Network {
        let end = self.network.nodes.last().map(|node| &node.op);
        self.network.scores = Scores::of_end(end);
        self.network
    }
}
