use super::super::messages::{FunctionProto, NodeProto, OperatorSetIdProto};
use super::{import, names, node, of_input, parse};

/// A function of the domain `own` from `x` to `y`.
fn function(name: &str, nodes: Vec<NodeProto>) -> FunctionProto {
    let mut function = FunctionProto::new();
    function.set_name(name.into());
    function.set_domain("own".into());
    function.input = vec!["x".into()];
    function.output = vec!["y".into()];
    function.node = nodes;
    function
}

fn call(name: &str, input: &str, output: &str) -> NodeProto {
    let mut call = node(name, &[input], &[output]);
    call.set_domain("own".into());
    call
}

fn with_functions(
    nodes: Vec<NodeProto>,
    functions: Vec<FunctionProto>,
) -> super::super::messages::ModelProto {
    let mut model = of_input(&[1, 3, 4, 4], nodes, vec![]);
    let mut own = OperatorSetIdProto::new();
    own.set_domain("own".into());
    own.set_version(1);
    model.opset_import.push(own);
    model.functions = functions;
    model
}

#[test]
fn calls_become_their_nodes_under_names_of_their_own() {
    let twice = function(
        "Twice",
        vec![node("Relu", &["x"], &["t"]), node("Relu", &["t"], &["y"])],
    );
    let model = with_functions(
        vec![call("Twice", "x", "a"), call("Twice", "a", "y")],
        vec![twice],
    );
    let graph = parse(&model).unwrap();
    assert_eq!(names(&graph), ["a/t", "a", "y/t", "y"]);
    assert_eq!(import(&model).unwrap().network.nodes.len(), 5);
}

#[test]
fn an_input_that_is_an_output_too_is_passed_on() {
    let mut same = function("Same", vec![]);
    same.output = vec!["x".into()];
    let model = with_functions(
        vec![call("Same", "x", "a"), node("Relu", &["a"], &["y"])],
        vec![same],
    );
    assert_eq!(import(&model).unwrap().network.nodes.len(), 2);
}

#[test]
fn functions_without_end_are_refused() {
    let own = function("Own", vec![call("Own", "x", "y")]);
    let problem = parse(&with_functions(vec![call("Own", "x", "y")], vec![own])).unwrap_err();
    assert!(problem.contains("none may call itself"), "{problem}");
    // Each calls the next twice: 2^40 calls of nothing.
    let doubling = (0..40).map(|at| {
        let next = format!("F{}", at + 1);
        function(
            &format!("F{at}"),
            vec![call(&next, "x", "t"), call(&next, "t", "y")],
        )
    });
    let functions = doubling.chain([function("F40", vec![])]).collect();
    let problem = parse(&with_functions(vec![call("F0", "x", "y")], functions)).unwrap_err();
    assert!(problem.contains("100000 nodes allowed"), "{problem}");
    let twice = vec![function("A", vec![]), function("A", vec![])];
    let problem = parse(&with_functions(vec![call("A", "x", "y")], twice)).unwrap_err();
    assert!(problem.contains("'A' is there twice"), "{problem}");
    let mut greedy = call("A", "x", "y");
    greedy.input.push("x".into());
    let few = vec![function("A", vec![])];
    let problem = parse(&with_functions(vec![greedy], few)).unwrap_err();
    assert!(problem.contains("2 inputs"), "{problem}");
}
