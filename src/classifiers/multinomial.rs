//! Multinomial logistic regression (softmax), solved by L-BFGS (Nocedal 1980) in the space of the features: weights are sums of
//! examples, so that steps and their inner products are told by the Gram matrix alone.

use ndarray::{Array1, Array2, Axis};

use super::{largest, Failure, Gram};

/// Steps after which it is given up.
const STEPS: usize = 2_000;
/// Steps that the curvature is told by.
const MEMORY: usize = 10;
/// Halvings of a step that does not pay.
const HALVINGS: usize = 40;
/// Part of the promised decrease that is asked for.
const DECREASE: f64 = 1e-4;
/// Part of a value that its rounding may be.
const ROUNDING: f64 = 1e-12;

/// `f_k(x) = Σ αᵢₖ ⟨xᵢ, x⟩ + b_k`, which minimises `½‖W‖² + C Σ −ln softmax(f(xᵢ))_{yᵢ}`; the biases are not penalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Multinomial {
    /// `[examples, classes]`.
    weights: Array2<f64>,
    /// `[classes]`.
    biases: Array1<f64>,
}

/// A direction or place: weights of examples, what they come to on the examples, and biases.
#[derive(Debug, Clone)]
struct Vector {
    weights: Array2<f64>,
    /// `K · weights`.
    values: Array2<f64>,
    biases: Array1<f64>,
}

impl Vector {
    fn zero(examples: usize, classes: usize) -> Self {
        Self {
            weights: Array2::zeros((examples, classes)),
            values: Array2::zeros((examples, classes)),
            biases: Array1::zeros(classes),
        }
    }

    /// Where solving begins, for examples of these classes.
    fn start(labels: &[usize], classes: usize) -> Result<Self, Failure> {
        match labels.windows(2).all(|pair| pair[0] == pair[1]) {
            true => Err(Failure::OneClass),
            false => Ok(Self::zero(labels.len(), classes)),
        }
    }

    /// The inner product of the features' space.
    fn dot(&self, other: &Self) -> f64 {
        (&self.weights * &other.values).sum() + self.biases.dot(&other.biases)
    }

    fn add(&mut self, factor: f64, other: &Self) {
        self.weights.scaled_add(factor, &other.weights);
        self.values.scaled_add(factor, &other.values);
        self.biases.scaled_add(factor, &other.biases);
    }

    fn scale(&mut self, factor: f64) {
        self.weights *= factor;
        self.values *= factor;
        self.biases *= factor;
    }
}

impl Multinomial {
    /// Solves it until the gradient's norm is `tolerance` of what it is where all weights are zero.
    ///
    /// # Errors
    /// [`Failure::OneClass`], [`Failure::Unsolved`].
    pub fn solve(
        gram: &Gram,
        labels: &[usize],
        (classes, c, tolerance): (usize, f64, f64),
    ) -> Result<Self, Failure> {
        let mut place = Vector::start(labels, classes)?;
        Self::optimum(&Loss { gram, labels, c }, &mut place, tolerance)
    }

    /// The same for several penalties, each beginning at the solution of the one before.
    ///
    /// # Errors
    /// Those of [`Multinomial::solve`].
    pub fn path(
        gram: &Gram,
        labels: &[usize],
        (classes, penalties, tolerance): (usize, &[f64], f64),
    ) -> Result<Vec<Self>, Failure> {
        let mut place = Vector::start(labels, classes)?;
        let penalties = penalties.iter();
        penalties
            .map(|&c| Self::optimum(&Loss { gram, labels, c }, &mut place, tolerance))
            .collect()
    }

    /// Goes from a place to the optimum.
    fn optimum(loss: &Loss<'_>, place: &mut Vector, tolerance: f64) -> Result<Self, Failure> {
        let (examples, classes) = place.weights.dim();
        let (_, at_zero) = loss.at(&Vector::zero(examples, classes));
        let first = at_zero.dot(&at_zero).sqrt();
        let (mut value, mut gradient) = loss.at(place);
        let mut steps = Memory::default();
        for _ in 0..STEPS {
            let left = gradient.dot(&gradient).max(0.0).sqrt();
            if left <= tolerance * first {
                return Ok(Self {
                    weights: place.weights.clone(),
                    biases: place.biases.clone(),
                });
            }
            let direction = steps.direction(&gradient);
            let slope = direction.dot(&gradient);
            let Some((next, there)) = loss.search(place, value, &direction, slope) else {
                // Nothing along a direction that the past told: begin anew along the gradient, once.
                match steps.is_empty() {
                    true => return Err(Failure::Unsolved(STEPS)),
                    false => steps = Memory::default(),
                }
                continue;
            };
            let mut moved = next.clone();
            moved.add(-1.0, place);
            let mut turned = there.1.clone();
            turned.add(-1.0, &gradient);
            steps.keep(moved, turned);
            (*place, value, gradient) = (next, there.0, there.1);
        }
        Err(Failure::Unsolved(STEPS))
    }

