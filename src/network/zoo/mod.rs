//! The built-in networks, each written down in some twenty lines under its checkpoint's own names.

mod alexnet;
mod resnet;
mod squeezenet;
mod tiny;
mod vgg;
mod zfnet;

use super::Network;
use crate::error::{Error, Result};

/// A network of the zoo.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for `model list`.
    pub about: &'static str,
    build: fn() -> Network,
}

impl Entry {
    /// The network as data.
    pub fn network(&self) -> Network {
        (self.build)()
    }
}

/// All networks of the zoo. `tiny` is for tests.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "squeezenet1_1",
        about: "SqueezeNet 1.1 (Iandola et al. 2016), torchvision's names",
        build: squeezenet::v1_1,
    },
    Entry {
        name: "squeezenet1_0",
        about: "SqueezeNet 1.0 (Iandola et al. 2016), torchvision's names",
        build: squeezenet::v1_0,
    },
    Entry {
        name: "alexnet",
        about: "AlexNet in one tower, torchvision's variant (Krizhevsky 2014)",
        build: alexnet::one_tower,
    },
    Entry {
        name: "alexnet_original",
        about:
            "AlexNet with groups and contrast normalisation (Krizhevsky et al. 2012), Caffe's names",
        build: alexnet::original,
    },
    Entry {
        name: "zfnet",
        about: "the network of Zeiler & Fergus 2013, fig. 3",
        build: zfnet::zfnet,
    },
    Entry {
        name: "vgg16",
        about: "VGG16 (Simonyan & Zisserman 2014), torchvision's names",
        build: vgg::vgg16,
    },
    Entry {
        name: "resnet18",
        about: "ResNet18 (He et al. 2015), torchvision's names",
        build: resnet::resnet18,
    },
    Entry {
        name: "tiny",
        about: "a network of every op for tests: 5 classes, 32×32 pixels",
        build: tiny::tiny,
    },
];

/// Finds a network by name.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest name.
pub fn find(name: &str) -> Result<&'static Entry> {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| Error::UnknownName {
            kind: "model",
            name: name.to_owned(),
            known: ENTRIES.iter().map(|entry| entry.name.to_owned()).collect(),
        })
}
