//! What an archive is called.

use base::digest::sha256_hex;
use chrono::{DateTime, Utc};
use records::Manifest;

const SLUG_CHARS: usize = 40;
const DIGEST_CHARS: usize = 10;

/// An archive's name, which depends on the run alone: data set, network, the time it finished, and the beginning of the
/// sha256 of `run.json`; `None` where the manifest tells no time.
pub fn archive_name(manifest: &Manifest, run_json: &[u8]) -> Option<String> {
    let finished = finished(manifest)?;
    let digest = sha256_hex(run_json);
    Some(format!(
        "{}-{}-{}-{}",
        slug(manifest.dataset.name()),
        slug(&manifest.model.name),
        finished.format("%Y%m%dT%H%M%SZ"),
        digest.get(..DIGEST_CHARS)?
    ))
}

/// Whether a name ends as that of the run with this `run.json` does.
pub(super) fn is_name_of(name: &str, run_json: &[u8]) -> bool {
    let digest = sha256_hex(run_json);
    let end = name.rsplit('-').next().unwrap_or_default();
    end.len() == DIGEST_CHARS && digest.starts_with(end)
}

/// When a run was finished.
pub(super) fn finished(manifest: &Manifest) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(&manifest.execution.finished).ok()?;
    Some(time.to_utc())
}

/// Whether a name can be an archive's: letters, digits, `-`, `_` and inner dots, so that it is a file name on any
/// system and a link as it stands; `index` is the site's.
pub fn is_archive_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.bytes().all(allowed)
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.len() <= 200
        && name != "index"
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        match letter.is_ascii_alphanumeric() || letter == '_' {
            true => slug.push(letter),
            false if slug.ends_with('-') || slug.is_empty() => {}
            false => slug.push('-'),
        }
    }
    slug.truncate(SLUG_CHARS);
    match slug.trim_end_matches('-') {
        "" => "run".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_file_names_on_any_system() {
        for (text, expected) in [
            ("cats & dogs", "cats-dogs"),
            ("../..", "run"),
            ("고양이", "run"),
            ("CON/aux:", "CON-aux"),
            (&"x".repeat(99), &"x".repeat(40)),
        ] {
            assert_eq!(slug(text), expected);
        }
        for name in ["a", "v1.2-rc_3", "2026"] {
            assert!(is_archive_name(name), "{name}");
        }
        for name in ["", "index", ".hidden", "-x", "a/b", "a b", "é", "a\n"] {
            assert!(!is_archive_name(name), "{name}");
        }
    }
}
