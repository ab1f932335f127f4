//! The library's one error type: what failed, on what, what was expected and what was found.

use std::path::{Path, PathBuf};

use crate::text;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What ended a run. Messages are fragments that read after `error:`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as in `cannot read`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data set folder cannot be used.
    #[error("data set {}: {problem}", path.display())]
    Dataset {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and what to do about it.
        problem: String,
    },
    /// A table (`masks.csv`, labels, label map, class names) is malformed.
    #[error("{}{}: {problem}", path.display(), position(*line, column))]
    Table {
        /// The table.
        path: PathBuf,
        /// Line number from 1, where one is known.
        line: Option<u64>,
        /// The column's name or number, where one is known.
        column: Option<String>,
        /// What was expected and what was found.
        problem: String,
    },
    /// A name that should stand in a list does not.
    #[error("unknown {kind} '{name}'{}{advice}", suggestion(name, known, also))]
    UnknownName {
        /// What it names: `model`, `layer`, …
        kind: &'static str,
        /// The name as given.
        name: String,
        /// The names to choose from.
        known: Vec<String>,
        /// Names that are understood too and not told, but for the nearest.
        also: Vec<String>,
        /// What to do where none of them is meant, as it reads after them; may be empty.
        advice: String,
    },
    /// A rule of `check` cannot be read.
    #[error("{origin}rule '{rule}', character {character}: {problem}")]
    Rule {
        /// Where it stands, ending in `: `; empty for the command line.
        origin: String,
        /// The rule as given.
        rule: String,
        /// Where in it reading stopped, from 1.
        character: usize,
        /// What was expected and what was found.
        problem: String,
    },
    /// A weights file does not fit the network or cannot be read.
    #[error("weights {}: {problem}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// The first mismatch, with the tensor's name.
        problem: String,
    },
    /// An ONNX file cannot be read, or holds what this program cannot compute.
    #[error("ONNX file {}: {problem}", path.display())]
    Onnx {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the node, its op and the opset where there are such, and what to do about it.
        problem: String,
    },
    /// A network contradicts itself.
    #[error("network {network}: node '{node}': {problem}")]
    Network {
        /// The network's name.
        network: String,
        /// The node at fault.
        node: String,
        /// What was expected and what was found.
        problem: String,
    },
    /// A computation failed in libtorch.
    #[error("{doing}: {message}")]
    Compute {
        /// What was being computed, with the node's name.
        doing: String,
        /// libtorch's first line.
        message: String,
    },
    /// A training whose numbers are none any more.
    #[error("the training diverges: {at}; lower the learning rate (--lr){kept}")]
    Diverged {
        /// Where, and what was seen.
        at: String,
        /// What is kept of it, and how to go on; as it reads after the rest.
        kept: String,
    },
    /// The device asked for is not there.
    #[error("device '{device}' is not available: {problem}")]
    Device {
        /// As named on the command line.
        device: String,
        /// Why, and what to do about it.
        problem: String,
    },
    /// A run folder cannot be used as asked.
    #[error("run folder {}: {problem}", path.display())]
    RunFolder {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and what to do about it.
        problem: String,
    },
    /// A photograph is not what it was when the run was begun.
    #[error("photograph {}: {problem}", path.display())]
    Photo {
        /// The photograph.
        path: PathBuf,
        /// What is wrong, and what to do about it.
        problem: String,
    },
    /// An archive cannot be read, or not be written as asked.
    #[error("archive {}: {problem}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong, and what to do about it.
        problem: String,
    },
    /// A run or archive is not what it was.
    #[error("{} is damaged: {problems} {} found; do not rely on it", path.display(), if *problems == 1 { "problem" } else { "problems" })]
    Damaged {
        /// The run folder or archive.
        path: PathBuf,
        /// How many problems were listed.
        problems: usize,
    },
    /// A page or picture could not be made.
    #[error("drawing {what}: {problem}")]
    Drawing {
        /// The page or picture.
        what: String,
        /// What went wrong.
        problem: String,
    },
    /// Options that contradict each other.
    #[error("{0}")]
    Usage(String),
    /// Ctrl-C, or a signal by which a machine is taken back.
    #[error("interrupted; what is done is kept: go on with {with}")]
    Interrupted {
        /// What to run or to add.
        with: String,
    },
    /// The same for what is made whole or not at all.
    #[error("interrupted; nothing was written")]
    Stopped,
    /// What another try of the same would end with as well.
    #[error("{0}")]
    NeverAgain(Box<Self>),
}

impl Error {
    /// Wraps an I/O error: `map_err(Error::io("cannot read", path))`.
    pub fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// What is wrong with a table, at a line of it where one is known.
    pub fn table(path: &Path, line: Option<u64>, problem: impl Into<String>) -> Self {
        Self::Table {
            path: path.to_owned(),
            line,
            column: None,
            problem: problem.into(),
        }
    }

    /// A name that is none of those that are known.
    pub fn unknown_name(kind: &'static str, name: &str, known: Vec<String>) -> Self {
        Self::UnknownName {
            kind,
            name: name.to_owned(),
            known,
            also: Vec::new(),
            advice: String::new(),
        }
    }

