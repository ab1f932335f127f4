//! The head of a network of the zoo as a checkpoint has it: people put other classes, or layers of their own, in the place
//! of the last layer.

mod modules;

use super::shape::{self, Parameter, Shape};
use super::{Network, Node, Op, Window};
use base::Result;
use modules::{gap, Kind, Module};

/// The part of a network that people replace: all that is named like its last layer, up to the first dot (`fc`,
/// `classifier`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Its name.
    pub(super) root: String,
    /// Of the last node that has parameters.
    last: usize,
}

/// A network with the head that a checkpoint has.
#[derive(Debug, PartialEq)]
pub(super) struct Fitted {
    pub(super) network: Network,
    /// What was assumed of it.
    pub(super) note: Option<String>,
}

/// Names and shapes of tensors, in the order of their file.
pub(super) type Tensors = [(String, Vec<usize>)];

impl Head {
    /// The head of a network; `None` where nothing has parameters.
    pub(super) fn of(network: &Network) -> Option<Self> {
        let has_parameters = |node: &Node| matches!(node.op, Op::Linear { .. } | Op::Conv { .. });
        let last = network.nodes.iter().rposition(has_parameters)?;
        let root = network.nodes[last].name.split('.').next()?.to_owned();
        Some(Self { root, last })
    }

    /// The name of its last layer.
    pub(super) fn last<'a>(&self, network: &'a Network) -> &'a str {
        &network.nodes[self.last].name
    }

    /// Whether a tensor, module or node belongs to it.
    pub(super) fn holds(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&*self.root);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The parameters of the rest of the network.
    ///
    /// # Errors
    /// Those of [`shape::shapes`].
    pub(super) fn body(&self, network: &Network) -> Result<Vec<Parameter>> {
        let mut parameters = shape::parameters(network, &shape::shapes(network)?);
        parameters.retain(|parameter| !self.holds(&parameter.name));
        Ok(parameters)
    }

    /// Gives the network the head whose tensors these are: as many classes as the last layer has rows, and the layers of
    /// a Sequential. Between two linear layers that do not follow each other directly a ReLU is assumed.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub(super) fn fit(&self, mut network: Network, found: &Tensors) -> Result<Fitted, String> {
        let shapes = shape::shapes(&network).map_err(|error| error.to_string())?;
        let (cut, modules) = modules::of(found)
            .and_then(|modules| self.cut(&network, &shapes, modules))
            .map_err(|problem| self.refusal(&network, &shapes, &problem, found))?;
        let above = network.nodes.split_off(cut);
        let tail = above.into_iter().skip(self.last + 1 - cut);
        let rectified = push(&mut network.nodes, &modules);
        // What lies above the last layer is a chain in every network of the zoo.
        let moved = network.nodes.len() as isize - (self.last + 1) as isize;
        for mut node in tail {
            node.inputs = vec![network.nodes.len() - 1];
            network.nodes.push(node);
        }
        network
            .stages
            .retain(|stage| stage.node < cut || stage.node > self.last);
        for stage in &mut network.stages {
            if stage.node > self.last {
                stage.node = stage.node.saturating_add_signed(moved);
            }
        }
        shape::shapes(&network).map_err(|error| error.to_string())?;
        Ok(Fitted {
            network,
            note: note(&modules, &rectified),
        })
    }

    /// The first node that is replaced, and the modules that come in its place: those from the last layer on where the
    /// others are the network's own, else all.
    fn cut(
        &self,
        network: &Network,
        shapes: &[Shape],
        mut modules: Vec<Module>,
    ) -> Result<(usize, Vec<Module>), String> {
        let first = network
            .nodes
            .iter()
            .position(|node| self.holds(&node.name))
            .unwrap_or(self.last);
        let own = |index: usize| {
            Module::of(
                &network.nodes[index],
                &shapes[network.nodes[index].inputs[0]],
            )
        };
        let before: Vec<Module> = (first..self.last).filter_map(own).collect();
        // Files without an order have modules by the alphabet.
        let place = |module: &Module| before.iter().position(|own| own.name == module.name);
        modules.sort_by_key(|module| place(module).unwrap_or(before.len()));
        let mut cut = first;
        let last = &network.nodes[self.last].name;
        if modules.len() > before.len() && modules.starts_with(&before) {
            let next = &modules[before.len()].name;
            if next == last
                || next
                    .strip_prefix(&**last)
                    .is_some_and(|rest| rest.starts_with('.'))
            {
                modules.drain(..before.len());
                cut = self.last;
            }
        }
        let given = shapes[network.nodes[cut].inputs[0]];
        self.follows(network, given, &modules)?;
        Ok((cut, modules))
    }

    /// Whether each module takes what the one before it gives.
    fn follows(&self, network: &Network, given: Shape, modules: &[Module]) -> Result<(), String> {
        let of_maps = matches!(network.nodes[self.last].op, Op::Conv { .. });
        let mut width = given.channels;
        for Module { name, kind } in modules {
            let (takes, gives) = match *kind {
                Kind::Linear { takes, gives } if !of_maps => (takes, gives),
                Kind::Conv { takes, gives, .. } if of_maps => (takes, gives),
                Kind::Norm { features } | Kind::LayerNorm { features } => (features, features),
                Kind::Linear { .. } | Kind::Conv { .. } => {
                    let what = kind.describe();
                    return Err(format!("'{name}' is {what}, which does not take {given}"));
                }
            };
            if takes != width {
                return Err(format!(
                    "'{name}' takes {takes} features, and {width} come to it (at another --crop than it was trained with?)"
                ));
            }
            width = gives;
        }
        match modules.iter().any(|module| module.kind.is_layer()) {
            true => Ok(()),
            false => Err("it has no layer with weights".into()),
        }
    }

    fn refusal(
        &self,
        network: &Network,
        shapes: &[Shape],
        problem: &str,
        found: &Tensors,
    ) -> String {
        let last = &network.nodes[self.last];
        let given = shapes[last.inputs[0]];
        let square = match last.op {
            Op::Conv { .. } => ", 1, 1",
            _ => "",
        };
        format!(
            "its head '{}' is none that is understood: {problem}; expected {}.weight [classes, {}{square}], or linear layers of a Sequential in its place, found {}",
            self.root,
            last.name,
            given.channels,
            listed(found),
        )
    }
}

