//! Any bytes as an ONNX file: read, folded and lowered; what comes of it is a network whose data agree.

#![no_main]

use deconvscope_fuzz::mutation;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use network::{fold_batch_norm, onnx, Anatomy};

fuzz_target!(|bytes: &[u8]| {
    let Ok(imported) = onnx::parse(bytes, &onnx::Reading::of_side(32)) else {
        return;
    };
    let onnx::Imported {
        mut network,
        mut weights,
        ..
    } = imported;
    let before = Anatomy::of(network.clone()).expect("an imported network has shapes");
    fold_batch_norm(&mut network, &mut weights);
    let anatomy = Anatomy::of(network).expect("a folded network has shapes");
    assert_eq!(anatomy.shapes().last(), before.shapes().last());
    for parameter in anatomy.parameters() {
        let array = weights.get(&parameter.name);
        let array = array.unwrap_or_else(|| panic!("{} is missing", parameter.name));
        assert_eq!(array.shape, parameter.shape, "{}", parameter.name);
        assert_eq!(array.data.len(), array.shape.iter().product::<usize>());
    }
    for (field, shape) in anatomy.fields().iter().zip(anatomy.shapes()) {
        field.centre(shape.height - 1, 0);
        field.centre(shape.width - 1, 1);
    }
    let network = anatomy.network();
    assert_eq!(anatomy.blocked().len(), network.nodes.len());
    assert!(network
        .stages
        .iter()
        .all(|stage| stage.node < network.nodes.len()));
});

// Every other input is changed as a model, not as bytes.
fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    if seed % 2 == 0 {
        if let Some(bytes) = mutation::mutate(&data[..size], seed) {
            if bytes.len() <= most {
                data[..bytes.len()].copy_from_slice(&bytes);
                return bytes.len();
            }
        }
    }
    fuzzer_mutate(data, size, most)
});
