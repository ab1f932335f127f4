use proptest::prelude::*;

use super::super::{broadcast, operands};
use super::operator;
use crate::onnx::Attribute::Int;

#[test]
fn shapes_are_matched_from_the_last_axis_on() {
    for (a, b, both) in [
        (&[2, 3][..], &[3][..], Some(&[2, 3][..])),
        (&[2, 1], &[1, 4], Some(&[2, 4])),
        (&[], &[2, 2], Some(&[2, 2])),
        (&[2, 0], &[2, 1], Some(&[2, 0])),
        (&[1], &[0], Some(&[0])),
        (&[2], &[0], None),
        (&[2, 3], &[2], None),
    ] {
        assert_eq!(broadcast(a, b).ok().as_deref(), both, "{a:?} {b:?}");
        assert_eq!(broadcast(b, a).ok().as_deref(), both, "{b:?} {a:?}");
    }
}

/// The examples of Add-6 in ONNX's specification, and what does not fit.
#[test]
fn before_opset_7_the_second_is_repeated_where_it_is_told() {
    let a = [2, 3, 4, 5];
    let told = |axis: Option<i64>, b: &[usize]| {
        let operator = match axis {
            None => operator("Add", 6, [("broadcast", Int(1))]),
            Some(axis) => operator("Add", 6, [("broadcast", Int(1)), ("axis", Int(axis))]),
        };
        operator.asked(|call| operands(call, &a, b)).ok()
    };
    for (axis, b, matched) in [
        (None, &[][..], Some(&[][..])),
        (None, &[1, 1], Some(&[1, 1])),
        (None, &[5], Some(&[5])),
        (None, &[4, 5], Some(&[4, 5])),
        (Some(1), &[3, 4], Some(&[3, 4, 1])),
        (Some(0), &[2], Some(&[2, 1, 1, 1])),
        (Some(-3), &[3], Some(&[3, 1, 1])),
        (Some(3), &[4, 5], None),
        (Some(4), &[1], None),
        (None, &[3, 4], None),
        (None, &[2, 2, 3, 4, 5], None),
    ] {
        let expected = matched.map(|matched| [matched.to_vec(), a.to_vec()]);
        assert_eq!(told(axis, b), expected, "{axis:?} {b:?}");
    }
}

#[test]
fn before_opset_7_shapes_are_alike_where_nothing_is_told() {
    let told = |opset, a: &[usize], b: &[usize]| {
        operator("Mul", opset, []).asked(|call| operands(call, a, b))
    };
    assert!(told(6, &[2, 3], &[2, 3]).is_ok());
    for (a, b) in [(&[2, 3], &[3][..]), (&[1, 3], &[2, 3]), (&[2, 3], &[])] {
        let problem = told(6, a, b).unwrap_err();
        assert_eq!(
            problem,
            format!("shapes {a:?} and {b:?} do not fit together")
        );
        assert!(told(7, a, b).is_ok());
    }
}

proptest! {
    /// Each index of the whole is one of either part, whose axes of size 1 have one index for all.
    #[test]
    fn the_whole_holds_both(
        a in prop::collection::vec(0..4_usize, 0..4),
        b in prop::collection::vec(0..4_usize, 0..4),
    ) {
        let last = |dims: &[usize], back: usize| dims.iter().rev().nth(back).copied().unwrap_or(1);
        let fit = (0..4).all(|back| {
            let (a, b) = (last(&a, back), last(&b, back));
            a == b || a == 1 || b == 1
        });
        let whole = broadcast(&a, &b);
        prop_assert_eq!(whole.is_ok(), fit);
        if let Ok(whole) = whole {
            prop_assert_eq!(whole.len(), a.len().max(b.len()));
            for back in 0..whole.len() {
                let (a, b) = (last(&a, back), last(&b, back));
                prop_assert_eq!(last(&whole, back), if a == 1 { b } else { a });
            }
        }
    }
}
