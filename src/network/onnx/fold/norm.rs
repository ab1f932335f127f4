//! Batch normalisation of constants: weights that are standardised as they are used.

use crate::onnx::call::Call;
use crate::onnx::tensor::Tensor;

/// By running statistics or, in training mode, by its input's own, which are given as well: the running ones of before and these,
/// by `momentum`.
pub(super) fn batch(call: &Call<'_>) -> Result<Vec<Tensor>, String> {
    let attributes = &call.node.attributes;
    let epsilon = f64::from(attributes.float("epsilon", 1e-5)?);
    let is_training = attributes.int("training_mode", 0)? != 0;
    let input = call.input(0)?;
    let values = input.as_floats()?;
    let &[images, channels, ref cells @ ..] = &input.dims[..] else {
        return Err(format!("an input of shape {:?}", input.dims));
    };
    let cells: usize = cells.iter().product();
    let of_channels = |at: usize| -> Result<&[f32], String> {
        let values = call.input(at)?.as_floats()?;
        match values.len() == channels {
            true => Ok(values),
            false => Err(format!(
                "input {at} has {} values for {channels} channels",
                values.len()
            )),
        }
    };
    let (scale, shift) = (of_channels(1)?, of_channels(2)?);
    let (mean, variance) = (of_channels(3)?, of_channels(4)?);
    let momentum = f64::from(attributes.float("momentum", 0.9)?);
    let count = (images * cells) as f64;
    let (mut made, mut next) = (values.to_vec(), [mean.to_vec(), variance.to_vec()]);
    for channel in 0..channels {
        let places = (0..images).flat_map(|image| {
            let first = (image * channels + channel) * cells;
            first..first + cells
        });
        let (mut middle, mut spread) = (f64::from(mean[channel]), f64::from(variance[channel]));
        if is_training {
            let own = |place: usize| f64::from(values[place]);
            let before = [middle, spread];
            middle = places.clone().map(own).sum::<f64>() / count;
            spread = places
                .clone()
                .map(|at| (own(at) - middle).powi(2))
                .sum::<f64>()
                / count;
            for (next, (before, own)) in next
                .iter_mut()
                .zip(before.into_iter().zip([middle, spread]))
            {
                next[channel] = (before * momentum + own * (1.0 - momentum)) as f32;
            }
        }
        let factor = f64::from(scale[channel]) / (spread + epsilon).sqrt();
        for place in places {
            let off = f64::from(values[place]) - middle;
            made[place] = (off * factor + f64::from(shift[channel])) as f32;
        }
    }
    let mut outputs = vec![Tensor::floats(input.dims.clone(), made)];
    outputs.extend(next.map(|values| Tensor::floats(vec![channels], values)));
    outputs.truncate(call.node.outputs.len().max(1));
    Ok(outputs)
}
