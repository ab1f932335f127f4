//! One pass over the photographs: read, shown to the network, drawn and written.

use base::{Error, Result};
use dataset::Skip;
use engine::{Engine, Give};
use progress::{say, Progress};
use records::maps::PhotoArrays;
use records::PhotoRecord;

use super::observe::{Observations, Observer};
use super::prepare::{prepare, Outcome, Prepared};
use super::{record, Context, Onlooker, Setting};

/// A photo to be worked on.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Index in the data set.
    pub photo: usize,
    /// Whether projections are to be made.
    pub detail: bool,
}

/// A photo that the network has seen, or that cannot be shown to it.
enum Seen {
    Shown(Box<Prepared>, Observations),
    Skipped(usize, Skip),
}

/// Works through groups of photos. Each photo's maps and pictures are complete on disk before its record is. Those that the
/// onlooker awaits are shown to it.
///
/// # Errors
/// The first error of any worker; [`Error::Stopped`] where the user stopped it.
pub fn run(
    context: &Context<'_>,
    groups: &[&[Job]],
    onlooker: &dyn Onlooker,
    progress: &Progress,
) -> Result<()> {
    let (setting, folder, gallery) = (context.setting, context.folder, context.gallery());
    let voice = context.voice;
    let observer = Observer {
        setting,
        onlooker,
        halved: &|| {
            if let Some(note) = setting.room.note() {
                say(voice, &note);
            }
            setting.room.keep(folder)
        },
    };
    let passed = context.executor().stream_groups(
        groups,
        |job| prepare(setting, job.photo, job.detail),
        |engine, outcomes, give| show(observer, engine, outcomes, give),
        |seen| {
            let (record, arrays) = told(setting, seen);
            if let Some(arrays) = arrays {
                gallery.show(&arrays)?;
            }
            folder.write_record(&record)?;
            match &record.skipped {
                Some(reason) => progress.skipped(&record.path, reason),
                None => progress.photo(&record.path),
            }
            Ok(())
        },
        |_| Ok(()),
    );
    // Whatever ended it, what is done is kept.
    let passed = passed.and(folder.seal());
    if matches!(passed, Ok(()) | Err(Error::Stopped)) {
        onlooker.rest()?;
    }
    passed
}

fn show(
    observer: Observer<'_>,
    engine: &Engine,
    outcomes: Vec<Outcome>,
    give: &mut Give<'_, Seen>,
) -> Result<()> {
    let mut group = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        match outcome {
            Outcome::Ready(prepared) => group.push(prepared),
            Outcome::Skipped { photo, skip } => give(Seen::Skipped(photo, skip))?,
        }
    }
    let observations = observer.observe(engine, &group)?;
    let mut shown = group.into_iter().zip(observations);
    shown.try_for_each(|(prepared, observed)| give(Seen::Shown(prepared, observed)))
}

fn told(setting: &Setting, seen: Seen) -> (PhotoRecord, Option<PhotoArrays>) {
    match seen {
        Seen::Shown(prepared, observed) => record::photo(setting, *prepared, observed),
        Seen::Skipped(photo, skip) => {
            let sha256 = skip.sha256.clone().unwrap_or_default();
            let record = record::skipped(setting, photo, skip.to_string(), sha256);
            (record, None)
        }
    }
}
