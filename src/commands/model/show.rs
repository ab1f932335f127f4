//! `deconvscope model show`: a network as a table.

use std::fmt::Write;

use base::Result;
use network::{self, Anatomy, Network, Size};

/// A network's nodes, shapes, parameters, work, receptive fields, stages, what can be projected, and what an occluder
/// changes by windows.
pub(super) fn text(model: &str, crop: Option<Size>) -> Result<String> {
    let (anatomy, notes) = network::outline(model, crop.map(Size::sides))?;
    let whole = anatomy.whole_maps();
    let mut text = table(&anatomy, &whole);
    if let Some(first) = whole.iter().position(|&whole| whole) {
        let node = &anatomy.network().nodes[first];
        let _ = writeln!(
            text,
            "note: an occluder changes whole maps from node '{}' ({}) on; they are computed as in full inference",
            node.name,
            node.op.describe()
        );
    }
    for note in notes {
        let _ = writeln!(text, "note: {note}");
    }
    Ok(text)
}

fn table(anatomy: &Anatomy, whole: &[bool]) -> String {
    let (network, shapes) = (anatomy.network(), anatomy.shapes());
    let work = anatomy.multiply_adds();
    let parameters = anatomy.parameters();
    let count: usize = parameters
        .iter()
        .map(|parameter| parameter.shape.iter().product::<usize>())
        .sum();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: input {}, {} nodes, {:.2} M parameters, {:.3} GMAC\n",
        network.name,
        network.input,
        network.nodes.len(),
        count as f64 / 1e6,
        work.iter().sum::<u64>() as f64 / 1e9,
    );
    let widest =
        |name: &dyn Fn(usize) -> usize| (0..network.nodes.len()).map(name).max().unwrap_or(0);
    let name_width = widest(&|node| network.nodes[node].name.chars().count());
    let op_width = widest(&|node| network.nodes[node].op.describe().chars().count());
    let _ = writeln!(
        text,
        "{:<name_width$}  {:<op_width$} {:<13} {:>9} {:>7}  {:<9}  {:<8}  stage",
        "node", "op", "output", "MMAC", "field", "projected", "occluded"
    );
    for (index, node) in network.nodes.iter().enumerate() {
        let stage = stage(network, index);
        let work = match work[index] {
            0 => String::new(),
            work => format!("{:.1}", work as f64 / 1e6),
        };
        let is_map = shapes[index].height * shapes[index].width > 1;
        let occluded = match (is_map, whole[index]) {
            (false, _) => "",
            (true, true) => "whole",
            (true, false) => "windows",
        };
        let projected = if anatomy.blocked()[index].is_none() {
            "yes"
        } else {
            "no"
        };
        let line = format!(
            "{:<name_width$}  {:<op_width$} {:<13} {work:>9} {:>7}  {projected:<9}  {occluded:<8}  {stage}",
            node.name,
            node.op.describe(),
            shapes[index].to_string(),
            anatomy.fields()[index].axes[0].size,
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The stage that a node is, as the table has it.
fn stage(network: &Network, node: usize) -> String {
    let stage = network.stages.iter().find(|stage| stage.node == node);
    stage.map_or(String::new(), |stage| match stage.default {
        true => stage.name.clone(),
        false => format!("{} (on request)", stage.name),
    })
}
