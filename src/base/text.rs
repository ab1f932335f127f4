//! Text files as other programs write them: UTF-8 with or without a byte order mark, and UTF-16 with one.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use unicode_normalization::{is_nfc, UnicodeNormalization};

use crate::{Error, Result};

/// Largest file that is read.
const MOST_BYTES: u64 = 256 << 20;

/// The text of the file at `path`, without its byte order mark.
///
/// # Errors
/// [`Error::Io`]; [`Error::Table`] where it is larger than 256 MiB, or no such text.
pub fn read(path: &Path) -> Result<String> {
    let file = File::open(path).map_err(Error::io("cannot read", path))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io("cannot read", path))?;
    if bytes.len() as u64 > MOST_BYTES {
        let problem = format!(
            "larger than {} MiB; is it the right file?",
            MOST_BYTES >> 20
        );
        return Err(Error::table(path, None, problem));
    }
    decode(path, &bytes)
}

/// The text that `bytes` are, without its byte order mark; `path` stands in messages only.
///
/// # Errors
/// [`Error::Table`]: they are neither UTF-8 nor UTF-16 with a byte order mark.
pub fn decode(path: &Path, bytes: &[u8]) -> Result<String> {
    match bytes {
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            let problem =
                "no text but a spreadsheet or an archive; save it as CSV, in Excel 'CSV UTF-8'";
            Err(Error::table(path, None, problem))
        }
        [0xFF, 0xFE, rest @ ..] => utf16(path, rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(path, rest, u16::from_be_bytes),
        // Twice where one file was put before another.
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode(path, rest),
        _ => utf8(path, bytes),
    }
}

/// Composed Unicode (NFC), in which the same name is the same text whatever system wrote it down.
pub fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// As much of a text as a message has room for.
pub fn cut(text: &str) -> Cow<'_, str> {
    const ROOM: usize = 200;
    match text.char_indices().nth(ROOM) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// How many letters two names differ by (Damerau and Levenshtein); none where it is more than one in `share` of the longer one,
/// or they are longer than names are.
pub fn distance(one: &str, other: &str, share: usize) -> Option<usize> {
    const LONGEST: usize = 1024;
    // A letter takes up to four bytes, so that much longer ones need not be counted.
    if one.len().max(other.len()) > 4 * LONGEST {
        return None;
    }
    let (length, other_length) = (one.chars().count(), other.chars().count());
    let longer = length.max(other_length);
    if longer > LONGEST || length.abs_diff(other_length) * share > longer {
        return None;
    }
    let distance = strsim::damerau_levenshtein(one, other);
    (distance * share <= longer).then_some(distance)
}

fn utf8(path: &Path, bytes: &[u8]) -> Result<String> {
    let not_text = |at: usize, problem: String| {
        let before = bytes.get(..at).unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count() as u64;
        Error::table(path, Some(line), problem)
    };
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        let problem = "no text: a zero byte (UTF-16 without its mark, perhaps); save it as UTF-8";
        return Err(not_text(at, problem.into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        let problem = format!(
            "not UTF-8 text: the byte {byte:02X} (Latin-1 or Windows-1252, perhaps); save it as UTF-8, in Excel 'CSV UTF-8'"
        );
        not_text(at, problem)
    })?;
    Ok(text.to_owned())
}

fn utf16(path: &Path, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let damaged = || Error::table(path, None, "damaged UTF-16 text; save it as UTF-8");
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(damaged());
    }
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|read| read.ok().filter(|&c| c != '\0'))
        .collect::<Option<String>>()
        .ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks_are_taken_off() {
        let utf16 = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
            let units = "name\r\nKätzchen 🐈".encode_utf16().flat_map(unit);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        for bytes in [
            "name\r\nKätzchen 🐈".as_bytes().to_vec(),
            "\u{feff}name\r\nKätzchen 🐈".as_bytes().to_vec(),
            utf16([0xFF, 0xFE], u16::to_le_bytes),
            utf16([0xFE, 0xFF], u16::to_be_bytes),
        ] {
            let text = decode(Path::new("t"), &bytes).unwrap();
            assert_eq!(text, "name\r\nKätzchen 🐈");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_cure() {
        for (bytes, parts) in [
            (
                &b"a\nk\xe4tzchen"[..],
                [
                    "t.csv, line 2: not UTF-8 text: the byte E4",
                    "save it as UTF-8",
                ],
            ),
            (
                b"PK\x03\x04\0\0",
                ["t.csv: no text but a spreadsheet", "save it as CSV"],
            ),
            (b"a\0b\0", ["t.csv, line 1: no text", "save it as UTF-8"]),
            (b"\xff\xfea", ["t.csv: damaged UTF-16", "save it as UTF-8"]),
            (
                b"\xff\xfe\x00\xd8",
                ["t.csv: damaged UTF-16", "save it as UTF-8"],
            ),
            (
                b"\xff\xfe\0\0a\0\0\0",
                ["t.csv: damaged UTF-16", "save it as UTF-8"],
            ),
        ] {
            let message = decode(Path::new("t.csv"), bytes).unwrap_err().to_string();
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }

    #[test]
    fn near_names_are_told_from_far_and_endless_ones() {
        for (one, other, share, expected) in [
            ("cat", "cat", 2, Some(0)),
            ("beagels", "beagle", 3, Some(2)),
            ("normal", "coucal", 3, None),
            ("normal", "coucal", 2, Some(3)),
            ("Käfer", "Kafer", 3, Some(1)),
            ("a", "a long name", 2, None),
            (&"x".repeat(1 << 20), &"x".repeat(1 << 20), 2, None),
        ] {
            assert_eq!(distance(one, other, share), expected, "{}", cut(one));
        }
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        assert_eq!(cut("고양이"), "고양이");
        let long = cut(&"고".repeat(1000)).into_owned();
        assert_eq!(long, format!("{}…", "고".repeat(200)));
    }

    #[test]
    fn composed_and_decomposed_names_are_one() {
        assert_eq!(composed("Ka\u{308}fer"), "Käfer");
        assert!(matches!(composed("Käfer"), Cow::Borrowed("Käfer")));
    }
}
