//! Distances between photographs, their summary, and what chance would have made of them.

use std::collections::BTreeMap;

use base::digest::draw;
use records::tables::{CorrespondencePairRow, CorrespondenceRow, MetricRow, RANDOM};
use statistics::exchange::{self, Exchange};

use super::closer::{self, Held};
use super::compared::Compared;
use super::signs::{self, Moved};
use super::summary::Summary;
use super::views::View;
use super::{pairs, Changes, Found, What};

/// Tables and metrics of all views of layers.
pub(super) fn summarise(changes: &[Changes], names: &[String], views: &[View], seed: u64) -> Found {
    let mut found = Found::default();
    for photo in changes {
        found.parts.extend_from_slice(&photo.boxes);
        found.places.extend_from_slice(&photo.places);
    }
    let mut closer_metrics = Vec::new();
    for (number, view) in views.iter().enumerate() {
        let layer = Layer::new(changes, number, view);
        let mut held = Vec::new();
        for (part, name) in names.iter().enumerate() {
            held.push(layer.add_part(part, name, seed, &mut found));
        }
        layer.add_random(seed, &mut found);
        let closer = closer::rows(&view.name, names, &held);
        closer_metrics.extend(closer::metrics(view, &closer));
        found.closer.extend(closer);
    }
    found.metrics = found.summary.iter().flat_map(metrics).collect();
    found.metrics.extend(closer_metrics);
    found
}

/// One layer's distances.
struct Layer<'a> {
    name: &'a str,
    number: usize,
    size: f64,
    photos: &'a [Changes],
    /// Photo by photo, of everything that was hidden.
    moved: Vec<Vec<Moved>>,
}

impl<'a> Layer<'a> {
    fn new(photos: &'a [Changes], number: usize, view: &'a View) -> Self {
        let moved = |photo: &Changes| {
            let hidden = photo.hidden.iter();
            hidden.map(|it| it.signs[number].moved()).collect()
        };
        Self {
            name: &view.name,
            number,
            size: view.size as f64,
            photos,
            moved: photos.iter().map(moved).collect(),
        }
    }

    /// Where `what` stands among all that was hidden of each photo that has it.
    fn having(&self, what: What) -> Vec<(usize, usize)> {
        let at = |photo: &Changes| photo.hidden.iter().position(|hidden| hidden.what == what);
        let photos = self.photos.iter().enumerate();
        photos
            .filter_map(|(photo, changes)| Some((photo, at(changes)?)))
            .collect()
    }

    /// The places that were hidden of a photo: what they are called and where they stand.
    fn places(&self, photo: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let hidden = self.photos[photo].hidden.iter().enumerate();
        hidden.filter_map(|(at, hidden)| match hidden.what {
            What::Place(place) => Some((place, at)),
            What::Part(_) | What::Elsewhere(_) => None,
        })
    }

    /// Adds a part; gives it held against random places, and against its places in other photos.
    fn add_part(&self, part: usize, name: &str, seed: u64, found: &mut Found) -> [Held; 2] {
        let having = self.having(What::Part(part));
        let photos: Vec<usize> = having.iter().map(|(photo, _)| *photo).collect();
        let lot = draw(seed, &["correspondence", "pairs", self.name, name]);
        let candidates = having.iter().map(|&(photo, at)| {
            let places = self.places(photo).map(|(_, at)| at);
            (photo, std::iter::once(at).chain(places).collect())
        });
        let compared = Compared::new(self.photos, self.number, candidates.collect(), lot);
        let distances: Vec<_> = (0..compared.pairs.len())
            .map(|pair| self.distance((name, None), &compared, pair, (0, 0)))
            .collect();
        let random = self.random_distances(&compared, 1);
        let elsewhere = self.elsewhere_distances(part, name, lot);
        let held = [&random, &elsewhere].map(|control| Held::of(&distances, control));
        let (random, summary) = (Summary::of(&random), Summary::of(&distances));
        let differing = |_, differing| f64::from(differing);
        let test = self.test(name, &compared, seed, differing);
        let disagreement = |hidden, differing| {
            let apart = f64::from(differing) / self.size;
            -self.agreement(hidden, apart).unwrap_or(0.0)
        };
        let agreement_test = self.test(name, &compared, seed, disagreement);
        found.summary.push(CorrespondenceRow {
            layer: self.name.to_owned(),
            part: name.to_owned(),
            photos: photos.len(),
            pairs: pairs::count(photos.len()),
            mean: self.mean(&summary, &compared, [&having]),
            sd: summary.whole.sd,
            changed: self.changed(having),
            random_mean: self.mean(&random, &compared, &self.by_place(&photos)),
            random_sd: random.whole.sd,
            random_changed: self.changed(self.all_places(&photos)),
            p_value: test.map(|test| test.p_value),
            agreement_mean: summary.agreement.mean,
            agreement_sd: summary.agreement.sd,
            random_agreement_mean: random.agreement.mean,
            random_agreement_sd: random.agreement.sd,
            agreement_p_value: agreement_test.map(|test| test.p_value),
            p_least: test.map(|test| test.least),
            method: test
                .map_or("", |test| if test.exact { "exact" } else { "drawn" })
                .to_owned(),
        });
        found.pairs.extend(distances);
        held
    }

