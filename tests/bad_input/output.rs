//! Folders that a run may not use, or not whole.

use crate::support::files::{assert_same, files, result};
use crate::support::{program, type_in};
use crate::{folder, report, write};
use std::process::Command;

#[test]
fn an_output_folder_that_holds_something_else_is_not_touched() {
    let folder = folder();
    write(&folder, "letters/mine.txt", "precious");
    write(&folder, "other/run.json", "{\"mine\": 1}");
    write(&folder, "other/data/mine.csv", "precious");
    write(&folder, "sounds/records/song.mp3", "precious");
    write(&folder, "pictures/assets/mine.png", "precious");
    for place in ["letters", "other", "sounds", "pictures"] {
        let before = files(&folder.path().join(place));
        for option in ["", "--resume", "--overwrite"] {
            let line = format!("report p --features none --out {place} {option}");
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
    type_in(folder.path(), "report p --features none --out anew").ok();
    assert_same(
        &result(&folder.path().join("o")),
        &result(&folder.path().join("anew")),
        "nothing of the run with masks may be left",
    );
}

#[test]
fn an_output_folder_that_cannot_be_is_an_error() {
    let folder = folder();
    write(&folder, "notes.txt", "precious");
    for out in ["notes.txt", "notes.txt/below", "/proc/nothing"] {
        type_in(
            folder.path(),
            &format!("report p --features none --out {out}"),
        )
        .fails_with(&[out]);
    }
    assert_eq!(
        std::fs::read(folder.path().join("notes.txt")).unwrap(),
        b"precious"
    );
}

#[test]
fn an_output_folder_inside_the_data_set_is_an_error() {
    let folder = folder();
    let before = files(&folder.path().join("p"));
    for out in ["p", "p/o", "p/deeper/o", "./p/../p/o"] {
        type_in(
            folder.path(),
            &format!("report p --features none --out {out}"),
        )
        .fails_with(&["inside the data set", "--out"]);
        assert_same(&files(&folder.path().join("p")), &before, out);
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

#[test]
fn render_needs_a_finished_run() {
    let folder = folder();
    type_in(folder.path(), "render gone").fails_with(&["gone", "no such folder"]);
    type_in(folder.path(), "render p").fails_with(&["run folder p", "no run.json"]);
    report(&folder, "--detail 0").ok();
    let manifest = folder.path().join("o/run.json");
    let whole = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, whole.replace("\"schema\": 4", "\"schema\": 99")).unwrap();
    type_in(folder.path(), "render o").fails_with(&["run folder o", "newer version", "99"]);
    std::fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
    type_in(folder.path(), "render o").fails_with(&["run.json", "damaged"]);
    std::fs::write(&manifest, &whole).unwrap();
    std::fs::remove_file(folder.path().join("o/data/images.csv")).unwrap();
    type_in(folder.path(), "render o").fails_with(&["run folder o: data/images.csv is gone"]);
}
