//! A training from its first step to its last.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::words::count;
use base::{Error, Result};
use dataset::Dataset;
use engine::learn::{Descent, Learner, Norms};
use engine::Engine;
use network::weights::Weights;
use network::{
    Anatomy, Changes, Network, PerChannel, Preprocessing, Preset, Resize, Size, Trainable,
};
use progress::{say, stop_here, stopped, Progress, Voice};
use records::tables::{self, MetricRow};
use records::RunFolder;

use super::doctor;
use super::evaluate::{evaluate, Seen};
use super::filters;
use super::frames::{bytes_of, Cache, Frames, Made, Skipped};
use super::keep::{Position, NAME};
use super::mean;
use super::order;
use super::recipe::{Mean, Range, Recipe, View};
use super::snapshots::{Album, Snapshots};
use super::split::Split;
use super::steps::{self, Epoch, Shown};
use super::ten_crop;
use super::trouble;
use super::view::Viewer;
use super::watch::Watched;

/// Within an epoch it is kept how far it came after so long.
const KEPT_EVERY: Duration = Duration::from_secs(600);

/// A training that is to be carried out.
#[derive(Debug)]
pub struct Training<'a> {
    /// The photographs that are trained on.
    pub dataset: &'a Dataset,
    /// Those that are held back: the same data set, or one of their own with the same labels.
    pub held_back: &'a Dataset,
    /// Which are trained on, and which are held back.
    pub split: &'a Split,
    /// The network, and the weights that it begins with.
    pub trainable: &'a Trainable,
    /// How it is trained.
    pub recipe: &'a Recipe,
    /// Nodes whose parameters stay as they are.
    pub frozen: BTreeSet<usize>,
    /// What batch norms do.
    pub norms: Norms,
    /// Behind which epochs its weights are kept.
    pub snapshots: &'a Snapshots,
    /// Whether the photographs held back are shown by ten crops, too, when all is done.
    pub ten_crop: bool,
    /// Where frames are kept; by their size where nothing is said.
    pub cache: Option<Cache>,
    /// One that looks with the network, where it computes.
    pub engine: &'a Engine,
    /// Workers.
    pub threads: usize,
    /// Of everything that is drawn by lot.
    pub seed: u64,
    /// Takes what is left behind.
    pub folder: &'a RunFolder,
    /// How much is said.
    pub voice: Voice,
}

/// What a training comes to.
#[derive(Debug)]
pub struct Learnt {
    /// The network, behind the shift that subtracts the mean where the recipe has one.
    pub network: Network,
    /// Its parameters, batch norms not folded.
    pub weights: Weights,
    /// From photograph to its input.
    pub preprocessing: Preprocessing,
    /// Photographs that were to be trained on and could not be read, with the reason.
    pub skipped: Vec<Skipped>,
    /// What was measured when all was done.
    pub metrics: Vec<MetricRow>,
}

