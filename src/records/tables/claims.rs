//! What became of the papers' claims.

use serde::{Deserialize, Serialize};

use crate::Verdict;

table! {
    /// A claim and its verdict.
    ClaimRow in "data/claims.csv" {
        /// Its short name.
        id: String,
        /// Where it stands.
        source: String,
        /// The claim, in English.
        claim_en: String,
        /// In Korean.
        claim_ko: String,
        /// What was published.
        published_en: String,
        /// In Korean.
        published_ko: String,
        /// What is measured.
        measure_en: String,
        /// In Korean.
        measure_ko: String,
        /// The part of the replication whose figures it is held against.
        part: String,
        /// That part's run folder inside this one; empty for this one itself, and for a part that was not carried out.
        folder: String,
        /// Tables of that run folder that the figures come from, by a space.
        tables: String,
        /// `held`, `not_held`, `undecided` (the bound lies inside the 95 % interval, or there is none) or `not_testable`.
        verdict: Verdict,
        /// By the intervals of its figures; empty where there is none.
        p_value: Option<f64>,
        /// After Holm's correction over all claims that were tested.
        p_corrected: Option<f64>,
        /// The verdict where that is at least 0.05: undecided; else the same.
        verdict_corrected: Verdict,
        /// What it takes to test it.
        needs_en: String,
        /// In Korean.
        needs_ko: String,
    }
}
table! {
    /// A rule of a claim, with the figure that it was held against.
    ClaimRuleRow in "data/claim_rules.csv" {
        /// The claim.
        claim: String,
        /// In the language of `check`.
        rule: String,
        /// As in `metrics.csv`.
        metric: String,
        /// As in `metrics.csv`.
        scope: String,
        /// As in `metrics.csv`.
        value: f64,
        /// Lower end of its 95 % interval.
        low: Option<f64>,
        /// Upper end.
        high: Option<f64>,
        /// As in `metrics.csv`.
        count: usize,
        /// What it is held against.
        bound: f64,
        /// The figure's line in the part's `metrics.csv`; the header is line 1.
        line: usize,
        /// As in `claims.csv`.
        verdict: Verdict,
        /// That the figure equals the bound, by the interval.
        p_value: Option<f64>,
    }
}
