//! Everything that people get wrong: each a clear error or a named skip, never a panic, never half a file.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use image::ImageFormat;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::files::{assert_same, files, result};
use support::photos::{photo, picture, save};
use support::run::{number, Run};
use support::{deconvscope, ended, program, repository, type_in, weights, Ended};
use tempfile::TempDir;

/// A folder with the data set `p`: two photographs of 300 × 260 pixels.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    photo(&folder.path().join("p/1.png"), (300, 260), 1);
    photo(&folder.path().join("p/2.jpg"), (300, 260), 2);
    folder
}

/// Runs `report p` with these options.
fn report(folder: &TempDir, options: &str) -> Ended {
    type_in(folder.path(), &format!("report p --out o {options}"))
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

/// The error names its cause, and no run folder was begun.
#[track_caller]
fn refused(folder: &TempDir, options: &str, parts: &[&str]) {
    report(folder, options).fails_with(parts);
    assert!(
        !folder.path().join("o").exists(),
        "{options}: a run folder was left"
    );
}

// Data sets

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
    assert_eq!((read.len(), skipped.len()), (11, 4), "{images:?}");

    let manifest = run.manifest();
    assert_eq!(manifest["dataset"]["photos"], 11);
    assert_eq!(manifest["dataset"]["skipped"], 4);
    assert_eq!(manifest["dataset"]["detail"], 11);
    assert_eq!(manifest["dataset"]["other_files"], 1);
    let told = manifest["skipped"].as_array().unwrap();
    assert_eq!(told.len(), 4);
    for (row, reason) in skipped
        .iter()
        .zip(["60000", "corrupt", "empty", "not an image"])
    {
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

// Weights and class names

#[test]
fn weights_that_are_missing_or_no_weights_are_refused() {
    let folder = folder();
    refused(
        &folder,
        "--weights gone.safetensors",
        &["gone.safetensors", "No such file"],
    );
    refused(&folder, "--weights p", &["cannot read p", "directory"]);
    let whole = std::fs::read(weights()).unwrap();
    for length in [0, 5, 100, 20_000, whole.len() / 2, whole.len() - 1] {
        write(&folder, "cut.safetensors", &whole[..length]);
        refused(
            &folder,
            "--weights cut.safetensors",
            &["weights cut.safetensors", "not a whole safetensors file"],
        );
    }
    let mut command = deconvscope();
    command
        .current_dir(folder.path())
        .env("DECONVSCOPE_WEIGHTS", "nowhere");
    command.args(["report", "p", "--out", "o"]);
    ended(&mut command).fails_with(&["nowhere/squeezenet1_1.safetensors", "make setup"]);
}

#[test]
fn weights_of_another_network_are_refused_by_their_first_mismatch() {
    let folder = folder();
    let path = weights();
    let path = path.display();
    refused(
        &folder,
        &format!("--model squeezenet1_0 --weights {path}"),
        &[
            "'features.0.weight'",
            "[64, 3, 3, 3]",
            "squeezenet1_0 expects [96, 3, 7, 7]",
        ],
    );
    refused(
        &folder,
        &format!("--model resnet18 --weights {path}"),
        &["no tensor 'conv1.weight'", "resnet18", "another network"],
    );
}

/// Weights of SqueezeNet with one tensor changed, and the description beside them.
fn changed_weights(folder: &TempDir, tensor: &str, change: impl Fn(&mut Vec<f32>)) {
    let bytes = std::fs::read(weights()).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let found = file.tensor(tensor).unwrap();
    let floats = found
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()));
    let mut values: Vec<f32> = floats.collect();
    change(&mut values);
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let views = file.tensors().into_iter().map(|(name, view)| {
        let own = name == tensor;
        let data = if own { &data[..] } else { view.data() };
        let view = TensorView::new(Dtype::F32, view.shape().to_vec(), data).unwrap();
        (name, view)
    });
    let file = safetensors::serialize(views.collect::<Vec<_>>(), None).unwrap();
    write(folder, "w.safetensors", file);
    std::fs::copy(
        weights().with_extension("toml"),
        folder.path().join("w.toml"),
    )
    .unwrap();
}

#[test]
fn weights_that_are_not_finite_or_lead_to_such_values_are_refused() {
    let folder = folder();
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        changed_weights(&folder, "classifier.1.bias", |values| values[7] = wrong);
        refused(
            &folder,
            "--weights w.safetensors",
            &["'classifier.1.bias'", "not finite"],
        );
    }
    changed_weights(&folder, "features.0.weight", |values| values.fill(3e38));
    report(&folder, "--weights w.safetensors").fails_with(&["not finite"]);
    assert!(!folder.path().join("o/run.json").exists());
}