impl Training<'_> {
    /// From photograph to the network's input, when it is looked at.
    ///
    /// # Errors
    /// [`Error::Usage`] for an input that is not square.
    pub fn preprocessing(trainable: &Trainable, recipe: &Recipe) -> Result<Preprocessing> {
        let network = &trainable.network;
        let [_, height, width] = network.input.axes();
        let refused =
            |problem: String| Error::Usage(format!("training {}: {problem}", network.name));
        if height != width {
            return Err(refused(format!(
                "its input has {height} rows and {width} columns; only square ones can be trained"
            )));
        }
        let side = recipe.side(height as u32);
        let (preset, changes) = match recipe.input.preset {
            Range::Own => trainable.inputs,
            Range::Torchvision => (Preset::Torchvision, Changes::NONE),
            Range::Raw => {
                let levels = Changes {
                    scale: Some(255.0),
                    mean: Some(PerChannel::Grey([0.0])),
                    std: Some(PerChannel::Grey([1.0])),
                    ..Changes::NONE
                };
                (Preset::Torchvision, levels)
            }
        };
        let changes = Changes {
            resize: Some(Resize::Shorter(side)),
            crop: None,
            ..changes
        };
        Preprocessing::of(preset, &changes, network.input).map_err(refused)
    }

    /// Trains, going on where an interrupted run stopped, and writes the tables.
    ///
    /// # Errors
    /// [`Error::Dataset`] where too few photographs can be read; [`Error::Diverged`]; [`Error::Compute`];
    /// [`Error::Io`]; [`Error::Stopped`] where the user stopped it.
    pub fn run(&self) -> Result<Learnt> {
        self.carry_out().map_err(|error| trouble::told(error, self))
    }

    fn carry_out(&self) -> Result<Learnt> {
        let recipe = self.recipe;
        let preprocessing = Self::preprocessing(self.trainable, recipe)?;
        let anatomy = Arc::new(Anatomy::of(self.trainable.network.clone())?);
        let squares = Preprocessing {
            crop: Size::square(recipe.side(preprocessing.crop.height)),
            ..preprocessing.clone()
        };
        let progress = Progress::new(self.voice, "decoding", self.photos(), 0);
        let of_training = (self.dataset, &self.split.training[..], "training");
        let (training, skipped) = self.frames(of_training, &squares, &progress)?;
        let of_validation = (self.held_back, &self.split.validation[..], "validation");
        let (validation, _) = self.frames(of_validation, &preprocessing, &progress)?;
        drop(progress);
        let mean = match recipe.input.mean {
            Mean::Pixel => Some(mean::of(&training)?),
            Mean::Preset => None,
        };
        let centre = mean
            .as_ref()
            .map(|mean| mean::centre_of(mean, squares.crop, preprocessing.crop));
        let view = |view: View, flip: bool, mean: Option<Vec<f32>>| Viewer {
            view,
            flip,
            preprocessing: preprocessing.clone(),
            mean,
            seed: self.seed,
        };
        let look = view(View::Centre, false, centre.clone());
        let show = view(recipe.input.view, recipe.input.flip, mean);
        let learner = self.learn(&anatomy, (&training, &show), (&validation, &look))?;
        let metrics = match self.ten_crop {
            true => self.ten_crops(&learner, (&validation.decoded_again(squares), &show))?,
            false => Vec::new(),
        };

        let mut learnt = Learnt {
            network: self.trainable.network.clone(),
            weights: learner.weights()?,
            preprocessing,
            skipped,
            metrics,
        };
        if let Some(mean) = centre {
            learnt.network = learnt.network.behind_shift(mean::NODE);
            let shape = learnt.network.input.axes();
            learnt.weights.extend([mean::shift(&mean, shape)]);
        }
        Ok(learnt)
    }

    fn photos(&self) -> usize {
        self.split.training.len() + self.split.validation.len()
    }

    fn frames<'d>(
        &self,
        (dataset, photos, name): (&'d Dataset, &[usize], &str),
        preprocessing: &Preprocessing,
        progress: &Progress,
    ) -> Result<(Frames<'d>, Vec<Skipped>)> {
        let bytes = (photos.len() * bytes_of(preprocessing)) as u64;
        let cache = self.cache.unwrap_or_else(|| Cache::for_bytes(bytes));
        let path = self.folder.records_of(NAME).join(format!("{name}.frames"));
        let made = Frames::make(dataset, photos, preprocessing, (cache, &path), |_| {
            progress.step();
            stop_here()
        });
        let Made {
            frames,
            skipped,
            contents,
        } = made?;
        self.unchanged((dataset, photos), name, contents)?;
        for (photo, skip) in &skipped {
            let path = &dataset.photos[*photo].path;
            progress.line(&format!("skipped {path}: {skip}"));
        }
        let read: BTreeSet<usize> = (0..frames.len()).map(|place| frames.class(place)).collect();
        let mut labels = dataset.labels.names.iter().enumerate();
        match labels.find(|(label, _)| !read.contains(label)) {
            Some((_, label)) => Err(Error::dataset(
                &dataset.root,
                format!("no photograph for {name} of label '{label}' could be read"),
            )),
            None => Ok((frames, skipped)),
        }
    }

    /// Refuses photographs that are not what they were when the run was begun.
    fn unchanged(
        &self,
        (dataset, photos): (&Dataset, &[usize]),
        name: &str,
        contents: Vec<String>,
    ) -> Result<()> {
        let name = format!("{name}-contents");
        let Some(before) = self.folder.kept::<Vec<String>>(NAME, &name)? else {
            return self.folder.keep(NAME, &name, &contents);
        };
        let mut pairs = photos.iter().zip(before.iter().zip(&contents));
        match pairs.find(|(_, (before, now))| before != now) {
            Some((&photo, _)) => {
                let path = dataset.absolute(&dataset.photos[photo]);
                Err(Error::photo_changed(path))
            }
            None => Ok(()),
        }
    }

    fn ten_crops(
        &self,
        learner: &Learner,
        squares: (&Frames<'_>, &Viewer),
    ) -> Result<Vec<MetricRow>> {
        let progress = Progress::new(self.voice, "ten crops", squares.0.len(), 0);
        let (engine, batch) = (learner.engine()?, self.recipe.micro_batch);
        let errors = ten_crop::errors(&engine, squares, batch, self.threads, &progress)?;
        for row in &errors {
            let error = 100.0 * row.value;
            progress.line(&format!("{}: {error:.1} %", row.metric.replace('_', " ")));
        }
        Ok(errors)
    }

    fn learn(
        &self,
        anatomy: &Arc<Anatomy>,
        (training, show): (&Frames<'_>, &Viewer),
        (validation, look): (&Frames<'_>, &Viewer),
    ) -> Result<Learner> {
        let recipe = self.recipe;
        let learning = recipe.learning(self.norms);
        let kept = Position::kept(self.folder, self.voice)?;
        let (mut position, weights, velocities) = match kept {
            Some((position, parameters)) => (position, parameters.weights, parameters.velocities),
            None => {
                let mut weights = recipe.init.weights(anatomy, self.seed);
                weights.extend(self.trainable.weights.clone());
                (Position::start(), weights, Weights::new())
            }
        };
        // A report on another network than the one that comes out would be gone on with.
        let is_looked_at = self.folder.records_of("photos").is_dir();
        if is_looked_at && position.epoch <= recipe.epochs && !self.is_over(&position) {
            let problem = format!(
                "is trained already, and its report is begun; finish it with --epochs {}",
                position.epoch - 1
            );
            return Err(Error::run_folder(self.folder.root(), problem));
        }
        let mut learner = Learner::new(
            anatomy,
            &weights,
            self.engine.device(),
            learning,
            &self.frozen,
        )?;
        learner.go_on_with(&velocities)?;
        drop((weights, velocities));

        let classes_of = |frames: &Frames<'_>| -> Vec<usize> {
            (0..frames.len()).map(|place| frames.class(place)).collect()
        };
        let (classes, of_validation) = (classes_of(training), classes_of(validation));
        let seen = |learner: &Learner| -> Result<Seen> {
            evaluate(
                &learner.engine()?,
                &anatomy.network().stages,
                (validation, look, &of_validation),
                recipe.micro_batch,
                self.threads,
            )
        };
        let mean = look.mean.as_deref();
        let shift = mean.map(|mean| mean::shift(mean, anatomy.network().input.axes()));
        let mut album = Album::open(self.folder, self.snapshots, recipe.epochs, shift)?;
        if position.rows.is_empty() {
            album.keep(0, &learner)?;
            let before = seen(&learner)?;
            self.note(&mut position, (0, None, &before), &learner)?;
        }
        let paths: Vec<&str> = (0..training.len())
            .map(|place| &*training.photo(place).path)
            .collect();
        let total = recipe.epochs * training.len();
        let done = (position.epoch - 1) * training.len() + position.shown.photos;
        let progress = Progress::new(self.voice, "training", total, done);
        while position.epoch <= recipe.epochs && !self.is_over(&position) {
            let number = position.epoch;
            let rate = recipe
                .schedule
                .rate(recipe.rate, recipe.epochs, &losses(&position));
            let epoch = Epoch {
                number,
                frames: training,
                viewer: show,
                classes: &classes,
                descent: Descent {
                    rate,
                    momentum: recipe.momentum,
                    decay: recipe.weight_decay,
                },
                filter_rms: recipe.filter_rms,
            };
            let batches = (recipe.batch, recipe.micro_batch);
            let parts = order::parts(&paths, number, self.seed, batches);
            let (began, before) = (Instant::now(), position.shown.photos);
            let mut kept = Instant::now();
            let mut shown = position.shown;
            let mut so_far = position.clone();
            let mut last = shown.photos;
            let mut after = |learner: &Learner, now: &Shown| -> Result<()> {
                progress.add(now.photos - last);
                last = now.photos;
                progress.now(&format!(
                    "epoch {number}, loss {:.3}",
                    now.loss / now.photos.max(1) as f64
                ));
                if stopped() || kept.elapsed() >= KEPT_EVERY {
                    so_far.shown = *now;
                    so_far.keep(self.folder, learner)?;
                    kept = Instant::now();
                }
                stop_here()
            };
            steps::take(
                &epoch,
                &parts,
                &learner,
                self.threads,
                &mut shown,
                &mut after,
            )?;
            let seconds = began.elapsed().as_secs_f64().max(1e-9);
            let speed = (shown.photos - before) as f64 / seconds;
            position = so_far;
            let seen = seen(&learner)?;
            if !seen.loss.is_finite() {
                return Err(Error::Diverged {
                    at: format!("behind epoch {number} the network's answers are no numbers"),
                    kept: String::new(),
                });
            }
            self.note(
                &mut position,
                (number, Some((rate, shown)), &seen),
                &learner,
            )?;
            // Before the epoch counts as done.
            album.keep(number, &learner)?;
            position.epoch += 1;
            position.shown = Shown::default();
            position.keep(self.folder, &learner)?;
            let left = (recipe.epochs - number) * training.len();
            let told = self.told(number, rate, &shown, &seen);
            let left = left_of(left as f64 / speed.max(1e-9));
            progress.line(&format!("{told}; {speed:.1} photographs/s{left}"));
            stop_here()?;
        }
        album.close(position.epoch - 1, &learner)?;
        let root = self.folder.root();
        let findings = doctor::findings(
            &position.rows,
            &position.layers,
            &position.spectrum,
            self.dataset.labels.names.len(),
        );
        for found in &findings {
            say(
                self.voice,
                &format!(
                    "what goes wrong: {}, since epoch {}",
                    found.finding.replace('_', " "),
                    found.since_epoch
                ),
            );
        }
        tables::write(root, &position.rows)?;
        tables::write(root, &position.layers)?;
        tables::write(root, &position.spectrum)?;
        tables::write(root, &findings)?;
        Ok(learner)
    }

    fn is_over(&self, position: &Position) -> bool {
        let losses = losses(position);
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let since = losses
            .iter()
            .rev()
            .take_while(|loss| **loss > least)
            .count();
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
