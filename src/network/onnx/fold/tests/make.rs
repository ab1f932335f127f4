use super::super::told_of_shape;
use super::{counting, floats, integers, operator};
use crate::onnx::Attribute::{Float, Floats, Int, Ints, Other, Tensor, Text};

#[test]
fn constants_in_all_their_forms() {
    let of = |name, value| operator("Constant", 13, [(name, value)]).of(&[]);
    assert_eq!(
        of("value", Tensor(counting(&[2, 2]))),
        Ok(counting(&[2, 2]))
    );
    assert_eq!(of("value_float", Float(1.5)), Ok(floats(&[], &[1.5])));
    assert_eq!(
        of("value_floats", Floats(vec![1.5, 2.0])),
        Ok(floats(&[2], &[1.5, 2.0]))
    );
    assert_eq!(of("value_int", Int(-3)), Ok(integers(&[], &[-3])));
    assert_eq!(
        of("value_ints", Ints(vec![1, 2])),
        Ok(integers(&[2], &[1, 2]))
    );
    assert!(of("value_string", Text("a".into()))
        .unwrap_err()
        .contains("no value"));
    assert!(of("value", Other("a tensor of strings".into()))
        .unwrap_err()
        .contains("a tensor of strings"));
}

#[test]
fn a_shape_is_filled_with_one_value() {
    let shape = integers(&[2], &[2, 2]);
    assert_eq!(
        operator("ConstantOfShape", 9, []).of(&[&shape]),
        Ok(floats(&[2, 2], &[0.0; 4]))
    );
    let seven = operator(
        "ConstantOfShape",
        9,
        [("value", Tensor(integers(&[1], &[7])))],
    );
    assert_eq!(seven.of(&[&shape]), Ok(integers(&[2, 2], &[7; 4])));
    assert_eq!(seven.of(&[&integers(&[0], &[])]), Ok(integers(&[], &[7])));
    assert_eq!(seven.of(&[&integers(&[1], &[0])]), Ok(integers(&[0], &[])));
    assert!(seven
        .refusal(&[&integers(&[2], &[1 << 20, 1 << 20])])
        .contains("claims more than"));
    assert!(seven
        .refusal(&[&integers(&[1], &[-1])])
        .contains("negative"));
    let two = operator(
        "ConstantOfShape",
        9,
        [("value", Tensor(integers(&[2], &[7, 8])))],
    );
    assert!(two.refusal(&[&shape]).contains("one value, found 2"));
}

#[test]
fn ranges_end_before_their_limit() {
    let range = operator("Range", 11, []);
    let integer = |start, limit, delta| {
        let [start, limit, delta] = [start, limit, delta].map(|value| integers(&[], &[value]));
        range.of(&[&start, &limit, &delta])
    };
    assert_eq!(integer(1, 8, 3), Ok(integers(&[3], &[1, 4, 7])));
    assert_eq!(integer(5, 0, -2), Ok(integers(&[3], &[5, 3, 1])));
    assert_eq!(integer(5, 0, 2), Ok(integers(&[0], &[])));
    assert_eq!(integer(5, 5, 1), Ok(integers(&[0], &[])));
    assert_eq!(
        integer(i64::MIN, i64::MAX, i64::MAX),
        Ok(integers(&[3], &[i64::MIN, -1, i64::MAX - 1]))
    );
    assert!(integer(0, 1, 0).is_err());
    assert!(integer(i64::MIN, i64::MAX, 1)
        .unwrap_err()
        .contains("claims more than"));
    let float = |start, limit, delta| {
        let [start, limit, delta] = [start, limit, delta].map(|value| floats(&[], &[value]));
        range.of(&[&start, &limit, &delta])
    };
    assert_eq!(float(1.0, 2.0, 0.5), Ok(floats(&[2], &[1.0, 1.5])));
    assert_eq!(float(1.0, -1.0, -1.5), Ok(floats(&[2], &[1.0, -0.5])));
    assert_eq!(float(1.0, 0.0, 1.0), Ok(floats(&[0], &[])));
    assert!(float(0.0, f32::NAN, 1.0).is_err());
    assert!(float(0.0, 1.0, 0.0)
        .unwrap_err()
        .contains("claims more than"));
    assert!(range
        .refusal(&[
            &integers(&[2], &[0, 1]),
            &integers(&[], &[1]),
            &integers(&[], &[1])
        ])
        .contains("one value"));
}

#[test]
fn shapes_and_parts_of_them() {
    let x = counting(&[2, 3, 4]);
    assert_eq!(
        operator("Shape", 13, []).of(&[&x]),
        Ok(integers(&[3], &[2, 3, 4]))
    );
    assert_eq!(operator("Size", 13, []).of(&[&x]), Ok(integers(&[], &[24])));
    let part = |start, end| {
        let node = operator("Shape", 15, [("start", Int(start)), ("end", Int(end))]).node;
        told_of_shape(&node, &[2, 3, 4]).unwrap()
    };
    assert_eq!(part(1, 3), integers(&[2], &[3, 4]));
    assert_eq!(part(-2, -1), integers(&[1], &[3]));
    assert_eq!(part(-9, 9), integers(&[3], &[2, 3, 4]));
    assert_eq!(part(2, 1), integers(&[0], &[]));
    assert_eq!(part(i64::MIN, i64::MAX), integers(&[3], &[2, 3, 4]));
}

#[test]
fn casts_keep_what_the_type_can_hold() {
    let to = |number, input| operator("Cast", 13, [("to", Int(number))]).of(&[&input]);
    let x = floats(&[3], &[-1.7, 0.0, 300.9]);
    assert_eq!(to(7, x.clone()), Ok(integers(&[3], &[-1, 0, 300])));
    assert_eq!(to(9, x.clone()), Ok(integers(&[3], &[1, 0, 1])));
    assert_eq!(to(1, x.clone()), Ok(x));
    assert_eq!(
        to(1, integers(&[2], &[-4, 5])),
        Ok(floats(&[2], &[-4.0, 5.0]))
    );
    assert_eq!(to(9, integers(&[2], &[-4, 0])), Ok(integers(&[2], &[1, 0])));
    assert_eq!(
        to(2, integers(&[2], &[300, -1])),
        Ok(integers(&[2], &[44, 255]))
    );
    assert_eq!(
        to(10, floats(&[2], &[1.0009765, 1.0002])),
        Ok(floats(&[2], &[1.0009766, 1.0]))
    );
    assert!(to(8, integers(&[1], &[1])).unwrap_err().contains("'8'"));
    assert!(to(0, integers(&[1], &[1])).is_err());
    let by_name = operator("Cast", 5, [("to", Text("INT64".into()))]);
    assert_eq!(
        by_name.of(&[&floats(&[1], &[2.5])]),
        Ok(integers(&[1], &[2]))
    );
    let unknown = operator("Cast", 5, [("to", Text("TEXT".into()))]);
    assert!(unknown.refusal(&[&floats(&[1], &[2.5])]).contains("'TEXT'"));
}

#[test]
fn dropout_drops_nothing() {
    let x = counting(&[2]);
    let both = operator("Dropout", 12, []).with_outputs(2);
    let ratio = floats(&[], &[0.5]);
    assert_eq!(
        both.all(&[Some(&x), Some(&ratio)]),
        Ok(vec![x.clone(), integers(&[2], &[1, 1])])
    );
    assert_eq!(
        operator("Dropout", 7, [("ratio", Float(0.5))]).of(&[&x]),
        Ok(x.clone())
    );
    let training = both.all(&[Some(&x), None, Some(&integers(&[], &[1]))]);
    assert!(training.unwrap_err().contains("training_mode"));
}
