//! Photographs worked on beside each other, outside the pipeline: for experiments that look at a few of them again.

use crate::engine::{pool, Engine};
use crate::error::Result;
use crate::records::PhotoRecord;

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
    equipped(
        threads,
        engine,
        items,
        watch,
        || Ok(()),
        |engine, (), item| work(engine, item),
    )
}

/// The same where each worker has a `kit` of its own as well, made before it starts.
///
/// # Errors
/// One of those that `work` ended with.
pub(super) fn equipped<T: Sync, K: Send, R: Send>(
    threads: usize,
    engine: &Engine,
    items: &[T],
    watch: &dyn Watch,
    kit: impl Fn() -> Result<K>,
    work: impl Fn(&Engine, &K, &T) -> Result<R> + Sync,
) -> Result<Option<Vec<R>>> {
    let stopped = || watch.stopped();
    let step = |engine: &Engine, kit: &K, item: &T| {
        let result = work(engine, kit, item)?;
        watch.step();
        Ok(result)
    };
    let done = pool::each(engine, threads, items, &stopped, kit, step)?;
    Ok((!watch.stopped()).then_some(done))
}

/// Work that is not counted, or counted in another way.
pub(super) struct Unseen<'a>(pub(super) &'a dyn Watch);

impl Watch for Unseen<'_> {
    fn done(&self, _: &PhotoRecord) {}

    fn step(&self) {}

    fn stopped(&self) -> bool {
        self.0.stopped()
    }
}
