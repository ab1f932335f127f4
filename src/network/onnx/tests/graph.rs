use super::super::messages::tensor_shape_proto::Dimension;
use super::super::messages::{type_proto, TensorShapeProto, TypeProto};
use super::super::Kind;
use super::{floats, model, names, node, parse, value};
use protobuf::MessageField;

#[test]
fn nodes_are_sorted_and_otherwise_stay_in_order() {
    let sorted = model(
        vec![
            node("Add", &["c", "b"], &["y"]),
            node("Relu", &["x"], &["b"]),
            node("Relu", &["x"], &["a"]),
            node("Relu", &["a"], &["c"]),
        ],
        vec![],
    );
    assert_eq!(names(&parse(&sorted).unwrap()), ["b", "a", "c", "y"]);
}

#[test]
fn a_node_is_named_after_itself_or_its_first_output() {
    let mut first = node("Split", &["x"], &["", "a"]);
    let mut second = node("Relu", &["a"], &["y"]);
    second.set_name("last".into());
    second.set_domain("ai.onnx".into());
    first.set_name(String::new());
    let graph = parse(&model(vec![first, second], vec![])).unwrap();
    assert_eq!(names(&graph), ["a", "last"]);
    assert_eq!(graph.nodes[1].domain, "");
}

#[test]
fn a_cycle_is_told_by_a_node_on_it() {
    let cyclic = model(
        vec![
            node("Relu", &["p"], &["y"]),
            node("Relu", &["q"], &["p"]),
            node("Add", &["x", "r"], &["q"]),
            node("Relu", &["q"], &["r"]),
        ],
        vec![],
    );
    let problem = parse(&cyclic).unwrap_err();
    assert!(
        problem.contains("node 'q'") || problem.contains("node 'r'"),
        "{problem}"
    );
    let own = model(vec![node("Relu", &["y"], &["y"])], vec![]);
    assert!(parse(&own).unwrap_err().contains("cycle"));
}

#[test]
fn what_nobody_makes_is_told_with_who_reads_it() {
    let dangling = model(vec![node("Add", &["x", "nowhere"], &["y"])], vec![]);
    let problem = parse(&dangling).unwrap_err();
    assert!(
        problem.contains("node 'y' (Add, opset 13): reads 'nowhere'"),
        "{problem}"
    );
    let output = model(vec![node("Relu", &["x"], &["z"])], vec![]);
    assert!(parse(&output).unwrap_err().contains("output 'y'"));
    let mut none = model(vec![node("Relu", &["x"], &["y"])], vec![]);
    none.graph.mut_or_insert_default().output.clear();
    assert!(parse(&none).unwrap_err().contains("no outputs"));
}

#[test]
fn a_value_has_one_origin() {
    let problem = |nodes, initializers| parse(&model(nodes, initializers)).unwrap_err();
    let relu = |output| node("Relu", &["x"], &[output]);
    assert!(problem(vec![relu("y"), relu("y")], vec![]).contains("made twice"));
    assert!(problem(vec![relu("y"), relu("x")], vec![]).contains("node 'x' (Relu"));
    let w = || floats("w", &[1], &[0.0]);
    assert!(problem(vec![relu("y"), relu("w")], vec![w()]).contains("node 'w' (Relu"));
    assert!(problem(vec![relu("y")], vec![w(), w()]).contains("there twice"));
    let mut twice = model(vec![relu("y")], vec![]);
    twice.graph.mut_or_insert_default().input.push(value("x"));
    assert!(parse(&twice)
        .unwrap_err()
        .contains("input 'x' is there twice"));
}

#[test]
fn outputs_left_out_are_no_values() {
    let nodes = vec![
        node("Dropout", &["x"], &["z", ""]),
        node("Clip", &["x", ""], &["y"]),
    ];
    let mut graph = parse(&model(nodes, vec![])).unwrap();
    graph.needed(&["y".into()]).unwrap();
    assert_eq!(names(&graph), ["y"]);
}

#[test]
fn needed_keeps_what_an_output_comes_from() {
    let mut foreign = node("Gradient", &["a"], &["g"]);
    foreign.set_domain("com.example".into());
    let nodes = vec![
        node("Add", &["x", "w"], &["a"]),
        foreign,
        node("Mul", &["a", "v"], &["y"]),
    ];
    let mut whole = model(
        nodes,
        vec![floats("w", &[], &[1.0]), floats("v", &[], &[2.0])],
    );
    whole
        .graph
        .mut_or_insert_default()
        .input
        .push(value("unused"));
    let whole = parse(&whole).unwrap();

    let mut graph = whole.clone();
    graph.needed(&["a".into()]).unwrap();
    assert_eq!(names(&graph), ["a"]);
    assert_eq!(graph.outputs, ["a"]);
    assert_eq!(graph.constants.keys().collect::<Vec<_>>(), ["w"]);
    assert_eq!(graph.inputs.len(), 1);

    assert!(whole
        .clone()
        .needed(&["b".into()])
        .unwrap_err()
        .contains("'b'"));
}

#[test]
fn inputs_with_a_default_are_constants() {
    let mut with_default = model(
        vec![node("Add", &["x", "w"], &["y"])],
        vec![floats("w", &[], &[1.0])],
    );
    with_default
        .graph
        .mut_or_insert_default()
        .input
        .push(value("w"));
    let graph = parse(&with_default).unwrap();
    assert_eq!(graph.inputs.len(), 1);
    assert_eq!(graph.inputs[0].name, "x");
    assert!(graph.constants.contains_key("w"));
}

#[test]
fn shapes_of_inputs_are_known_where_they_are_fixed() {
    let mut dims = [
        Dimension::new(),
        Dimension::new(),
        Dimension::new(),
        Dimension::new(),
    ];
    dims[0].set_dim_param("batch".into());
    dims[1].set_dim_value(3);
    dims[2].set_dim_value(0);
    dims[3].set_dim_value(-1);
    let mut shape = TensorShapeProto::new();
    shape.dim = dims.to_vec();
    let mut tensor = type_proto::Tensor::new();
    tensor.set_elem_type(1);
    tensor.shape = MessageField::some(shape);
    let mut kind = TypeProto::new();
    kind.set_tensor_type(tensor);
    let mut stated = model(vec![node("Relu", &["x"], &["y"])], vec![]);
    assert_eq!(parse(&stated).unwrap().inputs[0].dims, None);
    stated.graph.mut_or_insert_default().input[0].type_ = MessageField::some(kind);
    let graph = parse(&stated).unwrap();
    assert_eq!(graph.inputs[0].dims, Some(vec![None, Some(3), None, None]));
    assert_eq!(graph.inputs[0].kind, Kind::Float);
}

#[test]
fn more_nodes_than_allowed_are_refused() {
    let many = (0..100_001).map(|_| node("Relu", &["x"], &[]));
    let problem = parse(&model(many.collect(), vec![])).unwrap_err();
    assert!(problem.contains("100001 nodes"), "{problem}");
}

#[test]
fn sparse_initializers_are_refused() {
    let mut sparse = model(vec![node("Relu", &["x"], &["y"])], vec![]);
    sparse
        .graph
        .mut_or_insert_default()
        .sparse_initializer
        .push(Default::default());
    assert!(parse(&sparse).unwrap_err().contains("sparse"));
}