#[test]
fn a_network_that_sees_nothing_leaves_a_report_all_the_same() {
    let folder = folder();
    // Every first activation is 0, so no unit of conv1 is the strongest one, and its projection is empty.
    changed_weights(&folder, "features.0.weight", |values| values.fill(0.0));
    let description = folder.path().join("w.toml");
    report(
        &folder,
        "--weights w.safetensors --layers conv1 --fill 0,0,0",
    )
    .ok();
    let run = Run(folder.path().join("o"));
    let inputs = run.tensors(&format!("arrays/{}.safetensors", run.ids()["1.png"]));
    let projection = &inputs["original/projection/layer/conv1"].1;
    assert!(projection.iter().all(|value| *value == 0.0));

    std::fs::write(&description, "classifier = \"perhaps\"\n").unwrap();
    report(&folder, "--weights w.safetensors --overwrite").fails_with(&["w.toml", "classifier"]);
}

#[test]
fn class_names_must_fit_the_network() {
    let folder = folder();
    write(&folder, "two.txt", "cat\ndog\n");
    refused(
        &folder,
        "--classes two.txt",
        &["two.txt", "2 class names", "1000 outputs"],
    );
    write(&folder, "none.txt", "\n\n");
    refused(
        &folder,
        "--classes none.txt",
        &["none.txt", "no class names"],
    );
    write(&folder, "latin.txt", b"caf\xe9\n");
    refused(&folder, "--classes latin.txt", &["latin.txt", "UTF-8"]);
    refused(&folder, "--classes gone.txt", &["gone.txt", "No such file"]);
    let names: String = (0..1000).map(|index| format!("thing {index}\n")).collect();
    write(&folder, "names.txt", names);
    report(&folder, "--classes names.txt --detail 0").ok();
    let rows = Run(folder.path().join("o")).table("predictions");
    assert!(rows
        .iter()
        .all(|row| row["class_name"] == format!("thing {}", row["class_index"])));
}

// Tables

#[test]
fn malformed_masks_are_told_with_line_and_column() {
    let folder = folder();
    let header = "image,region,x,y,width,height";
    for (table, parts) in [
        (
            "image,region,x,y,width\n1.png,a,1,1,9",
            ["line 1, column height", "lacks this column"],
        ),
        (
            &format!("{header}\n1.png,a,1,2,3,4\n\n1.png,b,1,two,3,4"),
            ["line 4, column y", "found 'two'"],
        ),
        (
            &format!("{header}\n1.png,a,1,2,3"),
            ["line 2", "expected 6 cells"],
        ),
        (
            &format!("{header}\n1.png,a,1,2,-3,4"),
            ["line 2, column width", "above 0"],
        ),
        (
            &format!("{header}\n1.png,a,1,2,inf,4"),
            ["line 2, column width", "found 'inf'"],
        ),
        (
            &format!("{header}\n1.png,a b,1,2,3,4"),
            ["line 2, column region", "found 'a b'"],
        ),
        (
            &format!("{header}\n1.png,../a,1,2,3,4"),
            ["line 2, column region", "found '../a'"],
        ),
        (
            &format!("{header}\n1.png,original,1,2,3,4"),
            ["line 2, column region", "reserved"],
        ),
        (
            &format!("{header}\n1.pn,a,1,2,3,4"),
            ["line 2, column image", "did you mean '1.png'"],
        ),
        (
            &format!("{header}\np/1.png,a,1,2,3,4"),
            ["line 2, column image", "no photograph 'p/1.png'"],
        ),
    ] {
        write(&folder, "m.csv", table);
        refused(
            &folder,
            "--masks m.csv",
            &[&["m.csv, "], &parts[..]].concat(),
        );
    }
    refused(&folder, "--masks gone.csv", &["gone.csv", "No such file"]);
    write(
        &folder,
        "m.csv",
        b"image,region,x,y,width,height\ncaf\xe9,a,1,2,3,4\n",
    );
    refused(&folder, "--masks m.csv", &["m.csv, line 2", "UTF-8"]);
}

#[test]
fn a_box_outside_its_photograph_is_an_error() {
    let folder = folder();
    let table = "image,region,x,y,width,height\n1.png,face,10,10,50,50\n2.jpg,tail,300,10,50,50\n";
    write(&folder, "m.csv", table);
    refused(
        &folder,
        "--masks m.csv",
        &["m.csv, line 3", "region tail", "outside", "300 × 260"],
    );
}

