//! Several classes by a support vector machine for each.

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
        let machine = |class: usize| {
            let of_class: Vec<bool> = labels.iter().map(|&label| label == class).collect();
            Svm::solve(gram, &of_class, c, tolerance)
        };
        let machines = (0..classes).map(machine).collect::<Result<_, _>>()?;
        Ok(Self { machines })
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
