//! Raw maps and the table of projections.

use crate::support::files::files;
use crate::support::run::number;
use crate::{by, reference, DETAIL, STAGES};
use std::collections::BTreeSet;

#[test]
fn arrays_hold_the_inputs_and_projections_of_the_photos_in_detail() {
    let ids = reference().ids();
    let rows = reference().table("projections");
    let detail: BTreeSet<&str> = rows.iter().map(|row| &*row["image_id"]).collect();
    assert_eq!(detail.len(), DETAIL.len(), "three with masks and one other");
    for path in &DETAIL[..3] {
        assert!(detail.contains(&*ids[*path]), "{path}");
    }
    // What experiments keep lies in folders of theirs.
    let stored = files(&reference().0.join("arrays")).into_keys();
    let stored: Vec<String> = stored.filter(|name| !name.contains('/')).collect();
    assert_eq!(
        stored,
        detail
            .iter()
            .map(|id| format!("{id}.safetensors"))
            .collect::<Vec<_>>()
    );
    for id in detail {
        let arrays = reference().tensors(&format!("arrays/{id}.safetensors"));
        let occlusion = ["map_activation", "probability", "top_class"];
        let mut expected = BTreeSet::from(occlusion.map(|map| format!("occlusion/{map}")));
        for row in rows.iter().filter(|row| row["image_id"] == id) {
            let condition = &row["condition"];
            expected.insert(format!("{condition}/input"));
            expected.insert(format!(
                "{condition}/projection/{}/{}",
                row["kind"], row["layer"]
            ));
        }
        assert_eq!(arrays.keys().cloned().collect::<BTreeSet<_>>(), expected);
        for (name, (shape, values)) in &arrays {
            match name.starts_with("occlusion/") {
                true => assert_eq!(*shape, [5, 5], "{id} {name}"),
                false => assert_eq!(*shape, [3, 227, 227], "{id} {name}"),
            }
            assert!(values.iter().all(|value| value.is_finite()), "{id} {name}");
            assert!(values.iter().any(|value| *value != 0.0), "{id} {name}");
        }
    }
}

#[test]
fn projections_tell_the_unit_and_its_field_in_photo_pixels() {
    let rows = reference().table("projections");
    let sizes = reference().table("images");
    let units = [
        "feature",
        "y",
        "x",
        "activation",
        "field_x",
        "field_y",
        "field_width",
        "field_height",
    ];
    for ([id, condition], rows) in by(&rows, ["image_id", "condition"]) {
        let told: Vec<[&str; 2]> = rows
            .iter()
            .map(|row| [&*row["layer"], &*row["kind"]])
            .collect();
        let expected = STAGES
            .iter()
            .flat_map(|stage| [[stage, "unit"], [stage, "layer"]]);
        assert_eq!(told, expected.collect::<Vec<_>>(), "{id} {condition}");
        let image = sizes.iter().find(|row| row["image_id"] == id).unwrap();
        for row in rows {
            if row["kind"] == "layer" {
                assert!(
                    units.iter().all(|column| row[*column].is_empty()),
                    "{row:?}"
                );
                continue;
            }
            assert!(
                number(row, "activation") > 0.0 && number(row, "feature") < 1000.0,
                "{row:?}"
            );
            for (start, length, side) in [
                ("field_x", "field_width", "width"),
                ("field_y", "field_height", "height"),
            ] {
                let (start, length) = (number(row, start), number(row, length));
                assert!(
                    start >= 0.0 && length > 0.0 && start + length <= number(image, side),
                    "{row:?}"
                );
            }
        }
    }
}
