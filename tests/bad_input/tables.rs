//! Tables written by hand: masks and labels.

use crate::support::run::{number, Run};
use crate::{folder, refused, report, write};

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
            ["line 2, column width", "at least 1"],
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
            "path,lable,score\n1.png,cat,1\n",
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
        "label,first_class,last_class\ncat,3,7\n",
    );
    refused(
        &folder,
        "--label-map map.csv",
        &["map.csv, line 2, column last_class", "5 classes"],
    );
}
