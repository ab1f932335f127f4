//! Pictures of kinds that are not read: what they are called, and what they are known by.

use std::path::Path;

use super::kind::has_extension;

/// A kind of picture that is not read.
struct Unread {
    called: &'static str,
    extensions: &'static [&'static str],
    /// How such files begin: from which byte on, with what.
    signatures: &'static [(usize, &'static [u8])],
}

/// A camera's own file, which holds a thumbnail beside what its sensor saw.
pub(super) const RAW: &str = "camera raw";

const UNREAD: [Unread; 19] = [
    Unread {
        called: "HEIC",
        extensions: &["heic", "heif", "heics", "heifs", "hif"],
        signatures: &[],
    },
    Unread {
        called: "AVIF",
        extensions: &["avif", "avifs"],
        signatures: &[],
    },
    Unread {
        called: "JPEG 2000",
        extensions: &["jp2", "j2k", "jpf", "jpx", "j2c", "jpc"],
        signatures: &[(4, b"jP  \r\n\x87\n"), (0, b"\xff\x4f\xff\x51")],
    },
    Unread {
        called: "JPEG XL",
        extensions: &["jxl"],
        signatures: &[(4, b"JXL \r\n\x87\n"), (0, b"\xff\x0a")],
    },
    Unread {
        called: "JPEG XR",
        extensions: &["jxr", "wdp", "hdp"],
        signatures: &[(0, b"II\xbc\x01")],
    },
    Unread {
        called: RAW,
        extensions: &[
            "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "k25", "kdc",
            "mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "rw2", "rwl", "sr2", "srf",
            "srw", "x3f",
        ],
        signatures: &[
            (8, b"CR\x02\x00"),
            (0, b"IIU\x00"),
            (0, b"IIRO"),
            (0, b"IIRS"),
            (0, b"MMOR"),
            (0, b"FUJIFILMCCD-RAW"),
            (0, b"FOVb"),
            (0, b"\x00MRM"),
        ],
    },
    Unread {
        called: "Photoshop",
        extensions: &["psd", "psb"],
        signatures: &[(0, b"8BPS")],
    },
    Unread {
        called: "GIMP",
        extensions: &["xcf"],
        signatures: &[(0, b"gimp xcf")],
    },
    Unread {
        called: "SVG",
        extensions: &["svg", "svgz"],
        signatures: &[(0, b"<svg")],
    },
    Unread {
        called: "DICOM",
        extensions: &["dcm", "dicom"],
        signatures: &[(128, b"DICM")],
    },
    Unread {
        called: "OpenEXR",
        extensions: &["exr"],
        signatures: &[(0, b"\x76\x2f\x31\x01")],
    },
    Unread {
        called: "Radiance HDR",
        extensions: &[],
        signatures: &[(0, b"#?RADIANCE"), (0, b"#?RGBE")],
    },
    Unread {
        called: "PNM",
        extensions: &["pbm", "pgm", "ppm", "pnm", "pam"],
        signatures: &[(0, b"P5\n"), (0, b"P6\n")],
    },
    Unread {
        called: "TGA",
        extensions: &["tga"],
        signatures: &[],
    },
    Unread {
        called: "DDS",
        extensions: &["dds"],
        signatures: &[(0, b"DDS ")],
    },
    Unread {
        called: "QOI",
        extensions: &["qoi"],
        signatures: &[(0, b"qoif")],
    },
    Unread {
        called: "PCX",
        extensions: &["pcx"],
        signatures: &[],
    },
    Unread {
        called: "farbfeld",
        extensions: &[],
        signatures: &[(0, b"farbfeld")],
    },
    Unread {
        called: "FITS",
        extensions: &[],
        signatures: &[(0, b"SIMPLE  =")],
    },
];

/// What a file of this name is called.
pub(super) fn by_name(path: &Path) -> Option<&'static str> {
    let fits = |kind: &&Unread| has_extension(path, kind.extensions);
    UNREAD.iter().find(fits).map(|kind| kind.called)
}

/// What a file is called that begins so.
pub(super) fn by_signature(head: &[u8]) -> Option<&'static str> {
    let starts = |(at, signature): &(usize, &[u8])| {
        head.get(*at..)
            .is_some_and(|rest| rest.starts_with(signature))
    };
    let fits = |kind: &&Unread| kind.signatures.iter().any(starts);
    UNREAD.iter().find(fits).map(|kind| kind.called)
}

/// What the brands of an ISO media file say that it is; none for films.
pub(super) fn by_brand(head: &[u8]) -> Option<&'static str> {
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
