//! What the numbers at a network's end are: probabilities of classes that exclude each other, of each class for itself, or
//! none.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::names::Names;
use super::{shape, Curve, Network, Node, Op};

/// What is read off a network's last node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scores {
    /// Probabilities of classes that exclude each other; they add up to 1. Two where the network has one output.
    Softmax,
    /// A probability for each class by itself: several may be there at a time.
    Sigmoid,
    /// No probabilities: the numbers as the network gives them.
    None,
}

impl Scores {
    /// What a network of this last op gives where nothing else is said: `None` for one without a classifier.
    pub(super) fn of_end(op: Option<&Op>) -> Option<Self> {
        matches!(op, Some(Op::Softmax)).then_some(Self::Softmax)
    }

    /// The score of a label that several classes count as: of classes that exclude each other the sum, else the largest.
    /// Classes that there are not count as 0.
    pub fn of_label(self, scores: &[f32], classes: &[usize]) -> f64 {
        let each = classes
            .iter()
            .map(|&class| f64::from(scores.get(class).copied().unwrap_or(0.0)));
        match self {
            Self::Softmax => each.sum(),
            Self::Sigmoid | Self::None => each.reduce(f64::max).unwrap_or(0.0),
        }
    }

    /// Whether the first class is the network's answer, which a photograph's one label can be held against.
    pub fn are_exclusive(self) -> bool {
        self == Self::Softmax
    }

    fn name(self) -> &'static str {
        match self {
            Self::Softmax => "softmax",
            Self::Sigmoid => "sigmoid",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scores {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Softmax, Self::Sigmoid, Self::None];
        let named = all.into_iter().find(|scores| scores.name() == text);
        named.ok_or_else(|| "expected softmax, sigmoid or none".into())
    }
}

/// One output beside a 0: the sums whose Softmax is the Sigmoid of the output, and what is left of 1.
const PAIR: Op = Op::Pad {
    edges: [[1, 0], [0, 0], [0, 0]],
    value: 0.0,
};

/// How a network ends as it was read.
enum End {
    Softmax,
    Sigmoid,
    /// Another curve or distribution: no scores that a Softmax or Sigmoid is known to follow.
    Other,
    /// A linear layer, or anything that is no activation.
    Logits,
}

impl Network {
    /// The node of the sums that the last Softmax or Sigmoid turns into probabilities; of one output that became two
    /// classes the output itself, of scores shown as they are the last node. `None` without a classifier.
    pub fn logits(&self) -> Option<usize> {
        let end = self.nodes.len().checked_sub(1)?;
        let below = |node: usize| self.nodes[node].inputs.first().copied();
        match self.scores? {
            Scores::None => Some(end),
            Scores::Sigmoid => below(end),
            Scores::Softmax if self.is_one_against_the_rest() => below(below(end)?),
            Scores::Softmax => below(end),
        }
    }

    /// Whether its two classes are those of one output: that it is not there, and that it is.
    pub(super) fn is_one_against_the_rest(&self) -> bool {
        let Some(Node {
            op: Op::Softmax,
            inputs,
            ..
        }) = self.nodes.last()
        else {
            return false;
        };
        let below = inputs.first().map(|&input| &self.nodes[input].op);
        below == Some(&PAIR)
    }

