//! What sliding an occluder over one photograph left.

use serde::{Deserialize, Serialize};

/// One photo of the occlusion experiment (ZF fig. 7). Positions stand row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OcclusionRecord {
    /// The photo.
    pub image_id: String,
    /// sha256 of its file.
    pub sha256: String,
    /// Its width and height after EXIF orientation.
    pub photo_size: (u32, u32),
    /// First rows under the occluder, in pixels of the network's input.
    pub rows: Vec<usize>,
    /// First columns under it.
    pub columns: Vec<usize>,
    /// What became of the classes; `None` without a classifier.
    pub classes: Option<OccludedClasses>,
    /// The followed map's number.
    pub map: usize,
    /// Its summed activation, nothing hidden.
    pub map_clean: f32,
    /// Its summed activation at each position.
    pub map_activation: Vec<f32>,
    /// The strongest unit of every map of that layer, nothing hidden.
    pub peaks: Vec<Peak>,
    /// How near the numbers of the fast mode are to the exact ones; `None` where all are exact.
    pub fast: Option<Similarity>,
    /// The positions held against the photo's visible regions.
    pub regions: Vec<RegionRecord>,
    /// Rank correlation over the positions of what the followed map loses there and the energy of its projection under the
    /// occluder; `None` where no projection comes from it, or one of the two is the same everywhere.
    pub projection_correlation: Option<f64>,
}

/// The strongest unit of a map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// Row.
    pub y: usize,
    /// Column.
    pub x: usize,
    /// Its value.
    pub activation: f32,
}

/// The class that is followed, and the first ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OccludedClasses {
    /// The followed class.
    pub class: usize,
    /// Whether it is the photo's label; else the one predicted.
    pub is_label: bool,
    /// The first class, nothing hidden.
    pub first_clean: usize,
    /// The followed class's probability, nothing hidden.
    pub clean: f32,
    /// Its probability at each position.
    pub probability: Vec<f32>,
    /// The most probable class at each position.
    pub first: Vec<usize>,
    /// Its probability.
    pub first_probability: Vec<f32>,
    /// Share hidden and the class's probability.
    pub deletion: Vec<(f64, f32)>,
    /// Share shown and the class's probability.
    pub insertion: Vec<(f64, f32)>,
}

/// How near a map of the fast mode is to the exact one, on a sample of positions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Similarity {
    /// Positions in the sample.
    pub sampled: usize,
    /// Structural similarity and greatest difference of the probability; `None` without a classifier.
    pub probability: Option<(f64, f64)>,
    /// The same of the map activation, the difference as a part of its range.
    pub map: (f64, f64),
}

/// A region and the most harmful position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionRecord {
    /// Its name.
    pub region: String,
    /// Whether the occluder's centre lies in it.
    pub hit: bool,
    /// Part of the occluder that lies in it.
    pub overlap: f64,
    /// Share of all positions whose centre lies in it.
    pub chance: f64,
    /// What of the class's probability is lost at these, on the average; `None` without one, or without a classifier.
    pub drop_inside: Option<f64>,
    /// The same of all other positions.
    pub drop_outside: Option<f64>,
}

impl OcclusionRecord {
    /// The most harmful position, as its place in the lists: where the class, or without a classifier the map, has least
    /// left; the first of equals.
    pub fn worst(&self) -> usize {
        let left = match &self.classes {
            Some(classes) => &classes.probability,
            None => &self.map_activation,
        };
        let places = left.iter().enumerate();
        places
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map_or(0, |(at, _)| at)
    }

    /// The occluder's first row and column at a place in the lists.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let wide = self.columns.len().max(1);
        (self.rows[at / wide], self.columns[at % wide])
    }
}

/// Area under a curve of (share, probability) by trapezia.
pub fn area(curve: &[(f64, f32)]) -> f64 {
    let pieces = curve.windows(2);
    pieces
        .map(|pair| {
            let mean = f64::from(pair[0].1 + pair[1].1) / 2.0;
            (pair[1].0 - pair[0].0) * mean
        })
        .sum()
}
