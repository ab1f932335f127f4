//! A variant: what is edited of a network and of its recipe.

use std::collections::{BTreeMap, BTreeSet};

use network::{Edits, LayerEdit};
use serde::{Deserialize, Serialize};

use super::published::Published;

/// A variant, as a study's file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name, which its run folder has too.
    pub name: String,
    /// Layers that are removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remove: Vec<String>,
    /// Layers that become others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    layers: BTreeMap<String, LayerEdit>,
    /// Values of the recipe that are its own.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    recipe: toml::Table,
    /// What was published of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
}

impl Variant {
    /// The network and the recipe as they are.
    pub(super) fn unchanged() -> Self {
        Self {
            name: "base".into(),
            remove: Vec::new(),
            layers: BTreeMap::new(),
            recipe: toml::Table::new(),
            published: None,
        }
    }

    /// What is edited of the network.
    pub fn edits(&self) -> Edits {
        Edits {
            remove: self.remove.clone(),
            layers: self.layers.clone(),
        }
    }

    /// What of the recipe is told otherwise.
    pub fn recipe(&self) -> BTreeMap<String, String> {
        changes(&self.recipe)
    }

    /// Whether it is the base as it is.
    pub(super) fn changes_nothing(&self) -> bool {
        self.edits().is_empty() && self.recipe.is_empty()
    }

    /// What it removes, where it does nothing else.
    fn removed_alone(&self) -> BTreeSet<&str> {
        match self.layers.is_empty() && self.recipe.is_empty() {
            true => self.remove.iter().map(String::as_str).collect(),
            false => BTreeSet::new(),
        }
    }

    /// Whether what it removes is what these two remove, which have nothing in common.
    pub(super) fn is_both(&self, [first, second]: [&Self; 2]) -> bool {
        let [whole, first, second] = [self, first, second].map(Self::removed_alone);
        !first.is_empty()
            && !second.is_empty()
            && first.is_disjoint(&second)
            && whole == &first | &second
    }
}

/// The values of a table as a recipe is told them: `input.flip` is one of its own.
pub(super) fn changes(table: &toml::Table) -> BTreeMap<String, String> {
    let mut changes = BTreeMap::new();
    for (key, value) in table {
        match value.as_table().filter(|_| key == "input") {
            Some(inside) => {
                let inside = inside.iter();
                changes.extend(
                    inside.map(|(name, value)| (format!("{key}.{name}"), value.to_string())),
                );
            }
            None => drop(changes.insert(key.clone(), value.to_string())),
        }
    }
    changes
}
