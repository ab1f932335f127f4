//! What kind of file lies there: a photograph that can be read, a picture of a kind that cannot, or something else; by its
//! first bytes, and by its name where they say nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::ImageFormat;

use super::unread::{self, RAW};

/// So many bytes tell a file's kind.
const HEAD: u64 = 160;

/// Extensions of photographs that are read.
const READ: [&str; 10] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff",
];

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A photograph in a format that is read.
    Photo(ImageFormat),
    /// A picture that is not, and what it is called.
    Unread(&'static str),
    /// Nothing that is known.
    Other,
}

impl Kind {
    /// The kind of a file of this name that begins so. A camera's raw file that is a TIFF is one by its name too.
    pub(super) fn of(path: &Path, head: &[u8]) -> Self {
        let called = unread::by_name(path);
        match (content(head), called) {
            (Some(Self::Photo(ImageFormat::Tiff)), Some(RAW)) => Self::Unread(RAW),
            (Some(kind), _) => kind,
            (None, Some(called)) => Self::Unread(called),
            (None, None) => Self::Other,
        }
    }
}

/// Whether the file at `path` is a picture, by its name or, where that says nothing, by its content.
pub(super) fn is_picture(path: &Path) -> bool {
    if has_extension(path, &READ) || unread::by_name(path).is_some() {
        return true;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && content(&head).is_some()
}

/// What the first bytes announce.
fn content(head: &[u8]) -> Option<Kind> {
    if let Some(called) = unread::by_signature(head) {
        return Some(Kind::Unread(called));
    }
    if head.starts_with(b"II\x2b\0") || head.starts_with(b"MM\0\x2b") {
        return Some(Kind::Photo(ImageFormat::Tiff));
    }
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    match image::guess_format(head) {
        Ok(format @ (Jpeg | Png | WebP | Bmp | Gif | Tiff)) => Some(Kind::Photo(format)),
        _ => unread::by_brand(head).map(Kind::Unread),
    }
}

pub(super) fn has_extension(path: &Path, known: &[&str]) -> bool {
    let extension = path.extension();
    extension.is_some_and(|found| known.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, head: &[u8]) -> Kind {
        Kind::of(Path::new(name), head)
    }

    #[test]
    fn content_counts_before_the_name() {
        let jpeg = b"\xff\xd8\xff\xe0....";
        let tiff = b"II*\0\x08\0\0\0....";
        let heic = b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic";
        let avif = b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B";
        let film = b"\0\0\0\x18ftypisom\0\0\0\0isommp42";
        for (name, head, expected) in [
            ("a.heic", &jpeg[..], Kind::Photo(ImageFormat::Jpeg)),
            ("a.jpg", heic, Kind::Unread("HEIC")),
            ("a", avif, Kind::Unread("AVIF")),
            ("a.HEIC", b"", Kind::Unread("HEIC")),
            ("a.avif", b"nothing", Kind::Unread("AVIF")),
            ("a.tif", tiff, Kind::Photo(ImageFormat::Tiff)),
            ("a.NEF", tiff, Kind::Unread(RAW)),
            ("a.tif", b"II*\0\x10\0\0\0CR\x02\0", Kind::Unread(RAW)),
            (
                "a.cr3",
                b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
                Kind::Unread(RAW),
            ),
            ("a.mov", film, Kind::Other),
            ("a.tif", b"MM\0\x2b\0\x08", Kind::Photo(ImageFormat::Tiff)),
            (
                "a.jp2",
                b"\0\0\0\x0cjP  \r\n\x87\n",
                Kind::Unread("JPEG 2000"),
            ),
            ("a.jpg", b"", Kind::Other),
            ("a.jpg", b"a letter", Kind::Other),
            ("a.txt", b"a letter", Kind::Other),
            ("a", b"", Kind::Other),
        ] {
            assert_eq!(kind(name, head), expected, "{name} {head:?}");
        }
    }
}
