//! `deconvscope study`: variants of a network, trained one after another, and what each of them costs.

mod outcome;
mod programme;

use std::path::Path;

use base::words::count;
use base::{Error, Result};
use engine::allocator;
use network::{Model, ModelSource, TRAINED};
use progress::{catch_interrupts, say, stop_here, Voice};
use records::{Manifest, SkippedFile};

use super::report::clock::Clock;
use super::report::{open, place, Begun};
use super::task;
use super::train::begin::{Begin, Photographs};
use super::train::cost::time;
use super::train::lesson::{Lesson, Look};
use crate::cli::{StudyArgs, TaskChoice};
use outcome::Outcome;
use programme::{Programme, Training};

pub(super) fn run(args: &StudyArgs, voice: Voice) -> Result<u8> {
    allocator::share_freed_memory();
    let mut clock = Clock::start()?;
    catch_interrupts()?;
    let programme = Programme::of(args)?;
    let root = place(&programme.args.report(TRAINED.as_ref()), &clock)?;
    let photographs = Photographs::read(&programme.args)?;
    let classes = photographs.labels().len();
    let networks = programme.networks(classes)?;
    let trainings = programme.trainings();
    say(
        voice,
        &format!(
            "study {}: {}, {}",
            programme.study.name,
            count(networks.len() - 1, "variant"),
            count(trainings.len(), "training")
        ),
    );
    if args.train.dry_run {
        return dry_run(&programme, &root, voice);
    }

    if let Some(choice) = args.training {
        return one(&programme, choice, &root, voice);
    }

    let first = programme.course(&trainings[0], classes)?;
    let begin = Begin::of(photographs, first);
    begin.notes.iter().for_each(|note| say(voice, note));
    let mut look = Lesson::ready(&programme.args, begin, &root, voice)?.look;
    let outcome = Outcome::of(&programme, &networks, &mut look.plan.options.experiments);
    let folder = match open(&look.args, &root, &look.plan, &look.given, voice)? {
        Begun::Finished(code) => return Ok(code),
        Begun::Running(folder) => folder,
    };
    clock.lap("preparation");

    for (number, training) in trainings.iter().enumerate() {
        let place = format!("{} of {}", number + 1, trainings.len());
        say(voice, &format!("training {place}: {}", training.told()));
        let trained = train((&programme, training), &root, false, voice);
        trained.map_err(|error| error.resumable(&root))?;
        clock.lap(&training.folder());
    }

    let base = root.join(trainings[0].folder());
    let model = Model::load(&ModelSource {
        name: base.join(TRAINED).display().to_string(),
        ..ModelSource::default()
    })?;
    let skipped = left_out(&base, &look)?;
    look.given.experiments = vec![Box::new(outcome)];
    look.at(model, (folder, skipped, Vec::new()), clock, voice)
}

/// A training in its own run folder, gone on with where it was begun; a finished one is left as it is, unless it is to be replaced.
fn train(
    (programme, training): (&Programme, &Training<'_>),
    root: &Path,
    overwrite: bool,
    voice: Voice,
) -> Result<()> {
    stop_here()?;
    let path = root.join(training.folder());
    let args = programme.args_in(&path, overwrite);
    let photographs = Photographs::read(&args)?;
    let course = programme.course(training, photographs.labels().len())?;
    let lesson = Lesson::ready(&args, Begin::of(photographs, course), &path, voice)?;
    lesson.announce(voice);
    lesson.carry_out(Clock::start()?, voice).map(drop)
}

/// One of the trainings for a study that other processes carry out with this one.
fn one(programme: &Programme, choice: TaskChoice, root: &Path, voice: Voice) -> Result<u8> {
    let trainings = programme.trainings();
    let number = task::number("--training", choice)?;
    let Some(training) = trainings.get(number) else {
        return Err(Error::Usage(format!(
            "--training {number}: the study has {}, numbered from 0 to {}",
            count(trainings.len(), "training"),
            trainings.len() - 1
        )));
    };
    say(voice, &format!("training {number}: {}", training.told()));
    let overwrite = programme.args.run.overwrite;
    let trained = train((programme, training), root, overwrite, voice);
    trained.map_err(|error| match error {
        Error::Stopped | Error::Interrupted { .. } => Error::Interrupted {
            with: "the same command".into(),
        },
        other => other,
    })?;
    let last = trainings.len() - 1;
    say(voice, &format!(
        "training {number} is finished; when all from 0 to {last} are, the same command without --training makes the study's report"
    ));
    Ok(0)
}

/// Photographs that were to be trained on and cannot be read: those that are held back, the study's own run finds.
fn left_out(base: &Path, look: &Look) -> Result<Vec<SkippedFile>> {
    let held_back = |path: &str| {
        look.given
            .dataset
            .photos
            .iter()
            .any(|photo| photo.path == path)
    };
    let mut skipped = Manifest::read(base)?.skipped;
    skipped.retain(|file| !held_back(&file.path));
    Ok(skipped)
}

/// Says what each variant would take.
fn dry_run(programme: &Programme, root: &Path, voice: Voice) -> Result<u8> {
    let (mut text, mut hours) = (String::new(), 0.0);
    for training in programme.trainings() {
        if training.seed != programme.seeds[0] {
            continue;
        }
        let args = programme.args_in(&root.join(training.folder()), false);
        let photographs = Photographs::read(&args)?;
        let course = programme.course(&training, photographs.labels().len())?;
        let lesson = Lesson::ready(&args, Begin::of(photographs, course), root, voice)?;
        lesson.announce(voice);
        let cost = lesson.cost()?;
        hours += cost.hours();
        text += &format!("{}\n{cost}\n", training.variant.name);
    }
    let hours = hours * programme.seeds.len() as f64;
    let trainings = count(programme.trainings().len(), "training");
    text += &format!("{trainings}: {} in all\n", time(hours));
    super::print(text.as_bytes()).map(|()| 0)
}
