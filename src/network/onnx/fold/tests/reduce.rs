use super::{counting, floats, integers, list, operator};
use crate::onnx::Attribute::Int;

#[test]
fn sums_over_chosen_axes() {
    let x = counting(&[2, 3, 2]);
    let sum = operator("ReduceSum", 13, []);
    let middle = integers(&[1], &[1]);
    assert_eq!(
        sum.of(&[&x, &middle]),
        Ok(floats(&[2, 1, 2], &[6.0, 9.0, 24.0, 27.0]))
    );
    assert_eq!(sum.of(&[&x]), Ok(floats(&[1, 1, 1], &[66.0])));
    let bare = operator(
        "ReduceSum",
        11,
        [("axes", list(&[0, -1])), ("keepdims", Int(0))],
    );
    assert_eq!(bare.of(&[&x]), Ok(floats(&[3], &[14.0, 22.0, 30.0])));
    let noop = operator("ReduceSum", 13, [("noop_with_empty_axes", Int(1))]);
    assert_eq!(noop.of(&[&x, &integers(&[0], &[])]), Ok(x.clone()));
    assert_eq!(noop.of(&[&x, &middle]).unwrap().dims, [2, 1, 2]);
    assert!(sum.refusal(&[&x, &integers(&[1], &[3])]).contains("axis 3"));
    assert!(sum
        .refusal(&[&integers(&[2], &[i64::MAX, 1])])
        .contains("too large"));
}

#[test]
fn products_take_axes_as_an_attribute_until_opset_18() {
    let sizes = integers(&[3], &[2, 3, 4]);
    let all = operator("ReduceProd", 11, [("keepdims", Int(0))]);
    assert_eq!(all.of(&[&sizes]), Ok(integers(&[], &[24])));
    let x = floats(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let rows = operator("ReduceProd", 17, [("axes", list(&[1]))]);
    assert_eq!(rows.of(&[&x]), Ok(floats(&[2, 1], &[2.0, 12.0])));
    let by_input = operator("ReduceProd", 18, [("keepdims", Int(0))]);
    assert_eq!(
        by_input.of(&[&x, &integers(&[1], &[0])]),
        Ok(floats(&[2], &[3.0, 8.0]))
    );
}

#[test]
fn nothing_sums_to_zero_and_multiplies_to_one() {
    let empty = floats(&[2, 0], &[]);
    let axis = integers(&[1], &[1]);
    assert_eq!(
        operator("ReduceSum", 13, []).of(&[&empty, &axis]),
        Ok(floats(&[2, 1], &[0.0, 0.0]))
    );
    assert_eq!(
        operator("ReduceProd", 18, []).of(&[&empty, &axis]),
        Ok(floats(&[2, 1], &[1.0, 1.0]))
    );
}

/// Single precision would stay at 2^24.
#[test]
fn many_small_floats_are_not_lost() {
    let count = (1 << 24) + 2;
    let ones = floats(&[count], &vec![1.0; count]);
    assert_eq!(
        operator("ReduceSum", 13, []).of(&[&ones]),
        Ok(floats(&[1], &[count as f32]))
    );
}
