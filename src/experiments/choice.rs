//! The photographs that an experiment looks at again.

use base::digest::draw;
use base::Result;
use dataset::Dataset;
use vocabulary::Amount;

use super::Context;

/// Which photographs were asked for.
#[derive(Debug)]
pub(super) enum Choice {
    /// These, by their numbers in the data set: each once, in its order.
    Named(Vec<usize>),
    /// So many.
    Drawn(usize),
}

impl Choice {
    /// # Errors
    /// Those of [`Dataset::find`].
    pub(super) fn of(amount: &Amount, dataset: &Dataset) -> Result<Self> {
        let Amount::Named(names) = amount else {
            return Ok(Self::Drawn(amount.most()));
        };
        let found: Result<Vec<usize>> = names.iter().map(|name| dataset.find(name)).collect();
        let mut numbers = found?;
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Self::Named(numbers))
    }

    /// Those named, or so many drawn by seed for this experiment among those that the run has classified; in the data
    /// set's order.
    ///
    /// # Errors
    /// Those of the run folder.
    pub(super) fn photos(&self, context: &Context<'_>, experiment: &str) -> Result<Vec<usize>> {
        let most = match self {
            Self::Named(numbers) => return Ok(numbers.clone()),
            Self::Drawn(most) => *most,
        };
        let setting = context.setting;
        let mut drawn = Vec::new();
        for (at, photo) in setting.dataset.photos.iter().enumerate() {
            let record = context.folder.record(&photo.id)?;
            if record.is_some_and(|record| record.skipped.is_none()) {
                drawn.push((draw(setting.seed, &[experiment, &photo.id]), at));
            }
        }
        drawn.sort_unstable();
        drawn.truncate(most);
        let mut chosen: Vec<usize> = drawn.into_iter().map(|(_, at)| at).collect();
        chosen.sort_unstable();
        Ok(chosen)
    }
}