#[test]
fn a_box_across_the_edge_is_cut_and_noted() {
    let folder = folder();
    write(
        &folder,
        "m.csv",
        "image,region,x,y,width,height\n1.png,face,-10,200.5,50,100\n",
    );
    report(&folder, "--masks m.csv --detail masked")
        .ok()
        .says("1.png: region face");
    let run = Run(folder.path().join("o"));
    let boxes = run.table("masks");
    assert_eq!(boxes.len(), 1);
    let edges = ["x", "y", "width", "height"].map(|column| number(&boxes[0], column));
    assert_eq!(edges, [0.0, 200.5, 40.0, 59.5]);
    let notes = run.manifest()["notes"].to_string();
    assert!(notes.contains("1.png: region face"), "{notes}");
}

#[test]
fn malformed_labels_are_told_with_line_and_column() {
    let folder = folder();
    for (table, parts) in [
        (
            "path,lable\n1.png,cat\n",
            ["line 1, column label", "lacks this column"],
        ),
        ("path,label\n1.png\n", ["line 2", "expected 2 cells"]),
        (
            "path,label\n1.png,cat\n1.png,dog\n",
            ["line 3, column label", "'cat'"],
        ),
    ] {
        write(&folder, "l.csv", table);
        refused(
            &folder,
            "--labels l.csv",
            &[&["l.csv, "], &parts[..]].concat(),
        );
    }
    refused(&folder, "--labels gone.csv", &["gone.csv", "No such file"]);
    write(
        &folder,
        "map.csv",
        "label,first_class,last_class\ncat,281,1285\n",
    );
    refused(
        &folder,
        "--label-map map.csv",
        &["map.csv, line 2, column last_class", "1000 classes"],
    );
}

// Output folders

#[test]
fn an_output_folder_that_holds_something_else_is_not_touched() {
    let folder = folder();
    write(&folder, "letters/mine.txt", "precious");
    write(&folder, "other/run.json", "{\"mine\": 1}");
    write(&folder, "other/data/mine.csv", "precious");
    write(&folder, "sounds/records/song.mp3", "precious");
    write(&folder, "pictures/assets/mine.png", "precious");
    for place in ["letters", "other", "sounds", "pictures", "p"] {
        let before = files(&folder.path().join(place));
        for option in ["", "--resume", "--overwrite"] {
            let line = format!("report p --out {place} {option}");
            type_in(folder.path(), &line)
                .fails_with(&[&format!("run folder {place}"), "not a run"]);
            assert_same(&files(&folder.path().join(place)), &before, &line);
        }
    }
}

#[test]
fn a_finished_run_is_replaced_only_when_asked() {
    let folder = folder();
    write(
        &folder,
        "m.csv",
        "image,region,x,y,width,height\n1.png,face,50,50,80,80\n",
    );
    report(&folder, "--masks m.csv").ok();
    let before = files(&folder.path().join("o"));
    report(&folder, "").fails_with(&["run folder o", "finished run", "--overwrite"]);
    assert_same(&files(&folder.path().join("o")), &before, "a refused run");

    write(&folder, "o/my notes.txt", "precious");
    report(&folder, "--overwrite").ok();
    assert_eq!(
        std::fs::read(folder.path().join("o/my notes.txt")).unwrap(),
        b"precious"
    );
    std::fs::remove_file(folder.path().join("o/my notes.txt")).unwrap();
    type_in(folder.path(), "report p --out anew").ok();
    assert_same(
        &result(&folder.path().join("o")),
        &result(&folder.path().join("anew")),
        "nothing of the run with masks may be left",
    );
}

#[test]
fn an_output_folder_that_cannot_be_is_an_error() {
    let folder = folder();
    for out in ["p/1.png", "p/1.png/below", "/dev/full", "/proc/nothing"] {
        type_in(folder.path(), &format!("report p --out {out}")).fails_with(&[out]);
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_written_or_read_is_told() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let folder = folder();
    let allow = |name: &str, mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path().join(name), mode).unwrap();
    };
    allow("", 0o755);
    write(&folder, "closed/x", "");
    std::fs::remove_file(folder.path().join("closed/x")).unwrap();
    write(&folder, "open/x", "");
    std::fs::remove_file(folder.path().join("open/x")).unwrap();
    allow("closed", 0o555);
    allow("open", 0o777);
    allow("p/1.png", 0);
    let run = |out: &str| {
        let mut command = Command::new(program());
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(65534).gid(65534);
        }
        command
            .current_dir(folder.path())
            .args(["report", "p", "--out", out]);
        command.output()
    };
    let Ok(refused) = run("closed/o") else {
        return eprintln!("skipped: another user may not run the program where it lies");
    };
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains("closed/o") && said.contains("Permission denied"),
        "{said}"
    );
    let done = run("open/o").unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(
        said.contains("skipped 1.png: cannot be read: Permission denied"),
        "{said}"
    );
}

