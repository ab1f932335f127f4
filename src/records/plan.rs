//! What a run is going to be: what `--resume` must find unchanged.

use std::path::Path;

use base::digest::sha256_hex;
use base::words::enumerate;
use base::{Error, Result};
use network::Preprocessing;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manifest::typed;
use super::{DatasetFacts, Manifest, ModelFacts, RunOptions, Tool};

/// All that decides a run's result but the photographs' contents: what `--resume` must find unchanged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The contract's number.
    pub schema: u32,
    /// What makes it.
    pub tool: Tool,
    /// Every option in force. Before what follows from them, so that a difference is told by the option's name.
    pub options: RunOptions,
    /// As in [`Manifest::device`].
    pub device: String,
    /// The processor's instructions in force: with others the bits would be others.
    #[serde(default)]
    pub instructions: String,
    /// libtorch's version.
    pub libtorch: String,
    /// The network.
    pub model: ModelFacts,
    /// From photograph to network input.
    pub preprocessing: Preprocessing,
    /// The photographs; where they lie may change, so `root` is empty, as is what the run finds out (counts, the
    /// digest of the contents).
    pub dataset: DatasetFacts,
}

impl Plan {
    /// sha256 of all of it.
    pub(super) fn sha256(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        sha256_hex(value.to_string().as_bytes())
    }

    /// The first thing that is not the same now; `None` where all is.
    pub fn difference(&self, now: &Self) -> Option<String> {
        if self == now {
            return None;
        }
        let value = |plan: &Self| serde_json::to_value(plan).unwrap_or_default();
        // Another choice of photographs is told by its option.
        let choice = |plan: &Self| {
            let options = &plan.options;
            (options.split.clone(), options.label_level, options.limit)
        };
        let labels = match choice(self) == choice(now) {
            true => labels_told(&self.dataset.labels, &now.dataset.labels),
            false => None,
        };
        let changed = labels.or_else(|| first_difference("", &value(self), &value(now)));
        Some(changed.unwrap_or_default())
    }

    /// The plan that a finished run was made by.
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self {
            schema: manifest.schema,
            tool: manifest.tool.clone(),
            device: manifest.device.clone(),
            instructions: manifest.execution.instructions.clone(),
            libtorch: manifest.libtorch.clone(),
            model: ModelFacts {
                sha256: manifest.begun_with().to_owned(),
                ..manifest.model.clone()
            },
            preprocessing: manifest.preprocessing.clone(),
            options: manifest.options.clone(),
            dataset: DatasetFacts {
                root: String::new(),
                photos: 0,
                skipped: 0,
                detail: 0,
                digest: String::new(),
                ..manifest.dataset.clone()
            },
        }
    }
}

pub(super) fn same_plan(root: &Path, before: &Plan, now: &Plan) -> Result<()> {
    match before.difference(now) {
        None => Ok(()),
        Some(changed) => Err(Error::run_folder(root, format!(
            "--resume needs the run that was begun there, but {changed}; use the same options and photographs, or begin anew with --overwrite"
        ))),
    }
}

/// Which labels are gone and which are new: told before all that follows from them.
fn labels_told(before: &[String], now: &[String]) -> Option<String> {
    let missing = |of: &[String], from: &[String]| -> Vec<String> {
        of.iter()
            .filter(|label| !from.contains(label))
            .cloned()
            .collect()
    };
    let (gone, new) = (missing(before, now), missing(now, before));
    let told = [("gone", gone), ("new", new)];
    let told = told.iter().filter(|(_, labels)| !labels.is_empty());
    let told: Vec<String> = told
        .map(|(what, labels)| format!("{what}: {}", enumerate(labels)))
        .collect();
    (!told.is_empty()).then(|| format!("the labels are not the same ({})", told.join("; ")))
}

/// The first of all fields that differ, one inside another.
fn first_difference(name: &str, before: &Value, now: &Value) -> Option<String> {
    if before == now {
        return None;
    }
    let fields = |value: &Value| value.as_object().cloned();
    if !before.is_object() && !now.is_object() {
        return Some(told(name, before, now));
    }
    // An experiment that was not run has no options.
    let (before, now) = (
        fields(before).unwrap_or_default(),
        fields(now).unwrap_or_default(),
    );
    let added = now.keys().filter(|key| !before.contains_key(*key));
    before.keys().chain(added).find_map(|key| {
        let path = match name {
            "" => key.clone(),
            _ => format!("{name}.{key}"),
        };
        let [before, now] = [&before, &now].map(|fields| fields.get(key).unwrap_or(&Value::Null));
        first_difference(&path, before, now)
    })
}

fn told(name: &str, before: &Value, now: &Value) -> String {
    let text = |value: &Value| match value {
        Value::Null => "none".to_owned(),
        other => other.to_string().replace('"', ""),
    };
    let (was, is) = (text(before), text(now));
    let is_table = [&was, &is].iter().any(|text| is_sha256(text));
    match (name, name.strip_prefix("options.")) {
        ("instructions", _) => {
            format!("it was computed with --instructions {was} and would go on with {is}")
        }
        ("model.class_names", _) => "the class names (--classes) are not the same".into(),
        ("model.sha256", _) => "the weights are not the same".into(),
        ("options.experiments.training.photographs", _) => {
            format!("there were {was} photographs to train on and are {is}")
        }
        ("options.experiments.training.training_listing", _) => {
            "the photographs to train on are not the same".into()
        }
        ("dataset.listing", _) => "the photographs in the data set are not the same".into(),
        (_, None) => format!("{name} was {was} and is {is}"),
        (_, Some(option)) => {
            let option = typed(option.rsplit('.').next().unwrap_or(option));
            match is_table {
                true => format!("the table of {option} is not the same"),
                false => format!("{option} was {was} and is {is}"),
            }
        }
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
