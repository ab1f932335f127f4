//! What to do where a training cannot go on.

use std::io::ErrorKind;
use std::path::PathBuf;

use base::Error;

use super::keep::Position;
use super::run::Training;

/// What libtorch says where memory is missing, on a processor and on a GPU.
const NO_MEMORY: [&str; 3] = [
    "can't allocate memory",
    "not enough memory",
    "out of memory",
];

/// What the system says of a full disk.
const NO_ROOM: [ErrorKind; 3] = [
    ErrorKind::StorageFull,
    ErrorKind::QuotaExceeded,
    ErrorKind::FileTooLarge,
];

/// Tells where the last network that is sound lies, and what of a pass may be smaller.
pub(super) fn told(error: Error, training: &Training<'_>) -> Error {
    match error {
        Error::Diverged { at, .. } => Error::Diverged {
            at,
            kept: kept(Position::last(training.folder)),
        },
        Error::Compute { doing, message } => Error::Compute {
            message: in_memory(&message, training.recipe.micro_batch, training.threads),
            doing,
        },
        Error::Io { path, source, .. } if NO_ROOM.contains(&source.kind()) => Error::run_folder(
            training.folder.root(),
            format!(
                "cannot write {}: {source}; what was kept before stays: make room and go on with --resume",
                path.display()
            ),
        ),
        other => other,
    }
}

fn kept(last: Option<(usize, PathBuf)>) -> String {
    match last {
        Some((epochs, path)) => format!(
            "; the network behind epoch {epochs} is kept: begin from it, in another --out, with --weights {}",
            path.display()
        ),
        None => ", or begin with other weights (--init he); no epoch was done before".into(),
    }
}

fn in_memory(message: &str, micro_batch: usize, threads: usize) -> String {
    if !NO_MEMORY.iter().any(|words| message.contains(words)) {
        return message.to_owned();
    }
    let message = message.trim_end_matches("; try a smaller --batch");
    let workers = match threads {
        0 | 1 => String::new(),
        _ => format!(" --threads (now {threads}; the network comes out the same) or"),
    };
    format!(
        "{message}; lower{workers} --micro-batch (now {micro_batch} photographs; another one is another training)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_missing_is_told_with_what_may_be_smaller() {
        let on_cpu = "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 9000000000 bytes. Error code 12 (Cannot allocate memory)";
        let told = in_memory(on_cpu, 32, 2);
        assert!(told.starts_with(on_cpu), "{told}");
        assert!(told.contains("--threads (now 2;") && told.contains("--micro-batch (now 32 "));
        let on_gpu = "CUDA out of memory. Tried to allocate 2.00 GiB.; try a smaller --batch";
        let told = in_memory(on_gpu, 128, 1);
        assert!(
            !told.contains("a smaller --batch") && !told.contains("--threads"),
            "{told}"
        );
        assert!(told.contains("lower --micro-batch (now 128 "));
        assert_eq!(in_memory("sizes do not match", 32, 2), "sizes do not match");
    }
}
