//! Which photographs are trained on and which are tested, drawn by seed.

use base::digest::draw;

/// A photograph that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Photo {
    /// Its number in the data set.
    pub(super) photo: usize,
    /// Its id.
    pub(super) id: String,
    /// Its class, from 0.
    pub(super) class: usize,
}

/// One way to part the photographs, by their places in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    /// Class by class, in the order in which they are taken: the first so many are trained on.
    candidates: Vec<Vec<usize>>,
    /// Those that are tested, whatever the number that is trained on.
    pub(super) tested: Vec<usize>,
}

impl Split {
    /// The split of that number: of each class the first `most` in an order drawn by lot may be trained on, and at most
    /// `tested` of the others are tested.
    pub(super) fn drawn(
        photos: &[Photo],
        classes: usize,
        (seed, number): (u64, usize),
        (most, tested): (usize, usize),
    ) -> Self {
        let number = number.to_string();
        let mut split = Self {
            candidates: Vec::with_capacity(classes),
            tested: Vec::new(),
        };
        for class in 0..classes {
            let of_class = photos.iter().enumerate();
            let of_class = of_class.filter(|(_, photo)| photo.class == class);
            let mut places: Vec<usize> = of_class.map(|(place, _)| place).collect();
            places
                .sort_by_cached_key(|&place| draw(seed, &["transfer", &number, &photos[place].id]));
            let mut others = places.split_off(most.min(places.len()));
            others.truncate(tested);
            split.tested.extend(others);
            split.candidates.push(places);
        }
        split.tested.sort_unstable();
        split
    }

    /// So many of each class, class after class.
    pub(super) fn trained(&self, per_class: usize) -> Vec<usize> {
        let of_class = |places: &Vec<usize>| places[..per_class.min(places.len())].to_vec();
        self.candidates.iter().flat_map(of_class).collect()
    }

    /// Parts of what is trained on, `folds` of them, with as many of each class as possible.
    pub(super) fn folds(&self, per_class: usize, folds: usize) -> Vec<Vec<usize>> {
        let mut parts = vec![Vec::new(); folds];
        for places in &self.candidates {
            for (number, &place) in places.iter().take(per_class).enumerate() {
                parts[number % folds].push(place);
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photos() -> Vec<Photo> {
        let photo = |photo: usize| Photo {
            photo,
            id: format!("photo-{photo}"),
            class: photo % 3,
        };
        (0..30).map(photo).collect()
    }

    #[test]
    fn no_photograph_is_trained_on_and_tested() {
        let photos = photos();
        let split = Split::drawn(&photos, 3, (7, 0), (4, 5));
        let trained = split.trained(4);
        assert_eq!((trained.len(), split.tested.len()), (12, 15));
        assert!(trained.iter().all(|place| !split.tested.contains(place)));
        for class in 0..3 {
            let of_class = trained.iter().filter(|&&at| photos[at].class == class);
            assert_eq!(of_class.count(), 4);
        }
        // Fewer are among more, and are tested on the same.
        let fewer = split.trained(2);
        assert!(fewer.iter().all(|place| trained.contains(place)));
        assert_ne!(split, Split::drawn(&photos, 3, (7, 1), (4, 5)));
        assert_ne!(split, Split::drawn(&photos, 3, (8, 0), (4, 5)));
    }

    #[test]
    fn folds_part_what_is_trained_on() {
        let photos = photos();
        let split = Split::drawn(&photos, 3, (7, 0), (4, 5));
        let folds = split.folds(4, 3);
        let mut all: Vec<usize> = folds.iter().flatten().copied().collect();
        assert_eq!(folds[0].len(), 6);
        all.sort_unstable();
        let mut trained = split.trained(4);
        trained.sort_unstable();
        assert_eq!(all, trained);
    }
}
