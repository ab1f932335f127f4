//! The mean of the training photographs at each place, which ZF §3.1 subtracts.

use base::Result;
use network::weights::Array;
use network::Size;
use progress::stop_here;

use super::frames::{bytes_of, Frames};

/// The node that the mean of the training photographs is subtracted by.
pub(super) const NODE: &str = "pixel_mean";

/// The parameter of that node, for an input of a shape.
pub(super) fn shift(mean: &[f32], shape: [usize; 3]) -> (String, Array) {
    let shift = Array {
        shape: shape.to_vec(),
        data: mean.iter().map(|mean| -mean).collect(),
    };
    (format!("{NODE}.bias"), shift)
}

/// The mean of all frames at each place, in network units, `[C, side, side]`.
///
/// # Errors
/// Those of [`Frames::frame`]; [`base::Error::Stopped`].
pub(super) fn of(frames: &Frames<'_>) -> Result<Vec<f32>> {
    let preprocessing = frames.preprocessing();
    let mut sums = vec![0u64; bytes_of(preprocessing)];
    for place in 0..frames.len() {
        stop_here()?;
        let frame = frames.frame(place)?;
        let levels = frame.as_raw().iter();
        sums.iter_mut()
            .zip(levels)
            .for_each(|(sum, &level)| *sum += u64::from(level));
    }
    let channels = preprocessing.channels;
    let count = frames.len().max(1) as f64;
    let of_channel = |channel: usize| {
        let (scale, less, by) = (
            f64::from(preprocessing.scale),
            f64::from(preprocessing.mean.of(channel)),
            f64::from(preprocessing.std.of(channel)),
        );
        let source = channels.source(channel);
        let sums = sums.iter().skip(source).step_by(3);
        sums.map(move |&sum| ((sum as f64 / count / 255.0 * scale - less) / by) as f32)
            .collect::<Vec<f32>>()
    };
    Ok((0..channels.count()).flat_map(of_channel).collect())
}

/// The centre of planes of a size.
pub(super) fn centre_of(planes: &[f32], size: Size, crop: Size) -> Vec<f32> {
    let [rows, columns] = size.sides();
    let [height, width] = crop.sides();
    let (top, left) = ((rows - height) / 2, (columns - width) / 2);
    planes
        .chunks_exact(rows * columns)
        .flat_map(|plane| {
            (top..top + height).flat_map(move |row| {
                let first = row * columns + left;
                plane[first..first + width].iter().copied()
            })
        })
        .collect()
}