    /// With the part's place in another photo hidden in each.
    fn elsewhere_distances(&self, part: usize, name: &str, lot: u64) -> Vec<CorrespondencePairRow> {
        let having = self.having(What::Elsewhere(part)).into_iter();
        let candidates = having.map(|(photo, at)| (photo, vec![at])).collect();
        let compared = Compared::new(self.photos, self.number, candidates, lot);
        let pairs = 0..compared.pairs.len();
        pairs
            .map(|pair| self.distance((name, None), &compared, pair, (0, 0)))
            .collect()
    }

    fn add_random(&self, seed: u64, found: &mut Found) {
        let photos: Vec<usize> = (0..self.photos.len())
            .filter(|photo| self.places(*photo).next().is_some())
            .collect();
        let lot = draw(seed, &["correspondence", "pairs", self.name]);
        let candidates = photos
            .iter()
            .map(|photo| (*photo, self.places(*photo).map(|(_, at)| at).collect()));
        let compared = Compared::new(self.photos, self.number, candidates.collect(), lot);
        let distances = self.random_distances(&compared, 0);
        let summary = Summary::of(&distances);
        let by_place = self.by_place(&photos);
        let sets = by_place.iter().map(|photos| pairs::count(photos.len()));
        found.summary.push(CorrespondenceRow {
            layer: self.name.to_owned(),
            part: RANDOM.to_owned(),
            photos: photos.len(),
            pairs: sets.sum(),
            mean: self.mean(&summary, &compared, &by_place),
            sd: summary.whole.sd,
            changed: self.changed(self.all_places(&photos)),
            random_mean: None,
            random_sd: None,
            random_changed: None,
            p_value: None,
            agreement_mean: summary.agreement.mean,
            agreement_sd: summary.agreement.sd,
            random_agreement_mean: None,
            random_agreement_sd: None,
            agreement_p_value: None,
            p_least: None,
            method: String::new(),
        });
        found.pairs.extend(distances);
    }

    /// Each place of one photo against the place of the same number of the other; the places are the candidates from
    /// `first` on.
    fn random_distances(&self, compared: &Compared, first: usize) -> Vec<CorrespondencePairRow> {
        let mut distances = Vec::new();
        for (pair, &(a, b)) in compared.pairs.iter().enumerate() {
            let places = self.places(compared.photos[a]).enumerate();
            for (at_a, (place, _)) in places {
                let mut others = self.places(compared.photos[b]);
                if let Some(at_b) = others.position(|(other, _)| other == place) {
                    let hidden = (first + at_a, first + at_b);
                    distances.push(self.distance((RANDOM, Some(place)), compared, pair, hidden));
                }
            }
        }
        distances
    }

    /// Distance and agreement of a pair by its number, each photo with one of its candidates.
    fn distance(
        &self,
        (part, place): (&str, Option<usize>),
        compared: &Compared,
        pair: usize,
        (first, second): (usize, usize),
    ) -> CorrespondencePairRow {
        let (a, b) = compared.pairs[pair];
        let distance = f64::from(compared.between(pair, (first, second))) / self.size;
        let (photo_a, photo_b) = (compared.photos[a], compared.photos[b]);
        let hidden = (
            (photo_a, compared.candidates[a][first]),
            (photo_b, compared.candidates[b][second]),
        );
        CorrespondencePairRow {
            layer: self.name.to_owned(),
            part: part.to_owned(),
            place,
            image_a: self.photos[photo_a].image_id.clone(),
            image_b: self.photos[photo_b].image_id.clone(),
            distance,
            agreement: self.agreement(hidden, distance),
        }
    }

