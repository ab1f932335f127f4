//! A JSON file's own sha256 as its last field, so that a changed byte is found in the file that lists all others, too.
//!
//! The seal is the sha256 of the file as it is, with the 64 digits of the seal replaced by zeros.

use base::digest::sha256_hex;

/// What stands in place of the seal while it is computed.
pub(super) const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const BEFORE: &str = "\"seal\": \"";
const AFTER: &str = "\"\n}\n";

/// The text of a file whose last field `seal` is still [`BLANK`], sealed.
pub(super) fn sealed(blank: &str) -> String {
    let digest = sha256_hex(blank.as_bytes());
    match blank
        .strip_suffix(AFTER)
        .and_then(|t| t.strip_suffix(BLANK))
    {
        Some(head) => format!("{head}{digest}{AFTER}"),
        None => blank.to_owned(),
    }
}

/// Whether a file's seal is that of its content; `None` where it does not end with one.
pub fn seal_holds(file: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(file).ok()?;
    let at = text.strip_suffix(AFTER)?.len().checked_sub(BLANK.len())?;
    let (head, tail) = text.split_at_checked(at)?;
    head.ends_with(BEFORE).then(|| {
        let seal = &tail[..BLANK.len()];
        sha256_hex(format!("{head}{BLANK}{AFTER}").as_bytes()) == seal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_bit_breaks_the_seal() {
        let blank = format!("{{\n  \"a\": \"é 1\",\n  {BEFORE}{BLANK}{AFTER}");
        let file = sealed(&blank).into_bytes();
        assert_eq!(seal_holds(&file), Some(true));
        for at in 0..8 * file.len() {
            let mut changed = file.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert_ne!(seal_holds(&changed), Some(true), "bit {at}");
        }
        assert_eq!(seal_holds(b"{\n  \"a\": 1\n}\n"), None);
        assert_eq!(seal_holds(AFTER.as_bytes()), None);
    }
}
