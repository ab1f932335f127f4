//! What takes minutes: six large networks, and all graphs that are drawn by lot.

use std::path::Path;

use deconvscope::network::onnx;

use crate::common::drawn;
use crate::large::{occluders, of_the_zoo, seeded, squeezenet};
use crate::{graphs, spans};

#[test]
fn all_drawn_graphs_agree() {
    graphs::agree(600, drawn::network);
    graphs::agree(600, drawn::today);
}

#[test]
fn nothing_changes_outside_its_span_in_all_drawn_graphs() {
    spans::hold(300, drawn::network);
    spans::hold(300, drawn::today);
}

#[test]
fn squeezenet_with_its_real_weights_agrees() {
    squeezenet(&occluders(227));
}

#[test]
fn alexnet_agrees() {
    of_the_zoo("alexnet");
}

#[test]
fn zfnet_agrees() {
    of_the_zoo("zfnet");
}

#[test]
fn vgg16_agrees() {
    of_the_zoo("vgg16");
}

#[test]
fn resnet18_agrees() {
    of_the_zoo("resnet18");
}

#[test]
fn googlenet_of_an_onnx_file_agrees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".deps/onnx/onnx/backend/test/data");
    let path = folder.join("light/light_inception_v1.onnx");
    if !path.is_file() {
        eprintln!(
            "skipped: no {}; run scripts/setup.py conformance-data",
            path.display()
        );
        return;
    }
    seeded(
        onnx::import(&path, &onnx::Reading::default())
            .unwrap()
            .network,
    );
}
