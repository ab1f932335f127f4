//! Photographs on their way through the machine: read, shown to the network, drawn and written, each beside the
//! others through bounded channels, so that memory stays flat and the network never waits.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use crossbeam_channel::{bounded, Receiver, Sender};
use tch::Device;

use crate::engine::{device, Engine};
use crate::error::{Error, Result};
use crate::progress::{stop_here, stopped, Progress};
use crate::records::maps::PhotoArrays;
use crate::records::{PhotoRecord, RunFolder};

use super::prepare::{prepare, Outcome};
use super::{observe, record, Context, Gallery, Onlooker, Setting};

/// A photo to be worked on.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Index in the data set.
    pub photo: usize,
    /// Whether projections are to be made.
    pub detail: bool,
}

/// What a photo left, on its way to disk.
type Finished = (PhotoRecord, Option<PhotoArrays>);

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
    let Context {
        setting,
        engine,
        folder,
        ..
    } = *context;
    let gallery = context.gallery();
    let threads = setting.threads.min(groups.len()).max(1);
    let networks = match engine.device() {
        Device::Cpu => threads,
        _ => 1,
    };
    let next = AtomicUsize::new(0);
    let failed = &AtomicBool::new(false);
    let halt: &(dyn Fn() -> bool + Sync) = &|| failed.load(Ordering::Relaxed) || stopped();
    thread::scope(|scope| {
        let (to_network, from_reader) = bounded::<Vec<Outcome>>(threads);
        let (to_writer, from_network) = bounded::<Finished>(threads * 2);
        let mut workers: Vec<io::Result<ScopedJoinHandle<Result<()>>>> = Vec::new();
        let builder = |name: &str| thread::Builder::new().name(name.to_owned());
        for _ in 0..threads {
            let to_network = to_network.clone();
            let next = &next;
            workers.push(builder("reader").spawn_scoped(scope, move || {
                guard(failed, || read(setting, groups, next, halt, &to_network))
            }));
        }
        for _ in 0..networks {
            let engine = engine.clone();
            let (input, output) = (from_reader.clone(), to_writer.clone());
            workers.push(builder("network").spawn_scoped(scope, move || {
                device::one_thread_here();
                guard(failed, || {
                    show(setting, &engine, onlooker, halt, (&input, &output))
                })
            }));
        }
        for _ in 0..threads {
            let input = from_network.clone();
            workers.push(builder("writer").spawn_scoped(scope, move || {
                guard(failed, || write((folder, gallery), progress, &input))
            }));
        }
        drop((to_network, from_reader, to_writer, from_network));
        if workers.iter().any(io::Result::is_err) {
            failed.store(true, Ordering::Relaxed);
        }
        let mut outcome = Ok(());
        for worker in workers {
            outcome = outcome.and(match worker {
                Ok(worker) => worker.join().unwrap_or_else(|_| {
                    Err(Error::Compute {
                        doing: "working on a photograph".into(),
                        message: "a worker ended unexpectedly; please report this".into(),
                    })
                }),
                Err(error) => Err(Error::Compute {
                    doing: format!("starting {threads} workers"),
                    message: format!("{error}; try fewer --threads"),
                }),
            });
        }
        outcome?;
        onlooker.rest()?;
        stop_here()
    })
}

/// Runs one worker; where it fails, or panics, the others stop as well.
fn guard(failed: &AtomicBool, work: impl FnOnce() -> Result<()>) -> Result<()> {
    struct Alarm<'a>(&'a AtomicBool, bool);
    impl Drop for Alarm<'_> {
        fn drop(&mut self) {
            if self.1 {
                self.0.store(true, Ordering::Relaxed);
            }
        }
    }
    let mut alarm = Alarm(failed, true);
    let ended = work();
    alarm.1 = ended.is_err();
    ended
}

fn read(
    setting: &Setting,
    groups: &[&[Job]],
    next: &AtomicUsize,
    halt: &dyn Fn() -> bool,
    to_network: &Sender<Vec<Outcome>>,
) -> Result<()> {
    while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
        if halt() {
            break;
        }
        let prepared = group
            .iter()
            .map(|job| prepare(setting, job.photo, job.detail))
            .collect::<Result<_>>()?;
        if to_network.send(prepared).is_err() {
            break;
        }
    }
    Ok(())
}

fn show(
    setting: &Setting,
    engine: &Engine,
    onlooker: &dyn Onlooker,
    halt: &dyn Fn() -> bool,
    (from_reader, to_writer): (&Receiver<Vec<Outcome>>, &Sender<Finished>),
) -> Result<()> {
    for outcomes in from_reader {
        if halt() {
            break;
        }
        let mut group = Vec::new();
        let mut finished: Vec<Finished> = Vec::new();
        for outcome in outcomes {
            match outcome {
                Outcome::Ready(prepared) => group.push(prepared),
                Outcome::Skipped { photo, skip } => {
                    let sha256 = skip.sha256.clone().unwrap_or_default();
                    finished.push((
                        record::skipped(setting, photo, skip.to_string(), sha256),
                        None,
                    ));
                }
            }
        }
        let observations = observe::observe(setting, engine, onlooker, &group)?;
        for (prepared, observed) in group.into_iter().zip(observations) {
            finished.push(record::photo(setting, *prepared, observed));
        }
        for photo in finished {
            if to_writer.send(photo).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn write(
    (folder, gallery): (&RunFolder, Gallery<'_>),
    progress: &Progress,
    from_network: &Receiver<Finished>,
) -> Result<()> {
    for (record, arrays) in from_network {
        if let Some(arrays) = arrays {
            gallery.show(&arrays)?;
        }
        folder.write_record(&record)?;
        match &record.skipped {
            Some(reason) => progress.skipped(&record.path, reason),
            None => progress.photo(&record.path),
        }
    }
    Ok(())
}
