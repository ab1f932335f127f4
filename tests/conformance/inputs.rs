//! Photographs as torchvision, timm and Keras prepare them.

use crate::common::judged;

#[test]
fn inputs_are_those_of_the_networks_own_libraries() {
    let Some(folder) = std::env::var_os("DECONVSCOPE_CONFORMANCE") else {
        return eprintln!("skipped: DECONVSCOPE_CONFORMANCE names no folder of references");
    };
    let folder = std::path::Path::new(&folder).join("inputs");
    assert!(judged::hold(&folder) >= 60);
}
