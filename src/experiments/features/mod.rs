//! What every feature map looks for: the strongest activations of each over the data set, projected (ZF fig. 2), and which maps
//! are dead, saturated or repeated (ZF fig. 6).

mod draw;
mod experiment;
mod filters;
mod options;
mod plan;
mod randomisation;
mod readable;
mod scan;
mod spread;
mod tables;
mod tally;

pub use draw::SecondPass;
pub use filters::{first_layer, FirstLayer};
pub use options::{FeatureMapArgs, MAPS};
pub use plan::groups;
pub use randomisation::Randomisation;
pub use readable::{readable, Readable};
pub use scan::{Found, Keep, Scan};
pub(crate) use spread::at_one_size;
pub use tables::{collect, Tables};
pub use tally::{FoundUnit, LayerTally, MapTally};

use base::digest::draw as by_lot;

use super::Setting;

/// The experiment, and under which name an interrupted run finds what was done.
const NAME: &str = "features";

/// Which maps are projected and drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Maps {
    /// So many of each layer, drawn by seed from those that fire.
    Drawn(usize),
    /// Those of these numbers in layers of these names.
    Named(Vec<(String, usize)>),
    /// All that fire.
    All,
}

/// The experiment over the layers of a setting.
#[derive(Debug)]
pub struct Features<'a> {
    /// Layers, workers, the data set.
    pub setting: &'a Setting<'a>,
    /// The photographs that were scanned, by rising numbers.
    pub photos: &'a [Readable],
}

impl Features<'_> {
    /// The layers' names, from the input upwards.
    fn layers(&self) -> Vec<&str> {
        let stages = self.setting.stages.iter();
        stages.map(|stage| stage.name.as_str()).collect()
    }
}

impl Maps {
    /// By layer the maps that are to be drawn, in rising order.
    pub fn chosen(&self, setting: &Setting<'_>, tallies: &[LayerTally]) -> Vec<Vec<usize>> {
        let layers = setting.stages.iter().zip(tallies);
        let of_layer = |(stage, tally): (&network::Stage, &LayerTally)| {
            let fires = |map: &usize| !tally.maps[*map].strongest.is_empty();
            let all = (0..tally.maps.len()).filter(fires);
            let mut chosen: Vec<usize> = match self {
                Self::All => all.collect(),
                Self::Named(named) => all
                    .filter(|map| named.contains(&(stage.name.clone(), *map)))
                    .collect(),
                Self::Drawn(number) => {
                    let mut all: Vec<usize> = all.collect();
                    all.sort_by_cached_key(|map| {
                        by_lot(setting.seed, &["map", &stage.name, &map.to_string()])
                    });
                    all.truncate(*number);
                    all
                }
            };
            chosen.sort_unstable();
            chosen
        };
        layers.map(of_layer).collect()
    }
}

/// 0 where one has no length.
pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 {
        dot(a, b) / norms
    } else {
        0.0
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
