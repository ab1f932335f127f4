//! How a run is stopped: by its user, who waits for what is under way, or by whoever lent the machine, who does not.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{sleep, Builder};
use std::time::Duration;

use base::{Error, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use signal_hook::low_level::exit;

/// How long the photographs at hand have before they are given up, once the machine is wanted back.
const AT_HAND: Duration = Duration::from_secs(10);
/// When the process is gone, whatever keeps it from writing down what is done.
const GONE: Duration = Duration::from_secs(18);

/// Exit code of a run that its user stopped.
const BY_USER: u8 = 130;
/// Exit code of a run that the machine was taken from: the same command line does the rest (`EX_TEMPFAIL`).
const AGAIN: u8 = 75;

/// The exit code of a run that is being stopped; 0 while it goes on.
static STOP: AtomicU8 = AtomicU8::new(0);
static HANDLER: OnceLock<()> = OnceLock::new();

/// What writes down what is done.
type Keep = Box<dyn Fn() -> Result<()> + Send>;
static KEEP: Mutex<Vec<Keep>> = Mutex::new(Vec::new());

/// Lets signals end the run in good order. Ctrl-C and a hang-up wait for what is under way, and end it at once where they come
/// twice; SIGTERM and SIGUSR1, by which schedulers take machines back, give it ten seconds.
///
/// # Errors
/// [`Error::Usage`] where the system refuses the handler.
pub fn catch_interrupts() -> Result<()> {
    if HANDLER.set(()).is_err() {
        return Ok(());
    }
    let refused = |error: io::Error| Error::Usage(format!("cannot watch for signals: {error}"));
    let mut signals = Signals::new([SIGINT, SIGHUP, SIGTERM, SIGUSR1]).map_err(refused)?;
    let watch = move || signals.forever().for_each(received);
    let watching = Builder::new().name("signals".into()).spawn(watch);
    watching.map(drop).map_err(refused)
}

fn received(signal: i32) {
    let is_notice = matches!(signal, SIGTERM | SIGUSR1);
    match (STOP.load(Ordering::Relaxed), is_notice) {
        (0, false) => {
            STOP.store(BY_USER, Ordering::Relaxed);
            tell("stopping; what is under way is finished first (again to stop at once)");
        }
        (0, true) => {
            STOP.store(AGAIN, Ordering::Relaxed);
            tell("stopping within 20 seconds; what is done is kept");
            leave_after(AT_HAND, keep_all);
            leave_after(GONE, || {});
        }
        // The machine is wanted back: that it was said twice changes nothing.
        (AGAIN, true) => {}
        _ => {
            keep_all();
            exit(i32::from(BY_USER));
        }
    }
}

/// Leaves after a while, unless the run has ended by then.
fn leave_after(wait: Duration, last: fn()) {
    let leave = move || {
        sleep(wait);
        last();
        exit(i32::from(AGAIN));
    };
    if let Err(error) = Builder::new().name("leaving".into()).spawn(leave) {
        tell(&format!("cannot watch the clock: {error}"));
    }
}

fn keep_all() {
    let keep = KEEP.lock().unwrap_or_else(PoisonError::into_inner);
    for error in keep.iter().filter_map(|keep| keep().err()) {
        tell(&format!("not kept: {error}"));
    }
}

/// A reader of stderr that went away does not change the outcome.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Has something written down where the process has to leave before the run comes to its end.
pub fn before_leaving(keep: impl Fn() -> Result<()> + Send + 'static) {
    let mut all = KEEP.lock().unwrap_or_else(PoisonError::into_inner);
    all.push(Box::new(keep));
}

/// Whether the run is to stop.
pub fn stopped() -> bool {
    STOP.load(Ordering::Relaxed) != 0
}

/// Ends what is under way where the run is to stop.
///
/// # Errors
/// [`Error::Stopped`].
pub fn stop_here() -> Result<()> {
    match stopped() {
        true => Err(Error::Stopped),
        false => Ok(()),
    }
}

/// The process's exit code for what ended it: of a run that was stopped, by whom.
pub fn exit_code(error: &Error) -> u8 {
    match (error.exit_code(), STOP.load(Ordering::Relaxed)) {
        (BY_USER, AGAIN) => AGAIN,
        (code, _) => code,
    }
}
