//! Folders as people have them: every kind of photograph, and everything that can be wrong with one.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use deconvscope::dataset::{self, Dataset, DatasetOptions, Masks, Rect, SkipReason};
use deconvscope::network::classes::{imagenet, Class};
use deconvscope::Error;
use image::{ImageFormat, RgbImage};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn formats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats")
}

/// An image file with noise, which no compression makes small.
fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut state = 7_u32;
    let pixels = RgbImage::from_fn(90, 70, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 24) as u8, (state >> 16) as u8, 30])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn open(root: &Path, options: &DatasetOptions) -> Result<Dataset, Error> {
    Dataset::open(root, options, &imagenet().unwrap())
}

#[test]
fn every_format_is_read_as_pillow_reads_it() {
    let mut compared = 0;
    for entry in std::fs::read_dir(formats()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".pillow.png") {
            continue;
        }
        let found = dataset::read(&path).unwrap().pixels;
        let reference = image::open(formats().join(format!("{name}.pillow.png")))
            .unwrap()
            .into_rgb8();
        assert_eq!(found.dimensions(), reference.dimensions(), "{name}");
        let differences = found
            .as_raw()
            .iter()
            .zip(reference.as_raw())
            .map(|(a, b)| a.abs_diff(*b));
        let allowed = match &*name {
            lossy if lossy.starts_with("lossy") => 4,
            deep if deep.contains("16-bit") => 1,
            // libtiff's tables and Pillow's are not the same either.
            colours if colours.starts_with("ycbcr") => 1,
            _ => 0,
        };
        let largest = differences.max().unwrap();
        assert!(largest <= allowed, "{name}: {largest} grey levels");
        compared += 1;
    }
    assert_eq!(compared, 62);
}

#[test]
fn what_is_sound_and_not_read_is_told_by_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/unsupported");
    let expected = [
        ("camera.dng", "camera raw"),
        ("camera.nef", "camera raw"),
        ("float.tiff", "TIFF of 32-bit floats"),
        (
            "grey-alpha-jpeg.tiff",
            "TIFF of grey with alpha compressed by JPEG",
        ),
        ("int32.tiff", "TIFF of 32-bit whole numbers with a sign"),
        ("lab.tiff", "TIFF: Photometric interpretation CIELab"),
        ("lzma.tiff", "TIFF compressed by LZMA"),
        ("photo.avif", "AVIF"),
        ("photo.heic", "HEIC"),
        ("photo.jp2", "JPEG 2000"),
        ("scan-of-two.jpg", "JPEG with scans of some of its colours"),
        ("thumbnail.tiff", "camera raw"),
    ];
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, expected.map(|(name, _)| name));
    for (name, called) in expected {
        let skip = dataset::read(&folder.join(name)).unwrap_err();
        let told = skip.to_string();
        assert!(
            told.starts_with(&format!("not supported: {called}")),
            "{name}: {told}"
        );
        assert!(told.ends_with("; save it as JPEG or PNG"), "{name}: {told}");
        assert!(skip.sha256.is_some());
    }
}

#[test]
fn the_content_says_what_a_file_is_before_its_name() {
    let heic = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/unsupported/photo.heic"),
    );
    let folder = folder(&[
        ("really.heic", &encoded(ImageFormat::Jpeg)),
        ("not.jpg", &heic.unwrap()),
        ("empty.heic", b""),
        ("cut.cr2", &encoded(ImageFormat::Tiff)[..50]),
        ("drawing.svg", b"<svg/>"),
        ("late.dcm", b"no known content"),
    ]);
    let read = |name: &str| dataset::read(&folder.path().join(name));
    assert_eq!(read("really.heic").unwrap().pixels.dimensions(), (90, 70));
    for (name, told) in [
        ("not.jpg", "not supported: HEIC; save it as JPEG or PNG"),
        ("empty.heic", "empty file"),
        (
            "cut.cr2",
            "not supported: camera raw; save it as JPEG or PNG",
        ),
        ("drawing.svg", "not supported: SVG; save it as JPEG or PNG"),
        ("late.dcm", "not supported: DICOM; save it as JPEG or PNG"),
    ] {
        assert_eq!(read(name).unwrap_err().to_string(), told, "{name}");
    }
}

