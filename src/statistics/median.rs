//! The middle of values.

/// The middle of ascending values; `None` of nothing.
pub fn median(ascending: &[f64]) -> Option<f64> {
    let upper = *ascending.get(ascending.len() / 2)?;
    match ascending.len() % 2 {
        1 => Some(upper),
        _ => Some((ascending[ascending.len() / 2 - 1] + upper) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_it_is_their_mean() {
        assert_eq!(median(&[1.0, 2.0]), Some(1.5));
        assert_eq!(median(&[1.0, 2.0, 7.0]), Some(2.0));
        assert_eq!(median(&[]), None);
    }
}