    /// Sees to it that the network ends in what was asked for, or else in what its end tells; gives how many of its nodes
    /// stay as they were, and what was assumed. One output becomes two classes: the Softmax of 0 and a sum is the Sigmoid
    /// of the sum.
    ///
    /// # Errors
    /// What was asked for and cannot be, in words.
    pub(super) fn end_in(&mut self, asked: Option<Scores>) -> Result<(usize, Vec<String>), String> {
        if asked.is_some() && self.is_one_against_the_rest() {
            // As it was before it became two classes and was written so.
            self.nodes.truncate(self.nodes.len() - 2);
        }
        let shapes = shape::shapes(self).map_err(|error| error.to_string())?;
        let output = shapes.last().copied().unwrap_or(self.input);
        let mut kept = self.nodes.len();
        self.scores = None;
        if self.nodes.len() < 2 || (output.height, output.width) != (1, 1) {
            return match asked {
                None => Ok((kept, Vec::new())),
                Some(asked) => Err(format!(
                    "--scores {asked} is for a network that ends in one number a class; the output of this one is {output}"
                )),
            };
        }
        let flat = |node: usize| (shapes[node].height, shapes[node].width) == (1, 1);
        let at = self.active_end();
        let end = match self.nodes[at].op {
            Op::Softmax if flat(at) => End::Softmax,
            Op::Curve(Curve::Sigmoid) if flat(at) => End::Sigmoid,
            Op::Softmax | Op::Curve(_) => End::Other,
            _ => End::Logits,
        };
        let one = output.channels == 1;
        let mut notes = Vec::new();
        let mut note = |text: String| notes.push(text);
        match (asked, end) {
            (Some(Scores::None), _) => {
                self.scores = Some(Scores::None);
                note("scores are shown as the network gives them: they are no probabilities, and no accuracy is told".into());
            }
            (Some(Scores::Softmax), _) if one => {
                return Err("--scores softmax: a Softmax over one output is 1 for every photograph; leave --scores out, or --scores sigmoid".into());
            }
            (None, End::Softmax) if one => note(
                "the graph ends in a Softmax over one output, which is 1 for every photograph: no probabilities are shown; --scores sigmoid puts a Sigmoid in its place".into(),
            ),
            (None, End::Other) => note(
                "the graph ends in a curve, not in Softmax or Sigmoid: its outputs are no probabilities, and none are shown; --scores none shows them as they are".into(),
            ),
            (None | Some(Scores::Softmax), End::Softmax) => {
                kept = at + 1;
                self.nodes.truncate(kept);
                self.scores = Some(Scores::Softmax);
            }
            (None | Some(Scores::Sigmoid), End::Sigmoid) if !one => {
                kept = at + 1;
                self.nodes.truncate(kept);
                self.scores = Some(Scores::Sigmoid);
                note(format!(
                    "the network ends in Sigmoid over {} outputs: each is the probability of its class by itself, and several classes may be there at a time",
                    output.channels
                ));
            }
            (asked, end) => {
                let (below, replaced) = self.take_end(at, &end);
                kept = kept.min(self.nodes.len());
                note(match one {
                    true => self.pair(below, asked, &end),
                    false => self.follow(below, asked, replaced),
                });
            }
        }
        self.stages.retain(|stage| stage.node < kept);
        Ok((kept, notes))
    }

    /// Takes a Softmax or Sigmoid at the end away; gives the node of the sums, and what stood behind them.
    fn take_end(&mut self, at: usize, end: &End) -> (usize, Option<&'static str>) {
        let name = match end {
            End::Softmax => Some("Softmax"),
            End::Sigmoid => Some("Sigmoid"),
            End::Other | End::Logits => None,
        };
        match (name, &self.nodes[at].inputs[..]) {
            (Some(name), &[below]) => {
                self.nodes.truncate(at);
                (below, Some(name))
            }
            _ => (self.nodes.len() - 1, None),
        }
    }

    /// Makes two classes of one output, and says so.
    fn pair(&mut self, below: usize, asked: Option<Scores>, end: &End) -> String {
        let pair = self.append("pair", PAIR, below);
        self.append("probability", Op::Softmax, pair);
        self.scores = Some(Scores::Softmax);
        match (end, asked) {
            (End::Sigmoid, _) => "the network ends in a Sigmoid over one output p: two classes are shown, of the probabilities 1 − p and p".into(),
            (_, None) => "the network has one output and does not end in Sigmoid: one is added, and two classes are shown, of the probabilities 1 − p and p".into(),
            (_, Some(asked)) => format!(
                "--scores {asked}: the one output becomes two classes, of the probabilities 1 − p and p"
            ),
        }
    }

    /// Puts a Softmax or Sigmoid behind several sums, and says so.
    fn follow(
        &mut self,
        below: usize,
        asked: Option<Scores>,
        replaced: Option<&'static str>,
    ) -> String {
        let (op, scores, name) = match asked {
            Some(Scores::Sigmoid) => (Op::Curve(Curve::Sigmoid), Scores::Sigmoid, "Sigmoid"),
            _ => (Op::Softmax, Scores::Softmax, "Softmax"),
        };
        self.append("probability", op, below);
        self.scores = Some(scores);
        match (asked, replaced) {
            (None, _) => format!(
                "the graph does not end in {name}: one is added for the probabilities; --scores says otherwise"
            ),
            (Some(asked), None) => {
                format!("--scores {asked}: a {name} is added for the probabilities")
            }
            (Some(asked), Some(other)) => format!(
                "--scores {asked}: a {name} stands in place of the {other} at the network's end"
            ),
        }
    }

    /// The last node that is more than another shape of the one before it.
    fn active_end(&self) -> usize {
        let mut at = self.nodes.len() - 1;
        while let (Op::Flatten | Op::Reshape { .. } | Op::Dropout, [below]) =
            (&self.nodes[at].op, &self.nodes[at].inputs[..])
        {
            if *below + 1 != at {
                break;
            }
            at = *below;
        }
        at
    }

    fn append(&mut self, name: &str, op: Op, below: usize) -> usize {
        let mut names: Names = self.nodes.iter().map(|node| node.name.clone()).collect();
        self.nodes.push(Node {
            name: names.unique(name.to_owned(), '#'),
            op,
            inputs: vec![below],
        });
        self.nodes.len() - 1
    }
}
