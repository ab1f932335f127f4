//! Variants of a network held against their base, photograph by photograph, from the run folders of their trainings.

use std::collections::BTreeMap;
use std::path::Path;

use base::{Error, Result};
use records::tables::{
    MetricRow, StudyEpochRow, StudyLayerRow, StudyRow, StudyRunRow, StudyTogetherRow,
    TrainingLayerRow, TrainingRow,
};
use records::{Answers, Manifest, Run};
use statistics::PairedCounts;

use super::AccuracyChange;

/// A training of a variant, by its finished run folder.
#[derive(Debug)]
pub struct Trained {
    seed: u64,
    folder: String,
    run: Run,
    /// By `image_id`, whether the first class is the label's.
    right: BTreeMap<String, bool>,
}

impl Trained {
    /// Reads one, at `folder` inside the study's.
    ///
    /// # Errors
    /// Those of [`Manifest::read`], [`Run::rows`] and [`Answers::read`].
    pub fn read(root: &Path, folder: &str, seed: u64) -> Result<Self> {
        let path = root.join(folder);
        let run = Run::new(&path, Manifest::read(&path)?);
        let answers = Answers::read(&run)?.by_id.into_iter();
        let right = answers.filter_map(|(id, answer)| Some((id, answer.right?)));
        Ok(Self {
            seed,
            folder: folder.to_owned(),
            right: right.collect(),
            run,
        })
    }

    fn last(&self) -> Result<&TrainingRow> {
        let last = self.run.rows::<TrainingRow>()?.last();
        last.ok_or_else(|| {
            Error::run_folder(&self.run.root, "tells of no epoch; it is no training")
        })
    }

    /// Photographs by what another training and this one made of them.
    fn against(&self, base: &Self) -> PairedCounts {
        let mut counts = PairedCounts::default();
        for (id, before) in &base.right {
            if let Some(after) = self.right.get(id) {
                counts.count(*before, *after);
            }
        }
        counts
    }

    fn row(&self, variant: &str, base: Option<&Self>) -> Result<StudyRunRow> {
        let last = self.last()?;
        let counts = base.map(|base| self.against(base));
        let change = counts.and_then(AccuracyChange::of);
        Ok(StudyRunRow {
            variant: variant.to_owned(),
            seed: self.seed,
            folder: self.folder.clone(),
            epochs: last.epoch,
            train_error: last.train_error,
            val_top1_error: last.val_top1_error,
            val_top5_error: last.val_top5_error,
            photographs: counts.map_or(self.right.len(), |counts| counts.total()),
            difference: change.map(|change| without_sign(-change.difference)),
            low: change.and_then(|change| Some(without_sign(-change.interval?.1))),
            high: change.and_then(|change| Some(without_sign(-change.interval?.0))),
            base_alone: counts.map(|counts| counts.only_first),
            variant_alone: counts.map(|counts| counts.only_second),
            p_value: change.and_then(|change| Some(change.mcnemar?.p_value)),
        })
    }
}

/// Without the sign that a zero may have.
fn without_sign(value: f64) -> f64 {
    value + 0.0
}

/// A variant with its trainings, a seed each, in the order of the base's.
#[derive(Debug)]
pub struct Variant {
    /// What is known of it without its trainings: their figures are filled in.
    pub row: StudyRow,
    /// Its trainings.
    pub trained: Vec<Trained>,
}

/// All tables of a study.
#[derive(Debug, Default)]
pub struct Findings {
    /// Variant by variant.
    pub variants: Vec<StudyRow>,
    /// Training by training.
    pub runs: Vec<StudyRunRow>,
    /// Epoch by epoch.
    pub epochs: Vec<StudyEpochRow>,
    /// Layer by layer.
    pub layers: Vec<StudyLayerRow>,
    /// Variants that are two others together.
    pub together: Vec<StudyTogetherRow>,
}

