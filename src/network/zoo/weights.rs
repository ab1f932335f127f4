//! A network of the zoo with the weights of a checkpoint, and the head that this has.

use std::collections::BTreeSet;
use std::path::Path;

use base::{Error, Result};

use super::entries;
use crate::head::{listed, Fitted, Head};
use crate::shape::{self, Parameter};
use crate::weights::{Loaded, Misfit, StateDict};
use crate::{export, Network};

/// Reads the weights of a network whose head may be another: its classes, and its layers, are the checkpoint's; where its
/// names are timm's, so are the network's. Tells what was assumed.
///
/// # Errors
/// Those of [`crate::weights::read`], with what the weights fit instead, or how to come to an ONNX file.
pub(crate) fn read(
    network: Network,
    timm: Option<Network>,
    path: &Path,
) -> Result<(Network, Loaded, Vec<String>)> {
    let mut state = StateDict::open(path)?;
    let (network, timm) = match timm {
        Some(timm) if !fits(&state, &network) && fits(&state, &timm) => (timm, true),
        _ => (network, false),
    };
    let (name, side) = (network.name.clone(), network.input.height);
    let unfit = |problem: String| Error::weights(path, problem);
    let Some(head) = Head::of(&network) else {
        return Err(unfit(format!("{name} has no weights")));
    };
    let body = head.body(&network)?;
    let prefix = place(&state, &name, &body)
        .map_err(|misfit| unfit(misfit.problem(&advice(&state, side))))?;
    let others = state.others(&prefix, &body);
    let mut own: Vec<(String, Vec<usize>)> = Vec::new();
    let mut left = Vec::new();
    for (name, shape) in others {
        match name.strip_prefix(&prefix).filter(|name| head.holds(name)) {
            Some(name) => own.push((name.to_owned(), shape)),
            None if counts_batches(&name) => {}
            None => left.push((name, shape)),
        }
    }
    let last = format!("{prefix}{}.weight", head.last(&network));
    if let Some(what) = state.opaque(&last) {
        return Err(unfit(format!("'{last}' {what}")));
    }
    let Fitted { network, note } = head.fit(network, &own).map_err(|problem| {
        let elsewhere = match own.is_empty() && !left.is_empty() {
            true => format!(", and elsewhere {}", listed(&left)),
            false => String::new(),
        };
        unfit(format!("{problem}{elsewhere}; {}", export::pytorch(side)))
    })?;
    let shapes = shape::shapes(&network)?;
    let classes = shapes.last().map_or(0, |output| output.channels);
    let reads_classes =
        |(_, shape): &&(String, Vec<usize>)| matches!(shape[..], [_, takes] if takes == classes);
    if let Some((layer, shape)) = left.iter().find(reads_classes) {
        return Err(unfit(format!(
            "'{layer}' {shape:?} seems to read the {classes} outputs of the head, and {name} has no layer behind it; {}",
            export::pytorch(side)
        )));
    }
    let loaded = state.read(&prefix, &network)?;
    let timm = timm.then(|| {
        format!("the weights have timm's names: taken for those of its {name}, not of a tf_{name}, which pads otherwise and has the same")
    });
    Ok((network, loaded, note.into_iter().chain(timm).collect()))
}

/// Whether it is PyTorch's count of the batches that a batch norm has seen, which is no weight.
fn counts_batches(tensor: &str) -> bool {
    tensor.ends_with(".num_batches_tracked")
}

/// Whether a network has these weights but for the head.
fn fits(state: &StateDict, network: &Network) -> bool {
    let body = Head::of(network).and_then(|head| head.body(network).ok());
    body.is_some_and(|body| place(state, &network.name, &body).is_ok())
}

/// The networks of the zoo that have these weights but for the head, under torchvision's names or timm's.
pub(crate) fn fitting(state: &StateDict) -> Vec<&'static str> {
    let fitting = entries().filter(|entry| {
        let timm = || entry.as_timm_names_it();
        fits(state, &entry.network()) || timm().is_some_and(|network| fits(state, &network))
    });
    fitting.map(|entry| entry.name).collect()
}

/// Which network the weights are of, or how to do without knowing.
pub(crate) fn advice(state: &StateDict, side: usize) -> String {
    match &fitting(state)[..] {
        [] if state.is_part() => {
            "the file is one of several that hold a network together; save them as one".into()
        }
        [] if state.attends() => {
            "they are a transformer's: it has no feature maps, and a deconvnet nothing to project"
                .into()
        }
        [] => format!(
            "no network of the zoo has such weights: {}",
            export::pytorch(side)
        ),
        names => format!("they fit {}: name it with --model", names.join(" and ")),
    }
}

/// What stands before the names of a network's body, which has no parts that the network does not have: a deeper network
/// of the same family has all tensors of a shallower one.
fn place(state: &StateDict, network: &str, body: &[Parameter]) -> Result<String, Misfit> {
    let prefix = state.place(network, body)?;
    let root = |name: &'_ str| name.split('.').next().unwrap_or_default().to_owned();
    let roots: BTreeSet<String> = body.iter().map(|own| root(&own.name)).collect();
    let others = state.others(&prefix, body);
    let foreign = others.iter().find(|(name, _)| {
        let own = name.strip_prefix(&prefix);
        own.is_some_and(|own| roots.contains(&root(own)) && !counts_batches(own))
    });
    match foreign {
        None => Ok(prefix),
        Some((name, shape)) => Err(Misfit::Other(format!(
            "has a tensor '{name}' {shape:?}, which {network} has not"
        ))),
    }
}