    /// The agreement beyond chance of two photos, each with something hidden, at this distance.
    fn agreement(&self, (a, b): ((usize, usize), (usize, usize)), apart: f64) -> Option<f64> {
        self.moved[a.0][a.1].agreement(&self.moved[b.0][b.1], apart)
    }

    /// Mean distance over all pairs inside each of the sets, where not all pairs are in the summary: from how many fell,
    /// stayed and rose at each value.
    fn mean<'s>(
        &self,
        summary: &Summary,
        compared: &Compared,
        sets: impl IntoIterator<Item = &'s Vec<(usize, usize)>>,
    ) -> Option<f64> {
        if compared.pairs.len() == pairs::count(compared.photos.len()) {
            return summary.whole.mean;
        }
        let (mut differing, mut pairs) = (0, 0);
        for set in sets {
            let signs = set
                .iter()
                .map(|(photo, at)| &self.photos[*photo].hidden[*at].signs[self.number]);
            differing += signs::differing_pairs(signs);
            pairs += pairs::count(set.len());
        }
        (pairs > 0).then(|| differing as f64 / self.size / pairs as f64)
    }

    /// Place by place, of which photos it was hidden, and where it stands there.
    fn by_place(&self, photos: &[usize]) -> Vec<Vec<(usize, usize)>> {
        let mut by_place: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for &photo in photos {
            for (place, at) in self.places(photo) {
                by_place.entry(place).or_default().push((photo, at));
            }
        }
        by_place.into_values().collect()
    }

    fn all_places(&self, photos: &[usize]) -> Vec<(usize, usize)> {
        let places = |photo: &usize| {
            let photo = *photo;
            self.places(photo).map(move |(_, at)| (photo, at))
        };
        photos.iter().flat_map(places).collect()
    }

    /// Mean share of the layer's values that were changed.
    fn changed(&self, hidden: Vec<(usize, usize)>) -> Option<f64> {
        let changed = |(photo, at): &(usize, usize)| self.moved[*photo][*at].either();
        let sum: f64 = hidden.iter().map(changed).sum();
        (!hidden.is_empty()).then(|| sum / hidden.len() as f64)
    }

    /// Whether the sum of `measure` over the pairs is lower for the part than if it were one of the photo's random places.
    fn test(
        &self,
        part: &str,
        compared: &Compared,
        seed: u64,
        measure: impl Fn(((usize, usize), (usize, usize)), u32) -> f64 + Sync,
    ) -> Option<Exchange> {
        if compared.photos.len() < 2 {
            return None;
        }
        let sizes: Vec<usize> = compared.candidates.iter().map(Vec::len).collect();
        let seed = draw(seed, &["correspondence", self.name, part]);
        exchange::lower(&sizes, seed, |choice| {
            let at = |photo: usize| {
                let hidden = compared.candidates[photo][choice[photo]];
                (compared.photos[photo], hidden)
            };
            let pairs = compared.pairs.iter().enumerate();
            pairs
                .map(|(pair, &(a, b))| {
                    let differing = compared.between(pair, (choice[a], choice[b]));
                    measure((at(a), at(b)), differing)
                })
                .sum::<f64>()
        })
    }
}

