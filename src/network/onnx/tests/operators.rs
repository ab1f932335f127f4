use super::{floats, import, integers, node, of_input, text, with};

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

#[test]
fn before_opset_6_a_cast_names_its_type() {
    let of = |target: &str| {
        let cast = with(node("Cast", &["x"], &["c"]), vec![text("to", target)]);
        let nodes = vec![cast, node("Relu", &["c"], &["y"])];
        let mut model = of_input(&[1, 3, 8, 8], nodes, vec![]);
        model.opset_import[0].set_version(5);
        import(&model)
    };
    assert_eq!(of("FLOAT").unwrap().network.nodes.len(), 2);
    let problem = of("INT64").unwrap_err();
    assert!(problem.contains("casts maps to integers"), "{problem}");
}

/// The side of 8 was given by the reader, not by the graph.
#[test]
fn a_mismatch_after_an_assumed_side_hints_at_the_option() {
    let nodes = || {
        vec![
            node("Flatten", &["x"], &["f"]),
            node("MatMul", &["f", "w"], &["y"]),
        ]
    };
    let weights = || vec![floats("w", &[12, 1], &[0.5; 12])];
    let open = import(&of_input(&[1, 3, 0, 0], nodes(), weights())).unwrap_err();
    assert!(open.contains("for 12 inputs, there are 192"), "{open}");
    assert!(open.contains("8×8 pixels were taken: --crop"), "{open}");
    let fixed = import(&of_input(&[1, 3, 4, 4], nodes(), weights())).unwrap_err();
    assert!(!fixed.contains("--crop"), "{fixed}");
}

/// As exporters write "no bound".
#[test]
fn a_clip_without_bounds_passes() {
    let nodes = vec![
        node("Clip", &["x", "low", "high"], &["c"]),
        node("Relu", &["c"], &["y"]),
    ];
    let bounds = vec![
        floats("low", &[], &[f32::MIN]),
        floats("high", &[], &[f32::MAX]),
    ];
    let imported = import(&of_input(&[1, 3, 8, 8], nodes, bounds)).unwrap();
    assert_eq!(imported.network.nodes.len(), 2);
}

#[test]
fn a_cast_is_to_the_type_of_what_it_is_like() {
    let like = |constant| {
        let nodes = vec![
            node("CastLike", &["x", "c"], &["l"]),
            node("Relu", &["l"], &["y"]),
        ];
        import(&of_input(&[1, 3, 8, 8], nodes, vec![constant]))
    };
    let of_floats = like(floats("c", &[1], &[0.5])).unwrap();
    assert_eq!(of_floats.network.nodes.len(), 2);
    let problem = like(integers("c", &[1], &[7])).unwrap_err();
    assert!(problem.contains("casts maps to integers"), "{problem}");
}
