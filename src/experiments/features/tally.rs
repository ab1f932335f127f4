//! What a scan remembers of each map. It grows with maps, not with photographs, and is the same in whatever order these come.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use engine::maps::MapFacts;
use engine::seeds::Unit;
use serde::{Deserialize, Serialize};

/// Bins of the histogram to each doubling of the activation.
const BINS: f64 = 4.0;

/// A unit that is among a map's strongest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FoundUnit {
    /// The photo's number in the data set.
    pub photo: usize,
    /// The unit.
    pub unit: Unit,
}

impl FoundUnit {
    /// The stronger first; of equals the earlier photo, then the first in (y, x) order.
    fn order(&self, other: &Self) -> Ordering {
        let place = |found: &Self| (found.photo, found.unit.y, found.unit.x);
        let stronger = other.unit.activation.total_cmp(&self.unit.activation);
        stronger.then_with(|| place(self).cmp(&place(other)))
    }
}

/// A sum in fixed point, so that the order of its terms makes no difference: of their parts above and below 2⁻²⁴. It ends at
/// 1e31 and tells terms down to 1e-36: no network with sensible weights comes near, and one without is told as far as that
/// goes.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Sum {
    coarse: i128,
    fine: i128,
}

impl Sum {
    const COARSE: f64 = (1_u128 << 24) as f64;
    const FINE: f64 = (1_u128 << 120) as f64;

    fn add(&mut self, term: f64) {
        let coarse = (term * Self::COARSE).trunc();
        let fine = (term - coarse / Self::COARSE) * Self::FINE;
        self.coarse = self.coarse.saturating_add(coarse as i128);
        self.fine = self.fine.saturating_add(fine as i128);
    }

    fn add_sum(&mut self, other: Self) {
        self.coarse = self.coarse.saturating_add(other.coarse);
        self.fine = self.fine.saturating_add(other.fine);
    }

    fn over(self, count: usize) -> f64 {
        let sum = self.coarse as f64 / Self::COARSE + self.fine as f64 / Self::FINE;
        sum / count.max(1) as f64
    }
}

/// One map over the photographs so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MapTally {
    mean: Sum,
    square: Sum,
    /// Photos in which it fires.
    pub fires: usize,
    /// The strongest activation.
    pub maximum: f32,
    /// Photos by the strongest activation of those in which it fires: bin `b` begins at `2^(b / 4)`.
    bins: BTreeMap<i32, usize>,
    labels: Vec<(Sum, usize)>,
    /// The strongest units, the strongest first.
    pub strongest: Vec<FoundUnit>,
}

/// The maps of one layer over the photographs so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LayerTally {
    /// Photos that were counted.
    pub photos: usize,
    /// By number.
    pub maps: Vec<MapTally>,
    cells: usize,
    top: usize,
}

impl LayerTally {
    /// For so many maps of so many cells; `top` units are kept of each.
    pub fn new(maps: usize, cells: usize, top: usize, labels: usize) -> Self {
        let empty = MapTally {
            labels: vec![(Sum::default(), 0); labels],
            maximum: f32::NEG_INFINITY,
            ..MapTally::default()
        };
        Self {
            photos: 0,
            maps: vec![empty; maps],
            cells,
            top,
        }
    }

    /// Counts one photo; says which maps have units in it that may be among their strongest.
    pub fn count(&mut self, facts: MapFacts<'_>, photo: usize, label: Option<usize>) -> Vec<usize> {
        self.photos += 1;
        let mut candidates = Vec::new();
        for (number, map) in self.maps.iter_mut().enumerate() {
            let (mean, maximum) = (f64::from(facts.mean[number]), facts.maximum[number]);
            map.mean.add(mean);
            map.square
                .add(f64::from(facts.norm[number]).powi(2) / self.cells.max(1) as f64);
            map.maximum = map.maximum.max(maximum);
            if let Some((sum, photos)) = label.and_then(|label| map.labels.get_mut(label)) {
                sum.add(mean);
                *photos += 1;
            }
            if maximum > 0.0 {
                map.fires += 1;
                let bin = (f64::from(maximum).log2() * BINS).floor() as i32;
                *map.bins.entry(bin).or_default() += 1;
                let enters = map.strongest.len() < self.top
                    || map.strongest.last().is_some_and(|last| {
                        let weakest = last.unit.activation;
                        maximum > weakest || (maximum == weakest && photo <= last.photo)
                    });
                if enters {
                    candidates.push(number);
                }
            }
        }
        candidates
    }

    /// Adds what was counted of other photos.
    pub(super) fn add(&mut self, other: &Self) {
        self.photos += other.photos;
        for (ours, theirs) in self.maps.iter_mut().zip(&other.maps) {
            ours.mean.add_sum(theirs.mean);
            ours.square.add_sum(theirs.square);
            ours.fires += theirs.fires;
            ours.maximum = ours.maximum.max(theirs.maximum);
            for (&bin, photos) in &theirs.bins {
                *ours.bins.entry(bin).or_default() += photos;
            }
            for (ours, theirs) in ours.labels.iter_mut().zip(&theirs.labels) {
                ours.0.add_sum(theirs.0);
                ours.1 += theirs.1;
            }
            ours.strongest.extend_from_slice(&theirs.strongest);
            ours.strongest.sort_by(FoundUnit::order);
            ours.strongest.truncate(self.top);
        }
    }

