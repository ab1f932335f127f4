use super::{import, node, of_input};

#[test]
fn all_unknown_operators_are_told_at_once() {
    let mut foreign = node("Fused", &["d"], &["y"]);
    foreign.set_domain("com.example".into());
    let nodes = vec![
        node("Einsum", &["x"], &["a"]),
        node("Relu", &["a"], &["b"]),
        node("Einsum", &["b"], &["c"]),
        node("Det", &["c"], &["d"]),
        foreign,
    ];
    let problem = import(&of_input(&[1, 3, 8, 8], nodes, vec![])).unwrap_err();
    for part in [
        "3 operators are not known",
        "Einsum of opset 13 (2 nodes, the first is 'a')",
        "Det of opset 13 (node 'd')",
        "Fused of domain 'com.example' (node 'y')",
    ] {
        assert!(problem.contains(part), "expected '{part}' in: {problem}");
    }
}

#[test]
fn what_no_output_needs_may_be_unknown() {
    let nodes = vec![node("Einsum", &["x"], &["a"]), node("Relu", &["x"], &["y"])];
    assert!(import(&of_input(&[1, 3, 8, 8], nodes, vec![])).is_ok());
}
