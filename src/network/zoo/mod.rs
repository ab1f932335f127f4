//! The built-in networks, each written down in some twenty lines under its checkpoint's own names.

mod alexnet;
mod densenet;
mod efficientnet;
mod googlenet;
mod mobilenet;
mod resnet;
mod squeezenet;
mod tiny;
mod vgg;
pub(crate) mod weights;
mod zfnet;

use base::{Error, Result};

use super::{export, Changes, Network, Preset, Rounding};

/// A network of the zoo.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for `model list`.
    pub about: &'static str,
    /// The family whose preprocessing its published weights want.
    pub preset: Preset,
    /// Where theirs differs from the family's.
    pub preprocessing: Changes,
    build: fn() -> Network,
}

impl Entry {
    /// The network as data.
    pub fn network(&self) -> Network {
        (self.build)()
    }

    /// Whose preprocessing it is, in words.
    pub fn whose_preprocessing(&self) -> String {
        match self.preset == Preset::Torchvision && self.preprocessing == Changes::NONE {
            true => "torchvision's".into(),
            false => format!("{}'s usual", self.name),
        }
    }
}

const fn entry(name: &'static str, about: &'static str, build: fn() -> Network) -> Entry {
    Entry {
        name,
        about,
        preset: Preset::Torchvision,
        preprocessing: Changes::NONE,
        build,
    }
}

/// All networks of the zoo. `tiny` is for tests.
pub const ENTRIES: &[Entry] = &[
    entry(
        "squeezenet1_1",
        "SqueezeNet 1.1 (Iandola et al. 2016), torchvision's names",
        squeezenet::v1_1,
    ),
    entry(
        "squeezenet1_0",
        "SqueezeNet 1.0 (Iandola et al. 2016), torchvision's names",
        squeezenet::v1_0,
    ),
    entry(
        "alexnet",
        "AlexNet in one tower, torchvision's variant (Krizhevsky 2014)",
        alexnet::one_tower,
    ),
    entry(
        "alexnet_original",
        "AlexNet with groups and contrast normalisation (Krizhevsky et al. 2012), Caffe's names",
        alexnet::original,
    ),
    entry(
        "zfnet",
        "the network of Zeiler & Fergus 2013, fig. 3",
        zfnet::zfnet,
    ),
    entry(
        "zfnet_small",
        "ZFNet for 64×64 pixels, to be trained on a small machine",
        zfnet::small,
    ),
    entry(
        "vgg16",
        "VGG16 (Simonyan & Zisserman 2014), torchvision's names",
        vgg::vgg16,
    ),
    entry(
        "resnet18",
        "ResNet18 (He et al. 2015), torchvision's names",
        resnet::resnet18,
    ),
    // torchvision's own network takes its usual input and turns it into this one.
    Entry {
        preset: Preset::Tf,
        preprocessing: Changes {
            rounding: Some(Rounding::HalfEven),
            ..Changes::NONE
        },
        ..entry(
            "googlenet",
            "GoogLeNet with batch norm (Szegedy et al. 2014), torchvision's names",
            googlenet::googlenet,
        )
    },
    entry(
        "mobilenet_v2",
        "MobileNet v2 (Sandler et al. 2018), torchvision's names",
        mobilenet::v2,
    ),
    entry(
        "densenet121",
        "DenseNet121 (Huang et al. 2016), torchvision's names",
        densenet::densenet121,
    ),
    Entry {
        preprocessing: efficientnet::PREPROCESSING,
        ..entry(
            "efficientnet_lite0",
            "EfficientNet-Lite0 (Google 2020), efficientnet_lite_pytorch's names",
            efficientnet::lite0,
        )
    },
    entry(
        "tiny",
        "a network of every op for tests: 5 classes, 32×32 pixels",
        tiny::tiny,
    ),
];

/// Finds a network by name.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest name, and how to come to a file of any other network.
pub fn find(name: &str) -> Result<&'static Entry> {
    let found = ENTRIES.iter().find(|entry| entry.name == name);
    found.ok_or_else(|| Error::UnknownName {
        kind: "model",
        name: name.to_owned(),
        known: ENTRIES.iter().map(|entry| entry.name.to_owned()).collect(),
        also: Vec::new(),
        advice: format!("; of any other network {}", export::pytorch(USUAL_SIDE)),
    })
}

/// The side of most networks' inputs.
pub(crate) const USUAL_SIDE: usize = 224;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Anatomy;

    /// As their authors count them: without the running statistics of batch norms.
    #[test]
    fn networks_have_as_many_parameters_as_published() {
        for (name, published) in [
            ("squeezenet1_1", 1_235_496),
            ("squeezenet1_0", 1_248_424),
            ("alexnet", 61_100_840),
            ("vgg16", 138_357_544),
            ("resnet18", 11_689_512),
            ("googlenet", 6_624_904),
            ("mobilenet_v2", 3_504_872),
            ("densenet121", 7_978_856),
            ("efficientnet_lite0", 4_652_008),
        ] {
            let parameters = Anatomy::of(find(name).unwrap().network())
                .unwrap()
                .parameters();
            let learned = parameters
                .iter()
                .filter(|parameter| !parameter.name.contains(".running_"));
            let count: usize = learned.map(|p| p.shape.iter().product::<usize>()).sum();
            assert_eq!(count, published, "{name}");
        }
    }

    #[test]
    fn a_network_that_wants_another_preprocessing_says_whose_it_is() {
        let whose = |name: &str| find(name).unwrap().whose_preprocessing();
        assert_eq!(whose("vgg16"), "torchvision's");
        assert_eq!(whose("googlenet"), "googlenet's usual");
        assert_eq!(whose("efficientnet_lite0"), "efficientnet_lite0's usual");
    }
}
