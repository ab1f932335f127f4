//! Photographs worked on beside each other, outside the pipeline: for experiments that look at a few of them again.

use crate::engine::{pool, Engine};
use crate::error::Result;
use crate::progress::{stop_here, stopped};

/// Does `work` for every item, each worker with a network of its own and one libtorch thread; the results stand in the
/// items' order.
///
/// # Errors
/// One of those that `work` ended with; [`crate::Error::Stopped`] where the user stopped it.
pub(super) fn each<T: Sync, R: Send>(
    threads: usize,
    engine: &Engine,
    items: &[T],
    work: impl Fn(&Engine, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let kit = || Ok(());
    equipped(threads, engine, items, kit, |engine, (), item| {
        work(engine, item)
    })
}

/// The same where each worker has a `kit` of its own as well, made before it starts.
///
/// # Errors
/// Those of [`each`].
pub(super) fn equipped<T: Sync, K: Send, R: Send>(
    threads: usize,
    engine: &Engine,
    items: &[T],
    kit: impl Fn() -> Result<K>,
    work: impl Fn(&Engine, &K, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let done = pool::each(engine, threads, items, &stopped, kit, work)?;
    stop_here()?;
    Ok(done)
}
