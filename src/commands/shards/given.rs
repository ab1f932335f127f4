//! A plan taken up on a machine: the same options, network and photographs as it was made with.

use std::fs;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use clap::Parser;
use dataset::{Dataset, Masks, PhotoFile, Rect};
use experiments::Setting;
use progress::Voice;
use rayon::prelude::*;
use records::shards::{Agenda, PlanFolder};
use records::Plan;

use super::super::report::given::Given;
use super::super::report::machine::Machine;
use super::super::report::plan;
use crate::cli::{Cli, Command, MaskSource, ReportArgs};

/// What a round does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Due {
    /// Finds what is hidden.
    Regions,
    /// Passes all photographs.
    All,
    /// Looks at those that were chosen.
    Further(Agenda),
}

/// All that a part of a planned run needs.
pub(super) struct TakenUp {
    pub(super) args: ReportArgs,
    pub(super) given: Given,
    pub(super) machine: Machine,
    pub(super) run: Plan,
    pub(super) due: Due,
    /// What is hidden, where a round has found it.
    pub(super) hidden: Option<Masks>,
    /// Bytes of the photographs' files when it was planned.
    sizes: Vec<u64>,
}

/// Opens a plan's folder, under a name that holds wherever the process goes. One that is not there may be there on another machine.
pub(super) fn open(root: &Path) -> Result<PlanFolder> {
    let root = root
        .canonicalize()
        .map_err(Error::io("cannot find", root))?;
    PlanFolder::open(&root)
}

/// Takes up a plan; from here on the process is in the folder that its paths begin from.
pub(super) fn take_up(
    folder: &PlanFolder,
    threads: Option<usize>,
    out: Option<PathBuf>,
    voice: Voice,
) -> Result<TakenUp> {
    let planned = folder.planned();
    let mut args = options(folder)?;
    std::env::set_current_dir(&planned.folder)
        .map_err(Error::io("cannot go to", &planned.folder))?;
    let dataset = &args.data.dataset;
    fs::read_dir(dataset).map_err(Error::io("cannot list", dataset))?;
    args.network.machine.threads = threads;
    args.run.out = out;
    let mut given = Given::read(&args)?;
    let planned_photographs = folder.photographs()?;
    same_photographs(&planned_photographs, &given.dataset)?;
    let machine = Machine::open(&args.network, &mut given, voice)?;
    let run = plan::plan(&args, &given, &machine)?;
    if let Some(difference) = planned.run.difference(&run) {
        return Err(Error::run_folder(
            folder.root(),
            format!("was planned otherwise: {difference}; work and merge need the same program, network and photographs, and processors of one kind (or --instructions at plan)"),
        ));
    }
    let agenda = folder.agenda()?;
    let hidden = agenda.as_ref().and_then(|agenda| agenda.hidden.clone());
    let boxes = |(path, [x, y, width, height]): (String, [f64; 4])| {
        let rect = Rect {
            x,
            y,
            width,
            height,
        };
        (path, rect)
    };
    let hidden = hidden.map(|found| found.into_iter().map(boxes).collect());
    Ok(TakenUp {
        due: match agenda {
            None if args.masks == Some(MaskSource::Worst) => Due::Regions,
            None => Due::All,
            Some(agenda) if agenda.over_all => Due::All,
            Some(agenda) => Due::Further(agenda),
        },
        hidden: hidden.map(experiments::hidden),
        args,
        given,
        machine,
        run,
        sizes: planned_photographs
            .into_iter()
            .map(|(_, bytes)| bytes)
            .collect(),
    })
}

/// The options that it was planned with.
fn options(folder: &PlanFolder) -> Result<ReportArgs> {
    let command = &folder.planned().command;
    let line = std::iter::once("deconvscope".to_owned());
    match Cli::try_parse_from(line.chain(command.iter().cloned())) {
        Ok(Cli {
            command: Command::Plan(args),
            ..
        }) => Ok(args.report),
        Ok(Cli {
            command: Command::Transfer(args),
            ..
        }) => Ok(args.report()),
        _ => Err(Error::run_folder(
            folder.root(),
            "was planned by another version, whose options this one does not know; plan anew",
        )),
    }
}

/// The first photograph that is gone or new.
fn same_photographs(planned: &[(String, u64)], dataset: &Dataset) -> Result<()> {
    let now = &dataset.photos;
    let first = planned
        .iter()
        .zip(now)
        .find(|((path, _), photo)| *path != photo.path);
    let told = match (first, planned.get(now.len()), now.get(planned.len())) {
        (Some(((before, _), after)), ..) => {
            match planned.iter().any(|(path, _)| *path == after.path) {
                true => format!("{before} is gone"),
                false => format!("{} is new", after.path),
            }
        }
        (None, Some((gone, _)), _) => format!("{gone} is gone"),
        (None, None, Some(new)) => format!("{} is new", new.path),
        (None, None, None) => return Ok(()),
    };
    Err(Error::dataset(
        &dataset.root,
        format!("is not the one that was planned: {told}; plan anew in another folder"),
    ))
}

impl TakenUp {
    /// What the run's work is done with.
    pub(super) fn setting(&self) -> Setting<'_> {
        let setting = plan::setting(&self.args, &self.given, &self.machine, &self.run);
        Setting {
            masks: self.hidden.as_ref().unwrap_or(setting.masks),
            ..setting
        }
    }

    /// That some photographs have the sizes that were planned.
    pub(super) fn same_sizes(&self, photos: &[usize]) -> Result<()> {
        let (dataset, sizes) = (&self.given.dataset, &self.sizes);
        let is_changed = |photo: &&usize| size(dataset, &dataset.photos[**photo]) != sizes[**photo];
        match photos.par_iter().find_first(is_changed) {
            None => Ok(()),
            Some(&photo) => Err(Error::Photo {
                path: dataset.absolute(&dataset.photos[photo]),
                problem: "it has changed since the run was planned; plan anew in another folder"
                    .into(),
            }),
        }
    }
}

/// Bytes of a photograph's file; 0 where it cannot be looked at.
pub(super) fn size(dataset: &Dataset, photo: &PhotoFile) -> u64 {
    fs::metadata(dataset.absolute(photo)).map_or(0, |found| found.len())
}
