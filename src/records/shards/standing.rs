//! How far the shards of a round are.

use std::time::Duration;

use base::Result;

use super::attempt::{age, GONE};
use super::{Made, PlanFolder};

/// How far a shard is.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Sealed and in its place.
    Done(Made),
    /// A process tells that it is at work.
    Running {
        /// Its attempt.
        attempt: String,
        /// When it told so last.
        told: Duration,
    },
    /// Nobody is at it.
    Missing {
        /// Whether a process that is gone has begun it.
        begun: bool,
    },
    /// What is in its place cannot be relied on.
    Damaged(String),
}

impl PlanFolder {
    /// Whether any shard of a round is there, or being done.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub fn is_begun(&self, round: usize) -> Result<bool> {
        let placed = (0..self.planned.shards).any(|number| self.place(round, number).exists());
        Ok(placed || !self.attempts_at(round)?.is_empty())
    }

    /// How far every shard of a round is, by their seals and sizes; with every file read where it is to be `thorough`.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    pub fn standing(&self, round: usize, thorough: bool) -> Result<Vec<Standing>> {
        let now = self.now();
        let attempts = self.attempts_at(round)?;
        let of = |number: usize| {
            let shard = match thorough {
                true => self.verified(round, number),
                false => self.shard(round, number),
            };
            match shard {
                Ok(Some(shard)) => return Standing::Done(shard.made),
                Err(error) => return Standing::Damaged(error.to_string()),
                Ok(None) => {}
            }
            let ours = attempts.iter().filter(|(of, _)| *of == number);
            let beats = ours
                .clone()
                .filter_map(|(_, path)| Some((age(path, now)?, path)));
            match beats.min().filter(|(told, _)| *told < GONE) {
                Some((told, path)) => Standing::Running {
                    attempt: path
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned(),
                    told,
                },
                None => Standing::Missing {
                    begun: ours.count() > 0,
                },
            }
        };
        Ok((0..self.planned.shards).map(of).collect())
    }
}
