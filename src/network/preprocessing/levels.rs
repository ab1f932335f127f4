//! What the 256 grey levels of a pixel become in each channel of the input.

use super::{Channels, Preprocessing};

/// `(level / 255 × scale − mean) / std` for each level, rounded as PyTorch's transforms round, channel by channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    channels: Channels,
    tables: Vec<[f32; 256]>,
}

impl Levels {
    /// Those of a preprocessing.
    pub fn of(preprocessing: &Preprocessing) -> Self {
        let scale = f64::from(preprocessing.scale);
        let table = |channel| {
            let mean = preprocessing.mean.of(channel);
            let std = preprocessing.std.of(channel);
            std::array::from_fn(|level| ((level as f64 / 255.0 * scale) as f32 - mean) / std)
        };
        let channels = preprocessing.channels;
        Self {
            channels,
            tables: (0..channels.count()).map(table).collect(),
        }
    }

    /// The table of each channel.
    pub fn tables(&self) -> &[[f32; 256]] {
        &self.tables
    }

    /// Which of an RGB pixel's values each channel of the input is.
    pub fn sources(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.tables.len()).map(|channel| self.channels.source(channel))
    }

    /// Writes an input `[C, H, W]` of the levels of a crop, `[H, W]` pixels of red, green and blue.
    pub fn write(&self, crop: &[u8], input: &mut [f32]) {
        let planes = input.chunks_exact_mut((crop.len() / 3).max(1));
        for ((plane, table), source) in planes.zip(&self.tables).zip(self.sources()) {
            for (value, pixel) in plane.iter_mut().zip(crop.chunks_exact(3)) {
                *value = table[usize::from(pixel[source])];
            }
        }
    }
}
