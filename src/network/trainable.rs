//! A network that is going to be trained: its batch norms not folded, its last layer as wide as there are classes.

use std::collections::BTreeSet;

use base::{Error, Result};

use super::edit::Edits;
use super::head::Head;
use super::model::ModelSource;
use super::origin::Origin;
use super::weights::Weights;
use super::{shape, zoo, Changes, Network, Node, Op, Preset, Scores};

/// A network, and the trained weights that it begins with, where there are any.
#[derive(Debug, Clone)]
pub struct Trainable {
    /// The network.
    pub network: Network,
    /// Weights that fit it; those of a last layer for other classes are left out. Empty where it begins anew.
    pub weights: Weights,
    /// sha256 of the file of the weights; empty where it begins anew.
    pub sha256: String,
    /// How its weights are used to get photographs: a family, and what differs from it.
    pub inputs: (Preset, Changes),
    /// What was assumed, to be said aloud.
    pub notes: Vec<String>,
}

impl Trainable {
    /// Finds a network of the zoo, without trained weights unless they are named, or one of a file with its weights.
    ///
    /// # Errors
    /// Those of [`super::Model::load`] as far as they concern the network; [`Error::Network`] for one without a classifier.
    pub fn of(source: &ModelSource, classes: usize) -> Result<Self> {
        let mut trainable = match (zoo::find(&source.name), &source.weights) {
            (Ok(entry), None) => Self {
                network: entry.network(),
                weights: Weights::new(),
                sha256: String::new(),
                inputs: (entry.preset, entry.preprocessing),
                notes: Vec::new(),
            },
            _ => Self::of_origin(source)?,
        };
        let last = trainable.sized(classes)?;
        if !trainable.drop_unfit()?.is_empty() {
            trainable.notes.push(format!(
                "its last layer, {last}, is for other classes: it begins anew with {classes}"
            ));
        }
        Ok(trainable)
    }

    /// The same with an edited network; layers whose weights do not fit it any more begin anew.
    ///
    /// # Errors
    /// Those of [`Network::edited`].
    pub fn edited(mut self, edits: &Edits) -> Result<Self> {
        if edits.is_empty() {
            return Ok(self);
        }
        self.network = self.network.edited(edits)?;
        let anew = self.drop_unfit()?;
        let layers: BTreeSet<&str> = anew
            .iter()
            .filter_map(|name| Some(name.rsplit_once('.')?.0))
            .collect();
        let still = |name: &&&str| self.network.nodes.iter().any(|node| node.name == **name);
        let anew: Vec<&str> = layers.iter().filter(still).copied().collect();
        if !anew.is_empty() {
            let note = format!(
                "weights that do not fit {} any more begin anew: {}",
                self.network.name,
                anew.join(", ")
            );
            self.notes.push(note);
        }
        Ok(self)
    }

    /// Leaves out weights that do not fit the network; tells their names.
    fn drop_unfit(&mut self) -> Result<Vec<String>> {
        let wanted = shape::parameters(&self.network, &shape::shapes(&self.network)?);
        let fits = |name: &String, shape: &[usize]| {
            let found = wanted.iter().find(|parameter| parameter.name == *name);
            found.is_some_and(|parameter| parameter.shape == shape)
        };
        let unfit = self
            .weights
            .iter()
            .filter(|(name, array)| !fits(name, &array.shape));
        let unfit: Vec<String> = unfit.map(|(name, _)| name.clone()).collect();
        for name in &unfit {
            self.weights.remove(name);
        }
        Ok(unfit)
    }

    fn of_origin(source: &ModelSource) -> Result<Self> {
        let origin = Origin::of(source)?;
        let (toml, description) = origin.description()?;
        let told = (toml.as_path(), description.as_ref());
        let description = description.clone().unwrap_or_default();
        let reading = origin.reading(source, &description, None)?;
        let found = origin.read(&description, &reading)?;
        let (preset, changes, note) = source.inputs(&origin, told, found.normalised.as_ref());
        Ok(Self {
            network: found.network,
            weights: found.weights,
            sha256: found.sha256,
            inputs: (preset, changes),
            notes: found.notes.into_iter().chain(note).collect(),
        })
    }

    /// Makes the last layer as wide as there are classes; tells its name.
    fn sized(&mut self, classes: usize) -> Result<String> {
        let network = &mut self.network;
        let refused = |network: &Network, problem: &str| Error::Network {
            network: network.name.clone(),
            node: network
                .nodes
                .last()
                .map_or_else(String::new, |node| node.name.clone()),
            problem: problem.into(),
        };
        if network.scores != Some(Scores::Softmax) {
            return Err(refused(
                network,
                "is no Softmax over classes at the end, which training a classifier needs",
            ));
        }
        let head = Head::of(network).map(|head| head.last(network).to_owned());
        let Some(last) = head else {
            return Err(refused(
                network,
                "has no layer that could tell classes apart",
            ));
        };
        for node in &mut network.nodes {
            match &mut node.op {
                Op::Linear { features } if node.name == last => *features = classes,
                Op::Conv { channels, .. } if node.name == last => *channels = classes,
                _ => {}
            }
        }
        let shapes = shape::shapes(network)?;
        match shapes.last().map(|output| output.channels) == Some(classes) {
            true => Ok(last),
            false => Err(refused(network, "has more behind its last layer than training can make as wide as there are classes")),
        }
    }
}

impl Network {
    /// The same network behind a shift of its input, cell by cell, by the parameter `NAME.bias`.
    pub fn behind_shift(mut self, name: &str) -> Self {
        let shift = Node {
            name: name.to_owned(),
            op: Op::Shift {
                shape: self.input.axes(),
            },
            inputs: vec![0],
        };
        for node in self.nodes.iter_mut().skip(1) {
            node.inputs.iter_mut().for_each(|input| *input += 1);
        }
        self.nodes.insert(1, shift);
        self.stages.iter_mut().for_each(|stage| stage.node += 1);
        self
    }
}
