//! The folder of a run that many machines carry out: its plan, what each shard of each round left, and who is at work.
//!
//! ```text
//! PLAN/plan.json             what was asked for; sealed
//! PLAN/photographs.csv       path,bytes in the data set's order
//! PLAN/round-1/shard-00003/  a finished shard: part of a run folder, and its seal; put there by one rename
//! PLAN/round-1/attempts/     run folders that processes fill at the moment, each with its heartbeat
//! PLAN/round-2/agenda.json   what the second round is to do: written when the first was merged; likewise of a third
//! ```

mod attempt;
mod shard;
mod standing;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base::digest::sha256_of_file;
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::files::{write_whole, PART};
use super::sealed::{read_sealed, write_sealed};
use super::Plan;

pub use attempt::{Attempt, Placed};
pub use shard::{Made, Shard, ShardRecords};
pub use standing::Standing;

const PLAN: &str = "plan.json";
const PHOTOGRAPHS: &str = "photographs.csv";
const AGENDA: &str = "agenda.json";
/// Folders that tell whether folders can be renamed.
const TRIALS: [&str; 3] = ["trial-1", "trial-2", "trial"];
/// What the plan is sealed with: it belongs to no other.
const OF_PLAN: [&str; 2] = ["", "shards"];
const PLANNED_ANEW: &str = "plan anew in another folder";

/// More would leave too few numbers for the chunks of each.
pub const MOST_SHARDS: usize = 65_536;

/// What is to be carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The run.
    pub run: Plan,
    /// Shards of every round, numbered from 0.
    pub shards: usize,
    /// Rounds, at most.
    pub rounds: usize,
    /// What was typed behind `deconvscope`: `plan` or `transfer`, and its options.
    pub command: Vec<String>,
    /// The folder in which it was typed, which its paths begin from.
    pub folder: PathBuf,
    /// sha256 of the list of photographs.
    pub photographs: String,
}

/// Photographs that an experiment looks at together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Portion {
    /// By their numbers in the data set.
    pub photos: Vec<usize>,
    /// What it wants of them, where that does not follow from its options.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub wanted: Value,
}

impl Portion {
    /// Photographs in portions of so many, of which nothing else needs to be said.
    pub fn of(photos: &[usize], most: usize) -> Vec<Self> {
        let portions = photos.chunks(most.max(1));
        let plain = |photos: &[usize]| Self {
            photos: photos.to_vec(),
            wanted: Value::Null,
        };
        portions.map(plain).collect()
    }

    /// The photographs of all of these.
    pub fn photos(portions: &[Self]) -> Vec<usize> {
        let photos = portions.iter().flat_map(|portion| &portion.photos);
        photos.copied().collect()
    }
}

/// What a further round does: photographs by their numbers in the data set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Agenda {
    /// The boxes that are hidden, where an earlier round found them: a photograph's path, and left, top, width and height in pixels.
    pub hidden: Option<Vec<(String, [f64; 4])>>,
    /// Whether all photographs are passed.
    pub over_all: bool,
    /// Shown in detail.
    pub detail: Vec<usize>,
    /// By experiment, what it looks at again.
    pub again: BTreeMap<String, Vec<Portion>>,
}

impl Agenda {
    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        !self.over_all && self.detail.is_empty() && self.again.values().all(Vec::is_empty)
    }
}

/// The folder of a plan.
#[derive(Debug)]
pub struct PlanFolder {
    root: PathBuf,
    planned: Planned,
    /// sha256 of the run's plan, which what is kept is sealed with.
    plan: String,
}

impl PlanFolder {
    /// Writes a plan for photographs of these paths and sizes in bytes; the same one may be written again.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where another plan or something else is there, or the file system cannot rename folders; [`Error::Io`].
    pub fn create(
        root: &Path,
        mut planned: Planned,
        photographs: impl Iterator<Item = (String, u64)>,
    ) -> Result<Self> {
        fs::create_dir_all(root).map_err(Error::io("cannot create", root))?;
        let is_planned = root.join(PLAN).exists();
        if !is_planned && !is_empty(root)? {
            let problem =
                "holds something that is not a plan; nothing was touched, choose another --out";
            return Err(Error::run_folder(root, problem));
        }
        if is_planned {
            let before = Self::open(root)?;
            let listing = root.join(PHOTOGRAPHS);
            planned.photographs = sha256_of_file(&listing)?;
            let listed: Vec<(String, u64)> = photographs.collect();
            let same = before.planned == planned && before.photographs()? == listed;
            return match same {
                true => Ok(before),
                false => Err(Error::run_folder(
                    root,
                    format!(
                        "holds another plan{}; choose another --out",
                        match before.planned.run.difference(&planned.run) {
                            Some(difference) => format!(" ({difference})"),
                            None => String::new(),
                        }
                    ),
                )),
            };
        }
        renames_folders(root)?;
        let listing = root.join(PHOTOGRAPHS);
        write_whole(&listing, |file| {
            let mut table = csv::Writer::from_writer(file);
            let failed = |error: csv::Error| Error::io("cannot write", &listing)(error.into());
            table.write_record(["path", "bytes"]).map_err(failed)?;
            for (path, bytes) in photographs {
                let row = [path, bytes.to_string()];
                let failed = |error: csv::Error| Error::io("cannot write", &listing)(error.into());
                table.write_record(row).map_err(failed)?;
            }
            table.flush().map_err(Error::io("cannot write", &listing))
        })?;
        planned.photographs = sha256_of_file(&listing)?;
        write_sealed(&root.join(PLAN), OF_PLAN, &planned)?;
        Self::open(root)
    }

