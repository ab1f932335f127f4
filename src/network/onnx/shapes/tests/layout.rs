use proptest::prelude::*;

use super::super::{permutation, reduction, reshaped, Reduction};
use super::{list, operator, Operator};
use crate::onnx::Attribute::Int;

fn of(operator: Operator, dims: &[usize]) -> Result<Vec<usize>, String> {
    operator.asked(|call| reshaped(call, dims, 0))
}

#[test]
fn reshape_by_zeros_and_what_is_left() {
    let old = |dims: &[usize], shape: &[i64]| of(operator("Reshape", 13, []).reads(shape), dims);
    let zeros = |dims: &[usize], shape: &[i64]| {
        let operator = operator("Reshape", 14, [("allowzero", Int(1))]);
        of(operator.reads(shape), dims)
    };
    for (dims, shape, taken_over, kept) in [
        (&[2, 3][..], &[6][..], Some(&[6][..]), Some(&[6][..])),
        (&[2, 3], &[-1], Some(&[6]), Some(&[6])),
        (&[2, 3], &[0, -1], Some(&[2, 3]), None),
        (&[2, 3], &[-1, 0], Some(&[2, 3]), None),
        (&[2, 3], &[3, 0], None, None),
        (&[2, 3], &[6, 1, 0], None, None),
        (&[2, 3], &[4, -1], None, None),
        (&[2, 3], &[-1, -1], None, None),
        (&[2, 3], &[-2, -3], None, None),
        (&[1], &[], Some(&[]), Some(&[])),
        (&[], &[1, 1], Some(&[1, 1]), Some(&[1, 1])),
        (&[], &[-1], Some(&[1]), Some(&[1])),
        (&[2], &[], None, None),
        (&[0, 3], &[0, 3], Some(&[0, 3]), Some(&[0, 3])),
        (&[0, 3], &[3, 0], None, Some(&[3, 0])),
        (&[0, 3], &[0, 7], Some(&[0, 7]), Some(&[0, 7])),
        (&[0, 3], &[5, -1], Some(&[5, 0]), Some(&[5, 0])),
        // What is left of nothing among nothing could be anything.
        (&[0, 3], &[0, -1], None, None),
        (&[0, 3], &[6], None, None),
    ] {
        assert_eq!(
            old(dims, shape).ok().as_deref(),
            taken_over,
            "{dims:?} {shape:?}"
        );
        assert_eq!(
            zeros(dims, shape).ok().as_deref(),
            kept,
            "{dims:?} {shape:?}"
        );
    }
    let early = operator("Reshape", 13, [("allowzero", Int(1))]).reads(&[0, 3]);
    assert_eq!(of(early, &[2, 3]), Ok(vec![2, 3]));
    let attribute = operator("Reshape", 4, [("shape", list(&[0, -1]))]);
    assert_eq!(of(attribute, &[2, 3, 4]), Ok(vec![2, 12]));
    assert_eq!(
        old(&[2, 3], &[5]).unwrap_err(),
        "[2, 3] cannot be given the shape [5]"
    );
}

proptest! {
    #[test]
    fn reshape_keeps_the_number_of_cells(
        dims in prop::collection::vec(0..5_usize, 0..4),
        shape in prop::collection::vec(-1..7_i64, 0..4),
        allowzero in 0..2_i64,
    ) {
        let operator = operator("Reshape", 14, [("allowzero", Int(allowzero))]).reads(&shape);
        if let Ok(result) = of(operator, &dims) {
            prop_assert_eq!(result.iter().product::<usize>(), dims.iter().product::<usize>());
            prop_assert_eq!(result.len(), shape.len());
            for (axis, (size, asked)) in result.iter().zip(&shape).enumerate() {
                match asked {
                    -1 => {}
                    0 if allowzero == 0 => prop_assert_eq!(size, &dims[axis]),
                    _ => prop_assert_eq!(*size as i64, *asked),
                }
            }
        }
    }
}

#[test]
fn flatten_at_each_axis_and_behind_the_last() {
    let at = |axis, dims: &[usize]| of(operator("Flatten", 11, [("axis", Int(axis))]), dims).ok();
    let expected = [(0, [1, 24]), (1, [2, 12]), (2, [6, 4]), (3, [24, 1])];
    for (axis, dims) in expected {
        assert_eq!(at(axis, &[2, 3, 4]), Some(dims.to_vec()));
        if axis < 3 {
            assert_eq!(at(axis - 3, &[2, 3, 4]), Some(dims.to_vec()));
        }
    }
    assert_eq!(at(4, &[2, 3, 4]), None);
    assert_eq!(at(-4, &[2, 3, 4]), None);
    assert_eq!(at(0, &[]), Some(vec![1, 1]));
    assert_eq!(at(1, &[0, 3]), Some(vec![0, 3]));
    assert_eq!(at(2, &[0, 3]), Some(vec![0, 1]));
}

