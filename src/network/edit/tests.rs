//! Edits on networks of the zoo, shapes by hand.

use super::*;
use crate::Window;
use crate::{zoo, Anatomy, Builder};

fn edits(text: &str) -> Edits {
    toml::from_str(text).unwrap()
}

fn edited(network: &str, text: &str) -> Result<Anatomy> {
    let network = zoo::find(network).unwrap().network();
    network.edited(&edits(text)).and_then(Anatomy::of)
}

fn shape(anatomy: &Anatomy, name: &str) -> [usize; 3] {
    let nodes = &anatomy.network().nodes;
    let node = nodes.iter().position(|node| node.name == name).unwrap();
    anatomy.shapes()[node].axes()
}

fn parameter(anatomy: &Anatomy, name: &str) -> Vec<usize> {
    let mut parameters = anatomy.parameters().into_iter();
    parameters
        .find(|parameter| parameter.name == name)
        .unwrap()
        .shape
}

fn stages(anatomy: &Anatomy) -> Vec<&str> {
    let stages = anatomy.network().stages.iter();
    stages.map(|stage| stage.name.as_str()).collect()
}

#[test]
fn what_follows_a_removed_layer_keeps_its_place() {
    let found = edited("zfnet_small", "remove = ['conv3', 'conv4']").unwrap();
    assert_eq!(found.network().name, "zfnet_small-without_conv3_conv4");
    assert_eq!(stages(&found), ["conv1", "conv2", "conv5", "fc6", "fc7"]);
    // 64 → 30 → 15 → 15 → 7, as before; conv5 reads 64 maps in place of 96.
    assert_eq!(shape(&found, "pool2"), [64, 7, 7]);
    assert_eq!(parameter(&found, "conv5.weight"), [64, 64, 3, 3]);
    assert_eq!(parameter(&found, "fc6.weight"), [256, 64 * 3 * 3]);
    let names = |anatomy: &Anatomy| {
        let nodes = anatomy.network().nodes.iter();
        nodes.map(|node| node.name.clone()).collect::<Vec<_>>()
    };
    let before = names(&edited("zfnet_small", "").unwrap());
    let gone: Vec<String> = names(&found);
    let gone: Vec<&String> = before.iter().filter(|name| !gone.contains(name)).collect();
    assert_eq!(gone, ["conv3", "relu3", "conv4", "relu4"]);
    for stage in &found.network().stages {
        let node = &found.network().nodes[stage.node].name;
        assert_eq!(node[4..], stage.name[stage.name.len() - 1..], "{node}");
    }
}

#[test]
fn a_linear_layer_takes_its_dropout_along() {
    let found = edited("zfnet_small", "remove = ['fc6', 'fc7']").unwrap();
    assert_eq!(parameter(&found, "fc8.weight"), [1000, 576]);
    let nodes = &found.network().nodes;
    assert!(!nodes.iter().any(|node| node.op == Op::Dropout));
    assert_eq!(
        stages(&found),
        ["conv1", "conv2", "conv3", "conv4", "conv5"]
    );
}

#[test]
fn shapes_follow_windows_and_widths() {
    let found = edited(
        "zfnet_small",
        "layers.conv1 = { kernel = 11, stride = 4 }\nlayers.conv3 = { channels = 'x0.5' }\nlayers.fc6 = { features = 100 }",
    )
    .unwrap();
    let name = "zfnet_small-conv1_11x11_stride_4-conv3_x0.5-fc6_100";
    assert_eq!(found.network().name, name);
    // (64 + 2 - 11) / 4 + 1 = 14; pooled 7, 3, 1.
    assert_eq!(shape(&found, "conv1"), [32, 14, 14]);
    assert_eq!(shape(&found, "pool5"), [64, 1, 1]);
    assert_eq!(parameter(&found, "conv1.weight"), [32, 3, 11, 11]);
    assert_eq!(parameter(&found, "conv4.weight"), [96, 48, 3, 3]);
    assert_eq!(parameter(&found, "fc6.weight"), [100, 64]);
    assert_eq!(parameter(&found, "fc7.weight"), [256, 100]);
    let wide = edited("zfnet", "layers.conv3.channels = 'x4/3'").unwrap();
    assert_eq!(shape(&wide, "conv3"), [512, 13, 13]);
    let flat = edited("zfnet_small", "layers.conv1.kernel = [3, 7]").unwrap();
    assert_eq!(parameter(&flat, "conv1.weight"), [32, 3, 3, 7]);
}

