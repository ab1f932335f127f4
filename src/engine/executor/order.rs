//! What groups of items leave, taken in the groups' order by the thread that issues the items.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use base::{Error, Result};
use crossbeam_channel::{Receiver, Sender};

/// What workers tell the thread that takes the results.
pub(super) enum Told<R> {
    /// A part is finished.
    Finished {
        group: usize,
        part: usize,
        left: R,
    },
    /// A group has no more parts than these.
    Computed {
        group: usize,
        parts: usize,
    },
    Failed(Error),
}

/// Issues items, as many as there is `room` for and then as many as the groups have that were taken, and takes in their order
/// what the groups, of these sizes, left. After a failure, which it lets the workers see, it waits until they have ended.
pub(super) fn in_order<R>(
    sizes: Vec<usize>,
    mut room: usize,
    issue: Sender<usize>,
    told: &Receiver<Told<R>>,
    failed: &AtomicBool,
    mut take: impl FnMut(Vec<R>) -> Result<()>,
) -> Result<()> {
    let (mut order, mut outcome) = (Order::new(), Ok(()));
    let (mut to_issue, mut issue) = (0..sizes.iter().sum::<usize>(), Some(issue));
    let mut sizes = sizes.into_iter();
    loop {
        for item in to_issue.by_ref().take(std::mem::take(&mut room)) {
            let _ = issue.as_ref().map(|issue| issue.send(item));
        }
        if to_issue.is_empty() {
            issue = None;
        }
        let Ok(news) = told.recv() else { break };
        let taken = order.note(news).and_then(|()| {
            while let Some(left) = order.next_whole() {
                room += sizes.next().unwrap_or(0);
                if outcome.is_ok() {
                    take(left)?;
                }
            }
            Ok(())
        });
        if taken.is_err() {
            failed.store(true, Ordering::Relaxed);
            to_issue = 0..0;
            outcome = outcome.and(taken);
        }
    }
    outcome
}

/// What groups left, on its way into their order.
struct Order<R> {
    next: usize,
    begun: BTreeMap<usize, Left<R>>,
}

/// A group's parts so far, and how many it has where that is known.
type Left<R> = (BTreeMap<usize, R>, Option<usize>);

impl<R> Order<R> {
    fn new() -> Self {
        Self {
            next: 0,
            begun: BTreeMap::new(),
        }
    }

    /// Notes what was told.
    ///
    /// # Errors
    /// The failure, where it is one.
    fn note(&mut self, told: Told<R>) -> Result<()> {
        match told {
            Told::Finished { group, part, left } => {
                self.begun.entry(group).or_default().0.insert(part, left);
            }
            Told::Computed { group, parts } => {
                self.begun.entry(group).or_default().1 = Some(parts);
            }
            Told::Failed(error) => return Err(error),
        }
        Ok(())
    }

    /// All that the next group left, as soon as it is whole.
    fn next_whole(&mut self) -> Option<Vec<R>> {
        let first = self.begun.first_entry()?;
        let (parts, all) = first.get();
        (*first.key() == self.next && *all == Some(parts.len())).then(|| {
            self.next += 1;
            first.remove().0.into_values().collect()
        })
    }
}
