//! Photographs worked on beside each other, outside the pipeline: for experiments that look at a few of them again.

use crate::engine::{pool, Engine};
use crate::error::Result;

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
    let stopped = || watch.stopped();
    let step = |engine: &Engine, _: &(), item: &T| {
        let result = work(engine, item)?;
        watch.step();
        Ok(result)
    };
    let done = pool::each(engine, threads, items, &stopped, || Ok(()), step)?;
    Ok((!watch.stopped()).then_some(done))
}
