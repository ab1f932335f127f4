//! A linear support vector machine for two classes, solved in the dual by pairs (Platt 1998), each chosen by the gain that
//! second-order information promises (Fan, Chen & Lin, JMLR 2005, WSS 2).

use super::{Failure, Gram};

/// Steps after which it is given up.
const STEPS: usize = 10_000_000;
/// Curvatures are not smaller.
const LEAST_CURVATURE: f64 = 1e-12;

/// `f(x) = Σ βᵢ ⟨xᵢ, x⟩ + bias`, which minimises `½‖w‖² + C Σ max(0, 1 − yᵢ f(xᵢ))`.
#[derive(Debug, Clone, PartialEq)]
pub struct Svm {
    /// By example `yᵢ αᵢ`, from 0 to C in its class' direction.
    pub weights: Vec<f64>,
    /// Where no example lies on the margin, the middle of those that are optimal.
    pub bias: f64,
    /// What the primal value is above the dual one, as a part of the primal.
    pub gap: f64,
}

impl Svm {
    /// Solves it for examples whose class is told by `of_class`, until no pair violates the optimum's conditions by more than
    /// `tolerance`.
    ///
    /// # Errors
    /// [`Failure::OneClass`], [`Failure::Unsolved`].
    pub fn solve(gram: &Gram, of_class: &[bool], c: f64, tolerance: f64) -> Result<Self, Failure> {
        let mut problem = Problem::new(gram, of_class)?;
        problem.solve(c, tolerance)
    }

    /// The same for several penalties, which must rise: each begins at the solution of the one before. Where no example is at its
    /// bound that is its own.
    ///
    /// # Errors
    /// Those of [`Svm::solve`].
    pub fn path(
        gram: &Gram,
        of_class: &[bool],
        penalties: &[f64],
        tolerance: f64,
    ) -> Result<Vec<Self>, Failure> {
        let mut problem = Problem::new(gram, of_class)?;
        let penalties = penalties.iter();
        penalties.map(|&c| problem.solve(c, tolerance)).collect()
    }

    /// The decision values of examples, whose products with those that it was solved on are the rows of `gram`.
    pub fn decisions(&self, gram: &Gram) -> Vec<f64> {
        let of_row = |row: usize| {
            let terms = gram.row(row).iter().zip(&self.weights);
            terms.map(|(product, weight)| product * weight).sum::<f64>() + self.bias
        };
        (0..gram.rows()).map(of_row).collect()
    }
}

struct Problem<'a> {
    gram: &'a Gram,
    c: f64,
    signs: Vec<f64>,
    diagonal: Vec<f64>,
    /// `yᵢ αᵢ`.
    weights: Vec<f64>,
    /// `yᵢ − Σ βⱼ ⟨xⱼ, xᵢ⟩`: what the bias would have to be.
    errors: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(gram: &'a Gram, of_class: &[bool]) -> Result<Self, Failure> {
        if of_class.iter().all(|&is| is) || !of_class.iter().any(|&is| is) {
            return Err(Failure::OneClass);
        }
        let signs: Vec<f64> = of_class
            .iter()
            .map(|&is| if is { 1.0 } else { -1.0 })
            .collect();
        Ok(Self {
            gram,
            c: 0.0,
            diagonal: (0..gram.rows()).map(|at| gram.row(at)[at]).collect(),
            weights: vec![0.0; signs.len()],
            errors: signs.clone(),
            signs,
        })
    }

    /// Goes on to the optimum of a penalty that is not below the last one.
    fn solve(&mut self, c: f64, tolerance: f64) -> Result<Svm, Failure> {
        debug_assert!(c >= self.c, "penalties rise");
        self.c = c;
        for _ in 0..STEPS {
            let (i, most) = self.highest();
            let (least, j) = self.partner(i, most);
            if most - least <= tolerance {
                return Ok(self.solution(0.5 * (most + least)));
            }
            self.step(i, j);
        }
        Err(Failure::Unsolved(STEPS))
    }

    fn bounds(&self, at: usize) -> (f64, f64) {
        match self.signs[at] > 0.0 {
            true => (0.0, self.c),
            false => (-self.c, 0.0),
        }
    }

    /// Of the examples whose weight may grow the one with the largest error.
    fn highest(&self) -> (usize, f64) {
        let mut best = (0, f64::NEG_INFINITY);
        for (at, (&weight, &error)) in self.weights.iter().zip(&self.errors).enumerate() {
            let bound = if self.signs[at] > 0.0 { self.c } else { 0.0 };
            if weight < bound && error > best.1 {
                best = (at, error);
            }
        }
        best
    }

    /// The smallest error of those whose weight may shrink, and the one of them that promises the largest gain.
    fn partner(&self, i: usize, most: f64) -> (f64, usize) {
        let row = self.gram.row(i);
        let (mut least, mut best) = (f64::INFINITY, (i, 0.0));
        for (at, &product) in row.iter().enumerate() {
            let bound = if self.signs[at] > 0.0 { 0.0 } else { -self.c };
            if self.weights[at] <= bound {
                continue;
            }
            let error = self.errors[at];
            least = least.min(error);
            let distance = most - error;
            if distance > 0.0 {
                let curvature = self.diagonal[i] + self.diagonal[at] - 2.0 * product;
                let gain = distance * distance / curvature.max(LEAST_CURVATURE);
                if gain > best.1 {
                    best = (at, gain);
                }
            }
        }
        (least, best.0)
    }

    /// Moves weight from `j` to `i` as far as it pays and is allowed.
    fn step(&mut self, i: usize, j: usize) {
        let (of_i, of_j) = (self.gram.row(i), self.gram.row(j));
        let curvature = (self.diagonal[i] + self.diagonal[j] - 2.0 * of_i[j]).max(LEAST_CURVATURE);
        let wanted = (self.errors[i] - self.errors[j]) / curvature;
        let (most, least) = (self.bounds(i).1, self.bounds(j).0);
        let (room_i, room_j) = (most - self.weights[i], self.weights[j] - least);
        let moved = wanted.min(room_i).min(room_j);
        // A bound that is reached is reached exactly.
        self.weights[i] = if moved == room_i {
            most
        } else {
            self.weights[i] + moved
        };
        self.weights[j] = if moved == room_j {
            least
        } else {
            self.weights[j] - moved
        };
        let products = of_i.iter().zip(of_j);
        for (error, (a, b)) in self.errors.iter_mut().zip(products) {
            *error -= moved * (a - b);
        }
    }

    fn solution(&self, bias: f64) -> Svm {
        // ‖w‖² = Σ βᵢ f₀(xᵢ), and f₀(xᵢ) = yᵢ − error.
        let each = || self.weights.iter().zip(&self.errors).zip(&self.signs);
        let square: f64 = each().map(|((w, error), sign)| w * (sign - error)).sum();
        let slack = each().map(|((_, error), sign)| (sign * (error - bias)).max(0.0));
        let primal = 0.5 * square + self.c * slack.sum::<f64>();
        let dual = self.weights.iter().map(|weight| weight.abs()).sum::<f64>() - 0.5 * square;
        Svm {
            gap: (primal - dual) / primal.max(f64::MIN_POSITIVE),
            weights: self.weights.clone(),
            bias,
        }
    }
}