#[test]
fn boxes_know_the_size_of_every_format() {
    let folder = formats();
    let dataset = open(&folder, &DatasetOptions::default()).unwrap();
    let paths: Vec<&str> = dataset
        .photos
        .iter()
        .map(|photo| photo.path.as_str())
        .collect();
    assert!(paths.len() > 80);
    for (path, size) in dataset.upright_sizes(paths.into_iter()) {
        let read = dataset::read(&folder.join(path)).unwrap();
        assert_eq!(size, Some(read.pixels.dimensions()), "{path}");
    }
}

#[test]
fn a_file_cut_off_anywhere_is_skipped_and_named() {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let progressive = std::fs::read(formats().join("progressive.jpg")).unwrap();
    let files = [Jpeg, Png, WebP, Bmp, Gif, Tiff].map(|format| (format, encoded(format)));
    for (format, whole) in files.into_iter().chain([(Jpeg, progressive)]) {
        for part in [0.1, 0.5, 0.9, 0.99] {
            let cut = &whole[..(whole.len() as f64 * part) as usize];
            let folder = folder(&[("photo.jpg", cut)]);
            let skip = dataset::read(&folder.path().join("photo.jpg")).unwrap_err();
            let told = skip.to_string();
            assert!(
                matches!(skip.reason, SkipReason::Corrupt { .. }),
                "{format:?} {part}: {told}"
            );
            assert!(skip.sha256.is_some() && !told.contains('\n'));
        }
        let folder = folder(&[("photo.txt", &whole)]);
        assert!(
            dataset::read(&folder.path().join("photo.txt")).is_ok(),
            "{format:?}"
        );
    }
}

