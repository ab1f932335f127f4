//! The program as a process that can be watched, stopped and killed at a moment told by what it has written so far.

pub(crate) use rustix::process::Signal;
use rustix::process::{kill_process, waitid, Pid, WaitId, WaitIdOptions};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running program.
#[derive(Debug)]
pub(crate) struct Running(Child);

/// Starts `line` in `folder`.
pub(crate) fn start(folder: &Path, line: &str) -> Running {
    let child = Command::new(super::program())
        .env("DECONVSCOPE_WEIGHTS", super::weights().parent().unwrap())
        .current_dir(folder)
        .args(super::arguments(line))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running(child)
}

impl Running {
    /// Waits until `reached` holds; false where the program ended before.
    pub(crate) fn until(&mut self, reached: impl Fn() -> bool) -> bool {
        loop {
            if reached() {
                return true;
            }
            if self.0.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
    }

    /// Waits until a signal no longer ends it at once; false where it ended before.
    pub(crate) fn until_it_catches(&mut self, signal: Signal) -> bool {
        let status = format!("/proc/{}/status", self.0.id());
        self.until(|| {
            let status = std::fs::read_to_string(&status).unwrap_or_default();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            let caught = u64::from_str_radix(caught.unwrap_or_default().trim(), 16);
            caught.is_ok_and(|caught| caught >> (signal.as_raw() - 1) & 1 == 1)
        })
    }

    /// `kill -9`; whether it was still running.
    pub(crate) fn kill(mut self) -> bool {
        self.0.kill().unwrap();
        self.0.wait().unwrap().code().is_none()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Halts it until `Signal::CONT`, and returns once none of its threads runs any more.
    ///
    /// `Signal::STOP` alone returns while a thread may still be writing.
    pub(crate) fn halt(&self) {
        self.signal(Signal::STOP);
        let states = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let state = waitid(WaitId::Pid(self.pid()), states).unwrap();
        assert!(state.is_some_and(|state| state.stopped()), "it has ended");
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Waits for the end; what it said on stderr comes back too.
    pub(crate) fn end(self) -> (ExitStatus, String) {
        let output = self.0.wait_with_output().unwrap();
        (
            output.status,
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }
}

/// How many files lie below `root` at this moment.
pub(crate) fn count(root: &Path) -> usize {
    let entries = walkdir::WalkDir::new(root).into_iter().flatten();
    entries.filter(|entry| entry.file_type().is_file()).count()
}
