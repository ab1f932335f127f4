//! How a network is trained, as named data: every value can be told otherwise, and stands in the run's options.

use std::collections::BTreeMap;
use std::str::FromStr;

use base::{Error, Result};
use engine::learn::{Learning, Norms};
use engine::Precision;
use serde::{Deserialize, Serialize};

use super::init::Init;
use super::schedule::Schedule;

const SHIPPED: [(&str, &str); 4] = [
    ("zf", include_str!("recipes/zf.toml")),
    ("replication", include_str!("recipes/replication.toml")),
    ("finetune", include_str!("recipes/finetune.toml")),
    ("small", include_str!("recipes/small.toml")),
];

/// All that decides what comes of a training, but for the photographs and the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Times that every photograph is shown.
    pub epochs: usize,
    /// Photographs of a step.
    pub batch: usize,
    /// Photographs that are passed at once; their gradients are added up in order.
    #[serde(default = "micro_batch")]
    pub micro_batch: usize,
    /// Learning rate that it begins with.
    #[serde(rename = "lr")]
    pub rate: f64,
    /// How the rate falls.
    pub schedule: Schedule,
    /// What is left of the last change in the next one.
    pub momentum: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Share of values that a Dropout leaves out.
    pub dropout: f64,
    /// Share of a label's weight that is spread over all classes.
    #[serde(default)]
    pub label_smoothing: f64,
    /// Weights that are not taken over.
    pub init: Init,
    /// Root mean square that no convolution filter may exceed (ZF §3.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_rms: Option<f64>,
    /// Part of a batch norm's running statistics that a micro-batch's own takes the place of.
    #[serde(default = "norm_momentum")]
    pub norm_momentum: f64,
    /// Epochs without a better validation loss after which it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<usize>,
    /// From photograph to input.
    pub input: Input,
}

/// From photograph to input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Shorter side of a resized photograph, of whose centre a square of that side is kept, for an input of `crop` pixels; in
    /// this proportion for other inputs.
    pub side: u32,
    /// Side of the input that `side` is told for.
    pub crop: u32,
    /// What of the square is shown.
    pub view: View,
    /// Whether half of the views are mirrored.
    pub flip: bool,
    /// What is subtracted.
    pub mean: Mean,
    /// The family whose range, mean and standard deviation it is.
    pub preset: Range,
}

/// What of a photograph's square is shown in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// A place drawn by lot, at the input's size.
    Crop,
    /// A place, size (from that share of the area to all of it) and proportion (3:4 to 4:3) drawn by lot, resized.
    Resized {
        /// Least share of the area.
        least: f64,
    },
    /// The centre.
    Centre,
}

/// What is subtracted from the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mean {
    /// The mean of the training photographs at each place.
    Pixel,
    /// The family's.
    Preset,
}

/// In what numbers an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// Levels of 0 to 255, nothing subtracted or divided.
    Raw,
    /// torchvision's: 0 to 1, less ImageNet's mean, by its standard deviation.
    Torchvision,
    /// Those that the weights are used to, channels' order and interpolation too.
    Own,
}

fn micro_batch() -> usize {
    32
}

fn norm_momentum() -> f64 {
    0.1
}

