//! Any bytes as a checkpoint of any of the three formats: opened, and every tensor read that is not large. Bytes that
//! begin like a pickle are tried in a zip file around them, whose checksums no mutation would meet.

#![no_main]

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::LazyLock;

use deconvscope_fuzz::file_in_memory;
use libfuzzer_sys::fuzz_target;
use network::checkpoint::Checkpoint;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// So many elements have the tensors that are read.
const LARGEST: usize = 1 << 20;
/// How a pickle begins that stands alone, and how PyTorch's older files do.
const PICKLE: &[u8] = &[0x80];
const LEGACY: &[u8] = b"\x80\x02\x8a\x0a";

static FILE: LazyLock<PathBuf> = LazyLock::new(|| file_in_memory("checkpoint"));

fn zipped(pickle: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let files: [(&str, &[u8]); 4] = [
        ("archive/data.pkl", pickle),
        ("archive/byteorder", b"little"),
        ("archive/data/0", &[63; 16]),
        ("archive/data/1", &[63; 8]),
    ];
    for (name, bytes) in files {
        zip.start_file(name, stored).expect("a file begins");
        zip.write_all(bytes).expect("a file is written");
    }
    zip.finish().expect("the files end").into_inner()
}

fuzz_target!(|bytes: &[u8]| {
    let wrapped = bytes.starts_with(PICKLE) && !bytes.starts_with(LEGACY);
    let written = match wrapped {
        true => fs::write(&*FILE, zipped(bytes)),
        false => fs::write(&*FILE, bytes),
    };
    written.expect("the file can be written");
    let Ok(mut checkpoint) = Checkpoint::open(&FILE) else {
        return;
    };
    for name in checkpoint.names() {
        let shape = checkpoint.shape(&name).expect("a tensor has a shape");
        let count = shape
            .iter()
            .try_fold(1_usize, |count, &side| count.checked_mul(side));
        let Some(count) = count.filter(|&count| count <= LARGEST) else {
            continue;
        };
        if let Ok(values) = checkpoint.read(&name) {
            assert_eq!(values.data.len(), count);
        }
    }
});
