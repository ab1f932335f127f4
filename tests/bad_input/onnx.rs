//! ONNX files that are damaged, are no network of photographs, or hold what is not known: each names its cause.

use crate::support::onnx::{ints, plain, Onnx};
use crate::support::type_in;
use crate::{folder, refused, write};
use deconvscope::network::onnx::messages::tensor_proto::DataLocation;
use deconvscope::network::onnx::messages::StringStringEntryProto;
use tempfile::TempDir;

const MODEL: &str = "--model m.onnx";

#[track_caller]
fn model_refused(bytes: Vec<u8>, parts: &[&str]) -> TempDir {
    let folder = folder();
    write(&folder, "m.onnx", bytes);
    refused(&folder, MODEL, &[&["m.onnx"], parts].concat());
    folder
}

#[test]
fn files_that_are_no_whole_onnx_file() {
    let folder = folder();
    refused(&folder, MODEL, &["m.onnx", "No such file"]);
    let whole = plain().bytes("logits");
    for length in [0, 1, 40, whole.len() / 2, whole.len() - 1] {
        model_refused(whole[..length].to_vec(), &[]);
    }
    model_refused(b"an essay about networks".to_vec(), &["ONNX"]);
}

#[test]
fn operators_that_are_not_known_are_named_with_node_and_opset() {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    let x = net.conv_relu("conv1", "image", [3, 4], 1);
    net.node("odd", "Einsum", &[&x]);
    model_refused(
        net.bytes("odd"),
        &["node 'odd' (Einsum, opset 13)", "not known"],
    );
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.node("q", "QuantizeLinear", &["image"]);
    net.node("c", "QLinearConv", &["q"]);
    model_refused(net.bytes("c"), &["int8-quantised", "float model"]);
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.node("own", "Swish", &["image"])
        .set_domain("com.example".into());
    model_refused(net.bytes("own"), &["own", "com.example"]);
}

#[test]
fn graphs_that_contradict_themselves() {
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.node("a", "Add", &["image", "b"]);
    net.node("b", "Relu", &["a"]);
    model_refused(net.bytes("b"), &["cycle"]);
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.node("a", "Relu", &["nowhere"]);
    model_refused(net.bytes("a"), &["nowhere"]);
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.constant("w", &[4, 5, 3, 3]);
    net.node("conv", "Conv", &["image", "w"]);
    model_refused(
        net.bytes("conv"),
        &["node 'conv' (Conv, opset 13)", "5 × 1 channels", "has 3"],
    );
    let mut net = Onnx::new(&[1, 3, 4, 4]);
    net.constant("w", &[4, 3, 7, 7]);
    net.node("conv", "Conv", &["image", "w"]);
    model_refused(net.bytes("conv"), &["conv", "does not fit"]);
}

#[test]
fn inputs_that_are_no_photographs() {
    let mut net = Onnx::new(&[1, 10]);
    net.node("relu", "Relu", &["image"]);
    model_refused(net.bytes("relu"), &["10×1×1", "not a colour photograph"]);
    let mut net = Onnx::new(&[1, 2, 32, 48]);
    net.conv_relu("conv1", "image", [2, 4], 1);
    model_refused(net.bytes("conv1_relu"), &["2×32×48", "or a grey one"]);
    let mut net = Onnx::new(&[1, 3, 16, 32, 32]);
    net.node("relu", "Relu", &["image"]);
    model_refused(net.bytes("relu"), &["5 axes"]);
    let folder = folder();
    write(&folder, "m.onnx", plain().bytes("logits"));
    refused(
        &folder,
        "--model m.onnx --crop 40",
        &["32×32", "40×40", "--crop"],
    );
}

#[test]
fn weights_that_cannot_be_trusted() {
    let mut net = plain();
    net.model.graph.mut_or_insert_default().initializer[1].float_data[7] = f32::NAN;
    model_refused(net.bytes("logits"), &["conv2.weight", "not finite"]);
    let mut net = plain();
    net.model.graph.mut_or_insert_default().initializer[1].dims = vec![1 << 40, 1 << 40];
    model_refused(net.bytes("logits"), &["conv2.weight", "elements allowed"]);
    for location in ["../secret", "/etc/passwd", "gone.data"] {
        let mut net = plain();
        let weights = &mut net.model.graph.mut_or_insert_default().initializer[1];
        weights.float_data.clear();
        weights.set_data_location(DataLocation::EXTERNAL);
        let mut entry = StringStringEntryProto::new();
        entry.set_key("location".into());
        entry.set_value(location.into());
        weights.external_data.push(entry);
        model_refused(net.bytes("logits"), &["conv2.weight", location]);
    }
}

#[test]
fn what_is_asked_of_a_graph_that_it_does_not_have() {
    let folder = folder();
    write(&folder, "m.onnx", plain().bytes("logits"));
    refused(
        &folder,
        "--model m.onnx --layers conv9",
        &["unknown layer 'conv9'"],
    );
    write(
        &folder,
        "m.toml",
        "[[stages]]\nname = \"first\"\nnode = \"conv9\"\n",
    );
    refused(&folder, MODEL, &["m.toml", "first", "conv9"]);
    write(
        &folder,
        "m.toml",
        "[[stages]]\nname = \"a/b\"\nnode = \"conv1\"\n",
    );
    refused(&folder, MODEL, &["m.toml", "a/b", "letters"]);
    let line = "report p --features none --out o --model m.onnx --weights w.pth";
    let ended = type_in(folder.path(), line).code(2);
    assert!(ended.stderr.contains("has its own"), "{}", ended.stderr);
    let mut net = Onnx::new(&[1, 3, 32, 32]);
    net.node("sum", "ReduceMean", &["image"])
        .attribute
        .push(ints("axes", &[0]));
    model_refused(
        net.bytes("sum"),
        &["node 'sum' (ReduceMean, opset 13)", "images do not mix"],
    );
}
