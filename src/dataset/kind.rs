//! What kind of file lies there: a photograph that can be read, a picture of a kind that cannot, or something else; by its
//! first bytes, and by its name where they say nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::ImageFormat;

/// So many bytes tell a file's kind.
const HEAD: u64 = 160;

/// Extensions of photographs that are read.
const READ: [&str; 10] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff",
];

/// Pictures that are not read: what they are called, and their extensions.
const UNREAD: [(&str, &[&str]); 18] = [
    ("HEIC", &["heic", "heif", "heics", "heifs", "hif"]),
    ("AVIF", &["avif", "avifs"]),
    ("JPEG 2000", &["jp2", "j2k", "jpf", "jpx", "j2c", "jpc"]),
    ("JPEG XL", &["jxl"]),
    ("JPEG XR", &["jxr", "wdp", "hdp"]),
    (
        RAW,
        &[
            "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "k25", "kdc",
            "mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "rw2", "rwl", "sr2", "srf",
            "srw", "x3f",
        ],
    ),
    ("Photoshop", &["psd", "psb"]),
    ("GIMP", &["xcf"]),
    ("SVG", &["svg", "svgz"]),
    ("DICOM", &["dcm", "dicom"]),
    ("OpenEXR", &["exr"]),
    ("Radiance HDR", &[]),
    ("PNM", &["pbm", "pgm", "ppm", "pnm", "pam"]),
    ("TGA", &["tga"]),
    ("DDS", &["dds"]),
    ("QOI", &["qoi"]),
    ("PCX", &["pcx"]),
    ("FITS", &[]),
];
/// A camera's own file, which holds a thumbnail beside what its sensor saw.
pub(super) const RAW: &str = "camera raw";

/// How these begin: from which byte on, with what.
const SIGNATURES: [(usize, &[u8], &str); 26] = [
    (4, b"jP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (4, b"JXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"II\xbc\x01", "JPEG XR"),
    (8, b"CR\x02\x00", RAW),
    (0, b"IIU\x00", RAW),
    (0, b"IIRO", RAW),
    (0, b"IIRS", RAW),
    (0, b"MMOR", RAW),
    (0, b"FUJIFILMCCD-RAW", RAW),
    (0, b"FOVb", RAW),
    (0, b"\x00MRM", RAW),
    (0, b"8BPS", "Photoshop"),
    (0, b"gimp xcf", "GIMP"),
    (0, b"<svg", "SVG"),
    (128, b"DICM", "DICOM"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"#?RGBE", "Radiance HDR"),
    (0, b"P5\n", "PNM"),
    (0, b"P6\n", "PNM"),
    (0, b"DDS ", "DDS"),
    (0, b"qoif", "QOI"),
    (0, b"farbfeld", "farbfeld"),
    (0, b"SIMPLE  =", "FITS"),
];

/// The kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A photograph in a format that is read.
    Photo(ImageFormat),
    /// A picture that is not, and what it is called.
    Unread(&'static str),
    /// Called like a photograph that is read, and no known content.
    Named,
    /// No picture.
    Other,
}

impl Kind {
    /// The kind of a file of this name that begins so. A camera's raw file that is a TIFF is one by its name too.
    pub(super) fn of(path: &Path, head: &[u8]) -> Self {
        let called = unread_name(path);
        match (content(head), called) {
            (Some(Self::Photo(ImageFormat::Tiff)), Some(RAW)) => Self::Unread(RAW),
            (Some(kind), _) => kind,
            (None, Some(called)) => Self::Unread(called),
            (None, None) if has_extension(path, &READ) => Self::Named,
            (None, None) => Self::Other,
        }
    }
}

/// Whether the file at `path` is a picture, by its name or, where that says nothing, by its content.
pub(super) fn is_picture(path: &Path) -> bool {
    if has_extension(path, &READ) || unread_name(path).is_some() {
        return true;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && content(&head).is_some()
}

/// What the first bytes announce.
fn content(head: &[u8]) -> Option<Kind> {
    let starts = |(at, signature, _): &&(usize, &[u8], &str)| {
        head.get(*at..)
            .is_some_and(|rest| rest.starts_with(signature))
    };
    if let Some((.., called)) = SIGNATURES.iter().find(starts) {
        return Some(Kind::Unread(called));
    }
    if head.starts_with(b"II\x2b\0") || head.starts_with(b"MM\0\x2b") {
        return Some(Kind::Photo(ImageFormat::Tiff));
    }
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    match image::guess_format(head) {
        Ok(format @ (Jpeg | Png | WebP | Bmp | Gif | Tiff)) => Some(Kind::Photo(format)),
        _ => boxed(head).map(Kind::Unread),
    }
}

/// What the brands of an ISO media file say that it is; none for films.
fn boxed(head: &[u8]) -> Option<&'static str> {
    let length = u32::from_be_bytes(head.first_chunk().copied()?) as usize;
    let brands = head.get(4..)?.strip_prefix(b"ftyp")?;
    let brands = brands.get(..length.saturating_sub(8)).unwrap_or(brands);
    let mut codes = brands.chunks_exact(4);
    codes
        .find_map(|code| match code {
            b"avif" | b"avis" => Some("AVIF"),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
                Some("HEIC")
            }
            b"crx " => Some(RAW),
            _ => None,
        })
        .or_else(|| matches!(brands.get(..4)?, b"mif1" | b"msf1").then_some("HEIC"))
}

fn unread_name(path: &Path) -> Option<&'static str> {
    let fits = |(_, extensions): &&(&str, &[&str])| has_extension(path, extensions);
    UNREAD.iter().find(fits).map(|(called, _)| *called)
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
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
            ("a.jpg", b"", Kind::Named),
            ("a.jpg", b"a letter", Kind::Named),
            ("a.txt", b"a letter", Kind::Other),
            ("a", b"", Kind::Other),
        ] {
            assert_eq!(kind(name, head), expected, "{name} {head:?}");
        }
    }
}
