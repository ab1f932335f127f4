//! Published errors that a variant stands beside.

use serde::{Deserialize, Serialize};

/// Errors in percent, as papers print them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Errors {
    /// Of the training photographs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<f64>,
    /// Of the validation photographs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub val_top1: Option<f64>,
    /// Likewise, of the first five classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub val_top5: Option<f64>,
}

/// What was published of a variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// As in [`Errors`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    train: Option<f64>,
    /// Likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    val_top1: Option<f64>,
    /// Likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    val_top5: Option<f64>,
    /// Where.
    pub source: String,
    /// Of what it is held against there, where that is not the study's base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Errors>,
}

impl Published {
    /// The variant's.
    pub fn errors(&self) -> Errors {
        Errors {
            train: self.train,
            val_top1: self.val_top1,
            val_top5: self.val_top5,
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.errors().check("")?;
        self.base.map_or(Ok(()), |base| base.check("base."))
    }
}

impl Errors {
    fn check(&self, before: &str) -> Result<(), String> {
        let named = [
            ("train", self.train),
            ("val_top1", self.val_top1),
            ("val_top5", self.val_top5),
        ];
        if named.iter().all(|(_, value)| value.is_none()) {
            return Err(format!(
                "published.{before}train, val_top1 and val_top5: none is told"
            ));
        }
        let out = |(_, value): &&(&str, Option<f64>)| {
            value.is_some_and(|value| !(0.0..=100.0).contains(&value))
        };
        if let Some((name, Some(value))) = named.iter().find(out) {
            return Err(format!(
                "published.{before}{name} is an error in percent, from 0 to 100; found {value}"
            ));
        }
        match (self.val_top1, self.val_top5) {
            (Some(one), Some(five)) if five > one => Err(format!(
                "published.{before}val_top5 ({five}) is above val_top1 ({one}), which cannot be"
            )),
            _ => Ok(()),
        }
    }
}