fn metrics(row: &CorrespondenceRow) -> Vec<MetricRow> {
    let metric = |name: &str, value: Option<f64>| {
        let metric = format!("{name}_{}_{}", row.part, row.layer);
        value.map(|value| MetricRow::new(metric, "all", (value, None), row.photos))
    };
    [
        metric("correspondence", row.mean),
        metric("correspondence_p_value", row.p_value),
        metric("correspondence_agreement", row.agreement_mean),
        metric("correspondence_agreement_p_value", row.agreement_p_value),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::signs::Signs;
    use super::super::Hidden;
    use super::*;

    /// A layer of four values, none before; each change is told by what is there afterwards.
    fn hidden(what: What, after: [f32; 4]) -> Hidden {
        Hidden {
            what,
            signs: vec![Signs::of_change(&[0.0; 4], &after)],
        }
    }

    fn photo(id: &str, hidden: Vec<Hidden>) -> Changes {
        Changes {
            image_id: id.into(),
            boxes: Vec::new(),
            places: Vec::new(),
            hidden,
        }
    }

    fn view() -> [View; 1] {
        [View {
            name: "top".into(),
            layer: 0,
            size: 4,
            per_map: None,
            stands_for: None,
        }]
    }

    fn found(photos: &[Changes]) -> Found {
        summarise(photos, &["nose".into(), "ear".into()], &view(), 1)
    }

    #[test]
    fn the_table_is_what_one_gets_by_hand() {
        let nose = What::Part(0);
        let photos = [
            photo(
                "a",
                vec![
                    hidden(nose, [1.0, 1.0, 0.0, 0.0]),
                    hidden(What::Place(1), [1.0, -1.0, 1.0, -1.0]),
                ],
            ),
            photo(
                "b",
                vec![
                    hidden(nose, [1.0, 1.0, 0.0, 0.0]),
                    hidden(What::Place(1), [-1.0, 1.0, -1.0, 0.0]),
                ],
            ),
            photo(
                "c",
                vec![
                    hidden(nose, [1.0, -1.0, 0.0, 0.0]),
                    hidden(What::Place(1), [0.0, 0.0, 0.0, 0.0]),
                    hidden(What::Part(1), [1.0, 0.0, 0.0, 0.0]),
                ],
            ),
        ];
        let found = found(&photos);
        let row = &found.summary[0];
        // Distances: ab 0, ac 1/4, bc 1/4.
        assert_eq!((row.photos, row.pairs), (3, 3));
        assert_eq!(row.mean, Some(0.5 / 3.0));
        assert!((row.sd.unwrap() - (1.0_f64 / 48.0).sqrt()).abs() < 1e-15);
        assert_eq!(row.changed, Some(0.5));
        // Random: ab 1, ac 1, bc 3/4.
        // Unrelated changes: aa, ab 1/2; ac, bc 1 − (1/4 + 1/8) = 5/8. Agreement: ab 1, ac and bc 1 − 2/5.
        assert!((row.agreement_mean.unwrap() - 2.2 / 3.0).abs() < 1e-12);
        assert_eq!(row.agreement_p_value, Some(0.125));
        assert_eq!(row.random_mean, Some(2.75 / 3.0));
        assert_eq!(row.random_changed, Some((1.0 + 0.75) / 3.0));
        // Of the eight choices, sums of differing signs: nnn 2, nnr 4; nrn ab 3 + ac 1 + bc 3 … all above 2.
        assert_eq!((row.p_value, row.p_least), (Some(0.125), Some(0.125)));
        assert_eq!(row.method, "exact");
        let random = &found.summary[2];
        assert_eq!((&*random.part, random.pairs), ("random", 3));
        assert_eq!(random.mean, row.random_mean);
        assert_eq!(found.pairs.len(), 6);
        let told: Vec<_> = found.metrics.iter().map(|row| &*row.metric).collect();
        assert_eq!(
            told,
            [
                "correspondence_nose_top",
                "correspondence_p_value_nose_top",
                "correspondence_agreement_nose_top",
                "correspondence_agreement_p_value_nose_top",
                "correspondence_random_top",
                "correspondence_agreement_random_top"
            ]
        );
    }

    #[test]
    fn one_photo_has_no_distance() {
        let photos = [photo(
            "a",
            vec![
                hidden(What::Part(1), [1.0, 0.0, 0.0, 0.0]),
                hidden(What::Place(1), [0.0; 4]),
            ],
        )];
        let found = found(&photos);
        let ear = &found.summary[1];
        assert_eq!((ear.photos, ear.pairs), (1, 0));
        assert_eq!((ear.mean, ear.sd, ear.p_value), (None, None, None));
        assert_eq!((found.summary[0].photos, found.summary[0].mean), (0, None));
        assert!(found.pairs.is_empty() && found.metrics.is_empty());
    }

    #[test]
    fn two_photos_have_a_mean_and_no_deviation() {
        let with = |id, after| photo(id, vec![hidden(What::Part(0), after)]);
        let photos = [with("a", [1.0; 4]), with("b", [1.0, 1.0, 0.0, 0.0])];
        let row = &found(&photos).summary[0];
        assert_eq!((row.mean, row.sd), (Some(0.5), None));
        // Without random places there is nothing to hold it against.
        assert_eq!((row.random_mean, row.p_value), (None, None));
    }
}
