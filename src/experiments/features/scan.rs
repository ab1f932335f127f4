//! What looks on while the photographs are classified: every map's strongest units, and what it does over all of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base::{Error, Result};
use engine::Answers;
use serde::{Deserialize, Serialize};

use super::tally::LayerTally;
use crate::{Onlooker, Setting, Sighting};

/// Photographs after which a scan is kept, and seconds of work: as with records.
const STRETCH: usize = 256;
const WAIT: Duration = Duration::from_secs(10);

/// A scan works so many times longer than it takes to keep it.
const WORK: u32 = 50;

/// What a scan has found so far.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    /// By number what [`fingerprint`] tells of the file; `None` where it was not counted. It has its length from the beginning:
    /// small pieces of memory that stay, among large ones that come and go, would let these grow.
    photos: Mutex<Vec<Option<u64>>>,
    layers: Vec<Mutex<LayerTally>>,
}

impl Found {
    /// The photos that were counted, by their numbers in the data set.
    pub fn photos(&self) -> Vec<usize> {
        let photos = locked(&self.photos);
        let seen = photos.iter().enumerate().filter(|(_, seen)| seen.is_some());
        seen.map(|(photo, _)| photo).collect()
    }

    /// Together with what another scan of the same stages found in other photos.
    pub(super) fn with(self, other: Self) -> Self {
        let mut photos = locked(&self.photos);
        for (ours, theirs) in photos.iter_mut().zip(locked(&other.photos).iter()) {
            *ours = ours.or(*theirs);
        }
        drop(photos);
        for (ours, theirs) in self.layers.iter().zip(&other.layers) {
            locked(ours).add(&locked(theirs));
        }
        self
    }

    /// What was found of each stage.
    pub fn tallies(self) -> Vec<LayerTally> {
        let whole =
            |tally: Mutex<LayerTally>| tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.layers.into_iter().map(whole).collect()
    }

    /// Whether a photo was counted from a file of this sha256, as far as 64 bits of it tell.
    pub fn saw(&self, photo: usize, sha256: &str) -> bool {
        locked(&self.photos).get(photo) == Some(&Some(fingerprint(sha256)))
    }
}

/// Where a scan's findings are kept while it goes on.
pub type Keep<'a> = Box<dyn Fn(&Found) -> Result<()> + Sync + 'a>;

/// A scan of the setting's stages. It sees every photo once, in any order and from several threads; from time to time what it
/// has found is kept, and another scan can go on with that to the same end.
pub struct Scan<'a> {
    setting: &'a Setting<'a>,
    per_image: usize,
    keep: Keep<'a>,
    /// To be written is to be alone with it, not to change it.
    found: RwLock<Found>,
    /// Sightings that were begun and not ended.
    open: AtomicUsize,
    pace: Mutex<Pace>,
}

/// When a scan was kept last.
struct Pace {
    /// Photos since.
    photos: usize,
    time: Instant,
    /// How long it took.
    cost: Duration,
}

impl<'a> Scan<'a> {
    /// A scan that keeps of each map the `top` strongest units, at most `per_image` of a photo; it goes on with what was
    /// `found` before.
    pub fn new(
        setting: &'a Setting<'a>,
        (top, per_image): (usize, usize),
        found: Option<Found>,
        keep: Keep<'a>,
    ) -> Self {
        let empty = |layer: usize| {
            let shape = setting.shape(layer);
            let cells = shape.height * shape.width;
            let labels = setting.dataset.labels.names.len();
            Mutex::new(LayerTally::new(shape.channels, cells, top, labels))
        };
        let nothing = || Found {
            photos: Mutex::new(vec![None; setting.dataset.photos.len()]),
            layers: (0..setting.stages.len()).map(empty).collect(),
        };
        Self {
            setting,
            per_image,
            keep,
            found: RwLock::new(found.unwrap_or_else(nothing)),
            open: AtomicUsize::new(0),
            pace: Mutex::new(Pace {
                photos: 0,
                time: Instant::now(),
                cost: Duration::ZERO,
            }),
        }
    }

    /// What was found.
    pub fn found(self) -> Found {
        let found = self.found.into_inner();
        found.unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, found: &Found, answers: &Answers, photos: &[Sighting<'_>]) -> Result<()> {
        let dataset = self.setting.dataset;
        let stages = self.setting.stages.iter().enumerate();
        for ((number, stage), tally) in stages.zip(&found.layers) {
            for &Sighting { image, photo, .. } in photos {
                let file = &dataset.photos[photo];
                let facts = answers.maps(number, image);
                if facts.maximum.iter().any(|value| !value.is_finite()) {
                    return Err(Error::Compute {
                        doing: format!("scanning feature maps of {} for {}", stage.name, file.path),
                        message: "the network gives values that are not finite (NaN or infinite); are its weights damaged?".into(),
                    });
                }
                let candidates = locked(tally).count(facts, photo, file.label);
                if candidates.is_empty() {
                    continue;
                }
                let units = answers.peaks(number, image, &candidates).into_iter();
                let units = units.flat_map(|units| units.into_iter().take(self.per_image));
                locked(tally).enter(photo, units);
            }
        }
        let mut all = locked(&found.photos);
        for seen in photos {
            all[seen.photo] = Some(fingerprint(seen.sha256));
        }
        Ok(())
    }

    /// Keeps what was found since it was last kept, unless a photo was counted in part.
    fn keep(&self, pace: &mut Pace) -> Result<()> {
        let begun = Instant::now();
        let found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        if self.open.load(Ordering::SeqCst) == 0 {
            (self.keep)(&found)?;
        }
        *pace = Pace {
            photos: 0,
            time: Instant::now(),
            cost: begun.elapsed(),
        };
        Ok(())
    }
}

impl Onlooker for Scan<'_> {
    fn awaits(&self, photo: usize) -> bool {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let seen = locked(&found.photos).get(photo).copied().flatten();
        seen.is_none()
    }

    fn peaks(&self) -> usize {
        self.per_image
    }

    fn see(&self, answers: &Answers, photos: &[Sighting<'_>]) -> Result<()> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        self.open.fetch_add(1, Ordering::SeqCst);
        self.count(&found, answers, photos)?;
        self.open.fetch_sub(1, Ordering::SeqCst);
        drop(found);
        let mut pace = locked(&self.pace);
        pace.photos += photos.len();
        let worked = pace.time.elapsed();
        let is_due = pace.photos >= STRETCH || worked >= WAIT;
        match is_due && worked >= pace.cost * WORK {
            true => self.keep(&mut pace),
            false => Ok(()),
        }
    }

    fn rest(&self) -> Result<()> {
        let mut pace = locked(&self.pace);
        match pace.photos {
            0 => Ok(()),
            _ => self.keep(&mut pace),
        }
    }
}

/// The first 64 bits of a sha256: enough to tell a file that has changed, and little to remember of each.
fn fingerprint(sha256: &str) -> u64 {
    let head = sha256.get(..16).unwrap_or_default();
    u64::from_str_radix(head, 16).unwrap_or_default()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
