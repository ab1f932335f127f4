//! The steps of an epoch on a GPU: all workers make views ready, and the calling thread feeds the device, which has its next part
//! before it is asked what it said of the last one.

use std::collections::BTreeMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use base::{Error, Result};
use engine::learn::{Dropped, Gradients, Images, Learner, MicroBatch, Said};

use super::order::Part;
use super::steps::{ended, After, Epoch, Ready, Shown};

/// Takes the steps that are made of `parts`; otherwise as [`super::steps::take`].
///
/// # Errors
/// Those of [`super::steps::take`].
pub(super) fn take(
    epoch: &Epoch<'_>,
    parts: &[Part],
    learner: &mut Learner,
    threads: usize,
    shown: &mut Shown,
    after: &mut After<'_>,
) -> Result<()> {
    let larder = Larder {
        epoch,
        parts,
        ahead: threads + 2,
        state: Mutex::default(),
        moved: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, parts.len().max(1)) {
            let (larder, learner) = (&larder, learner.share());
            scope.spawn(move || larder.fill(&learner));
        }
        // Whatever ends the feeding: workers that wait for room would wait for ever.
        let _closed = Closing(&larder);
        feed(&larder, learner, shown, after)
    })
}

/// Parts that are made ready, in whatever order, and eaten in theirs.
struct Larder<'a> {
    epoch: &'a Epoch<'a>,
    parts: &'a [Part],
    /// Parts that may be ready and not yet eaten.
    ahead: usize,
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    begun: usize,
    eaten: usize,
    ready: BTreeMap<usize, Ready>,
    failed: Option<Error>,
    is_closed: bool,
}

impl Larder<'_> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'g>(&self, state: MutexGuard<'g, State>) -> MutexGuard<'g, State> {
        self.moved
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one part ready after another.
    fn fill(&self, learner: &Learner) {
        while let Some(number) = self.next() {
            let made = catch_unwind(AssertUnwindSafe(|| {
                self.epoch.ready(&self.parts[number], learner)
            }));
            let made = made.unwrap_or_else(|_| Err(ended()));
            let mut state = self.state();
            match made {
                Ok(ready) => drop(state.ready.insert(number, ready)),
                Err(error) => drop(state.failed.get_or_insert(error)),
            }
            self.moved.notify_all();
        }
    }

    /// The next part that is to be made ready, once there is room for it.
    fn next(&self) -> Option<usize> {
        let mut state = self.state();
        loop {
            let is_over = state.is_closed || state.failed.is_some();
            if is_over || state.begun == self.parts.len() {
                return None;
            }
            if state.begun < state.eaten + self.ahead {
                state.begun += 1;
                return Some(state.begun - 1);
            }
            state = self.wait(state);
        }
    }

    /// The part of that number, as soon as it is ready.
    fn eat(&self, number: usize) -> Result<Ready> {
        let mut state = self.state();
        loop {
            if let Some(error) = state.failed.take() {
                return Err(error);
            }
            if let Some(ready) = state.ready.remove(&number) {
                state.eaten = number + 1;
                self.moved.notify_all();
                return Ok(ready);
            }
            state = self.wait(state);
        }
    }
}

/// Tells the workers that nothing is eaten any more.
struct Closing<'a>(&'a Larder<'a>);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.state().is_closed = true;
        self.0.moved.notify_all();
    }
}

/// A part on the device.
struct There {
    images: Images,
    dropped: Dropped,
    classes: Vec<usize>,
}

fn feed(
    larder: &Larder<'_>,
    learner: &mut Learner,
    shown: &mut Shown,
    after: &mut After<'_>,
) -> Result<()> {
    let send = |number: usize, learner: &Learner| -> Result<Option<There>> {
        if number == larder.parts.len() {
            return Ok(None);
        }
        let ready = larder.eat(number)?;
        Ok(Some(There {
            images: learner.images(&ready.views)?,
            dropped: learner.sent(ready.dropped)?,
            classes: ready.classes,
        }))
    };
    let mut sum = None;
    let mut next = send(0, learner)?;
    for (number, part) in larder.parts.iter().enumerate() {
        let Some(there) = next.take() else {
            break;
        };
        let said = pass(larder.epoch, part, &there, (&mut *learner, &mut sum))?;
        next = send(number + 1, learner)?;
        shown.add(&learner.hear(&said)?, &there.classes);
        if part.is_last {
            shown.step(larder.epoch, part)?;
            after(learner, shown)?;
        }
    }
    Ok(())
}

/// Asks the device to pass a part, and to take the step that it ends.
fn pass(
    epoch: &Epoch<'_>,
    part: &Part,
    there: &There,
    (learner, sum): (&mut Learner, &mut Option<Gradients>),
) -> Result<Said> {
    let gradients = learner.gradients(&MicroBatch {
        images: &there.images,
        classes: &there.classes,
        dropped: &there.dropped,
        step: part.of,
    })?;
    let said = gradients.said();
    match sum {
        Some(sum) => sum.add(gradients)?,
        None => *sum = Some(gradients),
    }
    let Some(sum) = sum.take_if(|_| part.is_last) else {
        return Ok(said);
    };
    learner.descend(&sum, &epoch.descent)?;
    Ok(match epoch.filter_rms {
        Some(bound) => said.with(learner.hold_filters(bound)?),
        None => said,
    })
}