#[test]
fn a_layer_may_be_called_by_its_stage() {
    let found = edited("alexnet", "remove = ['conv3', 'fc6']").unwrap();
    assert_eq!(parameter(&found, "features.8.weight"), [256, 192, 3, 3]);
    assert_eq!(parameter(&found, "classifier.4.weight"), [4096, 9216]);
    assert_eq!(stages(&found), ["conv1", "conv2", "conv4", "conv5", "fc7"]);
}

#[test]
fn a_norm_goes_with_its_convolution() {
    let found = edited("resnet18", "remove = ['layer1.0.conv1']").unwrap();
    let nodes = &found.network().nodes;
    let names = ["layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu1"];
    assert!(!nodes.iter().any(|node| names.contains(&&*node.name)));
}

#[test]
fn what_does_not_fit_is_named_with_both_shapes() {
    for (network, text, says) in [
        ("tiny", "remove = ['conv9']", "unknown layer 'conv9'"),
        ("tiny", "remove = ['fc5']", "'fc5': is the last layer"),
        (
            "tiny",
            "layers.fc5.features = 3",
            "'fc5': is the last layer",
        ),
        (
            "tiny",
            "remove = ['pool1']",
            "'pool1': is max pool 3×3 /2 ceil; only",
        ),
        (
            "tiny",
            "remove = ['fc4']\nlayers.fc4.features = 3",
            "'fc4': is edited twice",
        ),
        ("tiny", "remove = ['fc4', 'fc4']", "'fc4': is edited twice"),
        (
            "tiny",
            "layers.fc4.channels = 3",
            "'fc4': is a linear layer, whose width is 'features'",
        ),
        (
            "tiny",
            "layers.conv1.features = 3",
            "'conv1': is a convolution, whose width is 'channels'",
        ),
        (
            "tiny",
            "layers.fc4.kernel = 3",
            "'fc4': is linear, which has no window",
        ),
        (
            "tiny",
            "layers.relu1.channels = 3",
            "'relu1': is relu, which has no channels",
        ),
        (
            "tiny",
            "layers.fc4.features = 'x0.01'",
            "'fc4': would have a width of 0",
        ),
        (
            "tiny",
            "layers.conv1.kernel = 99",
            "'conv1': a window of [99, 99] does not fit into 3×32×32",
        ),
        (
            "tiny",
            "layers.conv1.stride = 0",
            "'conv1': a window cannot be",
        ),
        (
            "tiny",
            "layers.conv2.channels = 16",
            "'add2': 8×8×8 and 16×8×8 do not fit together",
        ),
        (
            "tiny",
            "layers.conv2.stride = 8",
            "'add2': 8×8×8 of 'norm1' and 8×1×1 of 'bn2' do not fit together",
        ),
        (
            "tiny",
            "remove = ['conv1']",
            "'conv2': 3 channels in, 8 out cannot be split into 2 groups",
        ),
    ] {
        let error = edited(network, text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}

#[test]
fn only_a_layer_of_a_chain_can_be_removed() {
    let mut net = Builder::new("n", 8);
    let x = net.conv("a", 0, 3, Window::square(3, 1, 1));
    let y = net.relu("rectified", x);
    let z = net.node("sum", Op::Add, &[x, y]);
    let z = net.node("flatten", Op::Flatten, &[z]);
    let network = net.classifier("fc", z, 2);
    let error = network.edited(&edits("remove = ['a']")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("'a': is read by rectified and sum"),
        "{error}"
    );
}
