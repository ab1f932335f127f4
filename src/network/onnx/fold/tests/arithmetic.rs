use super::{counting, floats, integers, operator};
use crate::onnx::Attribute::Int;

#[test]
fn shapes_are_broadcast_as_numpy_does() {
    let add = operator("Add", 7, []);
    let column = floats(&[2, 1], &[10.0, 20.0]);
    let row = floats(&[3], &[1.0, 2.0, 3.0]);
    let sum = floats(&[2, 3], &[11.0, 12.0, 13.0, 21.0, 22.0, 23.0]);
    assert_eq!(add.of(&[&column, &row]), Ok(sum.clone()));
    assert_eq!(add.of(&[&row, &column]), Ok(sum));
    let single = integers(&[], &[5]);
    assert_eq!(add.of(&[&single, &single]), Ok(integers(&[], &[10])));
    let empty = floats(&[0, 3], &[]);
    assert_eq!(add.of(&[&empty, &row]), Ok(empty.clone()));
    assert!(add
        .refusal(&[&row, &floats(&[2], &[0.0; 2])])
        .contains("[3] and [2] do not fit"));
    assert!(add
        .refusal(&[&row, &integers(&[3], &[1; 3])])
        .contains("floats and integers"));
}

#[test]
fn a_product_of_shapes_that_is_too_large_is_refused() {
    let side = 1 << 16;
    let ones = floats(&[side], &vec![1.0; side]);
    let columns = floats(&[side, 1], &vec![1.0; side]);
    assert!(operator("Mul", 7, [])
        .refusal(&[&ones, &columns])
        .contains("claims more than"));
}

#[test]
fn before_opset_7_only_the_second_is_broadcast_and_only_where_told() {
    let x = counting(&[2, 3, 2]);
    let channels = floats(&[3], &[10.0, 20.0, 30.0]);
    let from_axis = operator("Add", 6, [("broadcast", Int(1)), ("axis", Int(1))]);
    let sum = [10., 11., 22., 23., 34., 35., 16., 17., 28., 29., 40., 41.];
    assert_eq!(from_axis.of(&[&x, &channels]), Ok(floats(&[2, 3, 2], &sum)));
    let last = floats(&[2], &[0.5, 1.5]);
    let suffix = operator("Mul", 6, [("broadcast", Int(1))]);
    assert_eq!(
        suffix.of(&[&counting(&[2, 2]), &last]),
        Ok(floats(&[2, 2], &[0.0, 1.5, 1.0, 4.5]))
    );
    assert!(operator("Add", 6, [])
        .refusal(&[&x, &channels])
        .contains("do not fit"));
    assert!(suffix.refusal(&[&last, &x]).contains("do not fit"));
    let beyond = operator("Add", 6, [("broadcast", Int(1)), ("axis", Int(2))]);
    assert!(beyond
        .refusal(&[&x, &counting(&[2, 3])])
        .contains("do not fit"));
}

#[test]
fn integers_are_divided_towards_zero() {
    let div = operator("Div", 14, []);
    let (a, b) = (integers(&[3], &[7, -7, 7]), integers(&[3], &[2, 2, -2]));
    assert_eq!(div.of(&[&a, &b]), Ok(integers(&[3], &[3, -3, -3])));
    assert!(div
        .refusal(&[&a, &integers(&[], &[0])])
        .contains("does not exist"));
    assert!(div
        .refusal(&[&integers(&[], &[i64::MIN]), &integers(&[], &[-1])])
        .contains("too large"));
    let half = floats(&[], &[2.0]);
    assert_eq!(
        div.of(&[&floats(&[], &[-7.0]), &half]),
        Ok(floats(&[], &[-3.5]))
    );
}

#[test]
fn integers_that_overflow_are_refused() {
    let (max, two) = (integers(&[], &[i64::MAX]), integers(&[], &[2]));
    for op in ["Add", "Mul", "Pow"] {
        assert!(
            operator(op, 14, [])
                .refusal(&[&max, &two])
                .contains("too large"),
            "{op}"
        );
    }
    assert!(operator("Neg", 13, [])
        .refusal(&[&integers(&[], &[i64::MIN])])
        .contains("too large"));
    let min = integers(&[], &[i64::MIN]);
    assert!(operator("Sub", 14, [])
        .refusal(&[&min, &two])
        .contains("too large"));
}

