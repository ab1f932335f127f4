//! The passes over the photographs: all are classified, those in detail shown, those that are done left alone.

use std::collections::BTreeSet;

use base::{Error, Result};
use dataset::PhotoFile;
use experiments::pass::{self, Job};
use experiments::selection::{self, Candidate};
use experiments::{Context, Experiment, Onlooker, Onlookers};
use progress::{stop_here, Progress};
use rayon::prelude::*;
use records::{PhotoRecord, ORIGINAL};
use vocabulary::Amount;

use super::part::Part;

/// Whether photographs that have a record are held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Held {
    /// They are read: an interrupted run goes on.
    Against,
    /// They were by who looked at them: shards are put together.
    Before,
}

/// The passes of one run.
pub(in crate::commands) struct Passes<'a> {
    context: &'a Context<'a>,
    /// See all photos as they are classified.
    onlookers: Onlookers<'a>,
    /// How far each photo is.
    done: Vec<Done>,
    /// Paths of the photos that have regions, or that an experiment wants in detail.
    shown: BTreeSet<&'a str>,
}

impl<'a> Passes<'a> {
    /// Goes on where an interrupted run stopped; the photographs must not have changed since.
    pub(in crate::commands) fn new(
        context: &'a Context<'a>,
        experiments: &'a [Box<dyn Experiment>],
        held: Held,
    ) -> Result<Self> {
        let setting = context.setting;
        let mut done = done_before(context, held)?;
        stop_here()?;
        let onlookers = experiments
            .iter()
            .map(|experiment| experiment.onlooker(context));
        let onlookers = onlookers
            .filter_map(Result::transpose)
            .collect::<Result<_>>()?;
        let onlookers = Onlookers(onlookers);
        for (photo, done) in done.iter_mut().enumerate() {
            if *done != Done::Skipped && onlookers.awaits(photo) {
                *done = Done::No;
            }
        }
        let masked = setting.masks.photos().chain(setting.applied.photos());
        let shown = experiments.iter().flat_map(|experiment| experiment.shown());
        Ok(Self {
            context,
            onlookers,
            done,
            shown: masked.chain(shown).collect(),
        })
    }

    /// Classifies all photos and shows those in detail; with `--detail N` these are chosen when all were classified.
    pub(super) fn work(&self, detail: &Amount) -> Result<()> {
        self.over_all(detail, Part::WHOLE)?;
        let chosen = self.chosen(detail)?;
        self.in_detail(&chosen, Part::WHOLE)
    }

    /// Classifies a part of the photos, and shows those in detail that are known to be.
    pub(in crate::commands) fn over_all(&self, detail: &Amount, part: Part) -> Result<()> {
        let all = 0..self.context.setting.dataset.photos.len();
        let job = |photo: usize| Job {
            photo,
            detail: *detail == Amount::All || self.is_shown(photo),
        };
        let jobs: Vec<Job> = all.map(job).collect();
        self.pass(&jobs, "classifying", part)
    }

    /// The photos that are shown in detail once all were classified.
    pub(in crate::commands) fn chosen(&self, detail: &Amount) -> Result<Vec<usize>> {
        let Amount::Some(wanted) = *detail else {
            return Ok(Vec::new());
        };
        let folder = self.context.folder;
        let chosen = match folder.selection()? {
            Some(chosen) => chosen,
            None => {
                let chosen = self.select(wanted)?;
                folder.write_selection(&chosen)?;
                chosen
            }
        };
        let chosen: BTreeSet<String> = chosen.into_iter().collect();
        let photos = self.context.setting.dataset.photos.iter().enumerate();
        let chosen = photos.filter(|(_, photo)| chosen.contains(&photo.id));
        Ok(chosen.map(|(photo, _)| photo).collect())
    }

    /// Shows a part of some photos in detail.
    pub(in crate::commands) fn in_detail(&self, photos: &[usize], part: Part) -> Result<()> {
        let jobs = photos.iter().map(|&photo| Job {
            photo,
            detail: true,
        });
        self.pass(&jobs.collect::<Vec<Job>>(), "projecting", part)
    }

    fn is_shown(&self, photo: usize) -> bool {
        let path = self.context.setting.dataset.photos[photo].path.as_str();
        self.shown.contains(path)
    }

    /// One pass over those of a part of the jobs' groups that are not done; what a group is made of depends on the
    /// jobs alone, never on what is left to do.
    fn pass(&self, jobs: &[Job], what: &'static str, part: Part) -> Result<()> {
        let is_done = |job: &Job| match self.done[job.photo] {
            Done::No => false,
            Done::Classified => !job.detail,
            Done::All | Done::Skipped => true,
        };
        let groups: Vec<&[Job]> = jobs.chunks(self.context.setting.room.batch()).collect();
        let ours = part.of(&groups);
        let photos = |groups: &[&[Job]]| groups.iter().map(|group| group.len()).sum::<usize>();
        let left = ours.iter().copied();
        let left: Vec<&[Job]> = left.filter(|group| !group.iter().all(is_done)).collect();
        let (all, groups) = (photos(ours), left);
        let voice = self.context.voice;
        let progress = Progress::new(voice, what, all, all - photos(&groups));
        pass::run(self.context, &groups, &self.onlookers, &progress)
    }

    /// The ids of so many photos to show beside those that are shown anyway.
    fn select(&self, wanted: usize) -> Result<Vec<String>> {
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let setting = self.context.setting;
        let photos = &setting.dataset.photos;
        let mut candidates = Vec::new();
        for (index, photo) in photos.iter().enumerate() {
            let record = self.context.folder.record(&photo.id)?;
            let original = record
                .as_ref()
                .filter(|record| record.skipped.is_none() && !self.is_shown(index))
                .and_then(|record| record.condition(ORIGINAL));
            if let Some(original) = original {
                let probabilities = &original.probabilities;
                let scores = setting.anatomy.network().scores;
                candidates.push(Candidate::new(
                    setting.dataset,
                    index,
                    probabilities,
                    scores,
                ));
            }
        }
        let chosen = selection::choose(setting.dataset, &candidates, wanted, setting.seed);
        Ok(chosen
            .iter()
            .map(|&photo| photos[photo].id.clone())
            .collect())
    }
}

/// How far an interrupted run came with a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    No,
    Classified,
    All,
    /// It cannot be read.
    Skipped,
}

/// What an interrupted run left, if this one goes on with it; the photographs must not have changed since.
fn done_before(context: &Context<'_>, held: Held) -> Result<Vec<Done>> {
    let dataset = context.setting.dataset;
    let look = |photo: &PhotoFile, record: Option<PhotoRecord>| -> Result<Done> {
        let Some(record) = record else {
            return Ok(Done::No);
        };
        if held == Held::Against && dataset.sha256(photo) != record.sha256 {
            return Err(Error::photo_changed(dataset.absolute(photo)));
        }
        Ok(match (&record.skipped, record.detail) {
            (Some(_), _) => Done::Skipped,
            (None, true) => Done::All,
            (None, false) => Done::Classified,
        })
    };
    // Records are read in their order, photographs beside each other.
    let photos = dataset.photos.iter().enumerate();
    let records = photos.map(|(at, photo)| (at, photo, context.folder.record(&photo.id)));
    let looked = records.par_bridge();
    let looked = looked.map(|(at, photo, record)| Ok((at, look(photo, record?)?)));
    let mut done = vec![Done::No; dataset.photos.len()];
    for (at, found) in looked.collect::<Result<Vec<(usize, Done)>>>()? {
        done[at] = found;
    }
    Ok(done)
}
