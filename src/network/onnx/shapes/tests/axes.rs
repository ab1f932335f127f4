use super::super::{axes, axis};
use super::{list, operator};

#[test]
fn negative_axes_count_from_the_end() {
    let found = [-3, -2, -1, 0, 1, 2].map(|number| axis(number, 3));
    assert_eq!(found, [0, 1, 2, 0, 1, 2].map(Ok));
    for (number, rank) in [
        (3, 3),
        (-4, 3),
        (0, 0),
        (-1, 0),
        (i64::MIN, 3),
        (i64::MAX, 3),
    ] {
        let problem = axis(number, rank).unwrap_err();
        assert_eq!(
            problem,
            format!("axis {number} does not exist among {rank}")
        );
    }
}

#[test]
fn an_axis_is_listed_once_from_whichever_end() {
    assert_eq!(axes(&[2, -3, 1], 3), Ok(vec![2, 0, 1]));
    assert_eq!(axes(&[], 0), Ok(vec![]));
    assert_eq!(axes(&[1, -2], 3), Err("axis -2 is listed twice".into()));
    // Only so many can be told apart: a long list ends early.
    assert!(axes(&vec![0; 1 << 20], 3).is_err());
}

#[test]
fn lists_stand_where_their_opset_has_them() {
    let asked = |operator: super::Operator| {
        operator.asked(|call| {
            call.list("axes", 1, 13)
                .map(|list| list.map(<[i64]>::to_vec))
        })
    };
    let attribute = |opset| operator("Squeeze", opset, [("axes", list(&[1]))]);
    let input = |opset| operator("Squeeze", opset, []).reads(&[1]);
    assert_eq!(asked(attribute(12)), Ok(Some(vec![1])));
    assert_eq!(asked(input(13)), Ok(Some(vec![1])));
    for opset in [12, 13] {
        assert_eq!(asked(operator("Squeeze", opset, [])), Ok(None));
        assert_eq!(asked(operator("Squeeze", opset, []).leaves_out()), Ok(None));
    }
    let problem = asked(attribute(13)).unwrap_err();
    assert!(problem.contains("expected an input from opset 13 on"));
    let problem = asked(input(12)).unwrap_err();
    assert!(problem.contains("expected an attribute before opset 13"));
}