/// Runs lines of bash in `folder`, with `$REPORT` as the start of the command; stdout and stderr come back together.
fn bash(folder: &TempDir, lines: &str) -> String {
    let output = Command::new("bash")
        .current_dir(folder.path())
        .env("DECONVSCOPE_WEIGHTS", weights().parent().unwrap())
        .env(
            "REPORT",
            format!("{} report p --detail 1", program().display()),
        )
        .args(["-c", &format!("exec 2>&1; {lines}")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What is left of a run that could not go on: no manifest, no half-written file, no maps but whole ones.
fn assert_nothing_half_written(run: &Path) {
    let left = files(run);
    assert!(left.contains_key("records/plan.json"), "{:?}", left.keys());
    for name in left.keys() {
        assert!(!name.contains(".part-") && name != "run.json", "{name}");
        if name.ends_with(".safetensors") {
            support::run::tensors(&run.join(name));
        } else if name.ends_with(".jpg") {
            image::open(run.join(name)).unwrap();
        }
    }
}

#[test]
fn a_file_that_cannot_grow_ends_the_run_and_it_can_be_resumed() {
    let folder = folder();
    let said = bash(
        &folder,
        "trap '' XFSZ; ulimit -f 1000; $REPORT --out o; echo $?",
    );
    assert!(
        said.ends_with("\n1\n") && !said.contains("panicked"),
        "{said}"
    );
    assert!(
        said.contains("error: cannot write o/arrays/") && said.contains("too large"),
        "{said}"
    );
    assert_nothing_half_written(&folder.path().join("o"));
    report(&folder, "--detail 1 --resume").ok();
    type_in(folder.path(), "report p --out whole --detail 1").ok();
    assert_same(
        &result(&folder.path().join("o")),
        &result(&folder.path().join("whole")),
        "resumed",
    );
}

#[test]
fn a_full_disk_ends_the_run_and_it_can_be_resumed() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    let probe = "unshare -m mount -t tmpfs -o size=4m none disk && echo mounted";
    if !bash(&folder, probe).contains("mounted") {
        return eprintln!("skipped: no small file system can be mounted here");
    }
    let lines = "mount -t tmpfs -o size=4m none disk && $REPORT --out disk/o; echo ended $?
        cp -r disk/o full; mount -o remount,size=100m none disk
        $REPORT --out disk/o --resume; echo ended $?; cp -r disk/o o";
    let said = bash(
        &folder,
        &format!("export REPORT; unshare -m bash -c '{lines}'"),
    );
    assert!(
        said.contains("error: cannot write disk/o/") && said.contains("No space left"),
        "{said}"
    );
    assert!(
        said.contains("ended 1\n") && said.ends_with("ended 0\n") && !said.contains("panicked"),
        "{said}"
    );
    assert_nothing_half_written(&folder.path().join("full"));
    type_in(folder.path(), "report p --out whole --detail 1").ok();
    assert_same(
        &result(&folder.path().join("o")),
        &result(&folder.path().join("whole")),
        "resumed",
    );
}

#[test]
fn render_needs_a_finished_run() {
    let folder = folder();
    type_in(folder.path(), "render gone").fails_with(&["gone", "no such folder"]);
    type_in(folder.path(), "render p").fails_with(&["run folder p", "no run.json"]);
    report(&folder, "--detail 0").ok();
    let manifest = folder.path().join("o/run.json");
    let whole = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, whole.replace("\"schema\": 1", "\"schema\": 99")).unwrap();
    type_in(folder.path(), "render o").fails_with(&["run folder o", "newer version", "99"]);
    std::fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
    type_in(folder.path(), "render o").fails_with(&["run.json", "damaged"]);
    std::fs::write(&manifest, &whole).unwrap();
    std::fs::remove_file(folder.path().join("o/data/images.csv")).unwrap();
    type_in(folder.path(), "render o").fails_with(&["o/data/images.csv", "No such file"]);
}