    /// A plan that was made.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where there is none, or a damaged one; [`Error::Io`].
    pub fn open(root: &Path) -> Result<Self> {
        let path = root.join(PLAN);
        if !path.is_file() {
            let problem = "holds no plan; `deconvscope plan DATASET … --out` makes one";
            return Err(Error::run_folder(root, problem));
        }
        let planned: Planned = read_sealed(&path, OF_PLAN, PLANNED_ANEW)?;
        Ok(Self {
            root: root.to_owned(),
            plan: planned.run.sha256(),
            planned,
        })
    }

    /// What is to be carried out.
    pub fn planned(&self) -> &Planned {
        &self.planned
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Paths and sizes of the photographs.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where the list is not the plan's; [`Error::Io`].
    pub fn photographs(&self) -> Result<Vec<(String, u64)>> {
        let path = self.root.join(PHOTOGRAPHS);
        if sha256_of_file(&path)? != self.planned.photographs {
            let problem =
                format!("is damaged: it is not the list that was planned; {PLANNED_ANEW}");
            return Err(Error::run_folder(&path, problem));
        }
        let failed = |error: csv::Error| Error::io("cannot read", &path)(error.into());
        let mut table = csv::Reader::from_path(&path).map_err(failed)?;
        let rows = table.deserialize().collect::<Result<_, csv::Error>>();
        rows.map_err(|error| Error::io("cannot read", &path)(error.into()))
    }

    /// The round that is due.
    pub fn due(&self) -> usize {
        let is_open = |round: &usize| self.round(*round).join(AGENDA).is_file();
        (2..=self.planned.rounds).rev().find(is_open).unwrap_or(1)
    }

    /// What the round that is due is to do; `None` for the first.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for a damaged file; [`Error::Io`].
    pub fn agenda(&self) -> Result<Option<Agenda>> {
        let round = self.due();
        if round == 1 {
            return Ok(None);
        }
        let (path, name) = (self.round(round).join(AGENDA), Self::agenda_of(round));
        let agenda = read_sealed(
            &path,
            [&self.plan, &name],
            "remove this file and merge again",
        );
        agenda.map(Some)
    }

    /// Opens a round behind the first.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_agenda(&self, round: usize, agenda: &Agenda) -> Result<()> {
        let path = self.round(round).join(AGENDA);
        write_sealed(&path, [&self.plan, &Self::agenda_of(round)], agenda)
    }

    /// What an agenda is sealed with.
    fn agenda_of(round: usize) -> String {
        format!("round-{round}/{AGENDA}")
    }

    fn round(&self, round: usize) -> PathBuf {
        self.root.join(format!("round-{round}"))
    }

    fn attempts(&self, round: usize) -> PathBuf {
        self.round(round).join("attempts")
    }

    fn place(&self, round: usize, number: usize) -> PathBuf {
        self.round(round).join(format!("shard-{number:05}"))
    }

    /// What a shard is sealed with.
    fn name_of(round: usize, number: usize) -> String {
        format!("round-{round}/shard-{number:05}")
    }

    /// Numbers for chunks that each shard of each round has of its own, and the merge behind them all.
    fn slots(&self) -> u32 {
        let regions = (self.planned.rounds + 1) * self.planned.shards.max(1);
        u32::MAX / u32::try_from(regions).unwrap_or(u32::MAX)
    }

    fn first_chunk(&self, round: usize, number: usize) -> u32 {
        let region = (round - 1) * self.planned.shards + number;
        u32::try_from(region)
            .unwrap_or(u32::MAX)
            .saturating_mul(self.slots())
            .saturating_add(1)
    }
}

/// Whether nothing lies there but what a process that was killed while it planned has left.
fn is_empty(folder: &Path) -> Result<bool> {
    let entries = fs::read_dir(folder).map_err(Error::io("cannot list", folder))?;
    let ours = |name: &str| TRIALS.contains(&name) || name == PHOTOGRAPHS || name.starts_with(PART);
    let mut others = entries.flatten().map(|entry| entry.file_name());
    Ok(others.all(|name| name.to_str().is_some_and(ours)))
}

/// Refuses file systems (object stores mounted as files) on which a folder is not put in place whole, or takes another's place.
fn renames_folders(root: &Path) -> Result<()> {
    let [one, other, place] = TRIALS.map(|name| root.join(name));
    let clear = || {
        for folder in [&one, &other, &place] {
            let _ = fs::remove_dir_all(folder);
        }
    };
    clear();
    let trial = || -> std::io::Result<bool> {
        for folder in [&one, &other] {
            fs::create_dir(folder)?;
            fs::write(folder.join("file"), folder.as_os_str().as_encoded_bytes())?;
        }
        fs::rename(&one, &place)?;
        let is_whole = fs::read(place.join("file"))? == one.as_os_str().as_encoded_bytes();
        let is_taken = fs::rename(&other, &place).is_err();
        Ok(is_whole && is_taken && !one.exists())
    };
    let found = trial();
    clear();
    match found {
        Ok(true) => Ok(()),
        found => {
            let why = found
                .err()
                .map_or(String::new(), |error| format!(" ({error})"));
            Err(Error::run_folder(root, format!("lies on a file system that cannot rename folders as a whole{why}, which shards are put in place by: object stores mounted as files are such; plan on a shared disk")))
        }
    }
}
