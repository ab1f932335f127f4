//! Several classes by a support vector machine for each.

use rayon::prelude::*;

use super::{largest, Failure, Gram, Svm};

/// A machine for each class, against all others.
#[derive(Debug, Clone, PartialEq)]
pub struct OneVsRest {
    machines: Vec<Svm>,
}

impl OneVsRest {
    /// Solves one for each of `classes` classes; `labels` are the examples' own.
    ///
    /// # Errors
    /// Those of [`Svm::solve`]: [`Failure::OneClass`] also for a class without examples.
    pub fn solve(
        gram: &Gram,
        labels: &[usize],
        (classes, c, tolerance): (usize, f64, f64),
    ) -> Result<Self, Failure> {
        let machine = |class: usize| Svm::solve(gram, &is(labels, class), c, tolerance);
        let machines = (0..classes).into_par_iter().map(machine);
        Ok(Self {
            machines: machines.collect::<Result<_, _>>()?,
        })
    }

    /// The same for several penalties, which must rise ([`Svm::path`]).
    ///
    /// # Errors
    /// Those of [`OneVsRest::solve`].
    pub fn path(
        gram: &Gram,
        labels: &[usize],
        (classes, penalties, tolerance): (usize, &[f64], f64),
    ) -> Result<Vec<Self>, Failure> {
        let path = |class: usize| Svm::path(gram, &is(labels, class), penalties, tolerance);
        let by_class = (0..classes).into_par_iter().map(path);
        let by_class: Vec<Vec<Svm>> = by_class.collect::<Result<_, _>>()?;
        let of_penalty = |at: usize| Self {
            machines: by_class.iter().map(|path| path[at].clone()).collect(),
        };
        Ok((0..penalties.len()).map(of_penalty).collect())
    }

    /// The machines, by class.
    pub fn machines(&self) -> &[Svm] {
        &self.machines
    }

    /// The class of each row's example: the machine with the largest decision value.
    pub fn classify(&self, gram: &Gram) -> Vec<usize> {
        let by_class: Vec<Vec<f64>> = self
            .machines
            .iter()
            .map(|machine| machine.decisions(gram))
            .collect();
        let of_row = |row: usize| largest(by_class.iter().map(|decisions| decisions[row]));
        (0..gram.rows()).map(of_row).collect()
    }
}

/// Which examples are of a class.
fn is(labels: &[usize], class: usize) -> Vec<bool> {
    labels.iter().map(|&label| label == class).collect()
}
