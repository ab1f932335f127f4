//! A rule: a figure of the run, an operator, and what it is held against.

use std::fmt;
use std::str::FromStr;

use base::Error;

use super::parse;

/// What must hold of a run, as in `top1_accuracy >= 0.6`.
///
/// ```text
/// rule      figure operator number
///           figure operator "baseline" [("+" | "-") number] [certainty]
///           figure "not more than" number ["points"] ("below" | "above") "baseline" [certainty]
/// figure    metric [ "[" scope "]" ] [ ".value" | ".low" | ".high" | ".count" ]
/// operator  ">=" | ">" | "<=" | "<" | "==" | "!="
/// number    0.6 or 60 %
/// certainty [","] ["proven"] "at" number "%"
/// ```
///
/// A scope that holds `]`, quotes, control characters or outer blanks is written as a JSON string. `not more than 2
/// points below baseline` is `>= baseline - 0.02`, and `above` is `<= baseline + …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What is looked at.
    pub figure: Figure,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with.
    pub bound: Bound,
}

/// A figure of `metrics.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name there.
    pub metric: String,
    /// `all`, or `class:<label>`.
    pub scope: String,
    /// Which of the row's numbers.
    pub part: Part,
}

/// One of a metric's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The figure itself.
    Value,
    /// The lower end of its 95 % interval.
    Low,
    /// The upper end of its 95 % interval.
    High,
    /// The photos that it rests on.
    Count,
}

/// A comparison of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

/// What a figure is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// The same figure of the baseline run, plus `offset`.
    Baseline {
        /// What is added to the baseline's figure.
        offset: f64,
        /// Whether chance is reckoned with.
        certainty: Option<Certainty>,
    },
}

/// How a change against the baseline is told from chance: by the two-sided interval of the paired difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certainty {
    /// Of the interval, in percent.
    pub percent: f64,
    /// Who has to show it: the rule holds only where all of the interval satisfies it (`true`), or fails only where
    /// none of it does (`false`).
    pub proven: bool,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 4] = [Self::Value, Self::Low, Self::High, Self::Count];

    /// As in a rule.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Low => "low",
            Self::High => "high",
            Self::Count => "count",
        }
    }
}

impl Operator {
    /// All operators; of two that begin alike the longer comes first.
    pub const ALL: [Self; 6] = [
        Self::AtLeast,
        Self::Above,
        Self::AtMost,
        Self::Below,
        Self::Equal,
        Self::Unequal,
    ];

    /// As in a rule.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Equal => "==",
            Self::Unequal => "!=",
        }
    }

    /// What holds exactly where this does not.
    pub fn opposite(self) -> Self {
        match self {
            Self::AtLeast => Self::Below,
            Self::Above => Self::AtMost,
            Self::AtMost => Self::Above,
            Self::Below => Self::AtLeast,
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
        }
    }

    /// Whether `found` satisfies it. Numbers that differ only by rounding (1e-12 of their size) are equal; what is not
    /// a finite number satisfies nothing.
    pub fn holds(self, found: f64, bound: f64) -> bool {
        self.holds_up_to(found, bound, 1e-12 * found.abs().max(bound.abs()).max(1.0))
    }

    /// Likewise, where numbers that differ by no more than `rounding` are equal.
    pub(super) fn holds_up_to(self, found: f64, bound: f64, rounding: f64) -> bool {
        if !(found.is_finite() && bound.is_finite()) {
            return false;
        }
        let equal = (found - bound).abs() <= rounding;
        match self {
            Self::AtLeast => equal || found > bound,
            Self::Above => !equal && found > bound,
            Self::AtMost => equal || found < bound,
            Self::Below => !equal && found < bound,
            Self::Equal => equal,
            Self::Unequal => !equal,
        }
    }
}

impl Bound {
    /// Whether it takes a baseline to tell.
    pub fn needs_baseline(&self) -> bool {
        matches!(self, Self::Baseline { .. })
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse::rule(text)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.figure,
            self.operator.symbol(),
            self.bound
        )
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        if self.scope != super::ALL {
            let plain = self.scope.trim() == self.scope
                && !self.scope.is_empty()
                && !self.scope.contains([']', '"'])
                && !self.scope.contains(unprintable);
            match plain {
                true => write!(f, "[{}]", self.scope)?,
                false => write!(f, "[{}]", quoted(&self.scope))?,
            }
        }
        match self.part {
            Part::Value => Ok(()),
            part => write!(f, ".{}", part.name()),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (offset, certainty) = match self {
            Self::Number(number) => return number.fmt(f),
            Self::Baseline { offset, certainty } => (offset, certainty),
        };
        f.write_str("baseline")?;
        if *offset != 0.0 {
            let sign = if *offset < 0.0 { '-' } else { '+' };
            write!(f, " {sign} {}", offset.abs())?;
        }
        match certainty {
            Some(certainty) => write!(f, ", {certainty}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proven = if self.proven { "proven " } else { "" };
        write!(f, "{proven}at {} %", self.percent)
    }
}

/// A JSON string in which everything that a terminal or XML would trip over is escaped.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let mut quoted = String::with_capacity(json.len());
    for c in json.chars() {
        match unprintable(c) {
            true => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => quoted.push(c),
        }
    }
    quoted
}

fn unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}
