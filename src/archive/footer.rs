//! The seal at an archive's end: a skippable zstd frame, which every zstd decoder passes over, with the sha256 of all
//! bytes before it. It covers what the files' own digests do not: every bit of tar headers and zstd frames.

use std::io::{self, Write};

use base::digest::Digesting;

/// A skippable frame's magic number and the length of what follows, little-endian.
const FRAME: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 83, 0, 0, 0];
const LABEL: &[u8; 19] = b"deconvscope-sha256:";

/// Its length in bytes.
pub(super) const LENGTH: u64 = 91;

/// The seal of bytes with this sha256.
pub(super) fn of(sha256: &str) -> Vec<u8> {
    [&FRAME[..], LABEL, sha256.as_bytes()].concat()
}

/// Whether bytes from an archive's end have the form of a seal, whatever they say.
pub(super) fn is_one(end: &[u8]) -> bool {
    end.len() as u64 == LENGTH && end.starts_with(&[&FRAME[..], LABEL].concat())
}

/// Writes the seal of all that was written.
pub(super) fn write(archive: &mut Digesting<impl Write>) -> io::Result<()> {
    let seal = of(&archive.sha256());
    archive.write_all(&seal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_a_skippable_frame_of_the_told_length() {
        let mut archive = Digesting::new(Vec::new());
        archive.write_all(b"").unwrap();
        write(&mut archive).unwrap();
        assert_eq!(archive.length(), LENGTH);
        let seal = of(&"0".repeat(64));
        assert_eq!(usize::from(seal[4]), seal.len() - 8);
        assert!(is_one(&seal) && !is_one(&seal[1..]));
        assert_eq!(zstd::decode_all(&seal[..]).unwrap(), b"");
    }
}