    /// `[examples, classes]` of examples, whose products with those that it was solved on are the rows of `gram`.
    pub fn decisions(&self, gram: &Gram) -> Array2<f64> {
        gram.products().dot(&self.weights) + &self.biases
    }

    /// The most probable class of each row's example.
    pub fn classify(&self, gram: &Gram) -> Vec<usize> {
        let decisions = self.decisions(gram);
        let rows = decisions.rows().into_iter();
        rows.map(|row| largest(row.iter().copied())).collect()
    }
}

struct Loss<'a> {
    gram: &'a Gram,
    labels: &'a [usize],
    c: f64,
}

impl Loss<'_> {
    /// Its value, and its gradient: `α + C (P − Y)` in the examples' weights.
    fn at(&self, place: &Vector) -> (f64, Vector) {
        let (value, parts) = self.value(place);
        let biases = parts.sum_axis(Axis(0));
        let weights = parts + &place.weights;
        let gradient = Vector {
            values: self.gram.products().dot(&weights),
            weights,
            biases,
        };
        (value, gradient)
    }

    /// Its value, and `C (P − Y)`.
    fn value(&self, place: &Vector) -> (f64, Array2<f64>) {
        let mut scores = &place.values + &place.biases;
        let mut loss = 0.0;
        for (mut row, &label) in scores.rows_mut().into_iter().zip(self.labels) {
            let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let of_label = row[label];
            row.mapv_inplace(|score| (score - most).exp());
            let sum = row.sum();
            row *= self.c / sum;
            row[label] -= self.c;
            loss += most + sum.ln() - of_label;
        }
        let square = (&place.weights * &place.values).sum();
        (0.5 * square + self.c * loss, scores)
    }

    /// The first of 1, ½, ¼ … of a direction that pays, with the value and the gradient there.
    fn search(
        &self,
        place: &Vector,
        value: f64,
        direction: &Vector,
        slope: f64,
    ) -> Option<(Vector, (f64, Vector))> {
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let mut next = place.clone();
            next.add(length, direction);
            let found = self.value(&next).0;
            let decreased = found <= value + DECREASE * length * slope;
            // Near the optimum values differ by rounding alone, and slopes tell (Hager & Zhang 2005).
            if decreased || found <= value + ROUNDING * value.abs() {
                let there = self.at(&next);
                if decreased || direction.dot(&there.1).abs() <= 0.9 * slope.abs() {
                    return Some((next, there));
                }
            }
            length *= 0.5;
        }
        None
    }
}

/// The last steps, each with what it changed in the gradient.
#[derive(Debug, Default)]
struct Memory {
    steps: Vec<(Vector, Vector, f64)>,
}

impl Memory {
    fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    fn keep(&mut self, moved: Vector, turned: Vector) {
        let curvature = moved.dot(&turned);
        if curvature > f64::EPSILON * turned.dot(&turned) {
            if self.steps.len() == MEMORY {
                self.steps.remove(0);
            }
            self.steps.push((moved, turned, curvature));
        }
    }

    /// Against the gradient, by the curvature that the last steps met.
    fn direction(&self, gradient: &Vector) -> Vector {
        let mut direction = gradient.clone();
        let mut factors = Vec::with_capacity(self.steps.len());
        for (moved, turned, curvature) in self.steps.iter().rev() {
            let factor = moved.dot(&direction) / curvature;
            direction.add(-factor, turned);
            factors.push(factor);
        }
        match self.steps.last() {
            Some((_, turned, curvature)) => direction.scale(curvature / turned.dot(turned)),
            // The first step: as long as the gradient where it is short, else of length 1.
            None => direction.scale(1.0 / gradient.dot(gradient).sqrt().max(1.0)),
        }
        for ((moved, turned, curvature), factor) in self.steps.iter().zip(factors.into_iter().rev())
        {
            let less = turned.dot(&direction) / curvature;
            direction.add(factor - less, moved);
        }
        direction.scale(-1.0);
        direction
    }
}
