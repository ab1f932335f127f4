//! A process at work on a shard: a run folder of its own, and a heartbeat that tells the others.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use base::{Error, Result};

use super::shard::link;
use super::{Made, PlanFolder, Shard};
use crate::every::Every;
use crate::files::{files_below, path_inside, remove};
use crate::{Existing, Opened, RunFolder};

/// How often a process tells that it is at work.
const BEAT: Duration = Duration::from_secs(10);
/// When one that has told nothing is taken for gone.
pub(super) const GONE: Duration = Duration::from_secs(60);
pub(super) const HEARTBEAT: &str = "heartbeat";
/// What the name of an attempt's folder begins with before it is one.
const UNSEEN: &str = ".";
const RUN: &str = "run";
const SEALED: &str = "sealed";
/// What is kept of passes is a machine's own.
const OWN: &str = "passes";

/// A shard that is being done.
#[derive(Debug)]
pub struct Attempt<'a> {
    plan: &'a PlanFolder,
    round: usize,
    number: usize,
    path: PathBuf,
    folder: RunFolder,
    by: String,
    begun: Instant,
    heart: Heart,
}

/// What became of a sealed shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It is the shard.
    First,
    /// Another had been there before, with the same content.
    Again,
}

impl PlanFolder {
    /// Takes up a shard where a process that is gone has left it, or begins it.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`].
    pub fn attempt(&self, round: usize, number: usize) -> Result<Attempt<'_>> {
        let attempts = self.attempts(round);
        fs::create_dir_all(&attempts).map_err(Error::io("cannot create", &attempts))?;
        let by = format!("{}-{}", host(), std::process::id());
        let left = self.left_by_others(round, number)?;
        for path in left {
            if let Ok(attempt) = self.take_up(round, number, path, by.clone()) {
                return Ok(attempt);
            }
        }
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let since = since.unwrap_or_default().as_millis();
        let name = format!("{number:05}-{by}-{since}");
        let path = attempts.join(&name);
        // It is seen with its heartbeat or not at all: without one it would be taken for left.
        let unseen = attempts.join(format!("{UNSEEN}{name}"));
        fs::create_dir(&unseen).map_err(Error::io("cannot create", &unseen))?;
        let heartbeat = unseen.join(HEARTBEAT);
        fs::write(&heartbeat, &by).map_err(Error::io("cannot write", &heartbeat))?;
        fs::rename(&unseen, &path).map_err(Error::io("cannot create", &path))?;
        self.take_up(round, number, path, by)
    }

    fn take_up(
        &self,
        round: usize,
        number: usize,
        path: PathBuf,
        by: String,
    ) -> Result<Attempt<'_>> {
        let run = &self.planned.run;
        let folder = match RunFolder::open(&path.join(RUN), run, Existing::Resume)? {
            Opened::Running(folder) => folder,
            Opened::Finished(_) => {
                return Err(Error::run_folder(&path, "holds a finished run; remove it"));
            }
        };
        remove(&path.join(SEALED))?;
        Ok(Attempt {
            plan: self,
            round,
            number,
            heart: Heart::of(&path.join(HEARTBEAT), &by)?,
            path,
            folder,
            by,
            begun: Instant::now(),
        })
    }

    /// Attempts at a shard whose processes are gone.
    fn left_by_others(&self, round: usize, number: usize) -> Result<Vec<PathBuf>> {
        let now = self.now();
        let all = self.attempts_at(round)?.into_iter();
        let left =
            all.filter(|(of, path)| *of == number && age(path, now).is_none_or(|age| age >= GONE));
        Ok(left.map(|(_, path)| path).collect())
    }

    /// All attempts of a round, with the numbers of their shards.
    pub(super) fn attempts_at(&self, round: usize) -> Result<Vec<(usize, PathBuf)>> {
        let attempts = self.attempts(round);
        if !attempts.is_dir() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for entry in fs::read_dir(&attempts).map_err(Error::io("cannot list", &attempts))? {
            let path = entry.map_err(Error::io("cannot list", &attempts))?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if let Some(number) = name
                .split('-')
                .next()
                .and_then(|digits| digits.parse().ok())
            {
                all.push((number, path));
            }
        }
        all.sort();
        Ok(all)
    }

    /// Removes what processes that are gone have left.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove_stale_attempts(&self) -> Result<()> {
        let now = self.now();
        for round in 1..=self.planned.rounds {
            for (_, path) in self.attempts_at(round)? {
                if age(&path, now).is_none_or(|age| age >= GONE) {
                    remove(&path)?;
                }
            }
        }
        Ok(())
    }

    /// The time by the clock of the disk that the plan lies on; other machines' clocks differ.
    pub(super) fn now(&self) -> SystemTime {
        let told = || {
            tempfile::NamedTempFile::new_in(&self.root)?
                .as_file()
                .metadata()?
                .modified()
        };
        told().unwrap_or_else(|_| SystemTime::now())
    }
}

