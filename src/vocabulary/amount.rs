//! How many of something, or which.

use std::fmt;

use serde::{Serialize, Serializer};

/// How many photographs or maps, or which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Amount {
    /// None.
    #[default]
    None,
    /// Those with masks, or with what an experiment is asked to look at.
    Masked,
    /// So many; where some have masks, beside those.
    Some(usize),
    /// All.
    All,
    /// Those of these names.
    Named(Vec<String>),
}

impl Amount {
    /// How many at most, those with masks apart; no bound where it is all.
    pub fn most(&self) -> usize {
        match self {
            Self::None | Self::Masked => 0,
            Self::Some(number) => *number,
            Self::All => usize::MAX,
            Self::Named(names) => names.len(),
        }
    }
}

/// A form of an amount that an option takes.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// `none`.
    None,
    /// `masked`.
    Masked,
    /// `all`.
    All,
    /// A number, 0 too.
    Number,
    /// A number; 0 stands for `none` where the option takes that.
    AtLeastOne,
    /// Names with commas between: what they are called, and which text may be one.
    Names(&'static str, fn(&str) -> bool),
}

impl Form {
    /// What an error calls it.
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Masked => "masked",
            Self::All => "all",
            Self::Number | Self::AtLeastOne => "a number",
            Self::Names(what, _) => what,
        }
    }

    /// The amount that a text is in this form; `None` where it has another.
    fn read(self, text: &str) -> Option<Amount> {
        match self {
            Self::None => (text == "none").then_some(Amount::None),
            Self::Masked => (text == "masked").then_some(Amount::Masked),
            Self::All => (text == "all").then_some(Amount::All),
            Self::Number | Self::AtLeastOne => text.parse().ok().map(Amount::Some),
            Self::Names(_, is_name) => {
                let names = text.split(',');
                let all = names.clone().all(is_name);
                let names = names.filter(|name| !name.is_empty());
                let names: Vec<String> = names.map(str::to_owned).collect();
                (all && !names.is_empty()).then_some(Amount::Named(names))
            }
        }
    }
}

/// A parser of amounts in these forms.
pub fn amount(
    forms: &'static [Form],
) -> impl Fn(&str) -> Result<Amount, String> + Clone + Send + Sync + 'static {
    move |text| {
        let has = |wanted: fn(&Form) -> bool| forms.iter().any(wanted);
        let read = forms.iter().find_map(|form| form.read(text));
        match read.ok_or_else(|| expected(forms))? {
            Amount::Some(0) if has(|form| matches!(form, Form::AtLeastOne)) => {
                match has(|form| matches!(form, Form::None)) {
                    true => Ok(Amount::None),
                    false => Err("must be at least 1".into()),
                }
            }
            amount => Ok(amount),
        }
    }
}

/// `expected none, masked, all or a number`; names stand apart, as they have commas of their own.
fn expected(forms: &[Form]) -> String {
    let names: Vec<&str> = forms.iter().map(|form| form.name()).collect();
    match (forms, &names[..]) {
        ([.., Form::Names(..)], [others @ .., last]) if !others.is_empty() => {
            format!("expected {}, or {last}", others.join(", "))
        }
        (_, [others @ .., last]) if !others.is_empty() => {
            format!("expected {} or {last}", others.join(", "))
        }
        _ => format!("expected {}", names.concat()),
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Masked => f.write_str("masked"),
            Self::Some(number) => number.fmt(f),
            Self::All => f.write_str("all"),
            Self::Named(names) => f.write_str(&names.join(",")),
        }
    }
}

/// As it is typed.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: Form = Form::Names("maps as in conv1:3", |name| name.contains(':'));
    const ANY: Form = Form::Names("paths", |_| true);

    #[test]
    fn amounts_are_read_in_the_forms_of_their_option_and_written_as_they_are_read() {
        let forms: &[Form] = &[Form::None, Form::Masked, Form::All, Form::Number];
        for (text, read) in [
            ("none", Amount::None),
            ("masked", Amount::Masked),
            ("all", Amount::All),
            ("0", Amount::Some(0)),
            ("12", Amount::Some(12)),
        ] {
            assert_eq!(amount(forms)(text), Ok(read.clone()));
            assert_eq!(read.to_string(), text);
        }
        let named = |names: &[&str]| Ok(Amount::Named(names.iter().map(|n| (*n).into()).collect()));
        let maps = amount(&[Form::AtLeastOne, Form::All, MAPS]);
        assert_eq!(maps("a:b:3,c:17"), named(&["a:b:3", "c:17"]));
        assert_eq!(amount(&[Form::AtLeastOne, ANY])("all"), named(&["all"]));
        assert_eq!(maps("0").unwrap_err(), "must be at least 1");
        let none_or_some = amount(&[Form::None, Form::AtLeastOne]);
        assert_eq!(none_or_some("0"), Ok(Amount::None));
    }

    #[test]
    fn what_was_expected_is_told() {
        for (forms, told) in [
            (
                &[Form::None, Form::All, Form::Number][..],
                "none, all or a number",
            ),
            (&[Form::Number, Form::All], "a number or all"),
            (&[Form::Number, MAPS], "a number, or maps as in conv1:3"),
        ] {
            assert_eq!(expected(forms), format!("expected {told}"));
            assert_eq!(
                amount(&[Form::Number, MAPS])("conv1,").unwrap_err(),
                "expected a number, or maps as in conv1:3"
            );
        }
    }
}
