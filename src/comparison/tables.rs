//! A comparison's CSV tables.

use records::tables::table;
use records::{ProjectionKind, Verdict};
use serde::{Deserialize, Serialize};

table! {
    /// What each run said about each common photo.
    PhotoRow in "data/photos.csv" {
        /// The photo.
        image_id: String,
        /// Path inside the data set.
        path: String,
        /// The run's name.
        run: String,
        /// The photo's label; empty without one.
        label: String,
        /// The first class; empty without a classifier.
        class_index: Option<usize>,
        /// Its name.
        class_name: String,
        /// Its probability.
        probability: Option<f64>,
        /// Whether it is one of the label's.
        right: Option<bool>,
        /// Probability of the label.
        label_probability: Option<f64>,
        /// Probability of the class that is first in the first run.
        reference_probability: Option<f64>,
    }
}
table! {
    /// A figure of two runs with its interval and test.
    TestRow in "data/tests.csv" {
        /// The run that is held against.
        run_a: String,
        /// The run that is held.
        run_b: String,
        /// `top1_accuracy`, `label_probability`, `first_class_probability` or `largest_probability_difference`.
        measure: String,
        /// Photos.
        count: usize,
        /// Mean in the first.
        value_a: Option<f64>,
        /// Mean in the second.
        value_b: Option<f64>,
        /// Second less first.
        difference: f64,
        /// Lower end of its 95 % interval.
        low: Option<f64>,
        /// Upper end of its 95 % interval.
        high: Option<f64>,
        /// How the interval was found: `newcombe`, `bootstrap_bca`.
        interval: String,
        /// `mcnemar_exact`, `wilcoxon_exact`, `wilcoxon_normal`; empty where no test is defined.
        test: String,
        /// Photos that the test rests on.
        test_count: Option<usize>,
        /// The test's statistic: photos right in the second run alone, or the sum of positive ranks.
        statistic: Option<f64>,
        /// Two-sided.
        p_value: Option<f64>,
    }
}
table! {
    /// First classes that became others.
    FlipRow in "data/flips.csv" {
        /// The run that is held against.
        run_a: String,
        /// The run that is held.
        run_b: String,
        /// First class in the first run.
        from: String,
        /// First class in the second run.
        to: String,
        /// Photos.
        count: usize,
    }
}
table! {
    /// A photo's projection of a layer in two runs.
    LayerRow in "data/layers.csv" {
        /// The photo.
        image_id: String,
        /// The stage.
        layer: String,
        /// What was projected.
        kind: ProjectionKind,
        /// Sum of squares in the first run.
        energy_a: f64,
        /// Sum of squares in the second run.
        energy_b: f64,
        /// Cosine of the two; empty where one is zero.
        cosine: Option<f64>,
    }
}
table! {
    /// What became of a claim in a run.
    ClaimVerdictRow in "data/claims.csv" {
        /// The claim's short name.
        claim: String,
        /// Where it stands.
        source: String,
        /// The run's name.
        run: String,
        /// As in the run's `claims.csv`; empty where it has not judged it.
        verdict: Option<Verdict>,
        /// Whether the runs do not agree about it.
        differs: bool,
    }
}
