//! McNemar's exact test: whether two runs over the same photos are right equally often.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::PairedCounts;

/// The test's outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Photos that one of the two got right: what the test rests on.
    pub discordant: usize,
    /// Two-sided.
    pub p_value: f64,
}

/// The exact (binomial) form: under the null hypothesis each discordant photo falls to either side with probability
/// one half. `None` where no photo is discordant: there is nothing to test.
pub fn mcnemar(counts: &PairedCounts) -> Option<McNemar> {
    let discordant = counts.only_first + counts.only_second;
    let fewer = counts.only_first.min(counts.only_second);
    if discordant == 0 {
        return None;
    }
    let binomial = Binomial::new(0.5, discordant as u64).ok()?;
    Some(McNemar {
        discordant,
        p_value: (2.0 * binomial.cdf(fewer as u64)).min(1.0),
    })
}
