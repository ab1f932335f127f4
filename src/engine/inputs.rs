//! Network inputs on their way to the device.

use std::sync::{Arc, Mutex, PoisonError};

use base::{Error, Result};
use network::Levels;
use tch::{Device, Kind, TchError, Tensor};

use super::host::{Host, Pool};
use super::transfer::{read_back, sent, Values};
use super::views::Mean;
use super::Engine;

/// How an engine is fed. Belongs to one engine: what lies here was queued by its thread.
#[derive(Debug)]
pub(super) struct Feed {
    levels: Arc<Levels>,
    /// Subtracted from views.
    pub(super) mean: Option<Mean>,
    device: Device,
    way: Way,
    /// Buffers that bytes are uploaded from.
    bytes: Arc<Pool>,
    /// Those that the device may still be copying from.
    under_way: Mutex<Vec<Host<u8>>>,
}

/// Where bytes become values.
#[derive(Debug)]
enum Way {
    /// On the CPU, in the batch's own memory.
    Here,
    /// On the device, which has the levels of all channels one after another.
    There { levels: Tensor },
}

impl Feed {
    pub(super) fn new(levels: Levels, device: Device) -> Result<Self> {
        let mut feed = Self {
            levels: Arc::new(levels),
            mean: None,
            device,
            way: Way::Here,
            bytes: Pool::new(device),
            under_way: Mutex::default(),
        };
        if device != Device::Cpu {
            feed.normalise_there()?;
        }
        Ok(feed)
    }

    pub(super) fn normalise_there(&mut self) -> Result<()> {
        let levels = self.levels.tables().concat();
        let levels = sent(&levels, self.device);
        self.way = Way::There {
            levels: levels.map_err(Error::compute("moving grey levels to the device"))?,
        };
        Ok(())
    }

    /// Whether there is no device to send bytes to and to read values from: all lies in the host's memory.
    pub(super) fn is_here(&self) -> bool {
        matches!(self.way, Way::Here)
    }

    /// For another engine, with buffers of its own.
    pub(super) fn share(&self) -> Self {
        Self {
            levels: Arc::clone(&self.levels),
            mean: self.mean.as_ref().map(Mean::share),
            device: self.device,
            way: match &self.way {
                Way::Here => Way::Here,
                Way::There { levels } => Way::There {
                    levels: levels.shallow_clone(),
                },
            },
            bytes: Pool::new(self.device),
            under_way: Mutex::default(),
        }
    }

    /// Tensors' values, read in one wait, after which nothing is under way any more.
    pub(super) fn read_all(&self, tensors: &[&Tensor]) -> Result<Vec<Values>> {
        let read = read_back(tensors)?;
        self.under_way().clear();
        Ok(read)
    }

