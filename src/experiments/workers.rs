//! Photographs worked on beside each other, outside the pipeline: for experiments that look at a few of them again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tch::Device;

use crate::engine::{device, Engine};
use crate::error::{Error, Result};

use super::pipeline::Watch;

/// Does `work` for every item, each worker with a network of its own and one libtorch thread; the results stand in the
/// items' order. `None` where the user stopped it.
///
/// # Errors
/// One of those that `work` ended with.
pub(super) fn each<T: Sync, R: Send>(
    threads: usize,
    engine: &Engine,
    items: &[T],
    watch: &dyn Watch,
    work: impl Fn(&Engine, &T) -> Result<R> + Sync,
) -> Result<Option<Vec<R>>> {
    let workers = match engine.device() {
        Device::Cpu => threads.clamp(1, items.len().max(1)),
        _ => 1,
    };
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let one_after_another = |engine: &Engine| -> Result<Vec<(usize, R)>> {
        device::one_thread_here();
        let mut done = Vec::new();
        while !watch.stopped() && !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = work(engine, item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((at, result?));
            watch.step();
        }
        Ok(done)
    };
    let mut done = Vec::with_capacity(items.len());
    thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                let engine = engine.clone();
                let work = &one_after_another;
                scope.spawn(move || work(&engine))
            })
            .collect();
        for worker in workers {
            done.extend(worker.join().unwrap_or_else(|_| {
                Err(Error::Compute {
                    doing: "working on a photograph".into(),
                    message: "a worker ended unexpectedly; please report this".into(),
                })
            })?);
        }
        Ok(())
    })?;
    if watch.stopped() {
        return Ok(None);
    }
    done.sort_by_key(|(at, _)| *at);
    Ok(Some(done.into_iter().map(|(_, result)| result).collect()))
}
