use base::Error;
use proptest::prelude::*;
use protobuf::{Message, MessageField};

use super::super::messages::attribute_proto::AttributeType;
use super::super::messages::AttributeProto;
use super::super::{fold, Graph, Tensor};
use super::{model, node, parse, small};

#[test]
fn reads_what_was_written() {
    let graph = parse(&small()).unwrap();
    assert_eq!(graph.name, "small");
    assert_eq!(graph.nodes[0].opset, 13);
    assert_eq!(graph.nodes[0].attributes.float("weight", 0.0), Ok(0.5));
    assert_eq!(
        graph.constants["w"],
        Tensor::floats(vec![2, 1], vec![1.5, -2.0])
    );
}

#[test]
fn a_file_reads_as_its_bytes_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, small().write_to_bytes().unwrap()).unwrap();
    assert_eq!(Graph::read(&path).unwrap(), parse(&small()).unwrap());
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = small().write_to_bytes().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    for length in 0..bytes.len() {
        let problem = Graph::parse(&bytes[..length]).expect_err("cut off");
        std::fs::write(&path, &bytes[..length]).unwrap();
        let Error::Onnx {
            problem: of_file, ..
        } = Graph::read(&path).unwrap_err()
        else {
            panic!("another error at {length}");
        };
        assert_eq!(of_file, problem);
    }
}

#[test]
fn what_is_no_onnx_file_is_told_by_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Graph::read(&path).unwrap_err().to_string()
    };
    assert!(told(b"").ends_with(": empty"));
    assert!(told(b"PK\x03\x04 a zip file").contains("not an ONNX file"));
    assert!(told(b"version https://git-lfs.github.com/spec/v1\n").contains("git lfs pull"));
    assert!(told(&[8, 8]).contains("no graph"));
    let folder = Graph::read(folder.path()).unwrap_err().to_string();
    assert!(folder.ends_with("not a file"), "{folder}");
    assert!(matches!(
        Graph::read("nowhere".as_ref()),
        Err(Error::Io { .. })
    ));
}

#[test]
fn a_model_needs_versions() {
    let mut without = small();
    without.opset_import.clear();
    assert!(parse(&without).unwrap_err().contains("no opset"));
    let mut other = small();
    other.opset_import[0].set_domain("ai.onnx.ml".into());
    assert!(parse(&other).unwrap_err().contains("'ai.onnx.ml'"));
    let mut old = small();
    old.opset_import[0].set_version(2);
    assert!(parse(&old).unwrap_err().contains("of opset 2"));
    let mut without = small();
    without.ir_version = None;
    assert!(parse(&without).unwrap_err().contains("ir_version"));
}

/// A node whose attribute is a graph with such a node, and so on.
fn nested(depth: usize) -> Vec<u8> {
    let mut inner = node("Relu", &["x"], &["y"]);
    for _ in 0..depth {
        let graph = model(vec![inner], vec![]).graph;
        let mut attribute = AttributeProto::new();
        attribute.set_name("then_branch".into());
        attribute.set_type(AttributeType::GRAPH);
        attribute.g = graph;
        inner = node("If", &["x"], &["y"]);
        inner.attribute = vec![attribute];
    }
    model(vec![inner], vec![]).write_to_bytes().unwrap()
}

#[test]
fn graphs_nested_too_deeply_are_refused() {
    let graph = Graph::parse(&nested(5)).unwrap();
    let problem = graph.nodes[0].attributes.tensor("then_branch").unwrap_err();
    assert!(problem.contains("GRAPH"), "{problem}");
    assert!(Graph::parse(&nested(200))
        .unwrap_err()
        .contains("recursion"));
}

/// RUSTSEC-2024-0437: protobuf before 3.7.2 recursed once for each of these bytes.
#[test]
fn unknown_groups_nested_deeply_are_refused() {
    let mut bytes = small().write_to_bytes().unwrap();
    let start_of_group_15 = 0x7b;
    bytes.extend(std::iter::repeat_n(start_of_group_15, 1_000_000));
    assert!(Graph::parse(&bytes).unwrap_err().contains("recursion"));
}

#[test]
fn a_graph_must_be_there() {
    let mut without = small();
    without.graph = MessageField::none();
    assert!(parse(&without).unwrap_err().contains("no graph"));
}

/// All that is done with a file before its operators are looked at.
fn work(bytes: &[u8]) {
    let Ok(mut graph) = Graph::parse(bytes) else {
        return;
    };
    let outputs = graph.outputs.clone();
    if graph.needed(&outputs).is_ok() {
        for node in &graph.nodes {
            let inputs: Vec<_> = node
                .inputs
                .iter()
                .map(|name| graph.constants.get(name))
                .collect();
            let _ = fold::evaluate(node, &inputs);
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        work(&bytes);
    }

    #[test]
    fn flipped_bits_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..4)) {
        let reshape = node("Reshape", &["w", "shape"], &["x"]);
        let mut shape = super::floats("shape", &[2], &[]);
        shape.set_data_type(7);
        shape.int64_data = vec![1, -1];
        let mut model = small();
        model.graph.mut_or_insert_default().node.push(reshape);
        model.graph.mut_or_insert_default().initializer.push(shape);
        model.graph.mut_or_insert_default().input.clear();
        let mut bytes = model.write_to_bytes().unwrap();
        work(&bytes);
        for (place, bit) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        work(&bytes);
    }
}
