//! Distances between what windows and what full inference give.

/// The largest difference; infinite where one of two values is not a number.
pub(crate) fn difference(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    pairs
        .map(|(a, b)| match (f64::from(*a) - f64::from(*b)).abs() {
            off if off.is_nan() => f64::INFINITY,
            off => off,
        })
        .fold(0.0, f64::max)
}

/// The largest value less the smallest.
pub(crate) fn range(values: &[f32]) -> f64 {
    let of = |fold: fn(f32, f32) -> f32, start| values.iter().copied().fold(start, fold);
    f64::from(of(f32::max, f32::NEG_INFINITY)) - f64::from(of(f32::min, f32::INFINITY))
}

/// The largest distance from the clean image's values over all positions.
pub(crate) fn change(positions: &[f32], clean: &[f32]) -> f64 {
    let each = positions.chunks(clean.len());
    each.map(|values| difference(values, clean))
        .fold(0.0, f64::max)
}