    /// A tensor's values, read likewise; on the CPU they are the tensor's own.
    pub(super) fn read(&self, tensor: &Tensor) -> Result<Host<f32>> {
        self.read_all(&[tensor])?
            .into_iter()
            .map(Values::hosted)
            .next()
            .unwrap_or_else(|| Host::new(0).map_err(Error::compute("reading values back")))
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, Vec<Host<u8>>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes on the device, without waiting for it: in pinned memory they are copied beside what it computes.
    pub(super) fn send(&self, pieces: &[&[u8]]) -> Result<Tensor, TchError> {
        let mut bytes = self
            .bytes
            .take(pieces.iter().map(|piece| piece.len()).sum())?;
        let mut rest = &mut bytes[..];
        for piece in pieces {
            let (room, behind) = std::mem::take(&mut rest).split_at_mut(piece.len());
            room.copy_from_slice(piece);
            rest = behind;
        }
        let sent = bytes.as_tensor()?;
        let sent = sent.f_to_device_(self.device, Kind::Uint8, true, true)?;
        self.under_way().push(bytes);
        Ok(sent)
    }

    /// Crops `[H, W]` of RGB pixels as `[N, C, H, W]` of f32.
    fn batch(&self, crops: &[&[u8]], shape: [i64; 3]) -> Result<Tensor, TchError> {
        let [channels, height, width] = shape;
        let (images, pixels) = (crops.len() as i64, (height * width) as usize);
        if crops.iter().any(|crop| crop.len() != 3 * pixels) {
            let found: Vec<usize> = crops.iter().map(|crop| crop.len() / 3).collect();
            return Err(TchError::Shape(format!(
                "an input of {height}x{width} pixels expected, found crops of {found:?} pixels"
            )));
        }
        match &self.way {
            Way::Here => {
                let cells = channels as usize * pixels;
                let mut values = Host::<f32>::new(crops.len() * cells)?;
                for (input, crop) in values.chunks_exact_mut(cells.max(1)).zip(crops) {
                    self.levels.write(crop, input);
                }
                values.into_tensor(&[images, channels, height, width])
            }
            Way::There { levels } => {
                let uploaded = self.send(crops)?;
                let numbers: Vec<Tensor> = (0i64..)
                    .zip(self.levels.sources())
                    .map(|(channel, source)| {
                        let plane = uploaded.f_view([images, height, width, 3])?;
                        let plane = plane.f_select(3, source as i64)?.f_to_kind(Kind::Int)?;
                        plane.f_add_scalar(256 * channel)
                    })
                    .collect::<Result<_, _>>()?;
                let numbers = Tensor::f_stack(&numbers, 1)?.f_view([-1])?;
                let values = levels.f_index_select(0, &numbers)?;
                values.f_view([images, channels, height, width])
            }
        }
    }
}

impl Engine {
    /// Crops as one batch of network inputs `[N, C, H, W]`: each `[H, W]` pixels of red, green and blue, 0 to 255. A GPU is sent
    /// the bytes and looks up what each level becomes: the same values to the last bit as on the CPU.
    ///
    /// # Errors
    /// [`Error::Compute`] where a crop is not as large as the input, or for lack of memory.
    pub fn inputs(&self, crops: &[&[u8]]) -> Result<Tensor> {
        let shape = self.network().input.axes().map(|length| length as i64);
        let batch = self.feed.batch(crops, shape);
        batch.map_err(Error::compute("making network inputs"))
    }

    /// Network inputs of `[C, H, W]` values each as one batch on the CPU.
    ///
    /// # Errors
    /// [`Error::Compute`] where the values do not fill the inputs.
    pub fn batch(&self, inputs: &[&[f32]]) -> Result<Tensor> {
        let [channels, height, width] = self.network().input.axes();
        let cells = channels * height * width;
        let stack = || -> Result<Tensor, TchError> {
            if let Some(wrong) = inputs.iter().find(|values| values.len() != cells) {
                return Err(TchError::Shape(format!(
                    "{cells} values expected, found {}",
                    wrong.len()
                )));
            }
            let mut values = Host::<f32>::new(inputs.len() * cells)?;
            for (room, input) in values.chunks_exact_mut(cells.max(1)).zip(inputs) {
                room.copy_from_slice(input);
            }
            let shape = [inputs.len(), channels, height, width].map(|length| length as i64);
            values.into_tensor(&shape)
        };
        stack().map_err(Error::compute("stacking network inputs"))
    }

    /// The values of a tensor, in one wait for the device; on the CPU, where they lie in one piece, without a copy.
    ///
    /// # Errors
    /// [`Error::Compute`] also for a tensor that is not of f32.
    pub fn read(&self, tensor: &Tensor) -> Result<Host<f32>> {
        self.feed.read(tensor)
    }

    /// The same engine fed as a GPU is, on the device that it has: what tests on a processor hold a GPU's way by.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn fed_as_a_gpu(&self) -> Result<Self> {
        let mut engine = self.clone();
        engine.feed.normalise_there()?;
        Ok(engine)
    }
}
