//! What an experiment is.

use std::fmt::Debug;

use base::{Error, Result};
use dataset::{Dataset, Masks, Rect};
use network::{Model, Stage};
use records::shards::{Portion, ShardRecords};
use records::tables::{self, MetricRow};
use serde_json::{Map, Value};

use super::{Context, Onlooker};

/// The region that `--masks worst` hides.
const WORST: &str = "worst";

/// Boxes on photographs, by their paths.
pub type Boxes = Vec<(String, Rect)>;

/// An experiment that was asked for, ready to run.
pub trait Experiment: Debug + Sync {
    /// What `run.json` and the folder of what it keeps while the run goes on are called.
    fn name(&self) -> &'static str;

    /// Its options in force, under the names that the command line has for them, `_` for `-`.
    ///
    /// # Errors
    /// Whatever serde_json says.
    fn options(&self) -> serde_json::Result<Value>;

    /// Paths of the photographs that it wants to be shown in detail.
    fn shown(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What `--masks worst` hides, found on photographs that nothing is known of yet; `None` where it finds nothing.
    ///
    /// # Errors
    /// Those of [`Experiment::run`].
    fn regions(&self, _: &Context<'_>) -> Result<Option<Boxes>> {
        Ok(None)
    }

    /// The photographs on which it finds that: it looks at them by [`Experiment::look_again`], too.
    fn seeks(&self, _: &Context<'_>) -> Vec<Portion> {
        Vec::new()
    }

    /// What it wants to see of the pass that classifies; it goes on with what it kept in the run folder.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where that is damaged; [`Error::Photo`] where a photograph it saw has changed since.
    fn onlooker<'a>(&'a self, _: &'a Context<'a>) -> Result<Option<Box<dyn Onlooker + 'a>>> {
        Ok(None)
    }

    /// Puts together what its onlookers kept in the shards of a run.
    ///
    /// # Errors
    /// Those of the run folder and the shards.
    fn join(&self, _: &Context<'_>, _: &[ShardRecords]) -> Result<()> {
        Ok(())
    }

    /// The photographs that it looks at again when all were classified and those in detail chosen; none where
    /// [`Experiment::run`] does all by itself.
    ///
    /// # Errors
    /// Those of the run folder.
    fn again(&self, _: &Context<'_>) -> Result<Vec<Portion>> {
        Ok(Vec::new())
    }

    /// Looks at some of these portions, and keeps what it finds, so that [`Experiment::run`] need not.
    ///
    /// # Errors
    /// Those of [`Experiment::run`].
    fn look_again(&self, _: &Context<'_>, _: &[Portion]) -> Result<()> {
        Ok(())
    }

    /// Looks at the photographs, of which the run's own tables are there, and writes its own; what it returns is added to
    /// `metrics.csv`.
    ///
    /// # Errors
    /// Those of the engine and of the run folder; [`Error::Stopped`] where the user stopped it.
    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>>;

    /// Draws conclusions from what all experiments measured: `metrics.csv`, to which what it returns is added.
    ///
    /// # Errors
    /// Those of [`Experiment::run`].
    fn conclude(&self, _: &Context<'_>, _: &[MetricRow]) -> Result<Vec<MetricRow>> {
        Ok(Vec::new())
    }
}

/// What the options of an experiment are held against.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The network.
    pub model: &'a Model,
    /// The layers that are shown.
    pub stages: &'a [Stage],
    /// The photographs.
    pub dataset: &'a Dataset,
    /// Whether there are regions to hide.
    pub has_regions: bool,
    /// Whether they are to be found (`--masks worst`).
    pub finds_regions: bool,
}

/// What `--masks worst` hides.
///
/// # Errors
/// Those of [`Experiment::regions`].
pub fn regions(
    context: &Context<'_>,
    experiments: &[Box<dyn Experiment>],
) -> Result<Option<Boxes>> {
    let mut found = experiments.iter();
    let found = found.find_map(|experiment| experiment.regions(context).transpose());
    found.transpose()
}

/// These boxes as regions that are hidden.
pub fn hidden(boxes: Boxes) -> Masks {
    Masks::found(WORST, boxes)
}

/// Runs experiments one after another and adds their metrics, and others before them, to those of the photographs.
///
/// # Errors
/// Those of [`Experiment::run`].
pub fn run(
    context: &Context<'_>,
    experiments: &[Box<dyn Experiment>],
    mut metrics: Vec<MetricRow>,
) -> Result<()> {
    for experiment in experiments {
        metrics.extend(experiment.run(context)?);
    }
    let mut all: Vec<MetricRow> = tables::read(context.root())?;
    let before = all.len();
    all.extend(metrics);
    for experiment in experiments {
        let concluded = experiment.conclude(context, &all)?;
        all.extend(concluded);
    }
    match all.len() > before {
        true => context.write(&all),
        false => Ok(()),
    }
}

/// The options of experiments by the experiments' names, as `run.json` has them.
///
/// # Errors
/// [`Error::Usage`] where serde_json cannot write them.
pub fn options(experiments: &[Box<dyn Experiment>]) -> Result<Map<String, Value>> {
    let mut named = Map::new();
    for experiment in experiments {
        let (name, options) = (experiment.name(), experiment.options());
        let options = options.map_err(|error| Error::Usage(format!("{name}: {error}")))?;
        named.insert(name.to_owned(), options);
    }
    Ok(named)
}
