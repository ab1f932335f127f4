//! `deconvscope model`: the networks that can be used.

use std::fmt::Write;

use crate::cli::ModelCommand;
use crate::error::Result;
use crate::network::{model, receptive_field, shape, zoo, Network};

pub(super) fn run(command: &ModelCommand) -> Result<()> {
    let text = match command {
        ModelCommand::List => list(),
        ModelCommand::Show { name } => show(&zoo::find(name)?.network())?,
    };
    super::print(text.as_bytes())
}

fn list() -> String {
    let mut text = String::new();
    for entry in zoo::ENTRIES {
        let weights = match model::installed(entry.name) {
            Some(_) => "installed",
            None => "needs --weights",
        };
        let _ = writeln!(text, "{:<18} {:<16} {}", entry.name, weights, entry.about);
    }
    text
}

fn show(network: &Network) -> Result<String> {
    let shapes = shape::shapes(network)?;
    let fields = receptive_field::fields(network)?;
    let work = shape::multiply_adds(network)?;
    let parameters = shape::parameters(network)?;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: input {}, {} nodes, {:.2} M parameters, {:.3} GMAC\n",
        network.name,
        network.input,
        network.nodes.len(),
        parameters
            .iter()
            .map(|p| p.shape.iter().product::<usize>())
            .sum::<usize>() as f64
            / 1e6,
        work.iter().sum::<u64>() as f64 / 1e9,
    );
    let widest = network
        .nodes
        .iter()
        .map(|node| node.name.len())
        .max()
        .unwrap_or(0);
    let _ = writeln!(
        text,
        "{:<widest$}  {:<26} {:<13} {:>9} {:>7}  stage",
        "node", "op", "output", "MMAC", "field"
    );
    for (index, node) in network.nodes.iter().enumerate() {
        let stage = network.stages.iter().find(|stage| stage.node == index);
        let stage = stage.map_or(String::new(), |stage| match stage.default {
            true => stage.name.clone(),
            false => format!("{} (on request)", stage.name),
        });
        let work = match work[index] {
            0 => String::new(),
            work => format!("{:.1}", work as f64 / 1e6),
        };
        let line = format!(
            "{:<widest$}  {:<26} {:<13} {work:>9} {:>7}  {stage}",
            node.name,
            node.op.describe(),
            shapes[index].to_string(),
            fields[index].size[0],
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    Ok(text)
}