#[test]
fn squeeze_takes_axes_of_size_one_alone() {
    let told = |axes: &[i64], dims: &[usize]| of(operator("Squeeze", 13, []).reads(axes), dims);
    assert_eq!(told(&[-1, 0], &[1, 3, 1]), Ok(vec![3]));
    assert_eq!(told(&[], &[1, 3, 1]), Ok(vec![1, 3, 1]));
    assert_eq!(told(&[0], &[1]), Ok(vec![]));
    assert_eq!(
        told(&[1], &[1, 3]).unwrap_err(),
        "axis 1 of size 3 cannot be squeezed"
    );
    assert!(told(&[0], &[0, 3]).is_err());
    assert!(told(&[0, -2], &[1, 3]).unwrap_err().contains("twice"));
    let all = |kept| {
        let operator = operator("Squeeze", 13, []);
        operator.asked(|call| reshaped(call, &[1, 0, 1, 3], kept))
    };
    assert_eq!(all(0), Ok(vec![0, 3]));
    assert_eq!(all(1), Ok(vec![1, 0, 3]));
}

#[test]
fn unsqueeze_counts_axes_of_the_result() {
    let told = |axes: &[i64]| of(operator("Unsqueeze", 13, []).reads(axes), &[3, 4]);
    assert_eq!(told(&[0, 3]), Ok(vec![1, 3, 4, 1]));
    assert_eq!(told(&[-1, -4]), Ok(vec![1, 3, 4, 1]));
    assert_eq!(told(&[2, 1]), Ok(vec![3, 1, 1, 4]));
    assert_eq!(told(&[]), Ok(vec![3, 4]));
    assert!(told(&[4, 0]).unwrap_err().contains("axis 4"));
    assert!(told(&[1, -3]).unwrap_err().contains("twice"));
    let many: Vec<i64> = (0..1 << 20).collect();
    assert!(told(&many).unwrap_err().contains("1048578 axes"));
}

#[test]
fn orders_of_axes() {
    let order = |perm: &[i64]| {
        operator("Transpose", 13, [("perm", list(perm))]).asked(|call| permutation(call, 3))
    };
    assert_eq!(order(&[2, 0, 1]), Ok(vec![2, 0, 1]));
    assert_eq!(order(&[-1, 0, 1]), Ok(vec![2, 0, 1]));
    for perm in [&[][..], &[0, 1], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 3]] {
        assert!(order(perm).is_err(), "{perm:?}");
    }
    let reversed = |rank| operator("Transpose", 13, []).asked(|call| permutation(call, rank));
    assert_eq!(reversed(3), Ok(vec![2, 1, 0]));
    assert_eq!(reversed(0), Ok(vec![]));
}

#[test]
fn reductions_over_told_axes_or_all() {
    let told = |operator: Operator| {
        let reduction = operator.asked(|call| reduction(call, &[2, 1, 0], 18));
        reduction.map(|told| told.map(|Reduction { over, dims }| (over, dims)))
    };
    let mean = |keepdims| operator("ReduceMean", 18, [("keepdims", Int(keepdims))]);
    assert_eq!(
        told(mean(1).reads(&[-1, 0])),
        Ok(Some((vec![0, 2], vec![1, 1, 1])))
    );
    assert_eq!(
        told(mean(0).reads(&[-1, 0])),
        Ok(Some((vec![0, 2], vec![1])))
    );
    for all in [mean(0), mean(0).reads(&[])] {
        assert_eq!(told(all), Ok(Some((vec![0, 1, 2], vec![]))));
    }
    let old = operator(
        "ReduceMean",
        17,
        [("axes", list(&[1])), ("keepdims", Int(0))],
    );
    assert_eq!(told(old), Ok(Some((vec![1], vec![2, 0]))));
    let idle = || operator("ReduceMean", 18, [("noop_with_empty_axes", Int(1))]);
    assert_eq!(told(idle()), Ok(None));
    assert_eq!(told(idle().reads(&[])), Ok(None));
    assert!(told(idle().reads(&[1])).unwrap().is_some());
    assert!(told(mean(1).reads(&[0, -3])).unwrap_err().contains("twice"));
    assert!(told(mean(1).reads(&[3])).unwrap_err().contains("axis 3"));
}
