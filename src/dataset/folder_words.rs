//! The words that folder names are made of, and the names that say no more than that pictures lie there.

use base::text::composed;

/// Words of folders of pictures of any kind.
pub(super) const MEDIA: [&str; 26] = [
    "image",
    "images",
    "img",
    "imgs",
    "photo",
    "photos",
    "photograph",
    "photographs",
    "picture",
    "pictures",
    "pic",
    "pics",
    "jpeg",
    "jpegs",
    "jpg",
    "jpgs",
    "png",
    "pngs",
    "frames",
    "dcim",
    "data",
    "dataset",
    "datasets",
    "raw",
    "original",
    "originals",
];

/// Whether a folder's name says only that pictures lie in it: `images`, `JPEGImages`, `data-2`, a camera's `100CANON`.
pub(super) fn is_media(name: &str) -> bool {
    if is_of_camera(name) {
        return true;
    }
    let name = lower(name);
    let mut tokens = tokens(&name).peekable();
    let is_media = |token: &str| is_sequence(token, &|word| MEDIA.contains(&word));
    tokens.peek().is_some() && tokens.all(is_media)
}

/// Whether a camera called a folder so: a number from 100 to 999 and five other characters (DCF, JEITA CP-3461).
fn is_of_camera(name: &str) -> bool {
    let Some((number, free)) = name.split_at_checked(3) else {
        return false;
    };
    let is_free = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    matches!(number.parse(), Ok(100..=999))
        && free.len() == 5
        && free.chars().all(is_free)
        && free.contains(|c: char| c.is_ascii_uppercase())
}

/// What a name is whatever its case, `-`, `_` and blanks.
pub(super) fn joined(name: &str) -> String {
    lower(name).replace(['-', '_', ' '], "")
}

/// In lower case and composed (NFC).
pub(super) fn lower(name: &str) -> String {
    composed(name).to_lowercase()
}

/// The words of a name: what stands between digits and other characters than letters.
pub(super) fn tokens(name: &str) -> impl Iterator<Item = &str> {
    let words = name.split(|c: char| !c.is_alphabetic());
    words.filter(|word| !word.is_empty())
}

/// Whether `token` is a sequence of words that `known` knows.
pub(super) fn is_sequence(token: &str, known: &dyn Fn(&str) -> bool) -> bool {
    const LONGEST: usize = 64;
    if token.len() > LONGEST {
        return false;
    }
    // Up to which byte it can be told in words.
    let mut told = vec![false; token.len() + 1];
    told[0] = true;
    for end in 1..=token.len() {
        told[end] = (0..end).any(|start| told[start] && token.get(start..end).is_some_and(known));
    }
    told[token.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_pictures_say_nothing_else() {
        for name in [
            "images",
            "Images",
            "JPEGImages",
            "img",
            "photos_2",
            "data",
            "image-data",
            "100APPLE",
            "101_PANA",
        ] {
            assert!(is_media(name), "{name}");
        }
        for name in [
            "cats",
            "1",
            "",
            "train",
            "imagery",
            "cat images",
            "20240131",
            "099APPLE",
            "100cats",
            "12é45678",
        ] {
            assert!(!is_media(name), "{name}");
        }
        let long = "image".repeat(1000);
        assert!(!is_media(&long));
    }
}