impl Findings {
    /// Holds variants against the first of them; `together` are places of variants and of the two that they are made of, and
    /// `seed` draws the bootstrap's resamples.
    ///
    /// # Errors
    /// Those of [`Run::rows`].
    pub fn of(variants: &[Variant], together: &[[usize; 3]], seed: u64) -> Result<Self> {
        let mut findings = Self::default();
        for (place, variant) in variants.iter().enumerate() {
            let mut runs = Vec::new();
            for (at, trained) in variant.trained.iter().enumerate() {
                let base = variants[0].trained.get(at).filter(|_| place > 0);
                runs.push(trained.row(&variant.row.variant, base)?);
                findings.watch(&variant.row.variant, trained)?;
            }
            findings.variants.push(summed(&variant.row, &runs));
            findings.runs.extend(runs);
        }
        for &places in together {
            let trained = variants[0].trained.len();
            let rows = (0..trained).filter_map(|at| both(variants, places, at, seed));
            findings.together.extend(rows);
        }
        Ok(findings)
    }

    /// What was watched of a training.
    fn watch(&mut self, variant: &str, trained: &Trained) -> Result<()> {
        let epochs = trained.run.rows::<TrainingRow>()?.iter();
        self.epochs.extend(epochs.map(|row| StudyEpochRow {
            variant: variant.to_owned(),
            seed: trained.seed,
            epoch: row.epoch,
            train_error: row.train_error,
            val_top1_error: row.val_top1_error,
        }));
        let layers = trained.run.rows::<TrainingLayerRow>()?;
        let last = layers.iter().map(|row| row.epoch).max();
        let layers = layers.iter().filter(|row| Some(row.epoch) == last);
        self.layers.extend(layers.map(|row| StudyLayerRow {
            variant: variant.to_owned(),
            seed: trained.seed,
            layer: row.layer.clone(),
            maps: row.maps,
            dead_maps: row.dead_maps,
            filter_rms_mean: row.filter_rms_mean,
            filter_rms_largest: row.filter_rms_largest,
        }));
        Ok(())
    }

    /// What rules can be held against, variant by variant: the accuracy, and what it costs against the base.
    pub fn metrics(&self) -> Vec<MetricRow> {
        let mut metrics = Vec::new();
        for row in &self.variants {
            let runs = self.runs.iter().filter(|run| run.variant == row.variant);
            let count = runs.map(|run| run.photographs).max().unwrap_or(0);
            let scope = format!("variant:{}", row.variant);
            let metric = |metric: &str, value: f64, interval: Option<(f64, f64)>| {
                MetricRow::new(metric, &scope, (value, interval), count)
            };
            let accuracy = 1.0 - row.val_top1_error;
            let right = (accuracy * count as f64).round() as usize;
            let interval = (row.seeds == 1)
                .then(|| statistics::wilson(right, count))
                .flatten();
            metrics.push(metric("top1_accuracy", accuracy, interval));
            if let Some(difference) = row.difference {
                metrics.push(metric(
                    "error_difference",
                    difference,
                    row.low.zip(row.high),
                ));
            }
        }
        metrics.extend(self.interactions());
        metrics
    }

    /// What two removals cost together beyond the sum of what each costs: over the photographs with one seed, over the seeds with
    /// several.
    fn interactions(&self) -> Vec<MetricRow> {
        let variants = self.together.chunk_by(|a, b| {
            (&a.variant, &a.first, &a.second) == (&b.variant, &b.first, &b.second)
        });
        let metric = |rows: &[StudyTogetherRow]| {
            let found = match rows {
                [row] => (row.more, row.low.zip(row.high)),
                rows => statistics::mean(&rows.iter().map(|row| row.more).collect::<Vec<_>>())?,
            };
            let photographs = rows.iter().map(|row| row.photographs).max()?;
            let scope = format!("variant:{}", rows.first()?.variant);
            Some(MetricRow::new(
                "error_interaction",
                scope,
                found,
                photographs,
            ))
        };
        variants.filter_map(metric).collect()
    }
}

