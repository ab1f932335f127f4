//! The built-in networks, family by family, each written down in some twenty lines under its checkpoint's own names.

mod alexnet;
mod convnext;
mod densenet;
mod efficientnet;
mod efficientnet_lite;
mod families;
mod googlenet;
mod inception;
mod inverted;
mod mnasnet;
mod mobilenet;
mod mobilenet_v3;
mod regnet;
mod resnet;
mod shufflenet;
mod squeezenet;
mod tiny;
mod vgg;
pub(crate) mod weights;
mod zfnet;

use base::{Error, Result};

use super::{export, Changes, Network, Preset};

pub use families::FAMILIES;

/// Networks of one design.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// A line about them for `model list`.
    pub about: &'static str,
    /// Its members, smaller ones first.
    pub members: &'static [Entry],
}

/// A network of the zoo.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Weights that torchvision publishes for it.
    pub published: &'static [Published],
    /// The family whose preprocessing its published weights want.
    pub preset: Preset,
    /// Where theirs differs from the family's.
    pub preprocessing: Changes,
    build: Build,
}

/// How a network is written down.
#[derive(Debug, Clone, Copy)]
enum Build {
    /// Under one set of names.
    One(fn() -> Network),
    /// Under torchvision's and under timm's, with timm's name for it.
    Both(&'static str, fn(Names) -> Network),
}

/// Whose names a network's modules have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Torchvision,
    Timm,
}

/// A file of weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Published {
    /// The file's name.
    pub file: &'static str,
    /// Percent of ImageNet's validation photographs whose first class is right, as published.
    pub top1: f64,
}

impl Entry {
    /// The network as data.
    pub fn network(&self) -> Network {
        match self.build {
            Build::One(build) => build(),
            Build::Both(_, build) => build(Names::Torchvision),
        }
    }

    /// Whether it is its name, or timm's for it.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || matches!(self.build, Build::Both(timm, _) if timm == name)
    }

    /// The network under timm's names, where they are others.
    pub fn as_timm_names_it(&self) -> Option<Network> {
        match self.build {
            Build::One(_) => None,
            Build::Both(_, build) => Some(build(Names::Timm)),
        }
    }

    /// Whose preprocessing it is, in words.
    pub fn whose_preprocessing(&self) -> String {
        match self.preset == Preset::Torchvision && self.preprocessing == Changes::NONE {
            true => "torchvision's".into(),
            false => format!("{}'s usual", self.name),
        }
    }
}

/// All networks of the zoo, family by family.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    FAMILIES.iter().flat_map(|family| family.members)
}

/// Finds a network by name.
///
/// # Errors
/// [`Error::UnknownName`] with the nearest name, and how to come to a file of any other network.
pub fn find(name: &str) -> Result<&'static Entry> {
    entries()
        .find(|entry| entry.name == name)
        .ok_or_else(|| Error::UnknownName {
            kind: "model",
            name: name.to_owned(),
            known: entries().map(|entry| entry.name.to_owned()).collect(),
            also: Vec::new(),
            advice: format!("; of any other network {}", export::pytorch(USUAL_SIDE)),
        })
}

/// The nearest multiple of eight, the next one where that would be less than nine tenths: how maps are counted in networks
/// that come in several widths.
fn of_eight(maps: f64) -> usize {
    let near = (((maps + 4.0) / 8.0).floor() * 8.0).max(8.0);
    let enough = if near >= 0.9 * maps { near } else { near + 8.0 };
    enough as usize
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
            ("vgg11", 132_863_336),
            ("vgg13", 133_047_848),
            ("vgg16", 138_357_544),
            ("vgg19", 143_667_240),
            ("vgg11_bn", 132_868_840),
            ("vgg13_bn", 133_053_736),
            ("vgg16_bn", 138_365_992),
            ("vgg19_bn", 143_678_248),
            ("resnet18", 11_689_512),
            ("resnet34", 21_797_672),
            ("resnet50", 25_557_032),
            ("resnet101", 44_549_160),
            ("resnet152", 60_192_808),
            ("resnext50_32x4d", 25_028_904),
            ("resnext101_32x8d", 88_791_336),
            ("resnext101_64x4d", 83_455_272),
            ("wide_resnet50_2", 68_883_240),
            ("wide_resnet101_2", 126_886_696),
            ("googlenet", 6_624_904),
            ("mobilenet_v2", 3_504_872),
            ("mnasnet0_5", 2_218_512),
            ("mnasnet0_75", 3_170_208),
            ("mnasnet1_0", 4_383_312),
            ("mnasnet1_3", 6_282_256),
            ("shufflenet_v2_x0_5", 1_366_792),
            ("shufflenet_v2_x1_0", 2_278_604),
            ("shufflenet_v2_x1_5", 3_503_624),
            ("shufflenet_v2_x2_0", 7_393_996),
            ("regnet_x_400mf", 5_495_976),
            ("regnet_x_800mf", 7_259_656),
            ("regnet_x_1_6gf", 9_190_136),
            ("regnet_x_3_2gf", 15_296_552),
            ("regnet_x_8gf", 39_572_648),
            ("regnet_x_16gf", 54_278_536),
            ("regnet_x_32gf", 107_811_560),
            ("densenet121", 7_978_856),
            ("densenet161", 28_681_000),
            ("densenet169", 14_149_480),
            ("densenet201", 20_013_928),
            ("efficientnet_lite0", 4_652_008),
            ("inception_v3", 23_834_568),
            ("mobilenet_v3_small", 2_542_856),
            ("mobilenet_v3_large", 5_483_032),
            ("efficientnet_b0", 5_288_548),
            ("efficientnet_b1", 7_794_184),
            ("efficientnet_b2", 9_109_994),
            ("efficientnet_b3", 12_233_232),
            ("efficientnet_b4", 19_341_616),
            ("efficientnet_v2_s", 21_458_488),
            ("regnet_y_400mf", 4_344_144),
            ("regnet_y_800mf", 6_432_512),
            ("regnet_y_1_6gf", 11_202_430),
            ("regnet_y_3_2gf", 19_436_338),
            ("regnet_y_8gf", 39_381_472),
            ("regnet_y_16gf", 83_590_140),
            ("regnet_y_32gf", 145_046_770),
            ("convnext_tiny", 28_589_128),
            ("convnext_small", 50_223_688),
            ("convnext_base", 88_591_464),
        ] {
            let entry = find(name).unwrap();
            assert_eq!(learned(entry.network()), published, "{name}");
            if let Some(network) = entry.as_timm_names_it() {
                assert_eq!(learned(network), published, "timm's {name}");
            }
        }
    }

    fn learned(network: Network) -> usize {
        let parameters = Anatomy::of(network).unwrap().parameters();
        let learned = parameters
            .iter()
            .filter(|parameter| !parameter.name.contains(".running_"));
        learned.map(|p| p.shape.iter().product::<usize>()).sum()
    }

    #[test]
    fn a_network_that_wants_another_preprocessing_says_whose_it_is() {
        let whose = |name: &str| find(name).unwrap().whose_preprocessing();
        assert_eq!(whose("vgg16"), "torchvision's");
        assert_eq!(whose("googlenet"), "googlenet's usual");
        assert_eq!(whose("efficientnet_lite0"), "efficientnet_lite0's usual");
    }
}
