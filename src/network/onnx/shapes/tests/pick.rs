use proptest::prelude::*;

use super::super::{concat, gather, part, slices, split, Gathered};
use super::{integers, list, operator, Operator};
use crate::onnx::Attribute::Int;

/// The places that one slice of an axis takes.
fn places(size: usize, [start, end, step]: [i64; 3]) -> Result<Vec<usize>, String> {
    let operator = operator("Slice", 13, []).reads(&[start]).reads(&[end]);
    let operator = operator.reads(&[0]).reads(&[step]);
    let slices = operator.asked(|call| slices(call, &[size]))?;
    assert_eq!(slices.len(), 1);
    Ok(slices[0].places())
}

#[test]
fn slices_beyond_either_end() {
    const FAR: [i64; 2] = [i64::MIN, i64::MAX];
    for (size, slice, taken) in [
        (4, [1, 3, 1], &[1, 2][..]),
        (4, [-3, -1, 1], &[1, 2]),
        (4, [FAR[0], FAR[1], 1], &[0, 1, 2, 3]),
        (4, [-9, 2, 1], &[0, 1]),
        (4, [2, 9, 1], &[2, 3]),
        (4, [9, 12, 1], &[]),
        (4, [3, 1, 1], &[]),
        (4, [0, 4, 3], &[0, 3]),
        (4, [1, 4, FAR[1]], &[1]),
        (4, [3, 0, -1], &[3, 2, 1]),
        (4, [-1, FAR[0], -1], &[3, 2, 1, 0]),
        (4, [9, -9, -2], &[3, 1]),
        (4, [2, -5, FAR[0]], &[2]),
        (4, [0, -5, -1], &[0]),
        (4, [1, 3, -1], &[]),
        // NumPy would take nothing here.
        (4, [-9, FAR[0], -1], &[0]),
        (4, [FAR[0], -9, FAR[0]], &[0]),
        (4, [-9, 0, -1], &[]),
        (1, [0, -2, -1], &[0]),
        (0, [0, 5, 1], &[]),
        (0, [-1, FAR[0], -1], &[]),
    ] {
        assert_eq!(
            places(size, slice).as_deref(),
            Ok(taken),
            "{size} {slice:?}"
        );
    }
    assert_eq!(places(4, [0, 4, 0]), Err("a step of 0".into()));
}

proptest! {
    #[test]
    fn slices_follow_the_specification(size in 1_i64..9, start in -12_i64..12, end in -12_i64..12, step in -4_i64..4) {
        prop_assume!(step != 0);
        let from_front = |at: i64| if at < 0 { at + size } else { at };
        let mut at = from_front(start).clamp(0, if step > 0 { size } else { size - 1 });
        let mut taken = Vec::new();
        while (0..size).contains(&at) && (from_front(end) - at) * step.signum() > 0 {
            taken.push(at as usize);
            at += step;
        }
        prop_assert_eq!(places(size as usize, [start, end, step]), Ok(taken));
    }
}

#[test]
fn slices_of_the_first_axes_or_of_those_listed() {
    let axes = |operator: Operator| {
        let slices = operator.asked(|call| slices(call, &[3, 4]));
        slices.map(|slices| slices.iter().map(|slice| slice.axis).collect::<Vec<_>>())
    };
    let slice = || operator("Slice", 13, []).reads(&[0, 0]).reads(&[1, 1]);
    assert_eq!(axes(slice()), Ok(vec![0, 1]));
    assert_eq!(axes(slice().leaves_out().reads(&[1, 2])), Ok(vec![0, 1]));
    assert_eq!(axes(slice().reads(&[-1, -2])), Ok(vec![1, 0]));
    assert!(axes(slice().reads(&[1, -1])).unwrap_err().contains("twice"));
    assert!(axes(slice().reads(&[0, 2])).unwrap_err().contains("axis 2"));
    assert!(axes(slice().reads(&[0]))
        .unwrap_err()
        .contains("equally many"));
    let old = [
        ("starts", list(&[1])),
        ("ends", list(&[9])),
        ("axes", list(&[-1])),
    ];
    assert_eq!(axes(operator("Slice", 9, old)), Ok(vec![1]));
    assert!(axes(operator("Slice", 13, [])).is_err());
}

#[test]
fn parts_of_a_shape() {
    let told = |start, end| {
        let shape = operator("Shape", 15, [("start", Int(start)), ("end", Int(end))]);
        part(&shape.node, &[2, 3, 4]).map(<[usize]>::to_vec)
    };
    assert_eq!(told(1, 3), Ok(vec![3, 4]));
    assert_eq!(told(-2, -1), Ok(vec![3]));
    assert_eq!(told(i64::MIN, i64::MAX), Ok(vec![2, 3, 4]));
    assert_eq!(told(2, 1), Ok(vec![]));
    assert_eq!(told(9, 10), Ok(vec![]));
    assert_eq!(part(&operator("Shape", 13, []).node, &[]), Ok(&[][..]));
}

/// The sizes of the parts, which must lie end to end.
fn parts(operator: Operator, dims: &[usize]) -> Result<Vec<usize>, String> {
    let mut end = 0;
    let parts = operator.asked(|call| split(call, dims))?;
    let size = |part: &crate::strided::Slice| {
        assert_eq!((part.start, part.step), (end, 1));
        end += part.count;
        part.count
    };
    Ok(parts.iter().map(size).collect())
}