fn summed(row: &StudyRow, runs: &[StudyRunRow]) -> StudyRow {
    let mean = |of: &dyn Fn(&StudyRunRow) -> Option<f64>| {
        let values: Option<Vec<f64>> = runs.iter().map(of).collect();
        statistics::mean(&values?).map(|(mean, _)| mean)
    };
    let errors = || runs.iter().map(|run| run.val_top1_error);
    let several = runs.len() > 1;
    let differences: Vec<f64> = runs.iter().filter_map(|run| run.difference).collect();
    let (difference, over_seeds) = statistics::mean(&differences).unzip();
    let interval = match (several, runs) {
        (true, _) => over_seeds.flatten(),
        (false, [run]) => run.low.zip(run.high),
        (false, _) => None,
    };
    StudyRow {
        seeds: runs.len(),
        train_error: mean(&|run| run.train_error),
        val_top1_error: mean(&|run| Some(run.val_top1_error)).unwrap_or(f64::NAN),
        val_top1_smallest: errors().reduce(f64::min).filter(|_| several),
        val_top1_largest: errors().reduce(f64::max).filter(|_| several),
        val_top5_error: mean(&|run| run.val_top5_error),
        difference,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        p_value: runs
            .first()
            .and_then(|run| run.p_value)
            .filter(|_| !several),
        ..row.clone()
    }
}

/// What a variant costs beyond the sum of what the two cost that it is made of, by the trainings of a seed.
fn both(
    variants: &[Variant],
    [whole, first, second]: [usize; 3],
    at: usize,
    seed: u64,
) -> Option<StudyTogetherRow> {
    let of = |variant: usize| variants[variant].trained.get(at);
    let (base, both, one, other) = (of(0)?, of(whole)?, of(first)?, of(second)?);
    let wrong =
        |trained: &Trained, id: &String| Some(f64::from(u8::from(!*trained.right.get(id)?)));
    let of_photo = |id: &String| {
        let base = wrong(base, id)?;
        let [both, one, other] = [both, one, other].map(|trained| wrong(trained, id));
        Some([both? - base, one? - base, other? - base])
    };
    let changes: Vec<[f64; 3]> = base.right.keys().filter_map(of_photo).collect();
    let mean = |of: &dyn Fn(&[f64; 3]) -> f64| {
        let values: Vec<f64> = changes.iter().map(of).collect();
        statistics::mean(&values).map(|(mean, _)| without_sign(mean))
    };
    let more: Vec<f64> = changes.iter().map(|[a, b, c]| a - b - c).collect();
    let interval = statistics::mean_interval(&more, seed);
    let name = |variant: usize| variants[variant].row.variant.clone();
    Some(StudyTogetherRow {
        variant: name(whole),
        first: name(first),
        second: name(second),
        seed: base.seed,
        photographs: changes.len(),
        difference: mean(&|change| change[0])?,
        first_difference: mean(&|change| change[1])?,
        second_difference: mean(&|change| change[2])?,
        more: mean(&|change| change[0] - change[1] - change[2])?,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn together(seed: u64, more: f64) -> StudyTogetherRow {
        StudyTogetherRow {
            variant: "neither".into(),
            first: "no pools".into(),
            second: "no norms".into(),
            seed,
            photographs: 200,
            difference: more + 0.05,
            first_difference: 0.02,
            second_difference: 0.03,
            more,
            low: Some(more - 0.1),
            high: Some(more + 0.1),
        }
    }

    #[test]
    fn two_removals_cost_more_or_less_than_their_sum() {
        let of = |rows: Vec<StudyTogetherRow>| {
            let findings = Findings {
                together: rows,
                ..Findings::default()
            };
            let found = findings.metrics();
            assert_eq!(found.len(), 1);
            found.into_iter().next().unwrap()
        };
        let one = of(vec![together(0, 0.25)]);
        assert_eq!(
            (&*one.metric, &*one.scope, one.count),
            ("error_interaction", "variant:neither", 200)
        );
        assert_eq!(
            (one.value, one.low, one.high),
            (0.25, Some(0.15), Some(0.35))
        );
        let several = of(vec![
            together(0, -0.25),
            together(1, -0.2),
            together(2, -0.3),
        ]);
        let (mean, interval) = statistics::mean(&[-0.25, -0.2, -0.3]).unwrap();
        assert_eq!(several.value, mean);
        assert_eq!(several.low.zip(several.high), interval);
        assert!(several.high.unwrap() < 0.0);
    }
}
