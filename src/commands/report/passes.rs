//! The passes over the photographs: all are classified, those in detail shown, those that are done left alone.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::cli::{Detail, ReportArgs, Voice};
use crate::dataset::PhotoFile;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::experiments::pipeline::{self, Job, Onlooker};
use crate::experiments::selection::{self, Candidate};
use crate::experiments::Setting;
use crate::progress::Progress;
use crate::records::{RunFolder, ORIGINAL};

use super::checks::file_sha256;

/// The passes of one run.
pub(super) struct Passes<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) engine: &'a Engine,
    pub(super) folder: &'a RunFolder,
    /// How far each photo is.
    pub(super) done: &'a [Done],
    /// Sees all photos as they are classified.
    pub(super) onlooker: Option<&'a dyn Onlooker>,
    pub(super) voice: Voice,
}

impl Passes<'_> {
    /// Classifies all photos and shows those in detail; with `--detail N` these are chosen when all were classified.
    pub(super) fn work(&self, args: &ReportArgs) -> Result<()> {
        let (setting, folder) = (self.setting, self.folder);
        let with_boxes: BTreeSet<&str> = setting
            .masks
            .photos()
            .chain(setting.applied.photos())
            .chain(setting.parts.photos())
            .collect();
        let jobs = |detail: &dyn Fn(usize) -> bool| -> Vec<Job> {
            (0..setting.dataset.photos.len())
                .map(|photo| Job {
                    photo,
                    detail: detail(photo),
                })
                .collect()
        };
        let has_boxes = |photo: usize| {
            let path = setting.dataset.photos[photo].path.as_str();
            with_boxes.contains(path)
        };
        let first = match args.detail {
            Detail::All => jobs(&|_| true),
            Detail::Some(_) | Detail::Masked => jobs(&has_boxes),
        };
        self.pass(&first, "classifying")?;
        let Detail::Some(wanted) = args.detail else {
            return Ok(());
        };
        let chosen = match folder.selection()? {
            Some(chosen) => chosen,
            None => {
                let chosen = select(setting, folder, &has_boxes, wanted)?;
                folder.write_selection(&chosen)?;
                chosen
            }
        };
        let second: Vec<Job> = jobs(&|_| true)
            .into_iter()
            .filter(|job| chosen.contains(&setting.dataset.photos[job.photo].id))
            .collect();
        self.pass(&second, "projecting")
    }

    /// One pass of the pipeline over those of the jobs' groups that are not done; what a group is made of depends on the
    /// jobs alone, never on what is left to do.
    fn pass(&self, jobs: &[Job], what: &'static str) -> Result<()> {
        let is_done = |job: &Job| match self.done[job.photo] {
            Done::No => false,
            Done::Classified => !job.detail,
            Done::All | Done::Skipped => true,
        };
        let groups: Vec<&[Job]> = jobs
            .chunks(self.setting.batch)
            .filter(|group| !group.iter().all(is_done))
            .collect();
        let left: usize = groups.iter().map(|group| group.len()).sum();
        let progress = Progress::new(self.voice, what, jobs.len(), jobs.len() - left);
        let (setting, engine, folder) = (self.setting, self.engine, self.folder);
        pipeline::run(setting, engine, &groups, folder, self.onlooker, &progress)
    }
}

fn select(
    setting: &Setting,
    folder: &RunFolder,
    has_boxes: &dyn Fn(usize) -> bool,
    wanted: usize,
) -> Result<Vec<String>> {
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let photos = &setting.dataset.photos;
    let mut candidates = Vec::new();
    for (index, photo) in photos.iter().enumerate() {
        let record = folder.record(&photo.id)?;
        let shown = record
            .as_ref()
            .filter(|record| record.skipped.is_none() && !has_boxes(index))
            .and_then(|record| record.condition(ORIGINAL));
        if let Some(original) = shown {
            candidates.push(Candidate::new(
                setting.dataset,
                index,
                &original.probabilities,
            ));
        }
    }
    let chosen = selection::choose(setting.dataset, &candidates, wanted, setting.seed);
    Ok(chosen
        .iter()
        .map(|&photo| photos[photo].id.clone())
        .collect())
}

/// How far an interrupted run came with a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    No,
    Classified,
    All,
    /// It cannot be read.
    Skipped,
}

/// What an interrupted run left, if this one goes on with it; the photographs must not have changed since.
pub(super) fn done_before(setting: &Setting, folder: &RunFolder) -> Result<Vec<Done>> {
    let photos = &setting.dataset.photos;
    let look = |photo: &PhotoFile| -> Result<Done> {
        let Some(record) = folder.record(&photo.id)? else {
            return Ok(Done::No);
        };
        if file_sha256(setting.dataset, photo) != record.sha256 {
            return Err(Error::photo_changed(setting.dataset.absolute(photo)));
        }
        Ok(match (&record.skipped, record.detail) {
            (Some(_), _) => Done::Skipped,
            (None, true) => Done::All,
            (None, false) => Done::Classified,
        })
    };
    photos.par_iter().map(look).collect()
}
