//! What options are made of: amounts, colours, numbers, and how each is read.

mod amount;

pub use amount::{amount, Amount, Form};

use clap::ValueEnum;
use serde::Serialize;

/// A colour, red green blue.
pub type Colour = [u8; 3];

/// Whether raw maps are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrays {
    /// They are
    All,
    /// Pictures only
    None,
}

impl std::fmt::Display for Arrays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::None => "none",
        })
    }
}

/// Reads a colour.
///
/// # Errors
/// What was expected.
pub fn colour(text: &str) -> Result<Colour, String> {
    let parts: Vec<u8> = text
        .split(',')
        .map(|part| part.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| "expected three numbers from 0 to 255, as in 128,128,128".to_owned())?;
    parts
        .try_into()
        .map_err(|_| "expected three numbers, as in 128,128,128".to_owned())
}

/// Reads a number that may not be 0.
///
/// # Errors
/// What was expected.
pub fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(number) => Ok(number),
        Err(_) => Err("expected a whole number, at least 1".into()),
    }
}

/// Reads a number of tiles: as many as have room on a sheet that can be looked at.
///
/// # Errors
/// What was expected.
pub fn up_to_400(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=400) => Ok(number),
        _ => Err("expected a whole number from 1 to 400".into()),
    }
}
