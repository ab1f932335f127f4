//! When a run was carried out, and how long its phases took.

use std::collections::BTreeMap;
use std::time::Instant;

use base::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use progress::{say, Voice};
use records::Execution;

use super::machine::Machine;

const SOURCE_DATE: &str = "SOURCE_DATE_EPOCH";

/// The run's clock.
#[derive(Debug)]
pub(in crate::commands) struct Clock {
    pub(in crate::commands) started: DateTime<Utc>,
    /// What stands for start and finish where a run is to be the same whenever it is made.
    fixed: Option<DateTime<Utc>>,
    since: Instant,
    /// By phase.
    seconds: BTreeMap<String, f64>,
}

impl Clock {
    pub(in crate::commands) fn start() -> Result<Self> {
        Ok(Self {
            started: Utc::now(),
            fixed: source_date()?,
            since: Instant::now(),
            seconds: BTreeMap::new(),
        })
    }

    /// Ends a phase.
    pub(in crate::commands) fn lap(&mut self, phase: &str) {
        let seconds = self.since.elapsed().as_secs_f64();
        self.seconds
            .insert(phase.to_owned(), (seconds * 1000.0).round() / 1000.0);
        self.since = Instant::now();
    }

    /// How the run was carried out, now that it is at its end.
    pub(in crate::commands) fn execution(&self, out: String, machine: &Machine) -> Execution {
        let rfc3339 = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let instructions = machine.instructions.clone();
        match self.fixed {
            Some(time) => Execution::at(rfc3339(time), instructions),
            None => Execution {
                instructions,
                command: std::env::args().collect(),
                out,
                devices: machine.devices.clone(),
                threads: machine.threads,
                started: rfc3339(self.started),
                finished: rfc3339(Utc::now()),
                seconds: self.seconds.clone(),
            },
        }
    }

    /// Says how long the phases took, where much is said.
    pub(in crate::commands) fn tell(&self, voice: Voice) {
        if voice == Voice::Verbose {
            for (phase, seconds) in &self.seconds {
                say(voice, &format!("{phase}: {seconds:.1} s"));
            }
        }
    }
}

fn source_date() -> Result<Option<DateTime<Utc>>> {
    let Some(value) = std::env::var_os(SOURCE_DATE) else {
        return Ok(None);
    };
    let time = value
        .to_str()
        .and_then(|text| text.parse::<u32>().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds.into(), 0));
    match time {
        Some(time) => Ok(Some(time)),
        None => Err(Error::Usage(format!(
            "{SOURCE_DATE} is '{}': expected whole seconds since 1970-01-01T00:00:00Z",
            value.to_string_lossy()
        ))),
    }
}
