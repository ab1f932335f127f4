//! Which of a graph's outputs the scores of the classes are.

use std::collections::{HashMap, HashSet};

use base::Error;

use super::graph::{Graph, Kind};
use super::node::Node;
use super::order;
use super::Reading;

/// Words in the name of an output that is scores of classes.
const SCORES: [&str; 9] = [
    "logit", "prob", "softmax", "sigmoid", "score", "pred", "class", "dense", "label",
];
/// Words in the name of one that is something else.
const OTHERS: [&str; 9] = [
    "embed",
    "feat",
    "hidden",
    "latent",
    "pool",
    "aux",
    "attn",
    "attention",
    "mask",
];

/// So many outputs are looked at, and so many nodes below each.
const MOST_OUTPUTS: usize = 64;
const FURTHEST: usize = 64;

/// The output that was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The value to compute.
    pub(super) value: String,
    /// Names of its classes, where the graph has them.
    pub(super) class_names: Vec<String>,
    /// What was assumed.
    pub(super) notes: Vec<String>,
}

impl Chosen {
    fn plain(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            class_names: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// An output, and the value that its scores are.
struct Candidate<'a> {
    output: &'a str,
    value: &'a str,
    class_names: Vec<String>,
    /// Classes, where they can be told without computing.
    classes: Option<usize>,
    /// Whether it is known to be maps, not one number a class.
    is_map: bool,
}

/// Chooses the output that was named or, of several, the one that looks like scores of classes: no maps, of as many classes
/// as there are names, by its own name, no label that was made of others, what is computed from the others, what ends in
/// Softmax or Sigmoid; and of those that are left the first.
///
/// # Errors
/// A name that is neither an output's nor a value's nor a node's.
pub(super) fn chosen(graph: &Graph, reading: &Reading) -> Result<Chosen, String> {
    let wiring = Wiring {
        graph,
        makers: order::makers(&graph.nodes)?,
    };
    if let Some(name) = &reading.output {
        let output = wiring.named(name)?;
        let candidate = wiring.candidate(output);
        return Ok(candidate.map_or_else(
            || Chosen::plain(output),
            |candidate| candidate.chosen(graph, &[]),
        ));
    }
    let all: Vec<Candidate<'_>> = graph
        .outputs
        .iter()
        .take(MOST_OUTPUTS)
        .filter_map(|output| wiring.candidate(output))
        .collect();
    let mut left: Vec<&Candidate<'_>> = all.iter().collect();
    let told = reading.classes;
    let fits = |it: &&Candidate<'_>| match (told, it.classes) {
        (Some(told), Some(classes)) => told == classes || (classes == 1 && told == 2),
        _ => false,
    };
    narrow(&mut left, |it| !it.is_map);
    narrow(&mut left, fits);
    let best = left.iter().map(|it| it.likeness()).max();
    narrow(&mut left, |it| Some(it.likeness()) == best);
    narrow(&mut left, |it| it.value == it.output);
    let values: Vec<&str> = left.iter().map(|it| wiring.origin(it.value)).collect();
    narrow(&mut left, |it| !wiring.is_below_another(it.value, &values));
    narrow(&mut left, |it| wiring.ends_in_probabilities(it.value));
    match (left.first(), graph.outputs.first()) {
        (Some(candidate), _) => Ok(candidate.chosen(graph, &all)),
        // What it is made of is said where it is computed.
        (None, Some(first)) => Ok(Chosen::plain(first)),
        (None, None) => Err("has no output".into()),
    }
}

/// Keeps those that fit, where there are any.
fn narrow<T: Copy>(left: &mut Vec<T>, fits: impl Fn(&T) -> bool) {
    if left.iter().any(&fits) {
        left.retain(fits);
    }
}

impl Candidate<'_> {
    /// How much the name says that it is scores of classes.
    fn likeness(&self) -> usize {
        let name = self.output.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match (has(&OTHERS), has(&SCORES)) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        }
    }

    fn describe(&self) -> String {
        match (self.is_map, self.classes) {
            (true, _) => format!("{} (maps)", self.output),
            (false, Some(classes)) => format!("{} ({classes})", self.output),
            (false, None) => self.output.to_owned(),
        }
    }

    fn chosen(&self, graph: &Graph, all: &[Self]) -> Chosen {
        let mut notes = Vec::new();
        if graph.outputs.len() > 1 && !all.is_empty() {
            let listed = graph.outputs.iter().take(MOST_OUTPUTS).map(|output| {
                let known = all.iter().find(|it| it.output == output);
                known.map_or_else(|| output.clone(), Candidate::describe)
            });
            notes.push(format!(
                "the graph has {} outputs ({}): '{}' is used; --output-node names another",
                graph.outputs.len(),
                listed.collect::<Vec<_>>().join(", "),
                self.output
            ));
        }
        if self.value != self.output {
            notes.push(format!(
                "output '{}' is a label; the scores that it is made of, '{}', are used",
                self.output, self.value
            ));
        }
        let same = all.iter().filter(|it| it.value == self.value);
        let named = std::iter::once(self)
            .chain(same)
            .find(|it| !it.class_names.is_empty());
        Chosen {
            value: self.value.to_owned(),
            class_names: named.map_or_else(Vec::new, |it| it.class_names.clone()),
            notes,
        }
    }
}

/// A graph, and which node makes each value.
struct Wiring<'a> {
    graph: &'a Graph,
    makers: HashMap<&'a str, usize>,
}

