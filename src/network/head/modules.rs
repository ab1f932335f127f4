//! The layers that have weights, out of the names and shapes of their tensors.

use super::Tensors;
use crate::shape::Shape;
use crate::weights::quantised;
use crate::{Node, Op, Window};

/// A layer of a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Module {
    /// The name of its tensors, without their field.
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Linear {
        takes: usize,
        gives: usize,
    },
    /// Of a single cell.
    Conv {
        takes: usize,
        gives: usize,
        bias: bool,
    },
    /// A batch normalisation.
    Norm {
        features: usize,
    },
    /// A normalisation over the features.
    LayerNorm {
        features: usize,
    },
}

impl Kind {
    /// Whether it is a layer, and no normalisation of one.
    pub(super) fn is_layer(self) -> bool {
        matches!(self, Self::Linear { .. } | Self::Conv { .. })
    }

    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Linear { .. } => "a linear layer",
            Self::Conv { .. } => "a convolution",
            Self::Norm { .. } => "a batch normalisation",
            Self::LayerNorm { .. } => "a layer normalisation",
        }
    }
}

impl Module {
    /// A node of the network's own head, where it has weights.
    pub(super) fn of(node: &Node, input: &Shape) -> Option<Self> {
        let takes = input.channels;
        let kind = match node.op {
            Op::Linear { features } => Kind::Linear {
                takes,
                gives: features,
            },
            Op::Conv {
                window,
                channels,
                groups: 1,
                bias,
            } if window == Window::square(1, 1, 0) => Kind::Conv {
                takes,
                gives: channels,
                bias,
            },
            Op::Scale {
                shape: [features, 1, 1],
            } if node.name.ends_with("@scale") => Kind::LayerNorm { features },
            _ => return None,
        };
        let name = node.name.strip_suffix("@scale").unwrap_or(&node.name);
        Some(Self {
            name: name.to_owned(),
            kind,
        })
    }

    /// For a note.
    pub(super) fn shown(&self) -> String {
        let name = &self.name;
        match self.kind {
            Kind::Linear { gives, .. } | Kind::Conv { gives, .. } => format!("{name} ({gives})"),
            Kind::Norm { .. } => format!("{name} (batch norm)"),
            Kind::LayerNorm { .. } => format!("{name} (layer norm)"),
        }
    }
}

/// So many tensors has a head at most.
const MOST: usize = 64;

/// The tensors of one module by their fields.
type Fields<'a> = Vec<(&'a str, &'a [usize])>;

/// The modules in the order of their tensors.
///
/// # Errors
/// The first that is none of the layers that are understood.
pub(super) fn of(tensors: &Tensors) -> Result<Vec<Module>, String> {
    if tensors.len() > MOST {
        return Err(format!(
            "it has {} tensors, {MOST} at most are looked at",
            tensors.len()
        ));
    }
    let mut modules: Vec<(&str, Fields<'_>)> = Vec::new();
    for (name, shape) in tensors {
        let (module, field) = name.rsplit_once('.').unwrap_or((name, ""));
        match modules.iter_mut().find(|(name, _)| *name == module) {
            Some((_, fields)) => fields.push((field, shape)),
            None => modules.push((module, vec![(field, shape)])),
        }
    }
    let module = |(name, fields): (&str, Fields<'_>)| {
        let kind = kind(&fields).ok_or_else(|| unknown(name, &fields))?;
        let name = name.to_owned();
        Ok(Module { name, kind })
    };
    modules.into_iter().map(module).collect()
}

fn kind(fields: &Fields<'_>) -> Option<Kind> {
    let shape = |field: &str| {
        fields
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, shape)| *shape)
    };
    let only = |known: &[&str]| fields.iter().all(|(field, _)| known.contains(field));
    let weight = shape("weight")?;
    let has_bias = |gives: usize| match shape("bias") {
        Some(bias) => (bias == [gives]).then_some(true),
        None => Some(false),
    };
    match *weight {
        [gives, takes] if only(&["weight", "bias"]) => {
            has_bias(gives).map(|_| Kind::Linear { takes, gives })
        }
        [gives, takes, 1, 1] if only(&["weight", "bias"]) => {
            has_bias(gives).map(|bias| Kind::Conv { takes, gives, bias })
        }
        [features] if only(&["weight", "bias"]) => {
            (shape("bias") == Some(weight)).then_some(Kind::LayerNorm { features })
        }
        [features] => {
            let statistics = ["bias", "running_mean", "running_var"];
            let complete = statistics.iter().all(|field| shape(field) == Some(weight));
            let known = [
                "weight",
                "bias",
                "running_mean",
                "running_var",
                "num_batches_tracked",
            ];
            (complete && only(&known)).then_some(Kind::Norm { features })
        }
        _ => None,
    }
}

fn unknown(name: &str, fields: &Fields<'_>) -> String {
    let has = |wanted: &str| fields.iter().any(|(field, _)| *field == wanted);
    if has("scale") && has("zero_point") {
        return quantised(name);
    }
    format!("'{name}' is neither a linear layer nor a normalisation")
}

/// How many modules without weights lie between two of a Sequential; `None` where their names do not tell.
pub(super) fn gap(before: &str, after: &str) -> Option<usize> {
    let numbered = |name: &'_ str| -> Option<(String, usize)> {
        let (sequential, number) = name.rsplit_once('.')?;
        Some((sequential.to_owned(), number.parse().ok()?))
    };
    let ((one, first), (other, second)) = (numbered(before)?, numbered(after)?);
    match one == other {
        true => second.checked_sub(first)?.checked_sub(1),
        false => None,
    }
}
