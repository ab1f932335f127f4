//! Which activations a projection starts from.

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use tch::{TchError, Tensor};

use super::maps;
use super::transfer::count_wait;
use super::{Engine, Seed, Trace};

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

    /// Starts from one unit with the value it had, everything else zero (ZF §2.1).
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn unit_seed(&self, image: i64, node: usize, unit: &Unit) -> Result<Seed> {
        let shape = self.shape(node);
        let at = (unit.feature * shape.height + unit.y) * shape.width + unit.x;
        let [channels, height, width] = shape.axes().map(|length| length as i64);
        let alone = || -> Result<Tensor, TchError> {
            let options = (self.kind, self.device);
            let alone = Tensor::f_zeros([1, channels, height, width], options)?;
            let _ = alone
                .f_view([-1])?
                .f_narrow(0, at as i64, 1)?
                .f_fill_(f64::from(unit.activation))?;
            Ok(alone)
        };
        Ok(Seed {
            image,
            node,
            signal: alone().map_err(Error::compute("choosing the activations to project"))?,
        })
    }

    /// Starts from one whole feature map.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn map_seed(&self, trace: &Trace, image: i64, node: usize, feature: usize) -> Result<Seed> {
        self.seed(trace, image, node, |whole| {
            let alone = whole.f_zeros_like()?;
            alone
                .f_narrow(1, feature as i64, 1)?
                .f_copy_(&whole.f_narrow(1, feature as i64, 1)?)?;
            Ok(alone)
        })
    }

    /// Starts from all of a layer's activations at once (the grids of the replication).
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn layer_seed(&self, trace: &Trace, image: i64, node: usize) -> Result<Seed> {
        self.seed(trace, image, node, |whole| Ok(whole.shallow_clone()))
    }

    fn seed(
        &self,
        trace: &Trace,
        image: i64,
        node: usize,
        select: impl FnOnce(&Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Seed> {
        let signal = recorded(trace, image, node)
            .and_then(|whole| select(&whole.f_contiguous()?))
            .map_err(Error::compute("choosing the activations to project"))?;
        Ok(Seed {
            image,
            node,
            signal,
        })
    }
}

fn recorded(trace: &Trace, image: i64, node: usize) -> Result<Tensor, TchError> {
    trace.recorded(node)?.f_narrow(0, image, 1)
}