impl Recipe {
    /// The names of those that are shipped.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A recipe that is shipped, changed where values are told otherwise (`lr = 0.02`, `input.flip = false`).
    ///
    /// # Errors
    /// [`Error::UnknownName`]; [`Error::Usage`] for a value that is none of a recipe's, or cannot be.
    pub fn named(name: &str, changes: &BTreeMap<String, String>) -> Result<Self> {
        let found = SHIPPED.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| Error::UnknownName {
            kind: "recipe",
            name: name.to_owned(),
            known: Self::names().map(str::to_owned).collect(),
            also: Vec::new(),
            advice: String::new(),
        })?;
        Self::of_text(text, changes)
    }

    /// A recipe of a file's text, likewise.
    ///
    /// # Errors
    /// [`Error::Usage`].
    pub fn of_text(text: &str, changes: &BTreeMap<String, String>) -> Result<Self> {
        let wrong = |problem: String| Error::Usage(format!("recipe: {problem}"));
        let mut table: toml::Table =
            toml::from_str(text).map_err(|error| wrong(error.message().to_owned()))?;
        for (key, value) in changes {
            set(&mut table, key, value).map_err(&wrong)?;
        }
        let recipe: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
        recipe.check().map_err(wrong)?;
        Ok(recipe)
    }

    /// How its passes differ from those that only look.
    pub fn learning(&self, norms: Norms, precision: Precision) -> Learning {
        Learning {
            dropout: self.dropout,
            smoothing: self.label_smoothing,
            norms,
            norm_momentum: self.norm_momentum,
            precision,
        }
    }

    /// Whether its rate or its end depends on the photographs that are held back.
    pub fn heeds_validation(&self) -> bool {
        matches!(self.schedule, Schedule::Plateau { .. }) || self.early_stopping.is_some()
    }

    fn check(&self) -> Result<(), String> {
        let share = |name: &str, value: f64| match (0.0..1.0).contains(&value) {
            true => Ok(()),
            false => Err(format!("{name} must be from 0 to below 1, found {value}")),
        };
        let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(format!("{name} must be above 0, found {value}")),
        };
        let some = |name: &str, value: usize| match value {
            0 => Err(format!("{name} must be at least 1")),
            _ => Ok(()),
        };
        some("epochs", self.epochs)?;
        some("batch", self.batch)?;
        some("micro_batch", self.micro_batch)?;
        positive("lr", self.rate)?;
        share("momentum", self.momentum)?;
        share("dropout", self.dropout)?;
        share("label_smoothing", self.label_smoothing)?;
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return Err(format!(
                "weight_decay must be 0 or above, found {}",
                self.weight_decay
            ));
        }
        let part = |name: &str, value: f64| match value > 0.0 && value <= 1.0 {
            true => Ok(()),
            false => Err(format!(
                "{name} must be above 0 and at most 1, found {value}"
            )),
        };
        part("norm_momentum", self.norm_momentum)?;
        if let View::Resized { least } = self.input.view {
            part("input.view.resized.least", least)?;
        }
        self.filter_rms
            .map_or(Ok(()), |bound| positive("filter_rms", bound))?;
        self.early_stopping
            .map_or(Ok(()), |epochs| some("early_stopping", epochs))?;
        self.schedule.check()?;
        match self.input.side >= self.input.crop && self.input.crop > 0 {
            true => Ok(()),
            false => Err("input.side must not be below input.crop".into()),
        }
    }

    /// Side of the square that is kept of a photograph, for an input of that side.
    pub fn side(&self, crop: u32) -> u32 {
        let side = u64::from(crop) * u64::from(self.input.side);
        let crop_told = u64::from(self.input.crop);
        ((side + crop_told / 2) / crop_told) as u32
    }
}

/// Sets a value by its dotted name, read as TOML, or as a text where it is none.
fn set(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let read = toml::Value::from_str(value).unwrap_or_else(|_| toml::Value::String(value.into()));
    let (inside, last) = match key.rsplit_once('.') {
        Some((path, last)) => (Some(path), last),
        None => (None, key),
    };
    let table = match inside {
        None => table,
        Some(path) => table
            .get_mut(path)
            .and_then(toml::Value::as_table_mut)
            .ok_or_else(|| format!("has no part '{path}'"))?,
    };
    table.insert(last.to_owned(), read);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(changes: &[(&str, &str)]) -> Result<Recipe> {
        let changes = changes.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Recipe::named("zf", &changes.collect())
    }

    #[test]
    fn all_that_are_shipped_can_be_read() {
        for name in Recipe::names() {
            Recipe::named(name, &BTreeMap::new()).unwrap();
        }
        let zf = changed(&[]).unwrap();
        assert_eq!((zf.side(224), zf.side(64)), (256, 73));
        assert_eq!(zf.init, Init::Normal(0.01));
    }

    #[test]
    fn values_are_told_otherwise() {
        let told = changed(&[("lr", "0.02"), ("init", "he"), ("input.flip", "false")]).unwrap();
        assert_eq!(
            (told.rate, told.init, told.input.flip),
            (0.02, Init::He, false)
        );
        let step = changed(&[("schedule", "{ step = { every = 3, factor = 0.5 } }")]).unwrap();
        assert_eq!(step.schedule.rate(1.0, 10, &[0.0; 4]), 0.5);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (key, value, says) in [
            ("lr", "0", "lr must be above 0"),
            ("dropout", "1", "dropout must be from 0"),
            ("batch", "0", "batch must be at least 1"),
            ("early_stopping", "0", "early_stopping must be at least 1"),
            ("norm_momentum", "-0.1", "norm_momentum must be above 0"),
            (
                "input.view",
                "{ resized = { least = 1.5 } }",
                "input.view.resized.least must be above 0 and at most 1",
            ),
            ("epoch", "3", "unknown field `epoch`"),
            ("input.size", "3", "unknown field `size`"),
            ("inputs.side", "3", "no part 'inputs'"),
            ("lr", "fast", "invalid type"),
        ] {
            let error = changed(&[(key, value)]).unwrap_err().to_string();
            assert!(error.contains(says), "{key} = {value}: {error}");
        }
        assert!(Recipe::named("zff", &BTreeMap::new()).is_err());
    }
}
