//! How much closer the changes are of a part hidden in different photographs than those of something else hidden in them.

use std::collections::{BTreeMap, BTreeSet};

use records::tables::{CloserRow, CorrespondencePairRow};

/// What parts are held against: boxes at random places, and where the part lies in other photos.
pub(super) const CONTROLS: [&str; 2] = ["random", "place"];

/// Sums of the distances of pairs: of all, and of those that a photo is one of.
#[derive(Debug, Default)]
struct Sums {
    all: (f64, usize),
    with: BTreeMap<String, (f64, usize)>,
}

impl Sums {
    fn of(pairs: &[CorrespondencePairRow]) -> Self {
        let mut sums = Self::default();
        let add = |sum: &mut (f64, usize), distance: f64| *sum = (sum.0 + distance, sum.1 + 1);
        for pair in pairs {
            add(&mut sums.all, pair.distance);
            for photo in [&pair.image_a, &pair.image_b] {
                add(sums.with.entry(photo.clone()).or_default(), pair.distance);
            }
        }
        sums
    }

    fn mean(&self) -> Option<f64> {
        let (sum, count) = self.all;
        (count > 0).then(|| sum / count as f64)
    }

    /// The mean of the pairs that a photo is not one of.
    fn without(&self, photo: &str) -> Option<f64> {
        let (sum, count) = self.all;
        let (own_sum, own) = self.with.get(photo).copied().unwrap_or_default();
        (count > own).then(|| (sum - own_sum) / (count - own) as f64)
    }
}

/// A part and what it is held against.
#[derive(Debug)]
pub(super) struct Held {
    part: Sums,
    control: Sums,
}

impl Held {
    /// From the distances of pairs.
    pub(super) fn of(part: &[CorrespondencePairRow], control: &[CorrespondencePairRow]) -> Self {
        Self {
            part: Sums::of(part),
            control: Sums::of(control),
        }
    }
}

/// A row over some parts, each counting alike; the interval is the jackknife's over the photos, as a photo's pairs hang together.
/// `None` where none of the parts has distances of both kinds.
pub(super) fn row((layer, part, control): (&str, &str, &str), held: &[&Held]) -> Option<CloserRow> {
    let held = held.iter().copied();
    let held: Vec<&Held> = held
        .filter(|it| it.part.all.1 > 0 && it.control.all.1 > 0)
        .collect();
    let over_parts = |of: &dyn Fn(&Held) -> Option<f64>| {
        let values: Option<Vec<f64>> = held.iter().map(|it| of(it)).collect();
        statistics::mean(&values?).map(|(mean, _)| mean)
    };
    let mean = over_parts(&|it| it.part.mean())?;
    let control_mean = over_parts(&|it| it.control.mean())?;
    let photos: BTreeSet<&String> = held.iter().flat_map(|it| it.part.with.keys()).collect();
    let without = photos
        .iter()
        .map(|photo| over_parts(&|it| Some(it.control.without(photo)? - it.part.without(photo)?)));
    let without: Option<Vec<f64>> = without.collect();
    let closer = control_mean - mean;
    let interval = without.and_then(|without| statistics::jackknife(closer, &without));
    Some(CloserRow {
        layer: layer.to_owned(),
        part: part.to_owned(),
        control: control.to_owned(),
        photos: photos.len(),
        mean,
        control_mean,
        closer,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;
    use crate::grids::tests::{golden, numbers};

    fn pairs(distances: [f64; 6]) -> Vec<CorrespondencePairRow> {
        let photos = ["a", "b", "c", "d"];
        let pairs = (0..4).flat_map(|a| (a + 1..4).map(move |b| (a, b)));
        let row = |((a, b), distance): ((usize, usize), f64)| CorrespondencePairRow {
            layer: "top".into(),
            part: String::new(),
            place: None,
            image_a: photos[a].into(),
            image_b: photos[b].into(),
            distance,
            agreement: None,
        };
        pairs.zip(distances).map(row).collect()
    }

    /// Of `scripts/golden/measures.py`.
    #[test]
    fn parts_are_closer_or_farther_than_what_they_are_held_against() {
        let golden = golden("closer");
        let expected = |name: &str| golden[name].as_f64().unwrap();
        let distances = |name: &str| numbers(&golden[name]).try_into().unwrap();
        let (near, far) = (pairs(distances("near")), pairs(distances("far")));
        let (nose, ear) = (Held::of(&near, &far), Held::of(&near[..3], &far[..5]));
        let found = row(("top", "", "random"), &[&nose, &ear]).unwrap();
        assert_eq!(found.photos, 4);
        assert!((found.mean - 0.135).abs() < 1e-12, "{}", found.mean);
        assert!((found.closer - 0.165).abs() < 1e-12, "{}", found.closer);
        let alone = row(("top", "nose", "random"), &[&nose]).unwrap();
        assert!((alone.closer - expected("value")).abs() < 1e-12);
        let turned = Held::of(&far, &near);
        let turned = row(("top", "nose", "random"), &[&turned]).unwrap();
        assert!((alone.closer + turned.closer).abs() < 1e-12);
        assert!((alone.low.unwrap() + turned.high.unwrap()).abs() < 1e-12);
        let (low, high) = (alone.low.unwrap(), alone.high.unwrap());
        assert!((low - expected("low")).abs() < 1e-9, "{low}");
        assert!((high - expected("high")).abs() < 1e-9, "{high}");
        // Of two photos nothing is left without one of them.
        let two = Held::of(&near[..1], &far[..1]);
        let two = row(("top", "", "random"), &[&two]).unwrap();
        assert_eq!((two.photos, two.low), (2, None));
        assert!(row(("top", "", "random"), &[&Held::of(&[], &far)]).is_none());
    }
}
