//! A square slides over photographs, and the class and the strongest map are watched (ZF §4.2, fig. 7).

mod curves;
mod examples;
mod look;
mod regions;
mod similarity;
mod tables;

pub use tables::{arrays, collect, Found};

use crate::dataset;
use crate::digest::draw;
use crate::engine::occlude::{Cut, Fast, Occluder, Slider};
use crate::engine::seeds::Unit;
use crate::engine::{Engine, Recording, ReluRule, Trace};
use crate::error::{Error, Result};
use crate::network::{reach, Preprocessing, Stage};
use crate::records::occlusion::Peak;
use crate::records::{OcclusionRecord, RunFolder};

use super::pipeline::Watch;
use super::Setting;

/// No more positions than these on one photo.
pub const MOST_POSITIONS: usize = 40_000;
/// Rows and columns of positions that the fast mode is held against.
const SAMPLED: usize = 5;
/// Under which name an interrupted run finds what was done.
const KEPT: &str = "occlusion";

/// How a photograph is occluded.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Side of the square in pixels of the network's input.
    pub size: usize,
    /// Pixels from one position to the next.
    pub stride: usize,
    /// Its colour.
    pub fill: [u8; 3],
    /// Whether a part of the positions is computed, approximately, and the others are put in between.
    pub fast: bool,
}

impl Options {
    /// Holds the square and its stride against the network's input.
    ///
    /// # Errors
    /// [`Error::Usage`] where it does not fit or there are more positions than [`MOST_POSITIONS`].
    pub fn grid(&self, preprocessing: &Preprocessing) -> Result<Occluder> {
        let pixel = image::RgbImage::from_pixel(1, 1, image::Rgb(self.fill));
        let fill = dataset::normalise(&pixel, preprocessing);
        let side = preprocessing.crop as usize;
        let occluder = Occluder::grid(self.size, self.stride, side, fill)?;
        match occluder.positions() {
            0..=MOST_POSITIONS => Ok(occluder),
            positions => Err(Error::Usage(format!(
                "--occluder-stride {} gives {positions} positions on a photograph, more than {MOST_POSITIONS}; choose a larger stride",
                self.stride
            ))),
        }
    }
}

/// The experiment made ready for a network.
#[derive(Debug)]
pub struct Occlusions<'a> {
    setting: &'a Setting<'a>,
    engine: &'a Engine,
    layer: &'a Stage,
    slider: Slider,
    /// Where not all positions are computed.
    fast: Option<Fast>,
    /// Whether no projection comes from the layer.
    blocked: bool,
}

impl<'a> Occlusions<'a> {
    /// Makes the occluder ready; `layer` is the one whose strongest map is followed.
    ///
    /// # Errors
    /// Those of [`Options::grid`] and [`Engine::slider`].
    pub fn new(
        setting: &'a Setting<'a>,
        engine: &'a Engine,
        options: &'a Options,
        layer: &'a Stage,
    ) -> Result<Self> {
        let cut = Cut {
            threads: setting.threads,
            ..Cut::default()
        };
        let occluder = options.grid(setting.preprocessing)?;
        let drawn = |axis: &str, starts: &[usize]| -> Vec<usize> {
            let mut numbers: Vec<usize> = (0..starts.len()).collect();
            numbers.sort_by_cached_key(|at| draw(setting.seed, &["sample", axis, &at.to_string()]));
            numbers.truncate(SAMPLED);
            numbers.sort_unstable();
            numbers
        };
        let sample = (
            drawn("rows", &occluder.rows),
            drawn("columns", &occluder.columns),
        );
        let slider = engine.slider(occluder, layer.node, cut)?;
        Ok(Self {
            setting,
            engine,
            layer,
            blocked: reach::blocked(engine.network())[layer.node].is_some(),
            fast: match options.fast {
                true => Fast::of(&slider, &sample.0, &sample.1)?,
                false => None,
            },
            slider,
        })
    }

    /// Explores photos by their numbers in the data set, one after another, each with all workers; what an interrupted
    /// run has done is taken as it is. Photos that cannot be read are left out; `None` where the user stopped it.
    ///
    /// # Errors
    /// [`Error::Compute`], [`Error::Io`].
    pub fn explore(
        &self,
        photos: &[usize],
        folder: &RunFolder,
        watch: &dyn Watch,
    ) -> Result<Option<Vec<(usize, OcclusionRecord)>>> {
        let mut records = Vec::with_capacity(photos.len());
        for &photo in photos {
            if watch.stopped() {
                return Ok(None);
            }
            let file = &self.setting.dataset.photos[photo];
            let id = &file.id;
            let kept: Option<OcclusionRecord> = folder.kept(KEPT, id)?;
            let record = match kept {
                Some(record) => {
                    let path = self.setting.dataset.absolute(file);
                    if dataset::file_sha256(&path).as_ref() != Some(&record.sha256) {
                        return Err(Error::photo_changed(path));
                    }
                    Some(record)
                }
                None => {
                    let found = self.look(photo, folder.root())?;
                    if let Some(record) = &found {
                        folder.keep(KEPT, id, record)?;
                    }
                    found
                }
            };
            records.extend(record.map(|record| (photo, record)));
            watch.step();
        }
        Ok(Some(records))
    }
}

/// The trace that all of the experiment looks at.
fn forward(engine: &Engine, input: &[f32]) -> Result<Trace> {
    let recording = Recording {
        rule: Some(ReluRule::Deconvnet),
        ..Recording::everything(engine)
    };
    engine.forward(&engine.batch(&[input])?, &recording)
}

/// The strongest unit of every map of a node.
fn peaks(engine: &Engine, trace: &Trace, node: usize) -> Result<Vec<Peak>> {
    let units = engine.strongest_units(trace, 0, node)?.into_iter();
    let peak = |unit: Unit| Peak {
        y: unit.y,
        x: unit.x,
        activation: unit.activation,
    };
    Ok(units.map(peak).collect())
}
