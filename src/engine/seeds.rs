//! Which activations a projection starts from.

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

use super::maps;
use super::transfer::{count_wait, sent};
use super::{Engine, Trace};

/// One activation of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Feature map.
    pub feature: usize,
    /// Row; 0 for vectors.
    pub y: usize,
    /// Column; 0 for vectors.
    pub x: usize,
    /// Its value.
    pub activation: f32,
}

/// Where a projection starts.
#[derive(Debug)]
pub struct Seed {
    /// The image's row in the trace.
    pub image: i64,
    /// The node whose output is projected.
    pub node: usize,
    /// The activations to look at.
    pub start: Start,
}

/// Which of a node's activations are looked at; the others are zero.
#[derive(Debug)]
pub enum Start {
    /// One, with this value.
    Unit(Unit),
    /// Those of a feature map, as they were recorded.
    Map(usize),
    /// All, as they were recorded.
    Layer,
    /// These, `[1, C, H, W]`.
    Signal(Tensor),
}

impl Engine {
    /// The strongest activation of a recorded node for one image: the first maximum in (feature, y, x) order, or
    /// `None` where nothing is active.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn strongest_unit(&self, trace: &Trace, image: i64, node: usize) -> Result<Option<Unit>> {
        let shape = self.shape(node);
        count_wait();
        let find = || -> Result<Option<Unit>, TchError> {
            let maps = recorded(trace, image, node)?;
            let maxima = maps.f_amax([2i64, 3].as_slice(), false)?;
            let [activation, place] = maps::strongest_units(&maps, &maxima)?;
            let activation = activation.f_double_value(&[0])? as f32;
            let place = place.f_int64_value(&[0])? as usize;
            let cells = shape.height * shape.width;
            let unit = maps::unit(place / cells, place % cells, shape.width, activation);
            Ok((activation > 0.0).then_some(unit))
        };
        find().map_err(Error::compute("finding the strongest activation"))
    }

    /// The value of one unit of a recorded node.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn activation(&self, trace: &Trace, image: i64, node: usize, unit: &Unit) -> Result<f32> {
        count_wait();
        let shape = self.shape(node);
        let at = (unit.feature * shape.height + unit.y) * shape.width + unit.x;
        recorded(trace, image, node)
            .and_then(|map| map.f_flatten(0, -1)?.f_double_value(&[at as i64]))
            .map(|value| value as f32)
            .map_err(Error::compute("reading an activation"))
    }

    /// The activations that a projection starts from, `[1, C, H, W]`, zero elsewhere.
    ///
    /// # Errors
    /// [`Error::Compute`] where the seed's node was not recorded.
    pub fn signal(&self, trace: &Trace, seed: &Seed) -> Result<Tensor> {
        let signal = self.signals(trace, seed.node, &[seed]);
        signal.map_err(Error::compute("choosing the activations to project"))
    }

    /// Those of several seeds of a node, `[seeds, C, H, W]`, made in a few steps however many there are.
    pub(super) fn signals(
        &self,
        trace: &Trace,
        node: usize,
        seeds: &[&Seed],
    ) -> Result<Tensor, TchError> {
        let [channels, height, width] = self.shape(node).axes().map(|length| length as i64);
        let rows = seeds.len() as i64;
        let whole = Picked::of(seeds, |row, seed| {
            matches!(seed.start, Start::Layer).then_some((row, seed.image))
        });
        if whole.rows.len() == seeds.len() {
            return whole.from(trace.recorded(node)?);
        }
        let kind = match trace.activations.get(&node) {
            Some(recorded) => recorded.f_kind()?,
            None => self.kind,
        };
        let options = (kind, self.device);
        let signals = Tensor::f_zeros([rows, channels, height, width], options)?;
        whole.copy_into(&signals, || trace.recorded(node)?.f_contiguous())?;
        let maps = Picked::of(seeds, |row, seed| match seed.start {
            Start::Map(feature) => {
                let feature = feature as i64;
                Some((row * channels + feature, seed.image * channels + feature))
            }
            _ => None,
        });
        maps.copy_into(&signals.f_view([-1, height, width])?, || {
            trace
                .recorded(node)?
                .f_contiguous()?
                .f_view([-1, height, width])
        })?;
        let mut values = Vec::new();
        let units = Picked::of(seeds, |row, seed| match &seed.start {
            Start::Unit(unit) => {
                let [feature, y, x] = [unit.feature, unit.y, unit.x].map(|at| at as i64);
                let at = ((row * channels + feature) * height + y) * width + x;
                values.push(f64::from(unit.activation));
                Some((at, values.len() as i64 - 1))
            }
            _ => None,
        });
        units.copy_into(&signals.f_view([-1])?, || {
            sent(&values, self.device)?.f_to_kind(kind)
        })?;
        for (row, seed) in (0..).zip(seeds) {
            if let Start::Signal(signal) = &seed.start {
                signals.f_narrow(0, row, 1)?.f_copy_(signal)?;
            }
        }
        Ok(signals)
    }
}

/// Rows of what is made, and where each is taken from.
struct Picked {
    rows: Vec<i64>,
    sources: Vec<i64>,
}

impl Picked {
    fn of(seeds: &[&Seed], mut pick: impl FnMut(i64, &Seed) -> Option<(i64, i64)>) -> Self {
        let picked = (0..).zip(seeds).filter_map(|(row, seed)| pick(row, seed));
        let (rows, sources) = picked.unzip();
        Self { rows, sources }
    }

    fn from(&self, values: &Tensor) -> Result<Tensor, TchError> {
        let sources = sent(&self.sources, values.device())?;
        values.f_index_select(0, &sources)?.f_contiguous()
    }

    fn copy_into(
        &self,
        signals: &Tensor,
        values: impl FnOnce() -> Result<Tensor, TchError>,
    ) -> Result<(), TchError> {
        if !self.rows.is_empty() {
            let rows = sent(&self.rows, signals.device())?;
            let picked = self.from(&values()?)?;
            let _ = signals.shallow_clone().f_index_copy_(0, &rows, &picked)?;
        }
        Ok(())
    }
}

impl Seed {
    /// Starts from one unit with the value it had, everything else zero (ZF §2.1).
    pub fn unit(image: i64, node: usize, unit: &Unit) -> Self {
        Self {
            image,
            node,
            start: Start::Unit(*unit),
        }
    }

    /// Starts from one whole feature map.
    pub fn map(image: i64, node: usize, feature: usize) -> Self {
        Self {
            image,
            node,
            start: Start::Map(feature),
        }
    }

    /// Starts from all of a layer's activations at once (the grids of the replication).
    pub fn layer(image: i64, node: usize) -> Self {
        Self {
            image,
            node,
            start: Start::Layer,
        }
    }
}

fn recorded(trace: &Trace, image: i64, node: usize) -> Result<Tensor, TchError> {
    trace.recorded(node)?.f_narrow(0, image, 1)
}
