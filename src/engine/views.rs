//! What is shown of photographs' squares: bytes until it lies on the device, and there network inputs.

use base::{Error, Result};
use network::{Levels, Preprocessing};
use tch::{Device, TchError, Tensor};

use super::inputs::Feed;
use super::transfer::sent;
use super::Engine;

/// A part of a photograph's square, as large as the network's input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// `[H, W]` of red, green and blue; mirrored already where the view is.
    pub pixels: Vec<u8>,
    /// Columns of the square to its left.
    pub left: usize,
    /// Rows of the square above it.
    pub top: usize,
    /// Whether it is mirrored.
    pub mirrored: bool,
}

/// The mean of all squares at each place, and its mirror image, `[C, side, side]` each.
#[derive(Debug)]
pub(super) struct Mean {
    planes: [Tensor; 2],
}

impl Mean {
    fn of(mean: &[f32], channels: usize, device: Device) -> Result<Self, TchError> {
        let side = (mean.len() / channels.max(1)).isqrt();
        let shape = [channels, side, side].map(|length| length as i64);
        let mean = sent(mean, device)?.f_view(shape)?;
        let mirrored = mean.f_flip([2])?;
        Ok(Self {
            planes: [mean, mirrored],
        })
    }

    pub(super) fn share(&self) -> Self {
        Self {
            planes: self.planes.each_ref().map(Tensor::shallow_clone),
        }
    }

    /// What a view of `[height, width]` shows of it.
    fn seen(&self, view: &View, [height, width]: [i64; 2]) -> Result<Tensor, TchError> {
        let plane = &self.planes[usize::from(view.mirrored)];
        let (left, top) = (view.left as i64, view.top as i64);
        let left = match view.mirrored {
            true => plane.size3()?.2 - left - width,
            false => left,
        };
        plane.f_narrow(1, top, height)?.f_narrow(2, left, width)
    }
}

impl Engine {
    /// The same engine, which is shown views: their grey levels become what the preprocessing makes of them, less `mean`,
    /// `[C, side, side]` of the squares that they are cut of.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn shown(mut self, preprocessing: &Preprocessing, mean: Option<&[f32]>) -> Result<Self> {
        let mut feed = Feed::new(Levels::of(preprocessing), self.device)?;
        let channels = preprocessing.channels.count();
        let mean = mean
            .map(|mean| Mean::of(mean, channels, self.device))
            .transpose();
        feed.mean = mean.map_err(Error::compute("moving the mean to the device"))?;
        self.feed = feed;
        Ok(self)
    }

    /// Network inputs `[N, C, H, W]` of views, on the device, without waiting for it.
    ///
    /// # Errors
    /// [`Error::Compute`] where a view is not as large as the input.
    pub fn images(&self, views: &[View]) -> Result<Tensor> {
        let pixels: Vec<&[u8]> = views.iter().map(|view| &view.pixels[..]).collect();
        let images = self.inputs(&pixels)?;
        let Some(mean) = &self.feed.mean else {
            return Ok(images);
        };
        let [_, height, width] = self.network().input.axes();
        let size = [height, width].map(|length| length as i64);
        let less = || -> Result<(), TchError> {
            (0i64..).zip(views).try_for_each(|(image, view)| {
                let _ = images.f_select(0, image)?.f_sub_(&mean.seen(view, size)?)?;
                Ok(())
            })
        };
        less().map_err(Error::compute("subtracting the mean"))?;
        Ok(images)
    }
}