impl<'a> Wiring<'a> {
    fn maker(&self, value: &str) -> Option<&'a Node> {
        self.makers.get(value).map(|&node| &self.graph.nodes[node])
    }

    /// The value that a user's word names.
    fn named(&self, name: &str) -> Result<&'a str, String> {
        let graph = self.graph;
        let outputs = graph.outputs.iter();
        let made = graph.nodes.iter().flat_map(|node| &node.outputs);
        if let Some(value) = outputs.chain(made.clone()).find(|value| *value == name) {
            return Ok(value);
        }
        let node = graph.nodes.iter().find(|node| node.name == name);
        let value = node.and_then(|node| node.outputs.iter().find(|value| !value.is_empty()));
        value.map(String::as_str).ok_or_else(|| {
            let nodes = graph.nodes.iter().map(|node| &node.name);
            let unknown = Error::UnknownName {
                kind: "output",
                name: name.to_owned(),
                known: graph.outputs.clone(),
                also: made.chain(nodes).cloned().collect(),
                advice: String::new(),
            };
            unknown.to_string()
        })
    }

    /// What an output's scores are; `None` where it has none.
    fn candidate(&self, output: &'a str) -> Option<Candidate<'a>> {
        let stated = self.graph.stated.iter().find(|it| it.name == output);
        let behind = self.behind_label(output);
        let (value, class_names) = match (behind, stated.map(|it| it.kind)) {
            (Some(behind), _) => behind,
            (None, Some(Kind::Integer | Kind::Other)) => return None,
            (None, _) => (output, Vec::new()),
        };
        let dims = match value == output {
            true => stated.and_then(|it| it.dims.as_deref()),
            false => None,
        };
        let (classes, is_map) = match dims {
            Some([_, classes]) => (*classes, false),
            Some([_, classes, rest @ ..]) if rest.iter().all(|size| *size == Some(1)) => {
                (*classes, false)
            }
            Some([_, _, rest @ ..]) => (
                None,
                rest.iter().any(|size| size.is_some_and(|size| size > 1)),
            ),
            _ => (None, false),
        };
        Some(Candidate {
            output,
            value,
            class_names,
            classes: classes.or_else(|| self.width(value)),
            is_map,
        })
    }

    /// The scores that a label was chosen by, and the names of its classes.
    fn behind_label(&self, output: &'a str) -> Option<(&'a str, Vec<String>)> {
        let mut at = output;
        for _ in 0..FURTHEST {
            let node = self.maker(at)?;
            match node.op.as_str() {
                "ArgMax" | "TopK" => return Some((node.inputs.first()?, Vec::new())),
                "ZipMap" => {
                    let names = node
                        .attributes
                        .strings("classlabels_strings")
                        .ok()
                        .flatten();
                    let names = names.unwrap_or_default().to_vec();
                    return Some((node.inputs.first()?, names));
                }
                "LabelEncoder" | "ArrayFeatureExtractor" | "Gather" => {}
                _ if node.passes() => {}
                _ => return None,
            }
            at = self.computed_input(node)?;
        }
        None
    }

    /// The first input that is not a constant of the file.
    fn computed_input(&self, node: &'a Node) -> Option<&'a str> {
        let graph = self.graph;
        let constant = |name: &String| {
            graph.constants.contains_key(name)
                || graph.unreadable.contains_key(name)
                || self.maker(name).is_some_and(|node| node.op == "Constant")
        };
        let mut computed = node.inputs.iter().filter(|name| !constant(name));
        computed.next().map(String::as_str)
    }

    /// How many numbers a value is, by the last layer with weights below it.
    fn width(&self, value: &'a str) -> Option<usize> {
        let mut at = value;
        for _ in 0..FURTHEST {
            let node = self.maker(at)?;
            let weights = || Some(&self.graph.constants.get(node.inputs.get(1)?)?.dims);
            match (node.op.as_str(), node.attributes.int("transB", 0)) {
                ("Gemm", Ok(1)) | ("Conv", _) => return weights()?.first().copied(),
                ("Gemm" | "MatMul", _) => return weights()?.get(1).copied(),
                (
                    "Softmax" | "LogSoftmax" | "Sigmoid" | "Identity" | "Cast" | "Add" | "Sub"
                    | "Mul" | "Div" | "Flatten" | "Squeeze" | "Reshape" | "Relu" | "Clip"
                    | "Dropout" | "GlobalAveragePool" | "AveragePool" | "ReduceMean"
                    | "BatchNormalization",
                    _,
                ) => at = self.computed_input(node)?,
                _ => return None,
            }
        }
        None
    }

    /// The value that this one is another shape or name of.
    fn origin(&self, value: &'a str) -> &'a str {
        let mut at = value;
        for _ in 0..FURTHEST {
            let passing = self.maker(at).filter(|node| node.passes());
            match passing.and_then(|node| node.inputs.first()) {
                Some(below) => at = below,
                None => break,
            }
        }
        at
    }

    /// Whether one of these is computed from a value, and is not the same one.
    fn is_below_another(&self, value: &'a str, origins: &[&'a str]) -> bool {
        let own = self.origin(value);
        let mut open: Vec<&str> = origins.iter().copied().filter(|it| *it != own).collect();
        let mut found: HashSet<&str> = HashSet::new();
        while let Some(value) = open.pop() {
            let read = self.maker(value).into_iter().flat_map(|node| &node.inputs);
            open.extend(read.map(String::as_str).filter(|input| found.insert(input)));
        }
        found.contains(own)
    }

    fn ends_in_probabilities(&self, value: &str) -> bool {
        let node = self.maker(value);
        node.is_some_and(|node| matches!(node.op.as_str(), "Softmax" | "LogSoftmax" | "Sigmoid"))
    }
}
