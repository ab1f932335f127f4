//! `deconvscope status`: how far the shards of a plan are.

use std::fmt::Write as _;

use base::words::count;
use base::Result;
use records::shards::{PlanFolder, Standing};
use serde::Serialize;

use super::super::print;
use super::given::open;
use crate::cli::StatusArgs;

/// Shards that are listed by their numbers.
const NAMED: usize = 20;

pub(in crate::commands) fn run(args: &StatusArgs) -> Result<()> {
    let folder = open(&args.plan)?;
    let status = Status::of(&folder, args.verify)?;
    match args.json {
        true => {
            let text = serde_json::to_string_pretty(&status).unwrap_or_default();
            print(format!("{text}\n").as_bytes())
        }
        false => print(status.in_words().as_bytes()),
    }
}

/// How far a plan is.
#[derive(Debug, Serialize)]
struct Status {
    shards: usize,
    photographs: usize,
    /// The round that is due.
    round: usize,
    rounds_at_most: usize,
    rounds: Vec<Round>,
}

/// How far a round is.
#[derive(Debug, Default, Serialize)]
struct Round {
    done: usize,
    running: Vec<Running>,
    missing: Vec<usize>,
    /// Of the missing ones those that a process which is gone had begun.
    left: Vec<usize>,
    damaged: Vec<Damaged>,
    slowest: Option<Slowest>,
    /// Of a finished shard.
    median_seconds: Option<f64>,
    /// By as many processes as are at work, or one.
    seconds_left: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Running {
    shard: usize,
    attempt: String,
    seconds_since_heartbeat: u64,
}

#[derive(Debug, Serialize)]
struct Damaged {
    shard: usize,
    problem: String,
}

#[derive(Debug, Serialize)]
struct Slowest {
    shard: usize,
    seconds: f64,
    by: String,
}

impl Status {
    fn of(folder: &PlanFolder, verify: bool) -> Result<Self> {
        let due = folder.due();
        let rounds = (1..=due).map(|round| Ok(Round::of(folder.standing(round, verify)?)));
        Ok(Self {
            shards: folder.planned().shards,
            photographs: folder.photographs()?.len(),
            round: due,
            rounds_at_most: folder.planned().rounds,
            rounds: rounds.collect::<Result<_>>()?,
        })
    }

    fn in_words(&self) -> String {
        let mut text = format!(
            "{} of {}; round {} is due\n",
            count(self.shards, "shard"),
            count(self.photographs, "photograph"),
            self.round
        );
        for (number, round) in (1..).zip(&self.rounds) {
            let _ = write!(
                text,
                "round {number}: {} done, {} running, {} missing",
                round.done,
                round.running.len(),
                round.missing.len()
            );
            if !round.damaged.is_empty() {
                let _ = write!(text, ", {} damaged", round.damaged.len());
            }
            text.push('\n');
            for running in &round.running {
                let _ = writeln!(
                    text,
                    "  shard {} is being done: {}, heard of {} s ago",
                    running.shard, running.attempt, running.seconds_since_heartbeat
                );
            }
            if !round.missing.is_empty() {
                let _ = writeln!(text, "  missing: {}", ranges(&round.missing));
            }
            if !round.left.is_empty() {
                let _ = writeln!(
                    text,
                    "  begun and left: {}; whoever does them goes on there",
                    ranges(&round.left)
                );
            }
            for damaged in round.damaged.iter().take(NAMED) {
                let _ = writeln!(text, "  shard {}: {}", damaged.shard, damaged.problem);
            }
            if let (Some(slowest), Some(median)) = (&round.slowest, round.median_seconds) {
                let _ = writeln!(
                    text,
                    "  slowest: shard {}, {:.0} s by {}; median {median:.0} s",
                    slowest.shard, slowest.seconds, slowest.by
                );
            }
            if let Some(left) = round.seconds_left {
                let _ = writeln!(text, "  about {left:.0} s left");
            }
        }
        text
    }
}

impl Round {
    fn of(standing: Vec<Standing>) -> Self {
        let mut round = Self::default();
        let mut seconds = Vec::new();
        for (shard, standing) in standing.into_iter().enumerate() {
            match standing {
                Standing::Done(made) => {
                    round.done += 1;
                    seconds.push(made.seconds);
                    if round
                        .slowest
                        .as_ref()
                        .is_none_or(|slowest| made.seconds > slowest.seconds)
                    {
                        round.slowest = Some(Slowest {
                            shard,
                            seconds: made.seconds,
                            by: made.by,
                        });
                    }
                }
                Standing::Running { attempt, told } => round.running.push(Running {
                    shard,
                    attempt,
                    seconds_since_heartbeat: told.as_secs(),
                }),
                Standing::Missing { begun } => {
                    round.missing.push(shard);
                    if begun {
                        round.left.push(shard);
                    }
                }
                Standing::Damaged(problem) => round.damaged.push(Damaged { shard, problem }),
            }
        }
        let left = round.running.len() + round.missing.len() + round.damaged.len();
        seconds.sort_by(f64::total_cmp);
        round.median_seconds = statistics::median(&seconds);
        round.seconds_left = match (round.median_seconds, left) {
            (Some(median), 1..) => Some(median * left.div_ceil(round.running.len().max(1)) as f64),
            _ => None,
        };
        round
    }
}

/// Numbers as 0-3, 7; of many the first.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let told = |&(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let mut told: Vec<String> = ranges.iter().take(NAMED).map(told).collect();
    if ranges.len() > NAMED {
        told.push("…".into());
    }
    told.join(", ")
}