#[test]
fn powers_are_of_the_kind_of_their_base() {
    let pow = operator("Pow", 15, []);
    let (ints, whole) = (integers(&[2], &[3, -2]), integers(&[], &[3]));
    assert_eq!(pow.of(&[&ints, &whole]), Ok(integers(&[2], &[27, -8])));
    assert_eq!(
        pow.of(&[&floats(&[], &[2.0]), &whole]),
        Ok(floats(&[], &[8.0]))
    );
    assert_eq!(
        pow.of(&[&integers(&[], &[9]), &floats(&[], &[0.5])]),
        Ok(integers(&[], &[3]))
    );
    assert_eq!(
        pow.of(&[&floats(&[], &[4.0]), &floats(&[], &[-0.5])]),
        Ok(floats(&[], &[0.5]))
    );
}

#[test]
fn elementwise_functions() {
    let one = |op, value| operator(op, 13, []).of(&[&floats(&[1], &[value])]).unwrap();
    assert_eq!(one("Sqrt", 9.0), floats(&[1], &[3.0]));
    assert_eq!(one("Reciprocal", 4.0), floats(&[1], &[0.25]));
    assert_eq!(one("Exp", 0.0), floats(&[1], &[1.0]));
    assert_eq!(one("Floor", -1.5), floats(&[1], &[-2.0]));
    assert_eq!(one("Ceil", -1.5), floats(&[1], &[-1.0]));
    assert_eq!(one("Neg", 1.5), floats(&[1], &[-1.5]));
    assert_eq!(
        operator("Neg", 13, []).of(&[&integers(&[1], &[4])]),
        Ok(integers(&[1], &[-4]))
    );
    assert!(operator("Sqrt", 13, [])
        .refusal(&[&integers(&[1], &[4])])
        .contains("expected floats"));
}

#[test]
fn minimum_and_maximum_of_several() {
    let inputs = [
        &floats(&[2], &[1.0, 5.0]),
        &floats(&[1], &[3.0]),
        &floats(&[2], &[2.0, f32::NAN]),
    ];
    let max = operator("Max", 13, []).of(&inputs).unwrap();
    assert_eq!(max.as_floats().unwrap()[0], 3.0);
    assert!(max.as_floats().unwrap()[1].is_nan());
    assert_eq!(
        operator("Min", 13, []).of(&inputs[..2]),
        Ok(floats(&[2], &[1.0, 3.0]))
    );
    assert_eq!(
        operator("Min", 13, []).of(&[&integers(&[2], &[4, -1]), &integers(&[], &[2])]),
        Ok(integers(&[2], &[2, -1]))
    );
}

#[test]
fn comparisons_and_conditions() {
    let (a, b) = (floats(&[3], &[1.0, 2.0, 3.0]), floats(&[], &[2.0]));
    assert_eq!(
        operator("Equal", 13, []).of(&[&a, &b]),
        Ok(integers(&[3], &[0, 1, 0]))
    );
    assert_eq!(
        operator("Greater", 13, []).of(&[&a, &b]),
        Ok(integers(&[3], &[0, 0, 1]))
    );
    assert_eq!(
        operator("Less", 13, []).of(&[&a, &b]),
        Ok(integers(&[3], &[1, 0, 0]))
    );
    let (p, q) = (integers(&[4], &[0, 0, 1, 1]), integers(&[4], &[0, 1, 0, 1]));
    assert_eq!(
        operator("And", 7, []).of(&[&p, &q]),
        Ok(integers(&[4], &[0, 0, 0, 1]))
    );
    assert_eq!(
        operator("Not", 7, []).of(&[&p]),
        Ok(integers(&[4], &[1, 1, 0, 0]))
    );
    assert!(operator("And", 7, [])
        .refusal(&[&a, &a])
        .contains("expected integers"));
    let choice = operator("Where", 9, []);
    let condition = integers(&[2, 1], &[1, 0]);
    let chosen = choice.of(&[&condition, &floats(&[2], &[1.0, 2.0]), &floats(&[], &[9.0])]);
    assert_eq!(chosen, Ok(floats(&[2, 2], &[1.0, 2.0, 9.0, 9.0])));
    assert!(choice.refusal(&[&b, &a, &a]).contains("expected integers"));
}
