//! Which layers of a network are looked at.

use base::{Error, Result};

use super::names::Names;
use super::stages::plain_name;
use super::{Anatomy, Stage};

impl Anatomy {
    /// The stages that a report shows: those asked for by stage or node name, or the default ones that can be
    /// projected.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest name, [`Error::Network`] for one that cannot be projected.
    pub fn select_stages(&self, names: Option<&[String]>) -> Result<Vec<Stage>> {
        let (network, blocked) = (self.network(), self.blocked());
        let Some(names) = names else {
            let open = |stage: &&Stage| stage.default && blocked[stage.node].is_none();
            return Ok(network.stages.iter().filter(open).cloned().collect());
        };
        let mut taken: Names = network.stages.iter().map(|s| s.name.clone()).collect();
        let mut chosen = Vec::new();
        for name in names {
            let stage = network.stages.iter().find(|stage| stage.name == *name);
            let stage = stage.cloned().or_else(|| {
                let node = network.nodes.iter().position(|node| node.name == *name)?;
                let known = network
                    .stages
                    .iter()
                    .find(|stage| stage.node == node)
                    .cloned();
                let new = || Stage {
                    name: plain_name(name, &mut taken),
                    node,
                    default: false,
                };
                (node > 0).then(|| known.unwrap_or_else(new))
            });
            let stage = stage.ok_or_else(|| {
                let known: Vec<String> = network.stages.iter().map(|s| s.name.clone()).collect();
                let nodes = network.nodes.iter().skip(1).map(|node| &node.name);
                Error::UnknownName {
                    kind: "layer",
                    name: name.clone(),
                    also: nodes.filter(|n| !known.contains(n)).cloned().collect(),
                    known,
                    advice: String::new(),
                }
            })?;
            if let Some(wall) = blocked[stage.node] {
                return Err(Error::Network {
                    network: network.name.clone(),
                    node: network.nodes[stage.node].name.clone(),
                    problem: format!("cannot be projected: {}", self.reason(wall)),
                });
            }
            chosen.push(stage);
        }
        chosen.sort_by_key(|stage| stage.node);
        chosen.dedup_by_key(|stage| stage.node);
        Ok(chosen)
    }

    /// Two stages far from the input: the last one whose output is a map, and the last of all or, where that is the
    /// same, the map before it. What ZF's layers 5 and 7 are in another network.
    pub fn late_stages(&self) -> Vec<Stage> {
        let blocked = self.blocked();
        let open = |stage: &&Stage| blocked[stage.node].is_none();
        let open: Vec<&Stage> = self.network().stages.iter().filter(open).collect();
        let Some((&last, before)) = open.split_last() else {
            return Vec::new();
        };
        let map = before
            .iter()
            .rfind(|stage| self.shapes()[stage.node].height > 1);
        map.copied().into_iter().chain([last]).cloned().collect()
    }

    /// The stage whose maps are looked at where one is to stand for all (ZF's layer 5): the last one that has maps, and not
    /// one for each class.
    pub fn top_maps(&self) -> Option<Stage> {
        let (network, shapes) = (self.network(), self.shapes());
        let outputs = network.logits().map(|node| shapes[node].channels);
        let maps = |stage: &&Stage| shapes[stage.node].height * shapes[stage.node].width > 1;
        let classes = |stage: &&Stage| outputs == Some(shapes[stage.node].channels);
        let mut all = network.stages.iter().filter(maps);
        let features = all.clone().rfind(|stage| !classes(stage));
        features.or_else(|| all.next_back()).cloned()
    }
}
