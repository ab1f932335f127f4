//! A training epoch by epoch, from where it stands to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::words::count;
use base::{Error, Result};
use engine::learn::{Descent, Learner};
use network::weights::Weights;
use network::Anatomy;
use progress::{say, stop_here, stopped, Progress};
use records::tables;

use super::doctor;
use super::evaluate::{evaluate, Seen};
use super::filters;
use super::frames::Frames;
use super::keep::Position;
use super::mean;
use super::order;
use super::run::Training;
use super::snapshots::Album;
use super::steps::{self, Epoch, Shown};
use super::view::Viewer;
use super::watch::Watched;

/// Within an epoch it is kept how far it came after so long.
const KEPT_EVERY: Duration = Duration::from_secs(600);

/// Photographs, what is shown of them, and the class of each.
struct Part<'a> {
    frames: &'a Frames<'a>,
    viewer: &'a Viewer,
    classes: Vec<usize>,
}

impl<'a> Part<'a> {
    fn of((frames, viewer): (&'a Frames<'a>, &'a Viewer)) -> Self {
        Self {
            frames,
            viewer,
            classes: (0..frames.len()).map(|place| frames.class(place)).collect(),
        }
    }
}

impl Training<'_> {
    /// Takes all epochs that are left, and writes the tables of what was watched; `mean` is subtracted from what is shown, `centre`
    /// what the network that comes out subtracts.
    ///
    /// # Errors
    /// Those of [`Training::run`].
    pub(super) fn learn(
        &self,
        anatomy: &Arc<Anatomy>,
        parts: [(&Frames<'_>, &Viewer); 2],
        (mean, centre): (Option<&[f32]>, Option<&[f32]>),
    ) -> Result<Learner> {
        let recipe = self.recipe;
        let [training, validation] = parts.map(Part::of);
        let (mut position, learner) = self.begun(anatomy)?;
        let mut learner = learner.shown(&training.viewer.preprocessing, mean)?;
        let shift = centre.map(|mean| mean::shift(mean, anatomy.network().input.axes()));
        let mut album = Album::open(self.folder, self.snapshots, recipe.epochs, shift)?;
        if position.rows.is_empty() {
            album.keep(0, &learner)?;
            let before = self.seen(&learner, &validation)?;
            self.note(&mut position, (0, None, &before), &learner)?;
        }
        let photos = training.frames.len();
        let done = (position.epoch - 1) * photos + position.shown.photos;
        let progress = Progress::new(self.voice, "training", recipe.epochs * photos, done);
        while position.epoch <= recipe.epochs && !self.is_over(&position) {
            let number = position.epoch;
            let losses = losses(&position);
            let rate = recipe.schedule.rate(recipe.rate, recipe.epochs, &losses);
            let (began, before) = (Instant::now(), position.shown.photos);
            let shown = self.epoch(&training, rate, (&mut position, &mut learner), &progress)?;
            let seconds = began.elapsed().as_secs_f64().max(1e-9);
            let speed = (shown.photos - before) as f64 / seconds;
            let seen = self.seen(&learner, &validation)?;
            if !seen.loss.is_finite() {
                return Err(Error::Diverged {
                    at: format!("behind epoch {number} the network's answers are no numbers"),
                    kept: String::new(),
                });
            }
            let taken = Some((rate, shown));
            self.note(&mut position, (number, taken, &seen), &learner)?;
            // Before the epoch counts as done.
            album.keep(number, &learner)?;
            position.epoch += 1;
            position.shown = Shown::default();
            position.keep(self.folder, &learner)?;
            let left = (recipe.epochs - number) * photos;
            let told = self.told(number, rate, &shown, &seen);
            let left = left_of(left as f64 / speed.max(1e-9));
            progress.line(&format!("{told}; {speed:.1} photographs/s{left}"));
            stop_here()?;
        }
        album.close(position.epoch - 1, &learner)?;
        self.written(&position)?;
        Ok(learner)
    }

    /// Where it stands, and the network as it is there.
    fn begun(&self, anatomy: &Arc<Anatomy>) -> Result<(Position, Learner)> {
        let recipe = self.recipe;
        let kept = Position::kept(self.folder, self.voice)?;
        let (position, weights, velocities) = match kept {
            Some((position, kept)) => (
                position,
                anatomy.under_own_names(kept.weights),
                anatomy.under_own_names(kept.velocities),
            ),
            None => {
                let mut weights = recipe.init.weights(anatomy, self.seed);
                weights.extend(self.trainable.weights.clone());
                (Position::start(), weights, Weights::new())
            }
        };
        let begun = position.epoch - usize::from(position.shown.photos == 0);
        if begun > recipe.epochs {
            let problem = format!(
                "has come to epoch {begun} already, and {} were asked for; go on with --epochs {begun} or more",
                recipe.epochs
            );
            return Err(Error::run_folder(self.folder.root(), problem));
        }
        // A report on another network than the one that comes out would be gone on with.
        let is_looked_at = self.folder.records_of("photos").is_dir();
        if is_looked_at && position.epoch <= recipe.epochs && !self.is_over(&position) {
            let problem = format!(
                "is trained already, and its report is begun; finish it with --epochs {}",
                position.epoch - 1
            );
            return Err(Error::run_folder(self.folder.root(), problem));
        }
        let (device, learning) = (
            self.engine.device(),
            recipe.learning(self.norms, self.precision),
        );
        let mut learner = Learner::new(anatomy, &weights, device, learning, &self.frozen)?;
        learner.go_on_with(&velocities)?;
        Ok((position, learner))
    }

    /// Takes the steps of an epoch that are left; how far it came is kept from time to time, and where the user stops it.
    fn epoch(
        &self,
        training: &Part<'_>,
        rate: f64,
        (position, learner): (&mut Position, &mut Learner),
        progress: &Progress,
    ) -> Result<Shown> {
        let (recipe, number) = (self.recipe, position.epoch);
        let frames = training.frames;
        let epoch = Epoch {
            number,
            frames,
            viewer: training.viewer,
            classes: &training.classes,
            descent: Descent {
                rate,
                momentum: recipe.momentum,
                decay: recipe.weight_decay,
            },
            filter_rms: recipe.filter_rms,
        };
        let paths = (0..frames.len()).map(|place| &*frames.photo(place).path);
        let paths: Vec<&str> = paths.collect();
        let batches = (recipe.batch, recipe.micro_batch);
        let parts = order::parts(&paths, number, self.seed, batches);
        let mut kept = Instant::now();
        let mut shown = position.shown;
        let mut last = shown.photos;
        let mut after = |learner: &Learner, now: &Shown| -> Result<()> {
            progress.add(now.photos - last);
            last = now.photos;
            let loss = now.loss / now.photos.max(1) as f64;
            progress.now(&format!("epoch {number}, loss {loss:.3}"));
            if stopped() || kept.elapsed() >= KEPT_EVERY {
                position.shown = *now;
                position.keep(self.folder, learner)?;
                kept = Instant::now();
            }
            stop_here()
        };
        let threads = self.threads;
        steps::take(&epoch, &parts, learner, threads, &mut shown, &mut after)?;
        Ok(shown)
    }

    fn seen(&self, learner: &Learner, validation: &Part<'_>) -> Result<Seen> {
        let Part {
            frames,
            viewer,
            classes,
        } = validation;
        let (batch, threads) = (self.recipe.micro_batch, self.threads);
        let stages = &learner.anatomy().network().stages;
        evaluate(
            &learner.engine()?,
            stages,
            (frames, viewer, classes),
            batch,
            threads,
        )
    }

    fn is_over(&self, position: &Position) -> bool {
        let losses = losses(position);
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let since = losses.iter().rev().take_while(|loss| **loss > least);
        let since = since.count();
        self.recipe
            .early_stopping
            .is_some_and(|patience| since >= patience)
    }

    /// Adds an epoch's rows.
    fn note(
        &self,
        position: &mut Position,
        (epoch, taken, seen): (usize, Option<(f64, Shown)>, &Seen),
        learner: &Learner,
    ) -> Result<()> {
        let watched = Watched { epoch, taken, seen };
        let classes = &self.dataset.labels.names;
        position.rows.push(watched.row(classes));
        position.layers.extend(watched.layers(learner)?);
        let spectrum = filters::rows(&learner.engine()?, epoch, self.seed)?;
        position.spectrum.extend(spectrum);
        Ok(())
    }

    /// Writes what was watched, and says what goes wrong.
    fn written(&self, position: &Position) -> Result<()> {
        let root = self.folder.root();
        let Position {
            rows,
            layers,
            spectrum,
            ..
        } = position;
        let findings = doctor::findings(rows, layers, spectrum, self.dataset.labels.names.len());
        for found in &findings {
            let finding = found.finding.replace('_', " ");
            let told = format!(
                "what goes wrong: {finding}, since epoch {}",
                found.since_epoch
            );
            say(self.voice, &told);
        }
        tables::write(root, rows)?;
        tables::write(root, layers)?;
        tables::write(root, spectrum)?;
        tables::write(root, &findings)
    }

    fn told(&self, epoch: usize, rate: f64, shown: &Shown, seen: &Seen) -> String {
        let photos = shown.photos.max(1) as f64;
        format!(
            "epoch {epoch} of {}: rate {rate:.2e}, loss {:.3}, error {:.1} %; validation loss {:.3}, error {:.1} %",
            self.recipe.epochs,
            shown.loss / photos,
            100.0 * (1.0 - shown.right as f64 / photos),
            seen.loss,
            100.0 * (1.0 - seen.top1),
        )
    }
}

/// The time that is left, as it stands behind a sentence; nothing where none is.
fn left_of(seconds: f64) -> String {
    match seconds {
        none if none <= 0.0 => String::new(),
        few if few < 60.0 => format!(", {} left", count(few.ceil() as usize, "second")),
        some if some < 5400.0 => {
            format!(", {} left", count((some / 60.0).round() as usize, "minute"))
        }
        many => format!(", {:.1} hours left", many / 3600.0),
    }
}

/// Validation losses of the epochs that are done.
fn losses(position: &Position) -> Vec<f64> {
    let rows = position.rows.iter().filter(|row| row.epoch > 0);
    rows.map(|row| row.val_loss).collect()
}
