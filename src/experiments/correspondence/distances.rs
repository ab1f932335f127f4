//! Distances between photographs, their summary, and what chance would have made of them.

use rayon::prelude::*;

use crate::digest::draw;
use crate::records::tables::{CorrespondencePairRow, CorrespondenceRow, MetricRow, RANDOM};
use crate::statistics::exchange::{self, Exchange};

use super::signs::Moved;
use super::{Changes, Found, Hidden, View, What};

/// Tables and metrics of all views of layers.
pub(super) fn summarise(changes: &[Changes], names: &[String], views: &[View], seed: u64) -> Found {
    let mut found = Found::default();
    for photo in changes {
        found.parts.extend_from_slice(&photo.boxes);
    }
    for (number, view) in views.iter().enumerate() {
        let layer = Layer::new(changes, number, view);
        for (part, name) in names.iter().enumerate() {
            layer.add_part(part, name, seed, &mut found);
        }
        layer.add_random(&mut found);
    }
    found.metrics = found.summary.iter().flat_map(metrics).collect();
    found
}

/// One layer's distances.
struct Layer<'a> {
    name: &'a str,
    size: f64,
    photos: &'a [Changes],
    /// For each pair of photos a < b, in rows of a: the differing signs of everything hidden of one against everything
    /// hidden of the other.
    differing: Vec<Vec<u32>>,
    /// Photo by photo, of everything that was hidden.
    moved: Vec<Vec<Moved>>,
}

impl<'a> Layer<'a> {
    fn new(photos: &'a [Changes], number: usize, view: &'a View) -> Self {
        let pairs: Vec<(usize, usize)> = (0..photos.len())
            .flat_map(|a| (a + 1..photos.len()).map(move |b| (a, b)))
            .collect();
        let differing = |&(a, b): &(usize, usize)| {
            let (a, b): (&[Hidden], &[Hidden]) = (&photos[a].hidden, &photos[b].hidden);
            a.iter()
                .flat_map(|a| {
                    b.iter()
                        .map(|b| a.signs[number].differing(&b.signs[number]))
                })
                .collect()
        };
        Self {
            name: &view.name,
            size: view.size as f64,
            photos,
            differing: pairs.par_iter().map(differing).collect(),
            moved: photos
                .iter()
                .map(|photo| {
                    photo
                        .hidden
                        .iter()
                        .map(|h| h.signs[number].moved())
                        .collect()
                })
                .collect(),
        }
    }

    /// Differing signs of the photos a < b, each with something hidden.
    fn between(&self, (a, hidden_a): (usize, usize), (b, hidden_b): (usize, usize)) -> u32 {
        let pairs_before = a * (2 * self.photos.len() - a - 1) / 2;
        let columns = self.photos[b].hidden.len();
        self.differing[pairs_before + b - a - 1][hidden_a * columns + hidden_b]
    }

    /// Their distance.
    fn apart(&self, a: (usize, usize), b: (usize, usize)) -> f64 {
        f64::from(self.between(a, b)) / self.size
    }

