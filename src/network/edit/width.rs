//! Numbers of an edit: how wide a layer becomes, and how large its window.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A layer's width: a number, or a factor of what it is (`"x0.5"`, `"x4/3"`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Width {
    /// So many.
    Number(usize),
    /// So many times as many, by so many, rounded.
    Factor(f64, f64),
}

/// Rows and columns of a window; in a file one number for both, or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrTwo", into = "OneOrTwo")]
pub struct Sides(pub [usize; 2]);

#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a number, or a factor such as \"x0.5\""
)]
enum Written {
    Number(usize),
    Factor(String),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, or two: [rows, columns]")]
enum OneOrTwo {
    One(usize),
    Two([usize; 2]),
}

impl Width {
    /// The width of a layer that was so wide.
    ///
    /// # Errors
    /// What it would be, where that is nothing.
    pub(super) fn of(self, before: usize) -> Result<usize, String> {
        let width = match self {
            Self::Number(number) => number,
            Self::Factor(times, by) => (before as f64 * times / by).round() as usize,
        };
        match width {
            0 => Err(format!("would have a width of 0 ({self} of {before})")),
            width => Ok(width),
        }
    }
}

impl TryFrom<Written> for Width {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(number) => Ok(Self::Number(number)),
            Written::Factor(text) => {
                let positive = |text: &str| {
                    let number = text.parse().ok();
                    number.filter(|number: &f64| number.is_finite() && *number > 0.0)
                };
                let factor = text.strip_prefix('x').and_then(|factor| {
                    let (times, by) = factor.split_once('/').unwrap_or((factor, "1"));
                    Some(Self::Factor(positive(times)?, positive(by)?))
                });
                let wrong =
                    || format!("expected a number, or a factor such as \"x0.5\", found \"{text}\"");
                factor.ok_or_else(wrong)
            }
        }
    }
}

impl From<Width> for Written {
    fn from(width: Width) -> Self {
        match width {
            Width::Number(number) => Self::Number(number),
            Width::Factor(..) => Self::Factor(width.to_string()),
        }
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Factor(times, 1.0) => write!(f, "x{times}"),
            Self::Factor(times, by) => write!(f, "x{times}/{by}"),
        }
    }
}

impl From<OneOrTwo> for Sides {
    fn from(sides: OneOrTwo) -> Self {
        match sides {
            OneOrTwo::One(side) => Self([side; 2]),
            OneOrTwo::Two(sides) => Self(sides),
        }
    }
}

impl From<Sides> for OneOrTwo {
    fn from(Sides([rows, columns]): Sides) -> Self {
        match rows == columns {
            true => Self::One(rows),
            false => Self::Two([rows, columns]),
        }
    }
}

impl fmt::Display for Sides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([rows, columns]) = self;
        match rows == columns {
            true => write!(f, "{rows}"),
            false => write!(f, "{rows}×{columns}"),
        }
    }
}
