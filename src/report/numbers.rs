//! Numbers as people read them.

use network::Size;
use records::tables::MetricRow;
use serde_json::Value;

/// What stands where there is no number.
pub(super) const DASH: &str = "–";

/// `4000` as `4,000`.
pub(super) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The size of a picture, as that of photographs is told: width × height.
pub(super) fn size(size: Size) -> String {
    format!("{} × {}", size.width, size.height)
}

/// A probability: `0.80`, `0.004`, `< 0.001`; or a score, which may be below 0: `−2.30`.
pub(super) fn probability(p: impl Into<f64>) -> String {
    match p.into() {
        p if !p.is_finite() => DASH.to_owned(),
        p if p <= -0.0005 => format!("−{}", probability(-p)),
        p if p < 0.0 => "> −0.001".to_owned(),
        p if p >= 0.095 => format!("{p:.2}"),
        p if p >= 0.0005 => format!("{p:.3}"),
        0.0 => "0".to_owned(),
        _ => "< 0.001".to_owned(),
    }
}

/// A class with its probability: `tabby 0.61`.
pub(super) fn named(class: &str, p: impl Into<f64>) -> String {
    format!("{class} {}", probability(p))
}

/// A change with its sign: `+0.03`, `−0.52`.
pub(super) fn change(value: f64) -> String {
    match value {
        value if !value.is_finite() => DASH.to_owned(),
        value if value.abs() < 0.005 => "0.00".to_owned(),
        value => format!("{value:+.2}").replace('-', "−"),
    }
}

/// A difference of shares in percentage points: `−2.0`, `+0.5`.
pub(super) fn points(share: f64) -> String {
    match share * 100.0 {
        value if !value.is_finite() => DASH.to_owned(),
        value if value.abs() < 0.05 => "0.0".to_owned(),
        value => format!("{value:+.1}").replace('-', "−"),
    }
}

/// A p-value: `0.21`, `0.0031`, `< 0.0001`.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if !p.is_finite() => DASH.to_owned(),
        p if p >= 0.995 => format!("{p:.2}"),
        p if p >= 0.0095 => format!("{p:.3}"),
        p if p >= 0.0001 => format!("{p:.4}"),
        _ => "< 0.0001".to_owned(),
    }
}

/// A p-value behind the letter: `= 0.031`, `< 0.0001`.
pub(super) fn p_told(p: f64) -> String {
    match p_value(p) {
        text if text.starts_with('<') => text,
        text => format!("= {text}"),
    }
}

/// A difference that may be tiny: `0.31`, `2.4e-7`.
pub(super) fn small(value: f64) -> String {
    match value {
        value if !value.is_finite() => DASH.to_owned(),
        0.0 => "0".to_owned(),
        value if value.abs() >= 0.001 => format!("{value:.3}"),
        value => format!("{value:.1e}"),
    }
}

/// A share as `52.3 %`.
pub(super) fn percent(share: impl Into<f64>) -> String {
    match share.into() {
        share if !share.is_finite() => DASH.to_owned(),
        share => format!("{:.1}\u{a0}%", share * 100.0),
    }
}

/// A share without decimals: `52 %`.
pub(super) fn whole_percent(share: impl Into<f64>) -> String {
    match share.into() {
        share if !share.is_finite() => DASH.to_owned(),
        share => format!("{:.0}\u{a0}%", share * 100.0),
    }
}

/// An activation in four digits or so: `12.34`, `0.0123`.
pub(super) fn activation(value: impl Into<f64>) -> String {
    let value = value.into();
    match value.abs() {
        v if !v.is_finite() => DASH.to_owned(),
        0.0 => "0".to_owned(),
        v if v >= 1000.0 => format!("{value:.0}"),
        v if v >= 100.0 => format!("{value:.1}"),
        v if v >= 0.1 => format!("{value:.2}"),
        v if v >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

/// A number that may be missing.
pub(super) trait Number {
    /// `None` where it is missing.
    fn known(self) -> Option<f64>;
}

impl Number for f64 {
    fn known(self) -> Option<f64> {
        Some(self)
    }
}

impl Number for f32 {
    fn known(self) -> Option<f64> {
        Some(self.into())
    }
}

impl<N: Number> Number for Option<N> {
    fn known(self) -> Option<f64> {
        self?.known()
    }
}

/// A value that may be missing, printed by `print`, a dash otherwise.
pub(super) fn or_dash<T>(value: Option<T>, print: impl Fn(T) -> String) -> String {
    value.map_or_else(|| DASH.to_owned(), print)
}

/// An option's value as one reads it: nothing where there is none, lists with commas, parts behind their names.
pub(super) fn option(value: &Value) -> String {
    fn by_commas(items: impl Iterator<Item = String>) -> String {
        items.collect::<Vec<_>>().join(", ")
    }
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => by_commas(values.iter().map(option)),
        Value::Object(parts) => {
            let parts = parts.iter().filter(|(_, part)| !part.is_null());
            by_commas(
                parts.map(|(name, part)| format!("{} {}", name.replace('_', " "), option(part))),
            )
        }
        other => other.to_string(),
    }
}

/// What a description lists, one after another.
pub(super) fn listed(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join("; ")
}

/// The 95 % interval of a share, `47.3–57.1 %`.
pub(super) fn share_interval(metric: &MetricRow) -> Option<String> {
    let (low, high) = (metric.low?, metric.high?);
    Some(format!("{:.1}–{}", low * 100.0, percent(high)))
}

/// The 95 % interval of a difference, `0.40 to 0.66`, with `between` for the word.
pub(super) fn change_interval(low: f64, high: f64, between: &str) -> String {
    format!("{} {between} {}", change(low), change(high))
}

/// The mean of what is finite; `None` of nothing.
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0_usize);
    for value in values.into_iter().filter(|value| value.is_finite()) {
        sum += value;
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [count(7), count(400), count(4000), count(1_234_567)],
            ["7", "400", "4,000", "1,234,567"]
        );
        assert_eq!(
            [0.8, 0.0999, 0.0042, 0.0001, 0.0, f64::NAN].map(probability),
            ["0.80", "0.10", "0.004", "< 0.001", "0", "–"]
        );
        assert_eq!(
            [0.031, -0.52, -0.0001].map(change),
            ["+0.03", "−0.52", "0.00"]
        );
        assert_eq!(
            [12.345, 0.01234, 1234.5, 1e-9].map(activation),
            ["12.35", "0.0123", "1234", "1.0e-9"]
        );
        assert_eq!(mean([1.0, f64::NAN, 3.0]), Some(2.0));
        assert_eq!(mean([]), None);
    }
}
