//! The classifiers of a layer: each split, number a class and penalty is a part of the layer's inner products.

use base::words::{count, enumerate};
use base::{Error, Result};
use classifiers::{Failure, Gram, Multinomial, OneVsRest};
use progress::stop_here;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::options::{Classifier, TransferOptions};
use super::splits::Split;

/// How far from the optimum a machine may be.
const TOLERANCE: f64 = 1e-4;
/// The same while a penalty is chosen.
const COARSE: f64 = 1e-3;
/// Parts of the training photographs of which each is told by the others while a penalty is chosen.
const FOLDS: usize = 3;

/// What a layer's classifiers are trained and tested on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problems<'a> {
    pub(super) options: &'a TransferOptions,
    pub(super) splits: &'a [Split],
    /// The photographs' classes.
    pub(super) labels: &'a [usize],
    pub(super) classes: usize,
    /// Splits whose training photographs choose the penalty of all; all of them where each chooses its own.
    pub(super) choosing: usize,
}

/// A classifier on a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Solved {
    pub(super) classifier: Classifier,
    pub(super) per_class: usize,
    pub(super) split: usize,
    pub(super) c: f64,
    /// What each tested photograph was taken for, in the split's order.
    pub(super) taken_for: Vec<usize>,
    /// Mean over the classes of the share that was told right.
    pub(super) accuracy: f64,
}

