use super::{counting, floats, integers, list, operator};
use crate::onnx::Attribute::Int;

#[test]
fn reshape_takes_sizes_over_and_finds_the_rest() {
    let reshape = operator("Reshape", 13, []);
    let x = counting(&[2, 3, 4]);
    let dims = |shape: &[i64]| {
        reshape
            .of(&[&x, &integers(&[shape.len()], shape)])
            .map(|y| y.dims)
    };
    assert_eq!(dims(&[4, 6]), Ok(vec![4, 6]));
    assert_eq!(dims(&[0, -1]), Ok(vec![2, 12]));
    assert_eq!(dims(&[-1]), Ok(vec![24]));
    assert_eq!(
        dims(&[3, 0, -1, 1]),
        Err(
            "node 'n' (Reshape, opset 13): [2, 3, 4] cannot be given the shape [3, 0, -1, 1]"
                .into()
        )
    );
    for impossible in [
        &[5, 5][..],
        &[-1, -1],
        &[-2, 12],
        &[7, -1],
        &[2, 3, 4, 0],
        &[i64::MAX, i64::MAX],
    ] {
        assert!(dims(impossible).is_err(), "{impossible:?}");
    }
    let old = operator("Reshape", 4, [("shape", list(&[0, -1]))]);
    assert_eq!(old.of(&[&x]), Ok(floats(&[2, 12], x.as_floats().unwrap())));
}

#[test]
fn reshape_keeps_zeros_where_it_is_told() {
    let empty = floats(&[0, 3], &[]);
    let shape = integers(&[2], &[3, 0]);
    let allowed = operator("Reshape", 14, [("allowzero", Int(1))]);
    assert_eq!(allowed.of(&[&empty, &shape]), Ok(floats(&[3, 0], &[])));
    assert!(allowed.of(&[&empty, &integers(&[2], &[0, -1])]).is_err());
    assert!(operator("Reshape", 14, []).of(&[&empty, &shape]).is_err());
}

#[test]
fn flatten_splits_at_an_axis() {
    let x = counting(&[2, 3, 4]);
    let dims = |axis| {
        operator("Flatten", 11, [("axis", Int(axis))])
            .of(&[&x])
            .map(|y| y.dims)
    };
    assert_eq!(dims(0), Ok(vec![1, 24]));
    assert_eq!(dims(2), Ok(vec![6, 4]));
    assert_eq!(dims(3), Ok(vec![24, 1]));
    assert_eq!(dims(-2), Ok(vec![2, 12]));
    assert!(dims(4).is_err());
    assert!(dims(-4).is_err());
    assert_eq!(operator("Flatten", 11, []).of(&[&x]).unwrap().dims, [2, 12]);
}

#[test]
fn axes_of_size_one_come_and_go() {
    let x = counting(&[1, 3, 1]);
    assert_eq!(operator("Squeeze", 11, []).of(&[&x]).unwrap().dims, [3]);
    assert_eq!(
        operator("Squeeze", 11, [("axes", list(&[-1]))])
            .of(&[&x])
            .unwrap()
            .dims,
        [1, 3]
    );
    let squeeze = operator("Squeeze", 13, []);
    assert_eq!(
        squeeze.of(&[&x, &integers(&[1], &[0])]).unwrap().dims,
        [3, 1]
    );
    assert!(squeeze
        .refusal(&[&x, &integers(&[1], &[1])])
        .contains("size 3"));
    assert!(squeeze
        .refusal(&[&x, &integers(&[2], &[0, -3])])
        .contains("twice"));
    assert!(squeeze
        .refusal(&[&x, &integers(&[1], &[3])])
        .contains("axis 3"));

    let y = counting(&[3, 2]);
    assert_eq!(
        operator("Unsqueeze", 11, [("axes", list(&[0, 3]))])
            .of(&[&y])
            .unwrap()
            .dims,
        [1, 3, 2, 1]
    );
    let unsqueeze = operator("Unsqueeze", 13, []);
    assert_eq!(
        unsqueeze.of(&[&y, &integers(&[2], &[-1, 1])]).unwrap().dims,
        [3, 1, 2, 1]
    );
    assert!(unsqueeze
        .refusal(&[&y, &integers(&[1], &[3])])
        .contains("axis 3"));
    assert!(operator("Unsqueeze", 11, [])
        .refusal(&[&y])
        .contains("axes are missing"));
}

#[test]
fn transpose_moves_every_element() {
    let x = counting(&[2, 3, 4]);
    let moved = operator("Transpose", 13, [("perm", list(&[2, 0, 1]))])
        .of(&[&x])
        .unwrap();
    assert_eq!(moved.dims, [4, 2, 3]);
    let values = moved.as_floats().unwrap();
    for (i, value) in values.iter().enumerate() {
        let (a, b, c) = (i / 6, i / 3 % 2, i % 3);
        assert_eq!(*value, (b * 12 + c * 4 + a) as f32);
    }
    let reversed = operator("Transpose", 13, []).of(&[&integers(&[2, 2], &[1, 2, 3, 4])]);
    assert_eq!(reversed, Ok(integers(&[2, 2], &[1, 3, 2, 4])));
    for wrong in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3]] {
        assert!(operator("Transpose", 13, [("perm", list(wrong))])
            .of(&[&x])
            .is_err());
    }
}

#[test]
fn expand_repeats_in_both_directions() {
    let expand = operator("Expand", 13, []);
    let x = floats(&[2, 1], &[1.0, 2.0]);
    let to = |shape: &[i64]| expand.of(&[&x, &integers(&[shape.len()], shape)]);
    assert_eq!(
        to(&[3]),
        Ok(floats(&[2, 3], &[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]))
    );
    assert_eq!(
        to(&[2, 1, 1]),
        Ok(floats(&[2, 2, 1], &[1.0, 2.0, 1.0, 2.0]))
    );
    assert_eq!(to(&[1]), Ok(x.clone()));
    assert_eq!(to(&[2, 0]), Ok(floats(&[2, 0], &[])));
    assert!(to(&[3, 1]).is_err());
    assert!(to(&[-1]).is_err());
    assert!(to(&[1 << 40]).unwrap_err().contains("claims more than"));
}
