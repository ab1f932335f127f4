//! What a run is going to be: what `--resume` must find unchanged.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{DatasetFacts, Manifest, ModelFacts, RunOptions, Tool};
use crate::error::{Error, Result};
use crate::network::Preprocessing;

/// All that decides a run's result but the photographs' contents: what `--resume` must find unchanged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The contract's number.
    pub schema: u32,
    /// What makes it.
    pub tool: Tool,
    /// Every option in force. Before what follows from them, so that a difference is told by the option's name.
    pub options: RunOptions,
    /// `cpu` or `cuda:N`.
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
    /// The plan that a finished run was made by.
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self {
            schema: manifest.schema,
            tool: manifest.tool.clone(),
            device: manifest.device.clone(),
            instructions: manifest.execution.instructions.clone(),
            libtorch: manifest.libtorch.clone(),
            model: manifest.model.clone(),
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
    if before == now {
        return Ok(());
    }
    let value = |plan: &Plan| serde_json::to_value(plan).unwrap_or_default();
    let changed = first_difference("", &value(before), &value(now)).unwrap_or_default();
    Err(Error::RunFolder {
        path: root.to_owned(),
        problem: format!(
            "--resume needs the run that was begun there, but {changed}; use the same options and photographs, or begin anew with --overwrite"
        ),
    })
}

fn first_difference(
    name: &str,
    before: &serde_json::Value,
    now: &serde_json::Value,
) -> Option<String> {
    use serde_json::Value::Object;
    if let (Object(before), Object(now)) = (before, now) {
        return before.iter().find_map(|(key, old)| {
            let path = if name.is_empty() {
                key.clone()
            } else {
                format!("{name}.{key}")
            };
            first_difference(&path, old, now.get(key).unwrap_or(&serde_json::Value::Null))
        });
    }
    let text = |value: &serde_json::Value| value.to_string().replace('"', "");
    match name {
        _ if before == now => None,
        "instructions" => Some(format!(
            "it was computed with --instructions {} and would go on with {}",
            text(before),
            text(now)
        )),
        "model.class_names" => Some("the class names (--classes) are not the same".into()),
        "model.sha256" => Some("the weights are not the same".into()),
        "options.masks" => Some("the table of --masks is not the same".into()),
        "options.parts" => Some("the table of --parts is not the same".into()),
        "dataset.listing" => Some("the photographs in the data set are not the same".into()),
        _ => {
            let option = name.strip_prefix("options.");
            let option = option.map_or(name.to_owned(), |option| {
                format!("--{}", option.replace('_', "-"))
            });
            Some(format!(
                "{option} was {} and is {}",
                text(before),
                text(now)
            ))
        }
    }
}