#[test]
fn what_is_no_photograph_is_skipped_with_its_reason() {
    let mut bomb = encoded(ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    let mut wide_bomb = encoded(ImageFormat::Jpeg);
    let frame = wide_bomb
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    wide_bomb[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    let mut strip = std::io::Cursor::new(Vec::new());
    RgbImage::new(1, 5000)
        .write_to(&mut strip, ImageFormat::Png)
        .unwrap();
    let folder = folder(&[
        ("empty.jpg", b""),
        ("text.jpg", b"this is a letter, not a photograph"),
        ("bomb.png", &bomb),
        ("bomb.jpg", &wide_bomb),
        ("strip.png", strip.get_ref()),
    ]);
    for (name, expected) in [
        ("empty.jpg", "empty file"),
        ("text.jpg", "not an image"),
        ("bomb.png", "too large: 60000 × 60000 pixels"),
        ("bomb.jpg", "too large: 60000 × 60000 pixels"),
        (
            "strip.png",
            "too large: 1 × 5000 pixels, more than 100 times longer than wide",
        ),
        ("gone.jpg", "cannot be read: No such file"),
    ] {
        let skip = dataset::read(&folder.path().join(name)).unwrap_err();
        assert!(skip.to_string().starts_with(expected), "{name}: {skip}");
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    })
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_can_be_read_and_printed() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9 100%.jpg");
    if std::fs::write(folder.path().join(name), encoded(ImageFormat::Jpeg)).is_err() {
        return eprintln!("skipped: this file system takes UTF-8 names only");
    }
    let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
    let photo = &dataset.photos[0];
    assert_eq!(photo.path, "caf%E9 100%25.jpg");
    assert!(dataset::read(&dataset.absolute(photo)).is_ok());
}

#[test]
fn cats_and_dogs_are_scored_by_an_imagenet_network() {
    let folder = folder(&[
        ("cats/cat.1.jpg", b""),
        ("dogs/dog.1.jpg", b""),
        ("notes.txt", b""),
    ]);
    let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
    assert_eq!(dataset.labels.names, ["cats", "dogs"]);
    assert_eq!(dataset.labels.classes[0], [281, 282, 283, 284, 285]);
    assert_eq!(dataset.labels.classes[1].len(), 118);
    assert_eq!((dataset.photos[1].label, dataset.other_files), (Some(1), 1));
    let others = [Class {
        wnid: None,
        name: "Dogs".to_owned(),
    }];
    let dataset = Dataset::open(folder.path(), &DatasetOptions::default(), &others).unwrap();
    assert_eq!(dataset.labels.classes, [vec![], vec![0]]);
}

#[test]
fn a_sample_is_drawn_by_seed_and_keeps_the_order_of_paths() {
    let names: Vec<String> = (0..50).map(|i| format!("{:02}.jpg", i)).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let folder = folder(&files);
    let draw = |limit, seed| {
        let options = DatasetOptions {
            limit: Some(limit),
            seed,
            ..Default::default()
        };
        let dataset = open(folder.path(), &options).unwrap();
        dataset
            .photos
            .into_iter()
            .map(|photo| photo.path)
            .collect::<Vec<_>>()
    };
    let ten = draw(10, 1);
    assert!(ten.len() == 10 && ten.is_sorted());
    assert_eq!(ten, draw(10, 1));
    assert_ne!(ten, draw(10, 2));
    assert!(ten.iter().all(|path| draw(20, 1).contains(path)));
    assert_eq!(draw(99, 1).len(), 50);
}

#[test]
fn masks_are_united_cut_and_checked() {
    let header = "image,region,x,y,width,height\n";
    let folder = folder(&[("a/1.jpg", b""), ("a/2.jpg", b"")]);
    let dataset = open(folder.path(), &DatasetOptions::default()).unwrap();
    let table = folder.path().join("masks.csv");
    let read = |rows: &str| {
        std::fs::write(&table, format!("{header}{rows}")).unwrap();
        Masks::read(&table, &dataset)
    };

    let masks = read("a/1.jpg,face,1,2,3,4\na/1.jpg,body,-5,0,15.5,9\na/1.jpg,face,5,5,5,5\na/2.jpg,x,90,0,5,5\n").unwrap();
    assert_eq!(masks.photos().collect::<Vec<_>>(), ["a/1.jpg", "a/2.jpg"]);
    let (regions, notes) = masks.for_photo("a/1.jpg", (20, 20)).unwrap();
    assert_eq!((&*regions[0].name, regions[0].boxes.len()), ("face", 2));
    assert_eq!(
        regions[1].boxes,
        [Rect {
            x: 0.0,
            y: 0.0,
            width: 10.5,
            height: 9.0
        }]
    );
    assert!(notes.len() == 1 && notes[0].contains("body"), "{notes:?}");
    let outside = masks
        .for_photo("a/2.jpg", (20, 20))
        .unwrap_err()
        .to_string();
    assert!(
        outside.contains("masks.csv, line 5, column x: the box of region x lies outside"),
        "{outside}"
    );

    for (rows, expected) in [
        ("a/1.jpg,face,1,2,3,4\na/1.jpg,face,1,2,0,4\n", "line 3, column width: expected a number of at least 1, found '0'"),
        ("a/1.jpg,face,1,two,3,4\n", "line 2, column y: expected a number, found 'two'"),
        ("a/1.jpg,face,nan,2,3,4\n", "line 2, column x: expected a number, found 'nan'"),
        ("a/1.jpg,the face,1,2,3,4\n", "line 2, column region: expected up to 64 letters"),
        ("a/1.jpg,original,1,2,3,4\n", "line 2, column region: 'original' is reserved"),
        ("a/1.jpg,face,1,2,3\n", "line 2: expected 6 cells as in the header, found 5"),
        ("a/3.jpg,face,1,2,3,4\n", "line 2, column image: no photograph 'a/3.jpg' in the data set (did you mean 'a/1.jpg'?)"),
    ] {
        let message = read(rows).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    std::fs::write(&table, "image,region,x,y,width\n").unwrap();
    let message = Masks::read(&table, &dataset).unwrap_err().to_string();
    assert!(
        message.contains("line 1, column height: the header lacks this column"),
        "{message}"
    );
}

#[test]
fn masks_of_photographs_outside_the_sample_are_not_used() {
    let folder = folder(&[("1.jpg", b""), ("2.jpg", b"")]);
    let options = DatasetOptions {
        limit: Some(1),
        ..Default::default()
    };
    let dataset = open(folder.path(), &options).unwrap();
    let table = folder.path().join("masks.csv");
    std::fs::write(
        &table,
        "image,region,x,y,width,height\n1.jpg,a,0,0,1,1\n2.jpg,a,0,0,1,1\n",
    )
    .unwrap();
    let masks = Masks::read(&table, &dataset).unwrap();
    assert_eq!((masks.photos().count(), masks.notes.len()), (1, 1));
}