impl Problems<'_> {
    /// Solves all of a layer's problems; what comes out stands in the order of classifiers, numbers a class, splits.
    ///
    /// # Errors
    /// [`Error::Compute`] where a classifier cannot be made; [`Error::Stopped`] where the user stopped it.
    pub(super) fn solve(&self, gram: &Gram, layer: &str) -> Result<Vec<Solved>> {
        let each = self.options.classifier.iter();
        let kinds: Vec<(Classifier, usize)> = each
            .flat_map(|&classifier| self.options.per_class.iter().map(move |&n| (classifier, n)))
            .collect();
        let failed = |failure: Failure| Error::Compute {
            doing: format!("linear classifiers on layer {layer}"),
            message: failure.to_string(),
        };
        let mut all = Vec::with_capacity(kinds.len() * self.splits.len());
        for (classifier, per_class) in kinds {
            let choosing = &self.splits[..self.choosing.min(self.splits.len())];
            let scores = choosing.par_iter().map(|split| {
                stop_here()?;
                let scores = self.scores(gram, split, (classifier, per_class));
                scores.map_err(failed)
            });
            let scores: Vec<Vec<f64>> = scores.collect::<Result<_>>()?;
            let own = scores.len() == self.splits.len();
            let together = best(&self.options.c, &sum_of(&scores));
            let solved = self.splits.par_iter().enumerate().map(|(number, split)| {
                stop_here()?;
                let c = match own {
                    true => best(&self.options.c, &scores[number]),
                    false => together,
                };
                let trained = split.trained(per_class);
                let (classifier, parts) = (classifier, (&*trained, &*split.tested));
                let taken_for = self.taken_for(gram, parts, classifier, c);
                let taken_for = taken_for.map_err(failed)?;
                Ok(Solved {
                    classifier,
                    per_class,
                    split: number,
                    c,
                    accuracy: self.accuracy(&split.tested, &taken_for),
                    taken_for,
                })
            });
            all.extend(solved.collect::<Result<Vec<_>>>()?);
        }
        Ok(all)
    }

    /// How many classifiers are made for so many layers, to choose penalties and to be tested, in words.
    pub(super) fn counted(&self, layers: usize) -> String {
        let choosing = match self.options.c.len() {
            1 => 0,
            penalties => self.choosing.min(self.splits.len()) * penalties,
        };
        let of_number = |per_class: &usize| match *per_class {
            0 | 1 => self.splits.len(),
            n => self.splits.len() + choosing * FOLDS.min(n),
        };
        let solved: usize = self.options.per_class.iter().map(of_number).sum();
        let told = self
            .options
            .classifier
            .iter()
            .map(|classifier| match classifier {
                Classifier::Svm => count(layers * solved * self.classes, "two-class problem"),
                Classifier::Softmax => count(layers * solved, "multinomial problem"),
            });
        enumerate(told.collect::<Vec<_>>())
    }

    /// By penalty the accuracy on the parts of the training photographs, each told by the others.
    fn scores(
        &self,
        gram: &Gram,
        split: &Split,
        (classifier, per_class): (Classifier, usize),
    ) -> Result<Vec<f64>, Failure> {
        if self.options.c.len() == 1 || per_class < 2 {
            return Ok(vec![0.0; self.options.c.len()]);
        }
        let folds = split.folds(per_class, FOLDS.min(per_class));
        let of_fold = |(number, held_back): (usize, &Vec<usize>)| -> Result<Vec<f64>, Failure> {
            let others = folds.iter().enumerate().filter(|(at, _)| *at != number);
            let trained: Vec<usize> = others.flat_map(|(_, fold)| fold.iter().copied()).collect();
            let (inner, labels) = (gram.part(&trained, &trained), self.labels_of(&trained));
            let cross = gram.part(held_back, &trained);
            let asked = (self.classes, &*self.options.c, COARSE);
            let taken_for: Vec<Vec<usize>> = match classifier {
                Classifier::Svm => {
                    let path = OneVsRest::path(&inner, &labels, asked)?;
                    path.iter().map(|it| it.classify(&cross)).collect()
                }
                Classifier::Softmax => {
                    let path = Multinomial::path(&inner, &labels, asked)?;
                    path.iter().map(|it| it.classify(&cross)).collect()
                }
            };
            let scores = taken_for.iter();
            Ok(scores
                .map(|taken_for| self.accuracy(held_back, taken_for))
                .collect())
        };
        let scores = folds.par_iter().enumerate().map(of_fold);
        Ok(sum_of(&scores.collect::<Result<Vec<_>, _>>()?))
    }

    fn labels_of(&self, places: &[usize]) -> Vec<usize> {
        places.iter().map(|&place| self.labels[place]).collect()
    }

    fn taken_for(
        &self,
        gram: &Gram,
        (trained, tested): (&[usize], &[usize]),
        classifier: Classifier,
        c: f64,
    ) -> Result<Vec<usize>, Failure> {
        let labels = self.labels_of(trained);
        let (inner, cross) = (gram.part(trained, trained), gram.part(tested, trained));
        let told = (self.classes, c, TOLERANCE);
        Ok(match classifier {
            Classifier::Svm => OneVsRest::solve(&inner, &labels, told)?.classify(&cross),
            Classifier::Softmax => Multinomial::solve(&inner, &labels, told)?.classify(&cross),
        })
    }

    /// Mean over the classes of the share of tested photographs that was told right.
    fn accuracy(&self, tested: &[usize], taken_for: &[usize]) -> f64 {
        let mut counts = vec![(0usize, 0usize); self.classes];
        for (&place, &class) in tested.iter().zip(taken_for) {
            let (of, right) = &mut counts[self.labels[place]];
            *of += 1;
            *right += usize::from(class == self.labels[place]);
        }
        let shares = counts.iter().filter(|(of, _)| *of > 0);
        let shares: Vec<f64> = shares
            .map(|&(of, right)| right as f64 / of as f64)
            .collect();
        shares.iter().sum::<f64>() / shares.len().max(1) as f64
    }
}

/// The penalty with the highest score; of equals the smallest.
fn best(penalties: &[f64], scores: &[f64]) -> f64 {
    let mut all: Vec<(f64, f64)> = penalties
        .iter()
        .copied()
        .zip(scores.iter().copied())
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
    all.first().map_or(1.0, |(c, _)| *c)
}

/// Sums over what chooses: their order is that of means.
fn sum_of(scores: &[Vec<f64>]) -> Vec<f64> {
    let mut sum = scores.first().cloned().unwrap_or_default();
    for others in scores.iter().skip(1) {
        sum.iter_mut()
            .zip(others)
            .for_each(|(sum, score)| *sum += score);
    }
    sum
}
