//! The first directory of a TIFF file, as far as it tells what kind of picture that is.

/// Tags, by their numbers in the TIFF and DNG specifications.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u64 = 254;
    pub(in super::super) const IMAGE_WIDTH: u64 = 256;
    pub(in super::super) const IMAGE_LENGTH: u64 = 257;
    pub(in super::super) const PHOTOMETRIC: u64 = 262;
    pub(in super::super) const SUB_IFDS: u64 = 330;
    pub(in super::super) const EXTRA_SAMPLES: u64 = 338;
    pub(in super::super) const DNG_VERSION: u64 = 50706;
}

const BYTE: u64 = 1;
const SHORT: u64 = 3;
const LONG: u64 = 4;
const LONG8: u64 = 16;
/// A directory of more entries is none.
const MOST_ENTRIES: u64 = 4096;

/// The entries of a file's first directory.
#[derive(Debug)]
pub(super) struct Ifd {
    little_endian: bool,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u64,
    kind: u64,
    /// Where the value stands, or its place in the file where it is longer.
    at: usize,
}

impl Ifd {
    /// Reads the directory; none where there is no whole one.
    pub(super) fn first(file: &[u8]) -> Option<Self> {
        let (little_endian, big_file) = match file.first_chunk()? {
            b"II*\0" => (true, false),
            b"MM\0*" => (false, false),
            b"II\x2b\0" => (true, true),
            b"MM\0\x2b" => (false, true),
            _ => return None,
        };
        let number = |at: usize, bytes: usize| number(file, little_endian, at, bytes);
        // Of a large file all offsets and counts have eight bytes.
        let (first, count_bytes, entry_bytes, value_at) = match big_file {
            true => (number(8, 8)?, 8, 20, 12),
            false => (number(4, 4)?, 2, 12, 8),
        };
        let start = usize::try_from(first).ok()?;
        let count = number(start, count_bytes)?;
        if count > MOST_ENTRIES {
            return None;
        }
        let entry = |index: usize| {
            let at = start.checked_add(count_bytes + index * entry_bytes)?;
            Some(Entry {
                tag: number(at, 2)?,
                kind: number(at + 2, 2)?,
                at: at + value_at,
            })
        };
        let entries: Option<_> = (0..count as usize).map(entry).collect();
        Some(Self {
            little_endian,
            entries: entries?,
        })
    }

    fn entry(&self, tag: u64) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// Whether there is such an entry.
    pub(super) fn has(&self, tag: u64) -> bool {
        self.entry(tag).is_some()
    }

    /// The number that stands in an entry itself.
    pub(super) fn number(&self, file: &[u8], tag: u64) -> Option<u64> {
        let entry = self.entry(tag)?;
        number(file, self.little_endian, entry.at, entry.bytes()?)
    }

    /// Puts another number into an entry of `file`, of which this is the directory.
    pub(super) fn set(&self, file: &mut [u8], tag: u64, value: u64) -> Option<()> {
        let entry = self.entry(tag)?;
        let bytes = entry.bytes()?;
        if bytes < 8 && value >> (8 * bytes) > 0 {
            return None;
        }
        let place = file.get_mut(entry.at..entry.at + bytes)?;
        match self.little_endian {
            true => place.copy_from_slice(&value.to_le_bytes()[..bytes]),
            false => place.copy_from_slice(&value.to_be_bytes()[8 - bytes..]),
        }
        Some(())
    }
}

impl Entry {
    /// Of its number; none where it has another value.
    fn bytes(&self) -> Option<usize> {
        match self.kind {
            BYTE => Some(1),
            SHORT => Some(2),
            LONG => Some(4),
            LONG8 => Some(8),
            _ => None,
        }
    }
}

fn number(file: &[u8], little_endian: bool, at: usize, bytes: usize) -> Option<u64> {
    let stored = file.get(at..at.checked_add(bytes)?)?;
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    Some(match little_endian {
        true => stored.iter().rev().fold(0, add),
        false => stored.iter().fold(0, add),
    })
}
