//! Any bytes as class names and as a table of labels. Class names are written and read back the same.

#![no_main]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base::table::Table;
use deconvscope_fuzz::file_in_memory;
use libfuzzer_sys::fuzz_target;
use network::classes;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| file_in_memory("names"));

fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("names");
    if let Ok(read) = classes::parse(path, bytes) {
        assert!(!read.is_empty());
        classes::write(&read, &FILE).expect("the file can be written");
        assert_eq!(
            classes::read(&FILE).expect("what was written is read"),
            read
        );
    }
    if let Ok(table) = Table::parse(path, bytes, &[&["path", "id"], &["label"]]) {
        for row in table.rows() {
            assert!(row.line().is_some_and(|line| line > 0));
            // A number or a complaint, and no third.
            let _: Result<f64, _> = row.number("label", "a number");
        }
    }
});
