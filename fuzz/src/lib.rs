//! What the targets share. Of the program they need the room `network`, which computes no tensor: they are built without
//! libtorch, in a minute.

pub mod mutation;

use std::path::PathBuf;

/// Where a target writes what is read from a file alone: in memory where the system has such a folder.
pub fn file_in_memory(target: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let folder = match memory.is_dir() {
        true => memory,
        false => std::env::temp_dir(),
    };
    folder.join(format!("deconvscope-fuzz-{target}-{}", std::process::id()))
}
