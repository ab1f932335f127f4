//! What people get wrong: a clear error before anything is run.

use crate::sample;
use crate::support::{type_in, Ended};

fn report(parts: &str, options: &str) -> (tempfile::TempDir, Ended) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), parts).unwrap();
    let photos = sample().join("p");
    let line = format!(
        "report {} --model squeezenet1_1 --device cpu --out o {options}",
        photos.display()
    );
    let ended = type_in(folder.path(), &line);
    assert!(!folder.path().join("o").exists(), "a run was begun");
    (folder, ended)
}

#[test]
fn a_malformed_table_of_parts_is_told_with_line_and_column() {
    let header = "image,part,x,y,width,height";
    for (table, told) in [
        (
            "image,region,x,y,width,height\n".to_owned(),
            ["line 1, column part", "lacks this column"],
        ),
        (
            format!("{header}\na/1.png,random,1,2,3,4"),
            ["line 2, column part", "'random' is reserved"],
        ),
        (
            format!("{header}\na/1.png,an eye,1,2,3,4"),
            ["line 2, column part", "found 'an eye'"],
        ),
        (
            format!("{header}\na/1.png,eye,1,2,3,4\na/1.png,nose,600,2,3,4"),
            ["line 3, column x", "the box of part nose lies outside"],
        ),
        (
            format!("{header}\na/7.png,eye,1,2,3,4"),
            ["line 2, column image", "no photograph 'a/7.png'"],
        ),
    ] {
        let (_folder, ended) = report(&table, "--parts t.csv");
        ended.fails_with(&["t.csv, ", told[0], told[1]]);
    }
    let (_folder, ended) = report("", "--parts gone.csv");
    ended.fails_with(&["gone.csv", "No such file"]);
}

#[test]
fn unknown_layers_and_photographs_are_suggested() {
    let table = "image,part,x,y,width,height\na/1.png,eye,200,60,50,50\n";
    let (_folder, ended) = report(table, "--parts t.csv --correspondence-layers fire99,conv10");
    ended.fails_with(&["unknown layer 'fire99'", "did you mean 'fire9'"]);
    let (_folder, ended) = report("", "--invariance a/4.pg");
    ended.fails_with(&["no photograph 'a/4.pg'", "did you mean 'a/4.png'"]);
    let (_folder, ended) = report(
        "",
        "--limit 1 --seed 1 --invariance a/1.png,a/2.jpg,b/3.png,a/4.png",
    );
    ended.fails_with(&["is not in the sample"]);
}

#[test]
fn wrong_usage_is_told_as_such() {
    for (options, told) in [
        ("--invariance 0", "must be at least 1"),
        ("--invariance ,", "expected a number, or paths"),
        ("--correspondence-layers conv1", "--parts"),
        ("--random-places 0", "must be at least 1"),
    ] {
        let (_folder, ended) = report("", options);
        ended.code(2).says(told);
    }
}
