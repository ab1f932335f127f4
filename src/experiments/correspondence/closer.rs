//! How much closer the changes are of a part hidden in different photographs than those of something else hidden in them.

use std::collections::{BTreeMap, BTreeSet};

use records::tables::{CloserRow, CorrespondencePairRow, MetricRow};

use super::views::View;

/// What parts are held against: boxes at random places, and where the part lies in other photos.
const CONTROLS: [&str; 2] = ["random", "place"];

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

/// The rows of a layer: part by part and over all parts, which are called by an empty name, against each of [`CONTROLS`].
pub(super) fn rows(layer: &str, names: &[String], held: &[[Held; 2]]) -> Vec<CloserRow> {
    let mut rows = Vec::new();
    for (at, control) in CONTROLS.iter().enumerate() {
        for (name, held) in names.iter().zip(held) {
            rows.extend(row((layer, name, control), &[&held[at]]));
        }
        let all: Vec<&Held> = held.iter().map(|held| &held[at]).collect();
        rows.extend(row((layer, "", control), &all));
    }
    rows
}

/// Those over all parts, of a layer that stands for one of the paper's.
pub(super) fn metrics(view: &View, rows: &[CloserRow]) -> Vec<MetricRow> {
    let Some(stands_for) = view.stands_for else {
        return Vec::new();
    };
    let metric = |row: &CloserRow| {
        let than = match row.control == CONTROLS[1] {
            true => "than_place_",
            false => "",
        };
        let metric = format!("correspondence_closer_{than}{}", stands_for.name());
        let found = (row.closer, row.low.zip(row.high));
        MetricRow::new(metric, "all", found, row.photos)
    };
    let whole = rows.iter().filter(|row| row.part.is_empty());
    whole.map(metric).collect()
}

/// A row over some parts, each counting alike; the interval is the jackknife's over the photos, as a photo's pairs hang together.
/// `None` where none of the parts has distances of both kinds.
fn row((layer, part, control): (&str, &str, &str), held: &[&Held]) -> Option<CloserRow> {
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
    use super::super::views::Stands;
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

    /// Of a layer that stands for none of the paper's there is no figure.
    #[test]
    fn figures_are_those_of_the_paper_s_layers() {
        let near = pairs([0.1, 0.2, 0.15, 0.1, 0.05, 0.12]);
        let far = pairs([0.3, 0.25, 0.4, 0.35, 0.2, 0.3]);
        let held = [[Held::of(&near, &far), Held::of(&far, &near)]];
        let rows = rows("fc7", &["nose".into()], &held);
        assert_eq!(rows.len(), 4);
        let told = |stands_for: Option<Stands>| -> Vec<(String, f64, usize)> {
            let view = View {
                name: "fc7".into(),
                layer: 0,
                size: 4,
                per_map: None,
                stands_for,
            };
            let rows = metrics(&view, &rows).into_iter();
            rows.map(|row| (row.metric, row.value, row.count)).collect()
        };
        let [(first, closer, photos), (second, farther, _)] = &told(Some(Stands::Top))[..] else {
            unreachable!()
        };
        assert_eq!((&**first, *photos), ("correspondence_closer_top", 4));
        assert_eq!(second, "correspondence_closer_than_place_top");
        assert!((closer - 0.18).abs() < 1e-12 && (farther + 0.18).abs() < 1e-12);
        assert_eq!(
            told(Some(Stands::Upper))[0].0,
            "correspondence_closer_upper"
        );
        assert!(told(None).is_empty());
    }
}
