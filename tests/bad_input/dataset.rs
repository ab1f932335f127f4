//! Folders without photographs, and photographs that are none.

use crate::support::photos::{picture, save};
use crate::support::run::{number, Run};
use crate::support::{repository, type_in};
use crate::{folder, refused, report, write};
use image::ImageFormat;
use std::path::PathBuf;
use tempfile::TempDir;

#[test]
fn a_data_set_without_photographs_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    refused(&folder, "", &["data set p", "no such folder"]);
    write(&folder, "p/notes.txt", "hello");
    refused(
        &folder,
        "",
        &["data set p", "no photographs", "1 other file"],
    );
    type_in(folder.path(), "report p/notes.txt --out o")
        .fails_with(&["p/notes.txt", "not a folder"]);
}

#[test]
fn a_data_set_without_one_readable_photograph_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "p/empty.jpg", "");
    write(&folder, "p/text.png", "this is a letter");
    let said = report(&folder, "").fails_with(&["data set p"]);
    said.says("empty.jpg").says("text.png");
    assert!(!folder.path().join("o/run.json").exists());
}

#[test]
fn of_many_skipped_photographs_the_first_are_named() {
    let folder = folder();
    for number in 0..30 {
        write(&folder, &format!("p/{number}.heic"), "");
    }
    let said = report(&folder, "--detail 0").ok();
    let named = |said: &str| said.matches("skipped ").count();
    assert_eq!(named(&said.stderr), 20, "{}", said.stderr);
    said.says("more are skipped; the report names them all")
        .says("30 photographs were skipped");
    let run = Run(folder.path().join("o"));
    assert_eq!(run.manifest()["skipped"].as_array().unwrap().len(), 30);
    let said = report(&folder, "--detail 0 --overwrite --verbose").ok();
    assert_eq!(named(&said.stderr), 30, "{}", said.stderr);
}

/// Every kind of photograph, and everything that can be wrong with one.
fn mixed(folder: &TempDir) -> PathBuf {
    let root = folder.path().join("mixed");
    let good: image::DynamicImage = picture((300, 260), 3).into();
    for (name, format) in [
        ("good.jpg", ImageFormat::Jpeg),
        ("really a png.jpg", ImageFormat::Png),
        ("no extension", ImageFormat::Jpeg),
        ("a, \"quoted\" <b>&amp;\nname.png", ImageFormat::Png),
        ("사진/고양이.webp", ImageFormat::WebP),
        (".hidden.jpg", ImageFormat::Jpeg),
    ] {
        save(&root.join(name), &good, format);
    }
    let formats = repository().join("tests/fixtures/formats");
    for name in [
        "cmyk.jpg",
        "16-bit.png",
        "palette.gif",
        "one-bit.png",
        "orientation-6.jpg",
        "alpha.tiff",
    ] {
        std::fs::copy(formats.join(name), root.join(name)).unwrap();
    }
    let jpeg = std::fs::read(root.join("good.jpg")).unwrap();
    let mut bomb = jpeg.clone();
    let frame = bomb
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    std::fs::write(root.join("bad bomb.jpg"), bomb).unwrap();
    std::fs::write(root.join("bad cut.jpg"), &jpeg[..jpeg.len() / 2]).unwrap();
    std::fs::write(root.join("bad empty.png"), "").unwrap();
    let phone = repository().join("tests/fixtures/unsupported/photo.heic");
    std::fs::copy(phone, root.join("bad phone.HEIC")).unwrap();
    std::fs::write(root.join("bad text.jpg"), "this is a letter").unwrap();
    std::fs::write(root.join("notes.txt"), "hello").unwrap();
    root
}

#[test]
fn a_mixed_folder_is_reported_with_every_skip_named() {
    let folder = tempfile::tempdir().unwrap();
    mixed(&folder);
    let said = type_in(folder.path(), "report mixed --out o --detail all").ok();
    let run = Run(folder.path().join("o"));
    let images = run.table("images");
    let (skipped, read): (Vec<_>, Vec<_>) =
        images.iter().partition(|row| row["status"] == "skipped");
    assert_eq!((read.len(), skipped.len()), (11, 5), "{images:?}");

    let manifest = run.manifest();
    assert_eq!(manifest["dataset"]["photos"], 11);
    assert_eq!(manifest["dataset"]["skipped"], 5);
    assert_eq!(manifest["dataset"]["detail"], 11);
    assert_eq!(manifest["dataset"]["other_files"], 1);
    let told = manifest["skipped"].as_array().unwrap();
    assert_eq!(told.len(), 5);
    for (row, reason) in skipped.iter().zip([
        "60000",
        "corrupt",
        "empty",
        "not supported: HEIC",
        "not an image",
    ]) {
        assert!(
            row["path"].starts_with("bad ") && row["reason"].contains(reason),
            "{row:?}"
        );
        assert_eq!((&*row["width"], &*row["height"]), ("", ""));
        assert!(
            said.stderr.contains(&row["path"]) && said.stderr.contains(&row["reason"]),
            "{row:?}"
        );
        assert!(told
            .iter()
            .any(|skip| skip["path"] == row["path"] && skip["reason"] == row["reason"]));
    }
    for table in ["predictions", "projections"] {
        let rows = run.table(table);
        let listed = |id: &String| rows.iter().any(|row| row["image_id"] == *id);
        assert!(read.iter().all(|row| listed(&row["image_id"])), "{table}");
        assert!(
            !skipped.iter().any(|row| listed(&row["image_id"])),
            "{table}"
        );
    }
    assert!(read
        .iter()
        .any(|row| row["path"] == "a, \"quoted\" <b>&amp;\nname.png"));
    let turned = read
        .iter()
        .find(|row| row["path"] == "orientation-6.jpg")
        .unwrap();
    let upright = repository().join("tests/fixtures/formats/orientation-6.jpg.pillow.png");
    let size = image::image_dimensions(upright).unwrap();
    assert_eq!(
        (number(turned, "width"), number(turned, "height")),
        (size.0.into(), size.1.into())
    );
}

#[test]
fn strict_tells_of_skips_by_exit_code_3() {
    let folder = folder();
    report(&folder, "--strict --detail 0").ok();
    write(&folder, "p/empty.jpg", "");
    report(&folder, "--strict --detail 0 --overwrite")
        .code(3)
        .says("empty.jpg");
    assert!(folder.path().join("o/run.json").is_file());
    report(&folder, "--strict --detail 0 --resume").code(3);
    report(&folder, "--detail 0 --resume").ok();
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_is_percent_encoded() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9 5%.png");
    if std::fs::copy(
        folder.path().join("p/1.png"),
        folder.path().join("p").join(name),
    )
    .is_err()
    {
        return eprintln!("skipped: this file system takes UTF-8 names only");
    }
    write(
        &folder,
        "m.csv",
        "image,region,x,y,width,height\ncaf%E9 5%25.png,face,50,50,80,80\n",
    );
    report(&folder, "--masks m.csv --detail masked").ok();
    let run = Run(folder.path().join("o"));
    let id = &run.ids()["caf%E9 5%25.png"];
    assert!(run.0.join(format!("arrays/{id}.safetensors")).is_file());
    assert_eq!(run.table("masked_classes").len(), 1);
}

#[cfg(unix)]
#[test]
fn symbolic_links_that_lead_nowhere_or_back_are_survived() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let root = folder.path().join("p");
    symlink(&root, root.join("loop")).unwrap();
    symlink("gone", root.join("gone.jpg")).unwrap();
    let said = report(&folder, "--detail 0").ok();
    said.says("loop").says("gone.jpg").says("2 photographs");
}
