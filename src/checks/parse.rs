//! A rule's text → [`Rule`], with the place where it goes wrong.

use base::{Error, Result};

use super::rule::{Bound, Certainty, Figure, Operator, Part, Rule};
use super::{change, ALL};

/// Reads a whole rule.
pub(super) fn rule(text: &str) -> Result<Rule> {
    let mut cursor = Cursor { text, at: 0 };
    let figure = cursor.figure()?;
    cursor.blanks();
    let before = cursor.at;
    let (operator, bound) = match cursor.take_words("not more than") {
        true => cursor.margin()?,
        false => (cursor.operator()?, cursor.bound()?),
    };
    cursor.end()?;
    if let Bound::Baseline {
        certainty: Some(_), ..
    } = bound
    {
        cursor.at = before;
        cursor.told_from_chance(&figure, operator)?;
    }
    Ok(Rule {
        figure,
        operator,
        bound,
    })
}

/// The text, and how much of it has been read.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Reads `token` where it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Reads words where they come next, whole and in this order.
    fn take_words(&mut self, words: &str) -> bool {
        let before = self.at;
        for word in words.split(' ') {
            let whole = self.take(word)
                && !self
                    .rest()
                    .starts_with(|c: char| c.is_alphanumeric() || c == '_');
            if !whole {
                self.at = before;
                return false;
            }
        }
        true
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn figure(&mut self) -> Result<Figure> {
        self.blanks();
        let metric = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if metric.is_empty() {
            return Err(self.expected("the name of a metric, as in top1_accuracy >= 0.6"));
        }
        Ok(Figure {
            metric: metric.to_owned(),
            scope: self.scope()?,
            part: self.part()?,
        })
    }

    fn scope(&mut self) -> Result<String> {
        if !self.take("[") {
            return Ok(ALL.to_owned());
        }
        self.blanks();
        let scope = match self.rest().starts_with('"') {
            true => self.quoted()?,
            false => self.take_while(|c| c != ']').trim_end().to_owned(),
        };
        if scope.is_empty() {
            return Err(self.expected("a scope, as in [class:dog]"));
        }
        match self.take("]") {
            true => Ok(scope),
            false => Err(self.expected("']' after the scope")),
        }
    }

    fn quoted(&mut self) -> Result<String> {
        let mut strings = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        match strings.next() {
            Some(Ok(text)) => {
                self.at += strings.byte_offset();
                Ok(text)
            }
            _ => Err(self.expected("a scope quoted as in JSON")),
        }
    }

    fn part(&mut self) -> Result<Part> {
        if !self.take(".") {
            return Ok(Part::Value);
        }
        let part = Part::ALL
            .into_iter()
            .find(|part| self.take_words(part.name()));
        part.ok_or_else(|| self.expected("value, low, high or count"))
    }

    fn operator(&mut self) -> Result<Operator> {
        let operator = Operator::ALL
            .into_iter()
            .find(|operator| self.take(operator.symbol()));
        operator.ok_or_else(|| self.expected("one of >= > <= < == != or 'not more than'"))
    }

    fn bound(&mut self) -> Result<Bound> {
        if !self.take_words("baseline") {
            let number = self.number("a number or 'baseline'")?;
            let percent = self.take("%");
            return Ok(Bound::Number(if percent { number / 100.0 } else { number }));
        }
        let offset = if self.take("-") {
            -self.margin_number()?
        } else if self.take("+") {
            self.margin_number()?
        } else {
            0.0
        };
        let certainty = self.certainty()?;
        Ok(Bound::Baseline { offset, certainty })
    }

    /// `2 points below baseline`, after `not more than`.
    fn margin(&mut self) -> Result<(Operator, Bound)> {
        let number = self.margin_number()?;
        let points = self.take_words("points") || self.take_words("point");
        let margin = if points { number / 100.0 } else { number };
        let (operator, offset) = if self.take_words("below") {
            (Operator::AtLeast, -margin)
        } else if self.take_words("above") {
            (Operator::AtMost, margin)
        } else {
            return Err(self.expected("'points below baseline' or 'points above baseline'"));
        };
        if !self.take_words("baseline") {
            return Err(self.expected("'baseline'"));
        }
        let certainty = self.certainty()?;
        Ok((operator, Bound::Baseline { offset, certainty }))
    }

    fn margin_number(&mut self) -> Result<f64> {
        self.blanks();
        let before = self.at;
        let number = self.number("a number")?;
        if number < 0.0 {
            self.at = before;
            return Err(self.expected("a number that is not negative"));
        }
        Ok(number)
    }

    fn certainty(&mut self) -> Result<Option<Certainty>> {
        let comma = self.take(",");
        let proven = self.take_words("proven");
        if !self.take_words("at") {
            return match comma || proven {
                true => Err(self.expected("'at 95 %'")),
                false => Ok(None),
            };
        }
        self.blanks();
        let before = self.at;
        let percent = self.number("a number of percent, as in 'at 95 %'")?;
        if !self.take("%") {
            return Err(self.expected("'%'"));
        }
        if !(percent > 0.0 && percent < 100.0) {
            self.at = before;
            return Err(self.expected("a number of percent between 0 and 100"));
        }
        Ok(Some(Certainty { percent, proven }))
    }

    fn number(&mut self, what: &str) -> Result<f64> {
        self.blanks();
        let before = self.at;
        let sign = self.rest().starts_with(['-', '+']);
        self.at += usize::from(sign);
        self.take_while(|c| c.is_ascii_digit() || c == '.');
        if self.rest().starts_with(['e', 'E']) {
            self.at += 1;
            self.at += usize::from(self.rest().starts_with(['-', '+']));
            self.take_while(|c| c.is_ascii_digit());
        }
        let digits = self.text.get(before..self.at).unwrap_or_default();
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => {
                self.at = before;
                Err(self.expected(what))
            }
        }
    }

    fn end(&mut self) -> Result<()> {
        self.blanks();
        match self.rest() {
            "" => Ok(()),
            _ => Err(self.expected("the end of the rule")),
        }
    }

    /// Chance can be reckoned with where the photos are compared one by one.
    fn told_from_chance(&self, figure: &Figure, operator: Operator) -> Result<()> {
        if !change::can_be_paired(&figure.metric) || figure.part != Part::Value {
            return Err(self.problem(format!(
                "'at … %' is for {}, which are compared photo by photo; for {} leave it out",
                change::PAIRED.join(" and "),
                Figure {
                    scope: ALL.into(),
                    ..figure.clone()
                }
            )));
        }
        match operator {
            Operator::Equal | Operator::Unequal => Err(self.problem(format!(
                "'at … %' goes with >=, >, <= and <, not with {}",
                operator.symbol()
            ))),
            _ => Ok(()),
        }
    }

    fn expected(&mut self, what: &str) -> Error {
        self.blanks();
        let rest: String = self.rest().chars().take(20).collect();
        let rest = rest.replace(char::is_control, " ");
        self.problem(match rest.as_str() {
            "" => format!("expected {what}, found its end"),
            rest => format!("expected {what}, found '{rest}'"),
        })
    }

    fn problem(&self, problem: String) -> Error {
        let read = self.text.get(..self.at).unwrap_or_default();
        Error::Rule {
            origin: String::new(),
            rule: self.text.replace(char::is_control, " "),
            character: read.chars().count() + 1,
            problem,
        }
    }
}
