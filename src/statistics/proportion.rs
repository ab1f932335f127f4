//! Shares of yes among yes and no, alone and in pairs.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Z95;

/// Wilson's score interval (95 %) of a share (Wilson 1927); `None` without a trial.
pub fn wilson(hits: usize, trials: usize) -> Option<(f64, f64)> {
    (trials > 0).then(|| score_interval(hits as f64 / trials as f64, trials, Z95))
}

pub(super) fn score_interval(share: f64, trials: usize, z: f64) -> (f64, f64) {
    let n = trials as f64;
    let centre = share + z * z / (2.0 * n);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // Exact where rounding would leave a hair.
    let low = if share == 0.0 {
        0.0
    } else {
        (centre - spread) / scale
    };
    let high = if share == 1.0 {
        1.0
    } else {
        (centre + spread) / scale
    };
    (low, high)
}

/// Photos by what two runs made of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairedCounts {
    /// Right in both.
    pub both: usize,
    /// Right in the first alone.
    pub only_first: usize,
    /// Right in the second alone.
    pub only_second: usize,
    /// Wrong in both.
    pub neither: usize,
}

impl PairedCounts {
    /// Counts one photo.
    pub fn count(&mut self, first: bool, second: bool) {
        *match (first, second) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.only_first,
            (false, true) => &mut self.only_second,
            (false, false) => &mut self.neither,
        } += 1;
    }

    /// All photos.
    pub fn total(&self) -> usize {
        self.both + self.only_first + self.only_second + self.neither
    }

    /// Share right in the second less share right in the first; `None` without a photo.
    pub fn difference(&self) -> Option<f64> {
        let (first, second) = (self.only_first as f64, self.only_second as f64);
        (self.total() > 0).then(|| (second - first) / self.total() as f64)
    }
}

/// The interval of the second share less the first, over the same photos: Newcombe's square-and-add of two score
/// intervals with their correlation (Newcombe 1998, Statistics in Medicine 17:2635, method 10). `confidence` is
/// two-sided, between 0 and 1; `None` without a photo or for another confidence.
pub fn paired_difference(counts: &PairedCounts, confidence: f64) -> Option<(f64, f64)> {
    let difference = counts.difference()?;
    if !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let z = Normal::standard().inverse_cdf(0.5 + confidence / 2.0);
    let n = counts.total();
    let share = |hits: usize| {
        let share = hits as f64 / n as f64;
        let (low, high) = score_interval(share, n, z);
        (share - low, high - share)
    };
    let (first_below, first_above) = share(counts.both + counts.only_first);
    let (second_below, second_above) = share(counts.both + counts.only_second);
    let phi = correlation(counts);
    let reach = |a: f64, b: f64| (a * a - 2.0 * phi * a * b + b * b).max(0.0).sqrt();
    Some((
        (difference - reach(second_below, first_above)).max(-1.0),
        (difference + reach(second_above, first_below)).min(1.0),
    ))
}

/// The second of two independent shares, hits of trials each, less the first, and its interval (95 %): Newcombe's square-and-add
/// of two score intervals (Newcombe 1998, Statistics in Medicine 17:873, method 10). `None` without a trial of each.
pub fn share_difference(
    first: (usize, usize),
    second: (usize, usize),
) -> Option<(f64, (f64, f64))> {
    let share = |(hits, trials): (usize, usize)| hits as f64 / trials as f64;
    let ((low_1, high_1), (low_2, high_2)) =
        (wilson(first.0, first.1)?, wilson(second.0, second.1)?);
    let (first, second) = (share(first), share(second));
    let difference = second - first;
    let below = (second - low_2).hypot(high_1 - first);
    let above = (high_2 - second).hypot(first - low_1);
    Some((difference, (difference - below, difference + above)))
}

/// The correlation of the pairs, with the continuity correction of Newcombe's method 10.
fn correlation(counts: &PairedCounts) -> f64 {
    let [a, b, c, d] = [
        counts.both,
        counts.only_first,
        counts.only_second,
        counts.neither,
    ]
    .map(|count| count as f64);
    let margins = (a + b) * (c + d) * (a + c) * (b + d);
    if margins == 0.0 {
        return 0.0;
    }
    let n = a + b + c + d;
    let product = a * d - b * c;
    let corrected = match product > 0.0 {
        true => (product - n / 2.0).max(0.0),
        false => product,
    };
    corrected / margins.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `statsmodels.stats.proportion.proportion_confint(14, 20, method="wilson")`.
    #[test]
    fn wilson_agrees_with_statsmodels() {
        let (low, high) = wilson(14, 20).unwrap();
        assert!((low - 0.481_027).abs() < 1e-5, "{low}");
        assert!((high - 0.854_523).abs() < 1e-5, "{high}");
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(0, 3).unwrap().0, 0.0);
        assert_eq!(wilson(3, 3).unwrap().1, 1.0);
    }
}
