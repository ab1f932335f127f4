//! How much a mean rises from one group to the next.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The slope, by least squares, of the groups' means over their places 0, 1, 2, …, each group counting alike however many values
/// it has, and its interval (95 %): Student's t with the degrees of freedom of Welch and Satterthwaite, as values of different groups
/// may scatter differently. Empty groups are left out and keep their places; `None` for fewer than two others. No interval where
/// a group has one value only, or none of them scatters.
pub fn trend(groups: &[Vec<f64>]) -> Option<(f64, Option<(f64, f64)>)> {
    let groups = groups.iter().enumerate();
    let groups: Vec<(f64, &[f64])> = groups
        .filter(|(_, values)| !values.is_empty())
        .map(|(place, values)| (place as f64, &values[..]))
        .collect();
    if groups.len() < 2 {
        return None;
    }
    let middle = groups.iter().map(|(place, _)| place).sum::<f64>() / groups.len() as f64;
    let squares: f64 = groups.iter().map(|(at, _)| (at - middle).powi(2)).sum();
    let (mut slope, mut variance, mut freedom) = (0.0, Some(0.0), 0.0);
    for (place, values) in groups {
        let (weight, count) = ((place - middle) / squares, values.len() as f64);
        let mean = values.iter().sum::<f64>() / count;
        slope += weight * mean;
        if weight == 0.0 {
            continue;
        }
        let scatter: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let part = (values.len() > 1).then(|| weight.powi(2) * scatter / (count - 1.0) / count);
        freedom += part.map_or(0.0, |part| part.powi(2) / (count - 1.0));
        variance = variance.zip(part).map(|(sum, part)| sum + part);
    }
    let interval = variance.filter(|variance| *variance > 0.0);
    let interval = interval.and_then(|variance| {
        let t = StudentsT::new(0.0, 1.0, variance.powi(2) / freedom).ok()?;
        let reach = t.inverse_cdf(0.975) * variance.sqrt();
        Some((slope - reach, slope + reach))
    });
    Some((slope, interval))
}
