//! The steps of an epoch. On a CPU micro-batches are passed by all workers at once and added up in their order, so that what is
//! learnt does not depend on how many workers there are; a GPU is fed ([`super::feed`]).

use std::collections::BTreeMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use base::{Error, Result};
use engine::device;
use engine::learn::{Descent, Dropped, Gradients, Heard, Learner, MicroBatch};
use engine::View;
use serde::{Deserialize, Serialize};

use super::feed;
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
    learner: &mut Learner,
    threads: usize,
    shown: &mut Shown,
    after: &mut After<'_>,
) -> Result<()> {
    let first = parts.partition_point(|part| part.step < shown.steps);
    if learner.is_fed() {
        return feed::take(epoch, &parts[first..], learner, threads, shown, after);
    }
    let line = Line {
        epoch,
        parts,
        next: AtomicUsize::new(first),
        state: Mutex::new(State {
            step: shown.steps,
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

/// A part that is ready to be shown.
pub(super) struct Ready {
    pub(super) views: Vec<View>,
    pub(super) dropped: Dropped,
    pub(super) classes: Vec<usize>,
}

impl Epoch<'_> {
    /// What a part shows, and what of it is left out.
    pub(super) fn ready(&self, part: &Part, learner: &Learner) -> Result<Ready> {
        let path = |place: usize| &*self.frames.photo(place).path;
        let view = |&place: &usize| {
            let frame = self.frames.frame(place)?;
            self.viewer.view(&frame, path(place), self.number)
        };
        let places = part.places.iter();
        let draws = places.map(|&place| self.viewer.dropout(path(place), self.number));
        Ok(Ready {
            views: part.places.iter().map(view).collect::<Result<_>>()?,
            dropped: learner.dropped(&draws.collect::<Vec<_>>())?,
            classes: part.places.iter().map(|&at| self.classes[at]).collect(),
        })
    }
}

impl Shown {
    /// Adds what a part said of its photographs.
    pub(super) fn add(&mut self, heard: &Heard, classes: &[usize]) {
        let logits = &heard.logits;
        let of_image = logits.chunks_exact((logits.len() / classes.len()).max(1));
        // Of equals the first is the answer, as everywhere.
        let right = of_image.zip(classes).filter(|(logits, &class)| {
            let before = logits[..class].iter().all(|&logit| logit < logits[class]);
            before && logits[class..].iter().all(|&logit| logit <= logits[class])
        });
        self.right += right.count();
        self.loss += heard.losses.iter().sum::<f64>();
        self.held += heard.held;
    }

    /// Counts the step that a part ends, whose losses were added.
    ///
    /// # Errors
    /// [`Error::Diverged`].
    pub(super) fn step(&mut self, epoch: &Epoch<'_>, part: &Part) -> Result<()> {
        if !self.loss.is_finite() {
            let (number, step) = (epoch.number, part.step + 1);
            return Err(Error::Diverged {
                at: format!("in epoch {number}, step {step} the loss is not finite"),
                kept: String::new(),
            });
        }
        self.photos += part.of;
        self.steps += 1;
        Ok(())
    }
}

/// A worker that ended of itself.
pub(super) fn ended() -> Error {
    Error::Compute {
        doing: "training".into(),
        message: "a worker ended unexpectedly; please report this".into(),
    }
}

/// What the workers of an epoch share.
struct Line<'a> {
    epoch: &'a Epoch<'a>,
    parts: &'a [Part],
    /// The next part that nobody has begun with.
    next: AtomicUsize,
    state: Mutex<State<'a>>,
    moved: Condvar,
}

struct State<'a> {
    /// The step whose parameters the learner has.
    step: usize,
    /// Parts of the step that are in the sum.
    added: usize,
    sum: Option<Gradients>,
    /// Parts of the step that came before their turn.
    waiting: BTreeMap<usize, (Gradients, Heard, Vec<usize>)>,
    shown: Shown,
    failed: Option<Error>,
    after: &'a mut After<'a>,
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
                let ready = self.epoch.ready(part, learner)?;
                let images = learner.images(&ready.views)?;
                if !self.wait_for(part) {
                    return Ok(());
                }
                let gradients = learner.gradients(&MicroBatch {
                    images: &images,
                    classes: &ready.classes,
                    dropped: &ready.dropped,
                    step: part.of,
                })?;
                let heard = learner.hear(&gradients.said())?;
                self.deliver(learner, part, (gradients, heard, ready.classes))?;
            }
        }));
        if let Err(error) = worked.unwrap_or_else(|_| Err(ended())) {
            self.state().failed.get_or_insert(error);
            self.moved.notify_all();
        }
    }

    /// Waits until the learner has the part's parameters; whether it came to that.
    fn wait_for(&self, part: &Part) -> bool {
        let mut state = self.state();
        while state.failed.is_none() && state.step < part.step {
            state = self
                .moved
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.failed.is_none()
    }

    fn deliver(
        &self,
        learner: &mut Learner,
        part: &Part,
        passed: (Gradients, Heard, Vec<usize>),
    ) -> Result<()> {
        let mut state = self.state();
        let state = &mut *state;
        state.waiting.insert(part.number, passed);
        let of = self.parts_of(part.step);
        while let Some((gradients, heard, classes)) = state.waiting.remove(&state.added) {
            state.added += 1;
            state.shown.add(&heard, &classes);
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
        state.shown.step(self.epoch, part)?;
        if let Some(sum) = state.sum.take() {
            learner.descend(&sum, &self.epoch.descent)?;
        }
        if let Some(bound) = self.epoch.filter_rms {
            state.shown.held += learner.hold_filters(bound)?.count()?;
        }
        state.step += 1;
        state.added = 0;
        (state.after)(learner, &state.shown)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Arc;

    use dataset::{Dataset, DatasetOptions};
    use engine::learn::{Learning, Norms};
    use engine::{waits, Precision};
    use image::{Rgb, RgbImage};
    use network::{zoo, Anatomy, Preprocessing, Size};

    use super::super::frames::Cache;
    use super::super::init::Init;
    use super::super::order;
    use super::super::recipe::View as Drawn;
    use super::*;

    /// Photographs, and those of a step and of a micro-batch.
    const PHOTOS: usize = 11;
    const BATCHES: (usize, usize) = (4, 3);

    fn photographs(root: &Path) -> Dataset {
        for number in 0..PHOTOS {
            let folder = root.join(["even", "odd"][number % 2]);
            std::fs::create_dir_all(&folder).unwrap();
            let noise = |x: u32, y: u32| (x * x * 7 + y * 13 + (x * y) % 31 * number as u32) as u8;
            let picture = RgbImage::from_fn(90, 80, |x, y| {
                Rgb([noise(x, y), noise(y, x), noise(x + 9, y)])
            });
            picture.save(folder.join(format!("{number}.png"))).unwrap();
        }
        Dataset::open(root, &DatasetOptions::default(), &[]).unwrap()
    }

    /// Parameters by their names.
    type Parameters = Vec<(String, Vec<f64>)>;

    /// What an epoch comes to: the parameters, what was shown, and how often the calling thread waited for the device. `gone` is
    /// deleted before it.
    fn taken(
        dataset: &Dataset,
        gone: Option<&Path>,
        (is_fed, threads): (bool, usize),
    ) -> Result<(Parameters, Shown, usize)> {
        let anatomy = Anatomy::of(zoo::find("zfnet_small").unwrap().network()).unwrap();
        let anatomy = Arc::new(anatomy);
        let preprocessing = Preprocessing {
            crop: Size::square(64),
            ..Preprocessing::torchvision()
        };
        let squares = Preprocessing {
            crop: Size::square(72),
            ..preprocessing.clone()
        };
        let photos: Vec<usize> = (0..PHOTOS).collect();
        let cache = match gone {
            None => Cache::Memory,
            Some(_) => Cache::None,
        };
        let cache = (cache, Path::new(""));
        let made = Frames::make(dataset, &photos, &squares, cache, |_| Ok(())).unwrap();
        if let Some(path) = gone {
            std::fs::remove_file(path).unwrap();
        }
        let viewer = Viewer {
            view: Drawn::Crop,
            flip: true,
            preprocessing: preprocessing.clone(),
            margin: 0,
            seed: 5,
        };
        let mean: Vec<f32> = (0..3 * 72 * 72)
            .map(|at| (at % 101) as f32 / 101.0)
            .collect();
        let learning = Learning {
            dropout: 0.5,
            smoothing: 0.0,
            norms: Norms::Trained,
            norm_momentum: 0.1,
            precision: Precision::Float32,
        };
        let weights = Init::He.weights(&anatomy, 3);
        let learner = Learner::in_double(&anatomy, &weights, learning, &BTreeSet::new()).unwrap();
        let mut learner = learner.shown(&preprocessing, Some(&mean)).unwrap();
        if is_fed {
            learner = learner.fed_as_a_gpu().unwrap();
        }
        let classes: Vec<usize> = photos.iter().map(|place| place % 2).collect();
        let epoch = Epoch {
            number: 1,
            frames: &made.frames,
            viewer: &viewer,
            classes: &classes,
            descent: Descent {
                rate: 0.01,
                momentum: 0.9,
                decay: 5e-4,
            },
            filter_rms: Some(0.1),
        };
        let paths = photos.iter().map(|&place| &*made.frames.photo(place).path);
        let parts = order::parts(&paths.collect::<Vec<_>>(), 1, 5, BATCHES);
        let (mut shown, before) = (Shown::default(), waits());
        let mut steps = 0;
        let mut after = |_: &Learner, now: &Shown| -> Result<()> {
            steps += 1;
            assert_eq!(now.steps, steps);
            Ok(())
        };
        take(
            &epoch,
            &parts,
            &mut learner,
            threads,
            &mut shown,
            &mut after,
        )?;
        let waited = waits() - before;
        let values = learner.tensors().into_iter().map(|(name, tensor)| {
            let values = Vec::try_from(&tensor.flatten(0, -1)).unwrap();
            (name, values)
        });
        Ok((values.collect(), shown, waited))
    }

    /// The way of a GPU, on a processor: the same steps to the last bit, and one wait for each part, of which there are five.
    #[test]
    fn a_device_that_is_fed_takes_the_same_steps() {
        let folder = tempfile::tempdir().unwrap();
        let dataset = photographs(folder.path());
        let (weights, shown, _) = taken(&dataset, None, (false, 2)).unwrap();
        assert_eq!((shown.photos, shown.steps), (PHOTOS, 3));
        assert!(shown.held > 0 && shown.loss > 0.0);
        for threads in [1, 3] {
            let (fed, told, waits) = taken(&dataset, None, (true, threads)).unwrap();
            assert!(fed == weights, "other weights with {threads} threads");
            assert_eq!((told, waits), (shown, 5), "{threads} threads");
        }
    }

    /// A photograph that is gone ends the epoch, and nobody waits for it for ever.
    #[test]
    fn what_cannot_be_shown_ends_the_epoch() {
        for is_fed in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let dataset = photographs(folder.path());
            let gone = folder.path().join("even/4.png");
            let ended = taken(&dataset, Some(&gone), (is_fed, 2));
            assert!(ended.is_err_and(|error| error.to_string().contains("4.png")));
        }
    }
}