    /// Takes units of one photo among their maps' strongest.
    pub fn enter(&mut self, photo: usize, units: impl Iterator<Item = Unit>) {
        for unit in units {
            let found = FoundUnit { photo, unit };
            let strongest = &mut self.maps[unit.feature].strongest;
            let place = strongest.partition_point(|other| other.order(&found).is_lt());
            strongest.insert(place, found);
            strongest.truncate(self.top);
        }
    }
}

impl MapTally {
    /// Mean and standard deviation over all cells of so many photos, and the mean of squares.
    pub fn moments(&self, photos: usize) -> (f64, f64, f64) {
        let (mean, square) = (self.mean.over(photos), self.square.over(photos));
        (mean, (square - mean * mean).max(0.0).sqrt(), square)
    }

    /// Intervals of the strongest activation with the photos in them, in rising order.
    pub fn histogram(&self) -> impl Iterator<Item = (f64, f64, usize)> + '_ {
        let edge = |bin: i32| (f64::from(bin) / BINS).exp2();
        let bins = self.bins.iter();
        bins.map(move |(&bin, &photos)| (edge(bin), edge(bin + 1), photos))
    }

    /// For each label its photos and the mean over all their cells.
    pub fn labels(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let means = self.labels.iter().enumerate();
        means.map(|(label, (sum, photos))| (label, *photos, sum.over(*photos)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(photos: &[(usize, f32)]) -> LayerTally {
        let mut tally = LayerTally::new(1, 4, 2, 2);
        for &(photo, maximum) in photos {
            let unit = Unit {
                feature: 0,
                y: 0,
                x: photo,
                activation: maximum,
            };
            let facts = MapFacts {
                maximum: &[maximum],
                mean: &[maximum / 3.0],
                norm: &[maximum],
            };
            let candidates = tally.count(facts, photo, Some(photo % 2));
            tally.enter(photo, candidates.into_iter().map(|_| unit));
        }
        tally
    }

    #[test]
    fn the_order_of_the_photos_makes_no_difference() {
        let photos = [(0, 0.1), (1, 2.0), (2, 0.7), (3, 2.0), (4, 2.0), (5, 0.0)];
        let forwards = scan(&photos);
        let mut backwards = photos;
        backwards.reverse();
        let backwards = scan(&backwards);
        let chosen = |tally: &LayerTally| -> Vec<usize> {
            tally.maps[0].strongest.iter().map(|f| f.photo).collect()
        };
        assert_eq!(chosen(&forwards), [1, 3]);
        assert_eq!(chosen(&backwards), [1, 3]);
        let bits = |tally: &LayerTally| tally.maps[0].moments(6).1.to_bits();
        assert_eq!(bits(&forwards), bits(&backwards));
        assert_eq!(forwards.maps[0].fires, 5);
    }

    #[test]
    fn parts_add_up_to_the_whole_wherever_they_are_cut() {
        let photos = [(0, 0.1), (1, 2.0), (2, 0.7), (3, 2.0), (4, 2.0), (5, 0.0)];
        let told = |tally: &LayerTally| serde_json::to_string(tally).map_err(|e| e.to_string());
        let whole = told(&scan(&photos));
        for at in 0..=photos.len() {
            let (first, second) = photos.split_at(at);
            let mut added = scan(second);
            added.add(&scan(first));
            assert_eq!(told(&added), whole, "cut at {at}");
        }
    }

    #[test]
    fn moments_and_histogram_are_those_of_the_numbers() {
        let tally = scan(&[(0, 3.0), (1, 6.0), (2, 6.1)]);
        let map = &tally.maps[0];
        let (mean, sd, square) = map.moments(3);
        assert!((mean - 15.1 / 9.0).abs() < 1e-6);
        assert!((square - (9.0 + 36.0 + 37.21) / 12.0).abs() < 1e-5);
        assert!((sd - (square - mean * mean).sqrt()).abs() < 1e-12);
        let bins: Vec<(f64, f64, usize)> = map.histogram().collect();
        assert_eq!(bins.len(), 2);
        assert!(bins[1].0 <= 6.0 && 6.1 < bins[1].1 && bins[1].2 == 2);
        let labels: Vec<_> = map.labels().collect();
        assert_eq!((labels[0].1, labels[1].1), (2, 1));
        assert!((labels[1].2 - 2.0).abs() < 1e-6);
    }

    /// A map that hardly fires is not one that does not vary.
    #[test]
    fn squares_of_faint_activations_are_not_lost() {
        let mut tally = LayerTally::new(1, 112 * 112, 2, 0);
        let faint = MapFacts {
            maximum: &[1e-9],
            mean: &[1e-9 / (112.0 * 112.0)],
            norm: &[1e-9],
        };
        tally.count(faint, 0, None);
        let (mean, sd, square) = tally.maps[0].moments(1);
        assert!((square * 112.0 * 112.0 / 1e-18 - 1.0).abs() < 1e-6);
        assert!(sd > 100.0 * mean);
    }

    /// Dummy weights give activations whose squares single precision cannot hold.
    #[test]
    fn activations_beyond_all_measure_stay_numbers() {
        let mut tally = LayerTally::new(1, 4, 2, 0);
        let huge = MapFacts {
            maximum: &[3e37],
            mean: &[f32::INFINITY],
            norm: &[f32::INFINITY],
        };
        tally.count(huge, 0, None);
        let (mean, sd, square) = tally.maps[0].moments(1);
        assert!([mean, sd, square].iter().all(|value| value.is_finite()));
        assert!(tally.maps[0]
            .histogram()
            .all(|(low, high, _)| low < 3e37 && 3e37 < high));
    }
}
