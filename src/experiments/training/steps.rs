//! The steps of an epoch: micro-batches are passed by all workers at once and added up in their order, so that what is learnt
//! does not depend on how many workers there are.

use std::collections::BTreeMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use base::{Error, Result};
use engine::device;
use engine::learn::{images, Descent, Gradients, Images, Learner, MicroBatch};
use serde::{Deserialize, Serialize};

use super::frames::Frames;
use super::order::Part;
use super::view::Viewer;

/// One pass over the training photographs.
#[derive(Debug)]
pub(super) struct Epoch<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// The training photographs.
    pub frames: &'a Frames<'a>,
    /// What is shown of them.
    pub viewer: &'a Viewer,
    /// The class of each, by place.
    pub classes: &'a [usize],
    /// How its steps change the parameters.
    pub descent: Descent,
    /// Root mean square that no filter may exceed.
    pub filter_rms: Option<f64>,
}

/// What an epoch has shown so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Shown {
    /// Steps that were taken.
    pub steps: usize,
    /// Photographs that were shown.
    pub photos: usize,
    /// Sum of their losses.
    pub loss: f64,
    /// How many were told right.
    pub right: usize,
    /// Filters that were scaled back to their bound, step after step.
    pub held: usize,
}

/// What stands after a step: the learner, and what was shown.
pub(super) type After<'a> = dyn FnMut(&Learner, &Shown) -> Result<()> + Send + 'a;

/// Takes the steps of an epoch that are not among those that `shown` has, which change the learner; `after` is called behind each and may end it.
///
/// # Errors
/// The first of any worker, or of `after`. [`Error::Diverged`] where a loss is not finite: the learner is of no use then.
pub(super) fn take(
    epoch: &Epoch<'_>,
    parts: &[Part],
    learner: &Learner,
    threads: usize,
    shown: &mut Shown,
    after: &mut After<'_>,
) -> Result<()> {
    let done = shown.steps;
    let first = parts.partition_point(|part| part.step < done);
    let line = Line {
        epoch,
        parts,
        one_by_one: learner.is_on_gpu(),
        next: AtomicUsize::new(first),
        state: Mutex::new(State {
            step: done,
            passed: first,
            added: 0,
            sum: None,
            waiting: BTreeMap::new(),
            shown: *shown,
            failed: None,
            after,
        }),
        moved: Condvar::new(),
    };
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, (parts.len() - first).max(1)) {
            let (line, mut learner) = (&line, learner.share());
            scope.spawn(move || line.work(&mut learner));
        }
    });
    let state = line
        .state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    *shown = state.shown;
    state.failed.map_or(Ok(()), Err)
}

/// What the workers of an epoch share.
struct Line<'a> {
    epoch: &'a Epoch<'a>,
    parts: &'a [Part],
    /// Whether the device computes one part at a time, in their order.
    one_by_one: bool,
    /// The next part that nobody has begun with.
    next: AtomicUsize,
    state: Mutex<State<'a>>,
    moved: Condvar,
}

struct State<'a> {
    /// The step whose parameters the learner has.
    step: usize,
    /// Parts that were passed, where they are passed one by one.
    passed: usize,
    /// Parts of the step that are in the sum.
    added: usize,
    sum: Option<Gradients>,
    /// Parts of the step that came before their turn.
    waiting: BTreeMap<usize, (Gradients, Told)>,
    shown: Shown,
    failed: Option<Error>,
    after: &'a mut After<'a>,
}

/// What a part says of its photographs.
struct Told {
    loss: f64,
    right: usize,
}

