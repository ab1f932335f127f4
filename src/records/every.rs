//! Something that is done every so often beside all else, by a thread that ends with whoever asked for it.

use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use base::{Error, Result};

/// Ends it where it is dropped.
#[derive(Debug)]
pub(crate) struct Every {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Every {
    /// Does it for the first time when so long has passed; the thread's name tells what `doing` it is for.
    ///
    /// # Errors
    /// [`Error::Compute`] where no thread can be started.
    pub(crate) fn start(
        pause: Duration,
        name: &str,
        doing: &str,
        mut act: impl FnMut() + Send + 'static,
    ) -> Result<Self> {
        let (end, ended) = channel::<()>();
        let acting = move || {
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                act();
            }
        };
        let thread = Builder::new().name(name.into()).spawn(acting);
        let thread = thread.map_err(|error| Error::Compute {
            doing: format!("starting a thread that {doing}"),
            message: error.to_string(),
        })?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }
}

impl Drop for Every {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