/// How long an attempt's process has told nothing; `None` where it has left.
pub(super) fn age(attempt: &Path, now: SystemTime) -> Option<Duration> {
    let beat = fs::metadata(attempt.join(HEARTBEAT)).and_then(|found| found.modified());
    Some(now.duration_since(beat.ok()?).unwrap_or_default())
}

impl Attempt<'_> {
    /// Its run folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Seals what was done, the records of these photographs in this order, and puts it in place; the first is the shard.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where another with another content was there before; [`Error::Io`].
    pub fn seal<'i>(
        self,
        ids: impl Iterator<Item = &'i str> + Clone,
        photographs: usize,
    ) -> Result<Placed> {
        let (round, number, plan) = (self.round, self.number, self.plan);
        let sealed = self.path.join(SEALED);
        let records = sealed.join("records");
        fs::create_dir_all(&records).map_err(Error::io("cannot create", &records))?;
        let first = plan.first_chunk(round, number);
        self.folder
            .put_in_order(ids, &records, first, plan.slots())?;
        let run = self.path.join(RUN);
        for path in files_below(&run, |_| true)? {
            let inside = path_inside(&run, &path);
            let is_part = match inside.split('/').collect::<Vec<_>>()[..] {
                // What experiments kept, and what they laid into folders of their own.
                ["records", experiment, name] => experiment != OWN && name.ends_with(".json"),
                ["records", experiment, _, _] => experiment != OWN,
                ["records", ..] => false,
                _ => true,
            };
            if is_part {
                link(&path, &sealed.join(inside))?;
            }
        }
        let made = Made {
            by: self.by.clone(),
            seconds: (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            photographs,
        };
        let name = PlanFolder::name_of(round, number);
        let ours = Shard::seal(&sealed, [&plan.plan, &name], made)?;
        let place = plan.place(round, number);
        let placed = match fs::rename(&sealed, &place) {
            Ok(()) => Placed::First,
            Err(error) => {
                // Another was faster, or the disk refuses.
                let Some(theirs) = plan.verified(round, number)? else {
                    return Err(Error::io("cannot write", &place)(error));
                };
                if let Some(file) = ours.difference(&theirs) {
                    return Err(Error::run_folder(&place, format!(
                        "was done by {} with another content than by {} ({file} is the first that differs; ours lies in {}): are both processors of one kind, and the photographs the same? Remove the wrong one",
                        theirs.made.by, self.by, sealed.display()
                    )));
                }
                Placed::Again
            }
        };
        let Self {
            path,
            folder,
            heart,
            ..
        } = self;
        drop(heart);
        folder.discard()?;
        remove(&path)?;
        Ok(placed)
    }
}

/// Tells others that a process is at work, until it is dropped.
#[derive(Debug)]
struct Heart {
    path: PathBuf,
    beat: Option<Every>,
}

impl Heart {
    fn of(path: &Path, by: &str) -> Result<Self> {
        let (at, by) = (path.to_owned(), by.to_owned());
        fs::write(&at, &by).map_err(Error::io("cannot write", &at))?;
        // A disk that is full for a moment is told by the records.
        let beat = move || drop(fs::write(&at, &by));
        let doing = "tells that the shard is being done";
        Ok(Self {
            path: path.to_owned(),
            beat: Some(Every::start(BEAT, "heartbeat", doing, beat)?),
        })
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        drop(self.beat.take());
        let _ = fs::remove_file(&self.path);
    }
}

fn host() -> String {
    let told = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = told
        .or_else(|| std::env::var("HOSTNAME").ok())
        .unwrap_or_default();
    let plain = |letter: &char| letter.is_ascii_alphanumeric();
    let name: String = name.trim().chars().filter(plain).collect();
    if name.is_empty() {
        "host".into()
    } else {
        name
    }
}