    /// Their agreement beyond chance.
    fn agreement(&self, a: (usize, usize), b: (usize, usize)) -> Option<f64> {
        self.moved[a.0][a.1].agreement(&self.moved[b.0][b.1], self.apart(a, b))
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
            What::Part(_) => None,
        })
    }

    fn add_part(&self, part: usize, name: &str, seed: u64, found: &mut Found) {
        let having = self.having(What::Part(part));
        let photos: Vec<usize> = having.iter().map(|(photo, _)| *photo).collect();
        let mut distances = Vec::new();
        for (a, b) in pairs(&having) {
            distances.push(self.distance(name, None, a, b));
        }
        let random = Summary::of(&self.random_distances(&photos));
        let summary = Summary::of(&distances);
        let test = self.test(name, &having, seed, |a, b| f64::from(self.between(a, b)));
        let disagreement = |a, b| -self.agreement(a, b).unwrap_or(0.0);
        let agreement_test = self.test(name, &having, seed, disagreement);
        found.summary.push(CorrespondenceRow {
            layer: self.name.to_owned(),
            part: name.to_owned(),
            photos: photos.len(),
            pairs: distances.len(),
            mean: summary.whole.mean,
            sd: summary.whole.sd,
            changed: self.changed(having),
            random_mean: random.whole.mean,
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
    }

    fn add_random(&self, found: &mut Found) {
        let photos: Vec<usize> = (0..self.photos.len())
            .filter(|photo| self.places(*photo).next().is_some())
            .collect();
        let distances = self.random_distances(&photos);
        let summary = Summary::of(&distances);
        found.summary.push(CorrespondenceRow {
            layer: self.name.to_owned(),
            part: RANDOM.to_owned(),
            photos: photos.len(),
            pairs: distances.len(),
            mean: summary.whole.mean,
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

    /// Each place of one photo against the place of the same number of the other.
    fn random_distances(&self, photos: &[usize]) -> Vec<CorrespondencePairRow> {
        let mut distances = Vec::new();
        for (a, b) in pairs(photos) {
            for (place, at_a) in self.places(a) {
                let other = self.places(b).find(|(other, _)| *other == place);
                if let Some((_, at_b)) = other {
                    distances.push(self.distance(RANDOM, Some(place), (a, at_a), (b, at_b)));
                }
            }
        }
        distances
    }

    fn distance(
        &self,
        part: &str,
        place: Option<usize>,
        a: (usize, usize),
        b: (usize, usize),
    ) -> CorrespondencePairRow {
        CorrespondencePairRow {
            layer: self.name.to_owned(),
            part: part.to_owned(),
            place,
            image_a: self.photos[a.0].image_id.clone(),
            image_b: self.photos[b.0].image_id.clone(),
            distance: self.apart(a, b),
            agreement: self.agreement(a, b),
        }
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
        having: &[(usize, usize)],
        seed: u64,
        measure: impl Fn((usize, usize), (usize, usize)) -> f64,
    ) -> Option<Exchange> {
        if having.len() < 2 {
            return None;
        }
        let candidates: Vec<Vec<usize>> = having
            .iter()
            .map(|&(photo, at)| {
                let places = self.places(photo).map(|(_, at)| at);
                std::iter::once(at).chain(places).collect()
            })
            .collect();
        let sizes: Vec<usize> = candidates.iter().map(Vec::len).collect();
        let seed = draw(seed, &["correspondence", self.name, part]);
        let numbers: Vec<usize> = (0..having.len()).collect();
        exchange::lower(&sizes, seed, |choice| {
            let at = |number: usize| (having[number].0, candidates[number][choice[number]]);
            pairs(&numbers)
                .map(|(a, b)| measure(at(a), at(b)))
                .sum::<f64>()
        })
    }
}

/// All pairs, the earlier one first.
fn pairs<T: Copy>(items: &[T]) -> impl Iterator<Item = (T, T)> + '_ {
    let later = |(at, a): (usize, &T)| {
        let a = *a;
        items[at + 1..].iter().map(move |b| (a, *b))
    };
    items.iter().enumerate().flat_map(later)
}

/// Mean and standard deviation (n − 1) of what there is.
#[derive(Default)]
struct Spread {
    mean: Option<f64>,
    sd: Option<f64>,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self {
            mean: Some(mean),
            sd: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        }
    }
}

struct Summary {
    whole: Spread,
    agreement: Spread,
}

impl Summary {
    fn of(rows: &[CorrespondencePairRow]) -> Self {
        let whole: Vec<f64> = rows.iter().map(|row| row.distance).collect();
        let agreement: Vec<f64> = rows.iter().filter_map(|row| row.agreement).collect();
        Self {
            whole: Spread::of(&whole),
            agreement: Spread::of(&agreement),
        }
    }
}

fn metrics(row: &CorrespondenceRow) -> Vec<MetricRow> {
    let metric = |name: &str, value: Option<f64>| {
        value.map(|value| MetricRow {
            metric: format!("{name}_{}_{}", row.part, row.layer),
            scope: "all".into(),
            value,
            low: None,
            high: None,
            count: row.photos,
        })
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
            hidden,
        }
    }

    fn view() -> [View; 1] {
        [View {
            name: "top".into(),
            layer: 0,
            size: 4,
            per_map: None,
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
