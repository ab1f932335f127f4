//! Workers that share work on one device, each with an engine of its own and one libtorch thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tch::Device;

use super::{device, Engine};
use crate::error::{Error, Result};

/// Does `work` for every item until `halt`; each worker has a `kit` of its own, made before it starts. Results stand in
/// the items' order; where it was halted there are fewer.
///
/// # Errors
/// One of those that `work` ended with.
pub fn each<T: Sync, K: Send, R: Send>(
    engine: &Engine,
    threads: usize,
    items: &[T],
    halt: &(dyn Fn() -> bool + Sync),
    kit: impl Fn() -> Result<K>,
    work: impl Fn(&Engine, &K, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let workers = match engine.device() {
        Device::Cpu => threads.clamp(1, items.len().max(1)),
        _ => 1,
    };
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let one_after_another = |engine: &Engine, kit: &K| -> Result<Vec<(usize, R)>> {
        device::one_thread_here();
        let mut done = Vec::new();
        while !halt() && !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = work(engine, kit, item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((at, result?));
        }
        Ok(done)
    };
    let mut done = Vec::with_capacity(items.len());
    thread::scope(|scope| -> Result<()> {
        let mut running = Vec::with_capacity(workers);
        for _ in 0..workers {
            let (engine, kit, work) = (engine.clone(), kit()?, &one_after_another);
            running.push(scope.spawn(move || work(&engine, &kit)));
        }
        for worker in running {
            done.extend(worker.join().unwrap_or_else(|_| {
                Err(Error::Compute {
                    doing: "working on a photograph".into(),
                    message: "a worker ended unexpectedly; please report this".into(),
                })
            })?);
        }
        Ok(())
    })?;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
