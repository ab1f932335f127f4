use super::{counting, floats, integers, list, operator};
use crate::onnx::Attribute::Int;

#[test]
fn slices_of_several_axes() {
    let x = counting(&[3, 4]);
    let old = operator(
        "Slice",
        9,
        [("starts", list(&[1, -3])), ("ends", list(&[i64::MAX, -1]))],
    );
    assert_eq!(old.of(&[&x]), Ok(floats(&[2, 2], &[5.0, 6.0, 9.0, 10.0])));
    let one_axis = operator(
        "Slice",
        1,
        [
            ("axes", list(&[1])),
            ("starts", list(&[3])),
            ("ends", list(&[9])),
        ],
    );
    assert_eq!(one_axis.of(&[&x]), Ok(floats(&[3, 1], &[3.0, 7.0, 11.0])));
    let new = operator("Slice", 13, []);
    let [starts, ends, axes, steps] =
        [[-1, 0], [i64::MIN, 4], [-2, 1], [-2, 3]].map(|l| integers(&[2], &l));
    let back = new.of(&[&x, &starts, &ends, &axes, &steps]);
    assert_eq!(back, Ok(floats(&[2, 2], &[8.0, 11.0, 0.0, 3.0])));
    let wide = new.of(&[
        &x,
        &starts,
        &ends,
        &axes,
        &integers(&[2], &[i64::MIN, i64::MAX]),
    ]);
    assert_eq!(wide, Ok(floats(&[1, 1], &[8.0])));
    let nothing = new.of(&[&floats(&[0, 4], &[]), &starts, &ends, &axes, &steps]);
    assert_eq!(nothing, Ok(floats(&[0, 2], &[])));
    assert!(new
        .refusal(&[&x, &starts, &ends, &axes, &integers(&[2], &[0, 1])])
        .contains("step of 0"));
    assert!(new
        .refusal(&[&x, &starts, &integers(&[1], &[1])])
        .contains("equally many"));
    assert!(new
        .refusal(&[&x, &starts, &ends, &integers(&[2], &[1, -1])])
        .contains("twice"));
}

#[test]
fn split_into_equal_and_stated_parts() {
    let x = counting(&[2, 3]);
    let parts =
        |operator: super::Operator, sizes: Option<&super::Tensor>| operator.all(&[Some(&x), sizes]);
    let thirds = parts(
        operator("Split", 11, [("axis", Int(1))]).with_outputs(3),
        None,
    )
    .unwrap();
    assert_eq!(thirds[1], floats(&[2, 1], &[1.0, 4.0]));
    let stated =
        operator("Split", 11, [("axis", Int(-1)), ("split", list(&[2, 1]))]).with_outputs(2);
    let stated = parts(stated, None).unwrap();
    assert_eq!(
        stated,
        [
            floats(&[2, 2], &[0.0, 1.0, 3.0, 4.0]),
            floats(&[2, 1], &[2.0, 5.0])
        ]
    );
    let by_input = parts(
        operator("Split", 13, []).with_outputs(2),
        Some(&integers(&[2], &[0, 2])),
    )
    .unwrap();
    assert_eq!(by_input, [floats(&[0, 3], &[]), x.clone()]);
    let uneven = parts(
        operator("Split", 18, [("axis", Int(1)), ("num_outputs", Int(2))]).with_outputs(2),
        None,
    );
    assert_eq!(uneven.unwrap()[1].dims, [2, 1]);
    let split = |opset| operator("Split", opset, [("axis", Int(1))]).with_outputs(2);
    assert!(parts(split(13), None).unwrap_err().contains("equal parts"));
    for sizes in [&[1, 1][..], &[3], &[4, -1], &[i64::MAX, i64::MAX]] {
        assert!(
            parts(split(13), Some(&integers(&[sizes.len()], sizes))).is_err(),
            "{sizes:?}"
        );
    }
}

#[test]
fn gather_picks_along_an_axis() {
    let x = counting(&[2, 3]);
    let rows = operator("Gather", 13, []).of(&[&x, &integers(&[], &[-1])]);
    assert_eq!(rows, Ok(floats(&[3], &[3.0, 4.0, 5.0])));
    let columns = operator("Gather", 13, [("axis", Int(1))]);
    let picked = columns.of(&[&x, &integers(&[2, 2], &[0, 2, -2, 0])]);
    assert_eq!(
        picked,
        Ok(floats(&[2, 2, 2], &[0., 2., 1., 0., 3., 5., 4., 3.]))
    );
    assert_eq!(
        columns.of(&[&x, &integers(&[0], &[])]),
        Ok(floats(&[2, 0], &[]))
    );
    assert!(columns
        .refusal(&[&x, &integers(&[], &[3])])
        .contains("index 3 is outside"));
    assert!(columns
        .refusal(&[&x, &integers(&[], &[i64::MIN])])
        .contains("is outside"));
    assert!(columns
        .refusal(&[&x, &floats(&[], &[1.0])])
        .contains("expected integers"));
    assert!(columns
        .refusal(&[&floats(&[], &[1.0]), &integers(&[], &[0])])
        .contains("axis 1"));
}

#[test]
fn concat_joins_rows_and_columns() {
    let (a, b) = (counting(&[2, 2]), floats(&[2, 1], &[8.0, 9.0]));
    let columns = operator("Concat", 13, [("axis", Int(-1))]);
    assert_eq!(
        columns.of(&[&a, &b]),
        Ok(floats(&[2, 3], &[0., 1., 8., 2., 3., 9.]))
    );
    let rows = operator("Concat", 13, [("axis", Int(0))]);
    let lists = [
        &integers(&[1], &[1]),
        &integers(&[0], &[]),
        &integers(&[2], &[2, 3]),
    ];
    assert_eq!(rows.of(&lists), Ok(integers(&[3], &[1, 2, 3])));
    assert_eq!(
        operator("Concat", 3, []).of(&[&b, &b]).unwrap().dims,
        [2, 2]
    );
    assert!(operator("Concat", 4, [])
        .refusal(&[&b, &b])
        .contains("'axis' is missing"));
    assert!(rows.refusal(&[&a, &b]).contains("[2, 2] and [2, 1]"));
    assert!(columns
        .refusal(&[&a, &integers(&[2, 1], &[1, 2])])
        .contains("expected floats"));
}