    /// Where the user stopped a run, or one inside it, or a GPU did, its folder is where to go on.
    pub fn resumable(self, out: &Path) -> Self {
        match self {
            Self::Stopped | Self::Interrupted { .. } => Self::Interrupted {
                with: format!("--out {} --resume", out.display()),
            },
            Self::Compute { doing, message } if is_a_failing_gpu(&message) => Self::Compute {
                message: format!("{message}; nvidia-smi tells how the GPU is; what is done is kept: go on with --out {} --resume, with another --device where this one is gone", out.display()),
                doing,
            },
            other => other,
        }
    }

    /// The same where another try, on another machine perhaps, would end so as well: not what a disk, a device or a signal did.
    pub fn whoever_tries(self) -> Self {
        match self {
            Self::Io { .. }
            | Self::Compute { .. }
            | Self::Device { .. }
            | Self::Interrupted { .. }
            | Self::Stopped
            | Self::NeverAgain(_) => self,
            other => Self::NeverAgain(Box::new(other)),
        }
    }

    /// A photograph with other contents than when the run was begun.
    pub fn photo_changed(path: PathBuf) -> Self {
        Self::Photo {
            path,
            problem: "it has changed since the run was begun; begin anew with --overwrite".into(),
        }
    }

    /// Wraps an error of libtorch, keeping the first line of its message.
    pub fn compute<E: std::fmt::Display>(doing: impl Into<String>) -> impl FnOnce(E) -> Self {
        let doing = doing.into();
        move |source| {
            let text = source.to_string();
            let mut message = text.lines().next().unwrap_or_default().to_owned();
            if text.contains("out of memory") {
                message += "; try a smaller --batch";
            }
            Self::Compute { doing, message }
        }
    }

    /// The same where it was computed on a device of that name.
    pub fn on(self, device: &str) -> Self {
        match self {
            Self::Compute { doing, message } => Self::Compute {
                doing: format!("{doing} on {device}"),
                message,
            },
            other => other,
        }
    }

    /// The process's exit code: 2 wrong usage, 42 not to be tried again, 130 interrupted (75 where not by its user, which is not
    /// for an error to know), 1 anything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Rule { .. } => 2,
            Self::NeverAgain(_) => 42,
            Self::Interrupted { .. } | Self::Stopped => 130,
            _ => 1,
        }
    }
}

/// Makers of the errors that are what is wrong with a file or folder.
macro_rules! of_path {
    ($($name:ident $variant:ident,)*) => {
        impl Error {$(
            #[doc = concat!("An [`Error::", stringify!($variant), "`]: what is wrong with this path.")]
            pub fn $name(path: &Path, problem: impl Into<String>) -> Self {
                let (path, problem) = (path.to_owned(), problem.into());
                Self::$variant { path, problem }
            }
        )*}
    };
}

of_path! {
    dataset Dataset,
    weights Weights,
    onnx Onnx,
    run_folder RunFolder,
    archive Archive,
}

/// Whether libtorch tells of a GPU that does not work any more, as it does for every call after the first that failed.
fn is_a_failing_gpu(message: &str) -> bool {
    let of_gpu = ["CUDA error", "CUDA driver error", "cuDNN error"];
    of_gpu.iter().any(|words| message.contains(words)) && !message.contains("out of memory")
}

fn position(line: Option<u64>, column: &Option<String>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(", line {line}, column {column}"),
        (Some(line), None) => format!(", line {line}"),
        (None, Some(column)) => format!(", column {column}"),
        (None, None) => String::new(),
    }
}

/// Of a long list of known names so many are told.
const LISTED: usize = 40;

fn suggestion(name: &str, known: &[String], also: &[String]) -> String {
    let nearest = known
        .iter()
        .chain(also)
        .filter_map(|candidate| Some((text::distance(name, candidate, 2)?, candidate)))
        .min_by_key(|(distance, _)| *distance);
    let mut list = known
        .iter()
        .take(LISTED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let untold = known.len().saturating_sub(LISTED) + also.len();
    if untold > 0 {
        list += &format!(" and {untold} more");
    }
    match nearest {
        Some((_, nearest)) => format!(" (did you mean '{nearest}'? known: {list})"),
        None => format!(" (known: {list})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_a_gpu_ended_can_go_on() {
        let told = |message: &str| {
            let error = Error::compute("forward pass")(message).on("cuda:1");
            error.resumable(Path::new("o")).to_string()
        };
        let lost =
            told("CUDA error: unspecified launch failure\nCompile with `TORCH_USE_CUDA_DSA`");
        let expected = "forward pass on cuda:1: CUDA error: unspecified launch failure; nvidia-smi";
        assert!(lost.starts_with(expected), "{lost}");
        assert!(lost.contains("go on with --out o --resume"), "{lost}");
        for message in ["CUDA error: out of memory", "sizes do not match"] {
            assert!(!told(message).contains("--resume"));
        }
    }
}