#[test]
fn split_into_equal_parts() {
    for (size, outputs, sizes, uneven) in [
        (6, 3, Some(&[2, 2, 2][..]), Some(&[2, 2, 2][..])),
        (3, 1, Some(&[3]), Some(&[3])),
        (0, 2, Some(&[0, 0]), Some(&[0, 0])),
        (7, 3, None, Some(&[3, 3, 1])),
        (3, 2, None, Some(&[2, 1])),
        (3, 4, None, Some(&[1, 1, 1, 0])),
        // Three parts of two would be more than there is.
        (5, 4, None, None),
        (1, 3, None, None),
        (3, 0, None, None),
    ] {
        let split = |opset| parts(operator("Split", opset, []).makes(outputs), &[size]).ok();
        assert_eq!(split(13).as_deref(), sizes, "{size} {outputs}");
        assert_eq!(split(18).as_deref(), uneven, "{size} {outputs}");
    }
    let told = |outputs| {
        let operator = operator("Split", 18, [("num_outputs", Int(2)), ("axis", Int(-1))]);
        parts(operator.makes(outputs), &[1, 5])
    };
    assert_eq!(told(2), Ok(vec![3, 2]));
    for outputs in [1, 3] {
        let problem = told(outputs).unwrap_err();
        assert_eq!(
            problem,
            format!("num_outputs is 2, its outputs are {outputs}")
        );
    }
}

#[test]
fn split_into_stated_parts() {
    let told = |sizes: &[i64], outputs| {
        let split = operator("Split", 13, [("axis", Int(1))]);
        parts(split.reads(sizes).makes(outputs), &[2, 5]).ok()
    };
    assert_eq!(told(&[1, 4], 2), Some(vec![1, 4]));
    assert_eq!(told(&[0, 5, 0], 3), Some(vec![0, 5, 0]));
    for (sizes, outputs) in [
        (&[2, 2][..], 2),
        (&[5, 5], 2),
        (&[6, -1], 2),
        (&[i64::MAX, i64::MAX], 2),
        (&[2, 3], 1),
        (&[2, 3], 3),
        (&[], 0),
    ] {
        assert_eq!(told(sizes, outputs), None, "{sizes:?} {outputs}");
    }
    let old = operator("Split", 11, [("split", list(&[1, 1]))]).makes(2);
    assert_eq!(parts(old, &[2]), Ok(vec![1, 1]));
}

#[test]
fn gather_puts_the_indices_axes_in_the_places_of_its_own() {
    let told = |axis, dims: &[usize], indices: super::Tensor| {
        let operator = operator("Gather", 13, [("axis", Int(axis))]);
        let gathered = operator
            .reads_tensor(indices)
            .asked(|call| gather(call, dims));
        gathered.map(|Gathered { axis, places, dims }| (axis, places, dims))
    };
    assert_eq!(
        told(-1, &[2, 3], integers(&[], &[-3])),
        Ok((1, vec![0], vec![2]))
    );
    assert_eq!(
        told(0, &[2, 3], integers(&[2, 1], &[1, -1])),
        Ok((0, vec![1, 1], vec![2, 1, 3]))
    );
    assert_eq!(
        told(1, &[2, 3], integers(&[0], &[])),
        Ok((1, vec![], vec![2, 0]))
    );
    assert_eq!(told(0, &[0], integers(&[0], &[])), Ok((0, vec![], vec![0])));
    for index in [3, -4, i64::MIN, i64::MAX] {
        let problem = told(1, &[2, 3], integers(&[1], &[index])).unwrap_err();
        assert_eq!(
            problem,
            format!("index {index} is outside an axis of size 3")
        );
    }
    assert!(told(0, &[0], integers(&[], &[0])).is_err());
    assert!(told(0, &[], integers(&[], &[0]))
        .unwrap_err()
        .contains("axis 0"));
    let many = vec![1; 40];
    let problem = told(0, &many, integers(&many, &[0])).unwrap_err();
    assert!(problem.contains("79 axes"));
}

#[test]
fn concat_joins_what_differs_along_one_axis() {
    let told = |axis, parts: &[&[usize]]| {
        operator("Concat", 13, [("axis", Int(axis))]).asked(|call| concat(call, parts))
    };
    assert_eq!(told(-1, &[&[2, 1], &[2, 0], &[2, 4]]), Ok((1, vec![2, 5])));
    assert_eq!(told(0, &[&[0], &[0]]), Ok((0, vec![0])));
    for parts in [
        &[&[2, 1][..], &[3, 1]][..],
        &[&[2, 1], &[2]],
        &[&[2], &[2, 1]],
        &[],
    ] {
        assert!(told(1, parts).is_err(), "{parts:?}");
    }
    assert!(told(2, &[&[2, 1]]).unwrap_err().contains("axis 2"));
    let untold = |opset| operator("Concat", opset, []).asked(|call| concat(call, &[&[2, 1]]));
    assert_eq!(untold(3), Ok((1, vec![2, 1])));
    assert_eq!(untold(4), Err("attribute 'axis' is missing".into()));
}
