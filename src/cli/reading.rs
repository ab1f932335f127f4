//! How a network's file is read, as options.

use clap::Args;
use network::{BatchNorm, Scores};

/// What a network's file does not tell of it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Network")]
pub struct ReadingArgs {
    /// What its outputs are: softmax (classes that exclude each other), sigmoid (each class by itself; of one output, whether it is there) or none (numbers shown as they are) [default: as its file tells, else softmax, or sigmoid for one output]
    #[arg(long, value_name = "softmax|sigmoid|none")]
    pub scores: Option<Scores>,
    /// Output of an ONNX graph to use, or any value or node of it [default: of several, the one that looks like scores of classes]
    #[arg(long, value_name = "NAME")]
    pub output_node: Option<String>,
    /// What batch norms normalise by that an ONNX graph has in training mode: running, the statistics that they kept [default: such a graph is refused]
    #[arg(long, value_name = "running")]
    pub batch_norm: Option<BatchNorm>,
}
