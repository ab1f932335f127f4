//! A finished network with what its graph tells, computed once.

use base::Result;

use super::receptive_field::{self, Field};
use super::shape::{self, Shape};
use super::{reach, Network};

/// A network that does not change any more, and what follows from its graph alone, node by node.
#[derive(Debug, Clone, PartialEq)]
pub struct Anatomy {
    network: Network,
    shapes: Vec<Shape>,
    fields: Vec<Field>,
    blocked: Vec<Option<usize>>,
    last_readers: Vec<usize>,
}

impl Anatomy {
    /// Analyses a network.
    ///
    /// # Errors
    /// [`base::Error::Network`] where the inputs of a node do not fit together.
    pub fn of(network: Network) -> Result<Self> {
        let shapes = shape::shapes(&network)?;
        Ok(Self {
            fields: receptive_field::fields(&network, &shapes),
            blocked: reach::blocked(&network),
            last_readers: network.last_readers(),
            shapes,
            network,
        })
    }

    /// The network itself.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The shape of each node's output for one image.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The receptive fields of each node's units. Units of global ops and of linear layers see the whole input. Contrast
    /// normalisation stays within a cell and does not widen a field.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// For each node, the node on one of its ways down to the input that no projection goes through; itself where it is
    /// its own op, `None` where all ways are open.
    pub fn blocked(&self) -> &[Option<usize>] {
        &self.blocked
    }

    /// For each node the last node that reads it; itself where none does.
    pub fn last_readers(&self) -> &[usize] {
        &self.last_readers
    }
}
