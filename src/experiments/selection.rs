//! Which photos are shown in detail: the telling ones, and some drawn by seed.

use std::collections::BTreeSet;

use base::digest::draw;
use dataset::Dataset;
use network::Scores;
use records::ranked;

/// What decides whether a photo is telling.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Index in the data set.
    pub photo: usize,
    /// The two highest probabilities; `None` where classes do not exclude each other, and without a classifier.
    pub first_two: Option<(f32, f32)>,
    /// Whether the first class is the photo's own; `None` where it has no scored label.
    pub right: Option<bool>,
}

impl Candidate {
    /// Reads off a photo's probabilities what makes it telling.
    pub fn new(
        dataset: &Dataset,
        photo: usize,
        probabilities: &[f32],
        scores: Option<Scores>,
    ) -> Self {
        let order = match scores.is_some_and(Scores::are_exclusive) {
            true => ranked(probabilities),
            false => Vec::new(),
        };
        let classes = dataset.photos[photo]
            .label
            .map(|label| &dataset.labels.classes[label])
            .filter(|classes| !classes.is_empty());
        Self {
            photo,
            first_two: match order[..] {
                [first, second, ..] => Some((probabilities[first], probabilities[second])),
                _ => None,
            },
            right: match (classes, order.first()) {
                (Some(classes), Some(first)) => Some(classes.contains(first)),
                _ => None,
            },
        }
    }
}

/// Chooses `wanted` photos: half of them confident mistakes and near ties in turn, the rest drawn by seed.
pub fn choose(dataset: &Dataset, candidates: &[Candidate], wanted: usize, seed: u64) -> Vec<usize> {
    let mut mistakes: Vec<&Candidate> = candidates
        .iter()
        .filter(|c| c.right == Some(false) && c.first_two.is_some())
        .collect();
    let first = |c: &Candidate| c.first_two.map_or(0.0, |(first, _)| first);
    mistakes.sort_by(|a, b| first(b).total_cmp(&first(a)).then(a.photo.cmp(&b.photo)));
    let mut ties: Vec<&Candidate> = candidates
        .iter()
        .filter(|c| c.first_two.is_some())
        .collect();
    let gap = |c: &Candidate| c.first_two.map_or(1.0, |(first, second)| first - second);
    ties.sort_by(|a, b| gap(a).total_cmp(&gap(b)).then(a.photo.cmp(&b.photo)));
    let mut drawn: Vec<&Candidate> = candidates.iter().collect();
    drawn.sort_by_cached_key(|c| {
        (
            draw(seed, &["detail", &dataset.photos[c.photo].id]),
            c.photo,
        )
    });

    let mut chosen = BTreeSet::new();
    let (mut mistakes, mut ties) = (mistakes.into_iter(), ties.into_iter());
    let mut turn = 0;
    while chosen.len() < wanted.div_ceil(2) {
        let (from, other) = match turn % 2 {
            0 => (&mut mistakes, &mut ties),
            _ => (&mut ties, &mut mistakes),
        };
        turn += 1;
        match from.chain(other).find(|c| !chosen.contains(&c.photo)) {
            Some(candidate) => chosen.insert(candidate.photo),
            None => break,
        };
    }
    for candidate in drawn {
        if chosen.len() >= wanted {
            break;
        }
        chosen.insert(candidate.photo);
    }
    chosen.into_iter().collect()
}