/// Appends modules to a network; tells after which of them a ReLU was put.
fn push(nodes: &mut Vec<Node>, modules: &[Module]) -> Vec<bool> {
    let mut rectified = vec![false; modules.len()];
    // The last layer of which no one knows yet what comes after it.
    let mut open: Option<usize> = None;
    for (at, module) in modules.iter().enumerate() {
        let between = match at {
            0 => Some(0),
            _ => gap(&modules[at - 1].name, &module.name),
        };
        // A normalisation whose place is not told comes directly after a layer.
        let unknown = usize::from(module.kind.is_layer());
        if let Some(layer) = open.filter(|_| between.unwrap_or(unknown) > 0) {
            rectified[at - 1] = true;
            append(nodes, format!("{}.relu", modules[layer].name), Op::Relu);
            open = None;
        }
        let op = match module.kind {
            Kind::Linear { gives, .. } => Op::Linear { features: gives },
            Kind::Conv { gives, bias, .. } => Op::Conv {
                window: Window::square(1, 1, 0),
                channels: gives,
                groups: 1,
                bias,
            },
            Kind::Norm { .. } => Op::BatchNorm { epsilon: EPSILON },
            Kind::LayerNorm { .. } => Op::LayerNorm { epsilon: EPSILON },
        };
        append(nodes, module.name.clone(), op);
        if let Kind::LayerNorm { features } = module.kind {
            let shape = [features, 1, 1];
            append(nodes, format!("{}@scale", module.name), Op::Scale { shape });
            append(nodes, format!("{}@shift", module.name), Op::Shift { shape });
        }
        if module.kind.is_layer() {
            open = Some(at);
        }
    }
    rectified
}

/// PyTorch's, where nothing else is told.
const EPSILON: f64 = 1e-5;

fn append(nodes: &mut Vec<Node>, name: String, op: Op) {
    let inputs = vec![nodes.len() - 1];
    nodes.push(Node { name, op, inputs });
}

fn note(modules: &[Module], rectified: &[bool]) -> Option<String> {
    if modules.len() < 2 {
        return None;
    }
    let each = modules.iter().zip(rectified);
    let steps: Vec<String> = each
        .map(|(module, rectified)| match rectified {
            true => format!("{}, ReLU", module.shown()),
            false => module.shown(),
        })
        .collect();
    Some(format!(
        "the head is taken for {}; a state dict does not tell what lies between: where that is something else, export the network to ONNX",
        steps.join(", ")
    ))
}

/// So many tensors are named.
const NAMED: usize = 8;

/// Tensors with their shapes, for a message.
pub(super) fn listed(tensors: &Tensors) -> String {
    if tensors.is_empty() {
        return "nothing".into();
    }
    let first = tensors.iter().take(NAMED);
    let mut text: Vec<String> = first
        .map(|(name, shape)| format!("{name} {shape:?}"))
        .collect();
    if tensors.len() > NAMED {
        text.push(format!("{} more", tensors.len() - NAMED));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests;
