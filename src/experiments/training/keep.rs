//! How far a training has come, on disk: in two places in turn, so that the one before stays whatever happens to a new one.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use base::digest::{sha256_hex, sha256_of_file};
use base::{Error, Result};
use engine::learn::Learner;
use network::checkpoint::Checkpoint;
use network::weights::{self, Array, Weights};
use progress::{say, Voice};
use records::tables::{TrainingLayerRow, TrainingRow, TrainingSpectrumRow};
use records::{write_whole, RunFolder};
use serde::{Deserialize, Serialize};

use super::steps::Shown;

/// Under which name the run folder keeps it.
pub(super) const NAME: &str = "training";
/// Before the names of what a parameter's last changes leave to the next one.
const VELOCITY: &str = "velocity/";

/// How far a training has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    /// How often it was kept.
    turn: usize,
    /// The epoch that is under way, from 1.
    pub(super) epoch: usize,
    /// What it has shown so far.
    pub(super) shown: Shown,
    /// Epochs that are done.
    pub(super) rows: Vec<TrainingRow>,
    /// Their layers.
    pub(super) layers: Vec<TrainingLayerRow>,
    /// The first layer's filters.
    pub(super) spectrum: Vec<TrainingSpectrumRow>,
    /// sha256 of the file of parameters.
    sha256: String,
}

/// Parameters and velocities.
pub(super) struct Parameters {
    pub(super) weights: Weights,
    pub(super) velocities: Weights,
}

impl Position {
    /// Before the first step.
    pub(super) fn start() -> Self {
        Self {
            turn: 0,
            epoch: 1,
            shown: Shown::default(),
            rows: Vec::new(),
            layers: Vec::new(),
            spectrum: Vec::new(),
            sha256: String::new(),
        }
    }

    /// Keeps it, with the learner's parameters.
    ///
    /// # Errors
    /// [`Error::Diverged`] for parameters that are no numbers, of which nothing is kept; [`Error::Io`], [`Error::Compute`].
    pub(super) fn keep(&mut self, folder: &RunFolder, learner: &Learner) -> Result<()> {
        let place = self.turn % 2;
        let path = parameters(folder, place);
        let mut all = learner.weights()?;
        let mut named = all.iter();
        if let Some((name, _)) = named.find(|(_, array)| array.data.iter().any(|x| !x.is_finite()))
        {
            return Err(Error::Diverged {
                at: format!("{name} is not finite"),
                kept: String::new(),
            });
        }
        let velocities = learner.velocities()?.into_iter();
        let velocities = velocities.map(|(name, Array { data, shape })| {
            let shape = all.get(&name).map_or(shape, |of| of.shape.clone());
            (format!("{VELOCITY}{name}"), Array { shape, data })
        });
        let velocities: Weights = velocities.collect();
        all.extend(velocities);
        let content = weights::safetensors(&all, HashMap::new())
            .map_err(|error| Error::weights(&path, error.to_string()))?;
        self.turn += 1;
        self.sha256 = sha256_hex(&content);
        write_whole(&path, |file| {
            file.write_all(&content)
                .map_err(Error::io("cannot write", &path))
        })?;
        folder.keep(NAME, &position(place), self)
    }

    /// The epochs that are done, and the file of the network behind them, or further on; `None` where nothing was kept.
    pub(super) fn last(folder: &RunFolder) -> Option<(usize, PathBuf)> {
        let kept = Self::kept(folder, Voice::Quiet).ok()??;
        Some((kept.0.epoch - 1, parameters(folder, (kept.0.turn + 1) % 2)))
    }

    /// The last position that was kept whole, with its parameters; `None` where nothing was kept yet.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where what was kept is damaged.
    pub(super) fn kept(folder: &RunFolder, voice: Voice) -> Result<Option<(Self, Parameters)>> {
        let mut whole: Vec<(Self, PathBuf)> = Vec::new();
        let mut damaged = None;
        for place in 0..2 {
            let path = parameters(folder, place);
            let position = folder.kept::<Self>(NAME, &position(place));
            match position {
                Ok(None) => {}
                Ok(Some(position))
                    if sha256_of_file(&path).is_ok_and(|is| is == position.sha256) =>
                {
                    whole.push((position, path));
                }
                // While it was being replaced the program was killed: the other one is the last.
                Ok(Some(_)) => damaged = damaged.or(Some(path)),
                Err(error) => {
                    say(voice, &error.to_string());
                    damaged = damaged.or(Some(path));
                }
            }
        }
        whole.sort_by_key(|(position, _)| position.turn);
        match (whole.pop(), damaged) {
            (Some((position, path)), _) => {
                let parameters = Parameters::read(&path)?;
                Ok(Some((position, parameters)))
            }
            (None, Some(path)) => Err(Error::run_folder(
                &path,
                "is damaged, and so is the one before; begin anew with --overwrite",
            )),
            (None, None) => Ok(None),
        }
    }
}

impl Parameters {
    fn read(path: &std::path::Path) -> Result<Self> {
        let mut checkpoint = Checkpoint::open(path)?;
        let (mut weights, mut velocities) = (Weights::new(), Weights::new());
        for name in checkpoint.names() {
            let values = checkpoint.read(&name);
            let values = values.map_err(|problem| Error::weights(path, problem))?;
            match name.strip_prefix(VELOCITY) {
                Some(parameter) => velocities.insert(parameter.to_owned(), values),
                None => weights.insert(name, values),
            };
        }
        Ok(Self {
            weights,
            velocities,
        })
    }
}

fn position(place: usize) -> String {
    format!("position-{place}")
}

fn parameters(folder: &RunFolder, place: usize) -> PathBuf {
    folder
        .records_of(NAME)
        .join(format!("parameters-{place}.safetensors"))
}
