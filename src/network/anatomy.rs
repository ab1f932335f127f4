//! A finished network with what its graph tells, computed once.

use base::Result;

use super::receptive_field::{self, Field};
use super::shape::{self, Shape};
use super::{gates, reach, Network};

/// A network that does not change any more, and what follows from its graph alone, node by node.
#[derive(Debug, Clone, PartialEq)]
pub struct Anatomy {
    network: Network,
    shapes: Vec<Shape>,
    fields: Vec<Field>,
    signal_fields: Vec<Field>,
    held: Vec<Option<usize>>,
    walls: Vec<Option<&'static str>>,
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
        let held = gates::held(&network, &shapes);
        let walls = reach::walls(&network, &held);
        Ok(Self {
            fields: receptive_field::fields(&network, &shapes, None),
            signal_fields: receptive_field::fields(&network, &shapes, Some(&held)),
            blocked: reach::blocked(&network, &held, &walls),
            held,
            walls,
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

    /// The receptive fields of each node's signals on their way back to the pixels: what is held constant on the way, gates and
    /// an image's own statistics, does not widen them. The same as [`Self::fields`] where there is nothing of that kind.
    pub fn signal_fields(&self) -> &[Field] {
        &self.signal_fields
    }

    /// The input of a product that is its gate, or of a quotient what is divided by: held constant on the way back to the
    /// pixels.
    pub fn held(&self, node: usize) -> Option<usize> {
        self.held[node].map(|place| self.network.nodes[node].inputs[place])
    }

    /// The inputs of a node that a signal on its way back to the pixels goes on to.
    pub fn signals(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        reach::signals(&self.network.nodes[node], self.held[node])
    }

    /// Why no projection goes through a node's own op, in words; `None` where one does.
    pub fn wall(&self, node: usize) -> Option<&'static str> {
        self.walls[node]
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
