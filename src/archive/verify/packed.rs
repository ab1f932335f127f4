//! An archive against its seal, and its files against what `archive.json` says of them, in one pass.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use base::digest::Digesting;
use base::{Error, Result};

use super::entries::Entries;
use super::{Finding, Verdict};
use crate::footer;

/// What findings about an archive as a whole are said of.
pub(super) const WHOLE: &str = "archive";
/// Most that a decoder may look back, 8 MiB: more than our level needs, and little memory.
const WINDOW_LOG: u32 = 23;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(super) fn verify(path: &Path) -> Result<Verdict> {
    let failed = |error| Error::io("cannot read", path)(error);
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let sealed = ends_with_a_seal(&mut file, length).map_err(failed)?;
    let body = length - if sealed { footer::LENGTH } else { 0 };
    let mut file = Digesting::new(file);

    let mut magic = [0; 4];
    let known = file.read_exact(&mut magic).is_ok() && magic == ZSTD_MAGIC;
    let mut entries = Entries::default();
    if known {
        let rest = (&mut file).take(body.saturating_sub(magic.len() as u64));
        read(io::Cursor::new(magic).chain(rest), &mut entries);
    }
    let left = body.saturating_sub(file.length());
    io::copy(&mut (&mut file).take(left), &mut io::sink()).map_err(failed)?;
    let expected = footer::of(&file.sha256());
    let mut end = Vec::new();
    file.read_to_end(&mut end).map_err(failed)?;
    if !known && !sealed {
        return Err(Error::archive(
            path,
            "is not one of deconvscope's: expected a .tar.zst with a seal at its end, found neither",
        ));
    }
    let mut verdict = entries.finish();
    verdict.sha256 = file.sha256();
    let problem = match (end == expected, sealed) {
        (true, _) => None,
        (_, true) => Some("has changed: the seal at its end is not that of its content"),
        _ => Some("has no seal at its end: it was cut off, added to, or packed by another program"),
    };
    if let Some(problem) = problem {
        verdict.findings.insert(0, Finding::new(WHOLE, problem));
    }
    Ok(verdict)
}

fn ends_with_a_seal(file: &mut File, length: u64) -> io::Result<bool> {
    let Some(at) = length.checked_sub(footer::LENGTH) else {
        return Ok(false);
    };
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.read_to_end(&mut end)?;
    file.rewind()?;
    Ok(footer::is_one(&end))
}

/// Reads one zstd frame to its end, and whatever can be read of the files in it.
fn read(source: impl Read, entries: &mut Entries) {
    let unreadable = |error: io::Error| Finding::new(WHOLE, format!("cannot be read on: {error}"));
    let decoder = zstd::Decoder::with_buffer(BufReader::new(source)).and_then(|mut decoder| {
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(decoder.single_frame())
    });
    let mut decoder = match decoder {
        Ok(decoder) => decoder,
        Err(error) => return entries.add(unreadable(error)),
    };
    if !entries.read(&mut decoder) {
        return;
    }
    // The tar ends with two blocks of zeros, of which one was read.
    let mut rest = Vec::new();
    match (&mut decoder).take(1024).read_to_end(&mut rest) {
        Err(error) => entries.add(unreadable(error)),
        Ok(_) if rest != [0; 512] => {
            entries.add(Finding::new(WHOLE, "does not end where its last file does"))
        }
        Ok(_) => match decoder.finish().fill_buf() {
            Ok([]) => {}
            Ok(_) => entries.add(Finding::new(WHOLE, "holds more after its end")),
            Err(error) => entries.add(unreadable(error)),
        },
    }
}
