//! Files that people take for weights and that are none: what each is, and how to come to one that is read.

use super::{alone, STATE_DICT};
use crate::export;

/// So much of a file's beginning tells what it is.
pub(super) const START: u64 = 512;

const GIT_LFS: &[u8] = b"version https://git-lfs";
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";
const NUMPY: &[u8] = b"\x93NUMPY";
const GZIP: &[u8] = &[0x1f, 0x8b];
/// The first entry of what PyTorch saved before 0.1.10.
const FIRST_TAR: &[u8] = b"storages";
const TAR: (usize, &[u8]) = (257, b"ustar");
const TFLITE: (usize, &[u8]) = (4, b"TFL3");

/// What a file is that begins like this, and what to do about it; `None` for what may be safetensors.
pub(super) fn kind(start: &[u8]) -> Option<String> {
    let has =
        |(at, word): (usize, &[u8])| start.get(at..).is_some_and(|rest| rest.starts_with(word));
    // The length of a safetensors' header comes first, and the header begins with a brace.
    if start.get(8) == Some(&b'{') {
        return None;
    }
    if start.is_empty() {
        return Some("is empty; was its download or copy cut off?".into());
    }
    if start.starts_with(GIT_LFS) {
        return Some(
            "a pointer of Git LFS and not the weights themselves; git lfs pull fetches them".into(),
        );
    }
    if is_web_page(start) {
        return Some(
            "a web page and not weights: the server answered with a page; download the file itself"
                .into(),
        );
    }
    if start.starts_with(HDF5) {
        return Some(format!(
            "an HDF5 file, as Keras writes them; {}",
            export::KERAS
        ));
    }
    if has(TFLITE) {
        return Some(format!("a TensorFlow Lite file; {}", export::KERAS));
    }
    if start.starts_with(GZIP) || has(TAR) {
        return Some("an archive (gzip or tar); unpack it first".into());
    }
    if start.starts_with(FIRST_TAR) {
        return Some(format!("of PyTorch before 0.1.10; load it there and save it again with a newer one: {STATE_DICT}"));
    }
    if start.starts_with(NUMPY) {
        return Some(format!(
            "an array of NumPy's; expected a state dict: {STATE_DICT}"
        ));
    }
    match start {
        [0x80, ..] => Some(format!(
            "a pickle, but not of PyTorch's torch.save; save the state dict with it: {STATE_DICT}"
        )),
        // The version of the format, and the name of the program that wrote it; of TensorFlow's there is one version only.
        [0x08, 0x01, 0x12, ..] => Some(format!(
            "a graph of TensorFlow's (saved_model.pb); {}",
            export::TENSORFLOW
        )),
        [0x08, 0x02..=0x20, 0x12 | 0x3a | 0x42, ..] => Some(
            "an ONNX file; its network is in it: give it with --model, without --weights".into(),
        ),
        _ if is_text(start) => {
            let first: String = String::from_utf8_lossy(start).chars().take(40).collect();
            Some(format!("a text and not weights; it begins {first:?}"))
        }
        _ => None,
    }
}

/// What a zip file is that `torch.save` did not write, by the names of its files.
pub(super) fn zipped(names: &[&str]) -> String {
    let named = |ends: &[&str]| {
        let is_one = |name: &&&str| ends.iter().any(|end| name.ends_with(end));
        names.iter().find(is_one)
    };
    let has = |ends: &[&str]| named(ends).is_some();
    if has(&["constants.pkl"]) {
        return format!("a TorchScript file; {}", alone());
    }
    if has(&["/archive_format", "serialized_exported_program.json"]) {
        return format!("a program of torch.export (.pt2); {}", alone());
    }
    if has(&["model.weights.h5"]) {
        return format!("a Keras file; {}", export::KERAS);
    }
    if has(&[".npy"]) {
        return format!("arrays of NumPy's (.npz); expected a state dict: {STATE_DICT}");
    }
    match named(&[".pth", ".pt", ".bin", ".ckpt", ".safetensors", ".onnx"]) {
        Some(name) => format!("a zip file around {name:?}; unpack it first"),
        None => "a zip file without data.pkl, so not one of torch.save".into(),
    }
}

fn is_web_page(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<!doctype html", "<html", "<head", "<?xml"]
        .iter()
        .any(|tag| text.starts_with(tag))
}

fn is_text(start: &[u8]) -> bool {
    let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    start.iter().all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_checkpoint_is_named() {
        let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
        for (start, word) in [
            (&b""[..], "is empty"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 46830571\n",
                "git lfs pull",
            ),
            (b"\xef\xbb\xbf\n<!DOCTYPE HTML><html>", "web page"),
            (
                b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
                "web page",
            ),
            (b"\x89HDF\r\n\x1a\n\0\0", "Keras"),
            (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
            (b"\x1f\x8b\x08\0", "unpack it first"),
            (&tar, "unpack it first"),
            (b"\x93NUMPY\x01\0", "NumPy"),
            (b"\x08\x09\x12\x07pytorch", "--model"),
            (b"\x08\x01\x12\xf0\x10", "saved_model.pb"),
            (b"\x80\x04\x95", "not of PyTorch's torch.save"),
            (b"404: Not Found", "begins \"404: Not Found\""),
        ] {
            let kind = kind(start).unwrap();
            assert!(kind.contains(word), "{kind}");
        }
        // Headers of 8, 128 and 2,168 bytes, and what may be anything.
        for start in [
            &b"\x08\0\0\0\0\0\0\0{\"a\":{"[..],
            b"\x80\0\0\0\0\0\0\0{\"a\":{",
            b"\x78\x08\0\0\0\0\0\0{\"a\":{",
            b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c",
        ] {
            assert_eq!(kind(start), None);
        }
    }

    #[test]
    fn zip_files_are_told_by_what_is_in_them() {
        for (names, word) in [
            (
                &["n/code/n.py", "n/data.pkl", "n/constants.pkl"][..],
                "TorchScript",
            ),
            (
                &[
                    "n/models/model.json",
                    "n/data/weights/weight_0",
                    "n/archive_format",
                ],
                ".pt2",
            ),
            (&["serialized_exported_program.json", "version"], ".pt2"),
            (
                &["metadata.json", "config.json", "model.weights.h5"],
                "Keras 3",
            ),
            (&["a.npy", "b.npy"], ".npz"),
            (
                &["best/", "best/model.pth"],
                "around \"best/model.pth\"; unpack it",
            ),
            (&["readme"], "without data.pkl"),
        ] {
            let kind = zipped(names);
            assert!(kind.contains(word), "{kind}");
        }
    }
}
