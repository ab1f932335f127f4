//! Network units → grey levels: how a projection and an input become pictures that can be looked at.

use image::RgbImage;
use network::{Channels, Preprocessing};
use records::maps::Planes;

/// The percentile of a projection's non-zero magnitudes that is drawn at full contrast. The maximum instead would
/// leave nearly all of a projection grey.
pub const PERCENTILE: f64 = 99.5;

/// Values `[channels, height, width]` in network units and channel order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pixels<'a> {
    pub(super) values: &'a [f32],
    /// Rows and columns.
    pub(super) size: (usize, usize),
}

impl<'a> From<&'a Planes> for Pixels<'a> {
    fn from(planes: &'a Planes) -> Self {
        Self {
            values: &planes.values,
            size: planes.size,
        }
    }
}

/// The magnitude at [`PERCENTILE`] among the non-zero values of all channels; `None` for an empty projection.
pub(super) fn scale(values: &[f32]) -> Option<f32> {
    // Magnitudes order like their bits, so a count by the upper bits finds the neighbourhood of the percentile. Few bins: they
    // stay in the processor's nearest cache.
    const SHIFT: u32 = 20;
    let magnitude = |value: &f32| value.to_bits() & 0x7fff_ffff;
    let mut counts = [0_usize; 1 << (31 - SHIFT)];
    let mut zeros = 0;
    for value in values {
        let magnitude = magnitude(value);
        counts[(magnitude >> SHIFT) as usize] += 1;
        zeros += usize::from(magnitude == 0);
    }
    counts[0] -= zeros;
    // What is not finite lies behind.
    let counts = &counts[..(f32::INFINITY.to_bits() >> SHIFT) as usize];
    let total: usize = counts.iter().sum();
    if total == 0 {
        return None;
    }
    let mut rank = ((total - 1) as f64 * PERCENTILE / 100.0).round() as usize;
    let bin = counts.iter().position(|&count| {
        let here = rank < count;
        if !here {
            rank -= count;
        }
        here
    })?;
    let inside = |value: &&f32| {
        value.is_finite() && **value != 0.0 && (magnitude(value) >> SHIFT) as usize == bin
    };
    let mut near: Vec<u32> = values.iter().filter(inside).map(magnitude).collect();
    let (_, found, _) = near.select_nth_unstable(rank);
    Some(f32::from_bits(*found))
}

/// A projection around mid-grey: `±scale` becomes white and black, channel by channel.
pub(super) fn around_grey(projection: Pixels<'_>, scale: f32, channels: Channels) -> RgbImage {
    let gain = 127.0 / scale;
    picture(projection, channels, |value, _| 128.0 + value * gain)
}

/// The network's input, or a part of it, as a photograph again.
pub(super) fn photograph(input: Pixels<'_>, preprocessing: &Preprocessing) -> RgbImage {
    let Preprocessing {
        mean, std, scale, ..
    } = preprocessing;
    picture(input, preprocessing.channels, |value, channel| {
        (value * std.of(channel) + mean.of(channel)) / scale * 255.0
    })
}

fn picture(
    Pixels {
        values,
        size: (height, width),
    }: Pixels<'_>,
    channels: Channels,
    level: impl Fn(f32, usize) -> f32,
) -> RgbImage {
    let plane = height * width;
    let mut bytes = vec![128_u8; 3 * plane];
    let planes = values.chunks_exact(plane.max(1)).take(channels.count());
    for (channel, values) in planes.enumerate() {
        let shown = match channels {
            Channels::Grey => 0..3,
            Channels::Rgb | Channels::Bgr => {
                let source = channels.source(channel);
                source..source + 1
            }
        };
        for (pixel, &value) in bytes.chunks_exact_mut(3).zip(values) {
            // `as` saturates, and takes NaN to 0.
            pixel[shown.clone()].fill((level(value, channel) + 0.5) as u8);
        }
    }
    RgbImage::from_raw(width as u32, height as u32, bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::normalise;
    use network::{PerChannel, Rounding};

    fn pixel(values: &[f32]) -> Pixels<'_> {
        Pixels {
            values,
            size: (1, 1),
        }
    }

    #[test]
    fn the_scale_is_the_percentile_of_the_magnitudes_that_are_not_zero() {
        let mut values: Vec<f32> = (1..=1000)
            .map(|i| if i % 2 == 0 { i as f32 } else { -(i as f32) })
            .collect();
        values.extend([0.0; 5000]);
        values.push(f32::NAN);
        assert_eq!(scale(&values), Some(995.0));
        assert_eq!(scale(&[-3.0, 0.0]), Some(3.0));
        assert_eq!(scale(&[0.0, -0.0, f32::INFINITY]), None);
        assert_eq!(scale(&[1e-40, 0.0]), Some(1e-40));
    }

    #[test]
    fn zero_is_mid_grey_and_bgr_is_shown_as_rgb() {
        let values = [2.0, 0.0, -9.0];
        let shown = around_grey(pixel(&values), 2.0, Channels::Bgr);
        assert_eq!(shown.get_pixel(0, 0).0, [0, 128, 255]);
    }

    #[test]
    fn an_input_becomes_the_photograph_it_was() {
        let caffe = Preprocessing {
            rounding: Rounding::Down,
            channels: Channels::Bgr,
            scale: 255.0,
            mean: PerChannel::Colour([104.0, 117.0, 123.0]),
            std: PerChannel::Colour([1.0; 3]),
            ..Preprocessing::torchvision()
        };
        let shown = photograph(pixel(&[10.0 - 104.0, 20.0 - 117.0, 30.0 - 123.0]), &caffe);
        assert_eq!(shown.get_pixel(0, 0).0, [30, 20, 10]);
        let torchvision = Preprocessing::torchvision();
        let white: Vec<f32> = (0..3)
            .map(|c| (1.0 - torchvision.mean.of(c)) / torchvision.std.of(c))
            .collect();
        assert_eq!(
            photograph(pixel(&white), &torchvision).get_pixel(0, 0).0,
            [255; 3]
        );
    }

    /// What is drawn of a transformed photograph is its input in network units.
    #[test]
    fn no_grey_level_is_lost_in_network_units() {
        let grey = |level: u32| image::Rgb([level as u8; 3]);
        let levels = RgbImage::from_fn(16, 16, |x, y| grey(16 * y + x));
        let caffe = Preprocessing {
            channels: Channels::Bgr,
            scale: 255.0,
            mean: PerChannel::Colour([103.939, 116.779, 123.68]),
            std: PerChannel::Colour([0.017; 3]),
            ..Preprocessing::torchvision()
        };
        let grey = Preprocessing {
            channels: Channels::Grey,
            mean: PerChannel::Grey([0.1307]),
            std: PerChannel::Grey([0.3081]),
            ..Preprocessing::torchvision()
        };
        for preprocessing in [Preprocessing::torchvision(), caffe, grey] {
            let shape = [preprocessing.channels.count(), 16, 16];
            let input = Planes::of(shape, normalise(&levels, &preprocessing));
            assert_eq!(photograph((&input).into(), &preprocessing), levels);
        }
    }
}
