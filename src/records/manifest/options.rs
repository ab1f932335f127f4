//! The options in force that can change a result.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ProjectionKind;

/// Every option in force that can change a result, under the name that the command line has for it, `_` for `-`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// `--top`.
    pub top: usize,
    /// `--layers`.
    pub layers: Vec<String>,
    /// `--kinds`.
    pub kinds: Vec<ProjectionKind>,
    /// `--detail`.
    pub detail: String,
    /// `--arrays`.
    pub arrays: String,
    /// `--masks`, sha256 of the table.
    pub masks: Option<String>,
    /// `--apply-masks`: the region that was hidden before anything else.
    #[serde(default)]
    pub apply_masks: Option<String>,
    /// `--keep-unmasked`.
    #[serde(default)]
    pub keep_unmasked: bool,
    /// `--fill`.
    pub fill: [u8; 3],
    /// `--label-level`.
    #[serde(default)]
    pub label_level: Option<usize>,
    /// `--split`.
    #[serde(default)]
    pub split: Option<String>,
    /// `--limit`.
    pub limit: Option<usize>,
    /// `--seed`.
    pub seed: u64,
    /// `--batch`, as far as `memory` allows it.
    pub batch: usize,
    /// `--precision`: of classification.
    #[serde(default = "float32")]
    pub precision: String,
    /// `--memory`: in millions of bytes; nothing where a run knew no bound.
    #[serde(default)]
    pub memory: Option<usize>,
    /// `--lang`.
    pub lang: String,
    /// `--single-file`.
    pub single_file: bool,
    /// `--single-file-limit`: in millions of bytes.
    #[serde(default = "limit")]
    pub single_file_limit: usize,
    /// By the name of each experiment that was run its options.
    pub experiments: Map<String, Value>,
}

/// Values of a training or study that have options of their own; the others are a recipe's.
const OF_TRAINING: [&str; 17] = [
    "epochs",
    "batch",
    "micro_batch",
    "lr",
    "momentum",
    "weight_decay",
    "dropout",
    "init",
    "weights",
    "freeze",
    "batch_norms",
    "val",
    "per_class",
    "study",
    "variants",
    "seeds",
    "ten_crop",
];

/// Of runs that were not asked for another.
fn limit() -> usize {
    25
}

/// Of older versions, which had no other.
fn float32() -> String {
    "float32".into()
}

/// An option in force.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedOption {
    /// The experiment whose option it is; `None` for those of the report.
    pub experiment: Option<String>,
    /// As in [`RunOptions`].
    pub field: String,
    /// Its value; `null` where it was not given and nothing stands for it.
    pub value: Value,
}

impl NamedOption {
    /// As it is typed: `--occluder-stride`.
    pub fn typed(&self) -> String {
        match self.experiment.as_deref() {
            Some("training" | "study") if !OF_TRAINING.contains(&self.field.as_str()) => {
                format!("--set {}", self.field)
            }
            _ => typed(&self.field),
        }
    }
}

/// A field's name as it is typed.
pub(crate) fn typed(field: &str) -> String {
    format!("--{}", field.replace('_', "-"))
}

impl RunOptions {
    /// All options, those of experiments last.
    pub fn named(&self) -> Vec<NamedOption> {
        let Ok(Value::Object(mut report)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        report.remove("experiments");
        let of = |experiment: Option<&str>, options: Map<String, Value>| {
            let experiment = experiment.map(str::to_owned);
            let named = options.into_iter().map(move |(field, value)| NamedOption {
                experiment: experiment.clone(),
                field,
                value,
            });
            named.collect::<Vec<_>>()
        };
        let mut all = of(None, report);
        for (name, options) in &self.experiments {
            if let Value::Object(options) = options {
                all.extend(of(Some(name), options.clone()));
            }
        }
        all
    }

    /// The number that an experiment's option is; `None` where it was not run, or the option is no number.
    pub fn number(&self, experiment: &str, option: &str) -> Option<usize> {
        let value = self.experiments.get(experiment)?.get(option)?;
        usize::try_from(value.as_u64()?).ok()
    }
}
