//! How much goes through the network at once.

use std::sync::atomic::{AtomicU32, Ordering};

use base::words::count;
use base::{Error, Result};
use engine::{is_out_of_memory, Needs};
use network::{Anatomy, Stage};
use records::RunFolder;

/// Under which name an interrupted run finds how often its passes were halved.
const NAME: (&str, &str) = ("passes", "halvings");

/// How many inputs a pass holds, and how many signals go back to the pixels together: by the network's shapes and the memory that
/// was asked for, so that it is the same on every device; halved where a device has less.
#[derive(Debug)]
pub struct Room {
    needs: Needs,
    most: Share,
    halvings: AtomicU32,
}

/// What has room in one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Inputs on their way forward.
    pub batch: usize,
    /// Signals on their way back.
    pub signals: usize,
    /// How often it was halved.
    halvings: u32,
}

impl Room {
    /// Of passes that show these stages. Half of `memory` bytes is for the values on their way forward and what is recorded of
    /// them, half for the signals on their way back; a pass holds at most so many inputs, and at least one.
    pub fn of(anatomy: &Anatomy, stages: &[Stage], memory: usize, most: usize) -> Self {
        let nodes: Vec<usize> = stages.iter().map(|stage| stage.node).collect();
        let needs = Needs::of(anatomy, &nodes);
        let half = memory / 2;
        Self {
            needs,
            most: Share {
                batch: (half / needs.forward.max(1)).clamp(1, most.max(1)),
                signals: (half / needs.projection.max(1)).max(1),
                halvings: 0,
            },
            halvings: AtomicU32::new(0),
        }
    }

    /// Inputs in a pass where the device has room for them.
    pub fn batch(&self) -> usize {
        self.most.batch
    }

    /// What has room in a pass by what is known of the device.
    pub fn share(&self) -> Share {
        self.most.halved(self.halvings.load(Ordering::Relaxed))
    }

    /// Goes on with what an interrupted run found out.
    ///
    /// # Errors
    /// Those of [`RunFolder::kept`].
    pub fn go_on(&self, folder: &RunFolder) -> Result<()> {
        let halvings = folder.kept(NAME.0, NAME.1)?.unwrap_or(0);
        self.halvings.store(halvings, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps what is known, so that an interrupted run goes on with it.
    ///
    /// # Errors
    /// Those of [`RunFolder::keep`].
    pub(crate) fn keep(&self, folder: &RunFolder) -> Result<()> {
        folder.keep(NAME.0, NAME.1, &self.share().halvings)
    }

    /// Where a pass of that share failed for lack of memory, half as much is put into the passes to come. Says whether this is
    /// news: another worker may have found it out before.
    ///
    /// # Errors
    /// The failure, where it is another one; what was needed, where not even one input and one signal have room.
    pub(crate) fn halve(&self, share: Share, failed: Error) -> Result<bool> {
        if !is_out_of_memory(&failed) {
            return Err(failed);
        }
        if (share.batch, share.signals) == (1, 1) {
            let bytes = self.needs.forward.max(self.needs.projection);
            return Err(Error::Compute {
                doing: "showing one input to the network".into(),
                message: format!(
                    "the device has too little memory: the network's values alone take {} MB ({failed}); try --device cpu, or fewer --layers",
                    bytes.div_ceil(1_000_000)
                ),
            });
        }
        let halvings = share.halvings + 1;
        let known = self.halvings.compare_exchange(
            share.halvings,
            halvings,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        Ok(known.is_ok())
    }

    /// What there is to say about passes that were halved.
    pub fn note(&self) -> Option<String> {
        let share = self.share();
        (share.halvings > 0).then(|| {
            format!(
                "the device's memory did not hold passes of {}, with {} going back to the pixels together: these were halved, to {} and {}",
                count(self.most.batch, "input"),
                count(self.most.signals, "signal"),
                share.batch,
                share.signals
            )
        })
    }
}

impl Share {
    fn halved(self, halvings: u32) -> Self {
        let half = |number: usize| number.checked_shr(halvings).unwrap_or(0).max(1);
        Self {
            batch: half(self.batch),
            signals: half(self.signals),
            halvings,
        }
    }
}