impl<'a> Line<'a> {
    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, learner: &mut Learner) {
        device::one_thread_here();
        let worked = catch_unwind(AssertUnwindSafe(|| -> Result<()> {
            loop {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let Some(part) = self.parts.get(number) else {
                    return Ok(());
                };
                let input = self.input(part)?;
                if !self.wait_for(number, part) {
                    return Ok(());
                }
                let (gradients, told) = self.pass(learner, part, &input)?;
                self.deliver(learner, part, gradients, told)?;
            }
        }));
        let worked = worked.unwrap_or_else(|_| {
            Err(Error::Compute {
                doing: "training".into(),
                message: "a worker ended unexpectedly; please report this".into(),
            })
        });
        if let Err(error) = worked {
            self.state().failed.get_or_insert(error);
            self.moved.notify_all();
        }
    }

    /// Waits until the learner has the part's parameters; whether it came to that.
    fn wait_for(&self, number: usize, part: &Part) -> bool {
        let mut state = self.state();
        while state.failed.is_none()
            && (state.step < part.step || (self.one_by_one && state.passed < number))
        {
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.failed.is_none()
    }

    fn input(&self, part: &Part) -> Result<Images> {
        let Epoch {
            frames,
            viewer,
            number,
            ..
        } = *self.epoch;
        let mut values = Vec::new();
        for &place in &part.places {
            let input = viewer.input(&frames.frame(place)?, &frames.photo(place).path, number)?;
            values.extend(input);
        }
        images(&values, viewer.preprocessing.input())
    }

    fn pass(&self, learner: &Learner, part: &Part, images: &Images) -> Result<(Gradients, Told)> {
        let Epoch {
            frames,
            viewer,
            number,
            ..
        } = *self.epoch;
        let places = part.places.iter();
        let classes: Vec<usize> = places
            .clone()
            .map(|&place| self.epoch.classes[place])
            .collect();
        let draws = places.map(|&place| viewer.dropout(&frames.photo(place).path, number));
        let gradients = learner.gradients(&MicroBatch {
            images,
            classes: &classes,
            draws: &draws.collect::<Vec<_>>(),
            step: part.of,
        })?;
        let losses = gradients.losses()?;
        let logits = gradients.logits()?;
        let of_image = logits.chunks_exact((logits.len() / classes.len()).max(1));
        // Of equals the first is the answer, as everywhere.
        let right = of_image.zip(&classes).filter(|(logits, &class)| {
            let before = logits[..class].iter().all(|&logit| logit < logits[class]);
            before && logits[class..].iter().all(|&logit| logit <= logits[class])
        });
        let told = Told {
            loss: losses.iter().sum(),
            right: right.count(),
        };
        Ok((gradients, told))
    }

    fn deliver(
        &self,
        learner: &mut Learner,
        part: &Part,
        gradients: Gradients,
        told: Told,
    ) -> Result<()> {
        let mut state = self.state();
        let state = &mut *state;
        state.passed += 1;
        state.waiting.insert(part.number, (gradients, told));
        let of = self.parts_of(part.step);
        while let Some((gradients, told)) = state.waiting.remove(&state.added) {
            state.added += 1;
            state.shown.loss += told.loss;
            state.shown.right += told.right;
            match &mut state.sum {
                Some(sum) => sum.add(gradients)?,
                None => state.sum = Some(gradients),
            }
        }
        if state.added == of {
            self.step(learner, state, part)?;
        }
        self.moved.notify_all();
        Ok(())
    }

    fn parts_of(&self, step: usize) -> usize {
        let first = self.parts.partition_point(|part| part.step < step);
        self.parts.partition_point(|part| part.step <= step) - first
    }

    fn step(&self, learner: &mut Learner, state: &mut State<'a>, part: &Part) -> Result<()> {
        if !state.shown.loss.is_finite() {
            let step = part.step + 1;
            return Err(Error::Diverged {
                at: format!(
                    "in epoch {}, step {step} the loss is not finite",
                    self.epoch.number
                ),
                kept: String::new(),
            });
        }
        if let Some(sum) = state.sum.take() {
            learner.descend(&sum, &self.epoch.descent)?;
        }
        if let Some(bound) = self.epoch.filter_rms {
            state.shown.held += learner.hold_filters(bound)?;
        }
        state.shown.photos += part.of;
        state.step += 1;
        state.shown.steps = state.step;
        state.added = 0;
        (state.after)(learner, &state.shown)
    }
}
