//! Values that a description spells as the command line does: `256`, `"128x256"`, `"squash"`.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Spelt {
    Number(i64),
    Words(String),
}

pub(super) fn serialize<T: Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let words = value.as_ref().map(T::to_string);
    let spelt = words.map(|words| match words.parse() {
        Ok(number) => Spelt::Number(number),
        Err(_) => Spelt::Words(words),
    });
    spelt.serialize(serializer)
}

pub(super) fn deserialize<'de, T: FromStr<Err = String>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let words = match Spelt::deserialize(deserializer)? {
        Spelt::Number(number) => number.to_string(),
        Spelt::Words(words) => words,
    };
    words.parse().map(Some).map_err(D::Error::custom)
}
