//! What the user sees while a run goes on: a bar on a terminal, plain lines otherwise; and how it is stopped.

mod interrupt;

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

pub use interrupt::{before_leaving, catch_interrupts, exit_code, stop_here, stopped};

/// How much is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Voice {
    /// Nothing but errors.
    Quiet,
    /// What a run comes to.
    #[default]
    Plain,
    /// Every photograph and how long each phase took, too.
    Verbose,
}

/// Says a sentence on stderr, unless quiet.
pub fn say(voice: Voice, text: &str) {
    if voice != Voice::Quiet {
        // A reader of stderr that went away does not end the run.
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// The progress of one pass over photographs.
#[derive(Debug)]
pub struct Progress {
    voice: Voice,
    what: &'static str,
    counted: &'static str,
    total: usize,
    done: AtomicUsize,
    skipped: AtomicUsize,
    bar: Option<ProgressBar>,
    began: Instant,
    /// Seconds after which something was said last.
    said: AtomicU64,
}

/// Seconds between lines where there is no bar.
const EVERY: u64 = 60;

impl Progress {
    /// A pass over `total` photographs, of which `done` were finished by an earlier process.
    pub fn new(voice: Voice, what: &'static str, total: usize, done: usize) -> Self {
        let bar = (voice != Voice::Quiet && io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(total as u64).with_message(what);
            let style = "{msg} {wide_bar} {pos}/{len} {per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_position(done as u64);
            bar.reset_eta();
            bar
        });
        Self {
            voice,
            what,
            counted: "photographs",
            total,
            done: AtomicUsize::new(done),
            skipped: AtomicUsize::new(0),
            bar,
            began: Instant::now(),
            said: AtomicU64::new(0),
        }
    }

    /// With another word for what is counted.
    pub fn counting(mut self, counted: &'static str) -> Self {
        self.counted = counted;
        self
    }

    /// How many are done.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// The photograph at `path` is done.
    pub fn photo(&self, path: &str) {
        if self.voice == Voice::Verbose {
            self.line(&format!("{path} done"));
        }
        self.step();
    }

    /// The photograph at `path` is left out; of many the first are named.
    pub fn skipped(&self, path: &str, reason: &str) {
        const NAMED: usize = 20;
        match self.skipped.fetch_add(1, Ordering::Relaxed) {
            NAMED if self.voice != Voice::Verbose => {
                self.line("more are skipped; the report names them all");
            }
            before if before < NAMED || self.voice == Voice::Verbose => {
                self.line(&format!("skipped {path}: {reason}"));
            }
            _ => {}
        }
        self.step();
    }

    /// So many more are done.
    pub fn add(&self, number: usize) {
        let done = self.done.fetch_add(number, Ordering::Relaxed) + number;
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if done == self.total || done.is_multiple_of((self.total / 10).max(10)) => {
                say(
                    self.voice,
                    &format!("{}: {done} of {} {}", self.what, self.total, self.counted),
                );
            }
            None => {}
        }
    }

    /// What the pass has come to: in front of the bar or, where there is none, in a line a minute.
    pub fn now(&self, text: &str) {
        let seconds = self.began.elapsed().as_secs();
        match &self.bar {
            Some(bar) => bar.set_message(format!("{}, {text}", self.what)),
            None if seconds >= self.said.load(Ordering::Relaxed) + EVERY => {
                self.said.store(seconds, Ordering::Relaxed);
                let (done, total) = (self.done(), self.total);
                let line = format!("{}: {done} of {total} {}, {text}", self.what, self.counted);
                say(self.voice, &line);
            }
            None => {}
        }
    }

    /// Says a sentence beside the bar, unless quiet.
    pub fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => say(self.voice, text),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
