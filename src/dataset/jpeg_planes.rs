//! Colours of a JPEG from its components, each with samples of its own: of CMYK, and where the first component is not the finest.
//! Both are brought to the picture's size and mixed as libjpeg does it.

use libjpeg_turbo_rs::{ColorSpace, ComponentInfo, Decoder};

use super::jpeg::{failed, from_cmyk};
use super::photo::SkipReason;

/// Samples of one component, row by row.
struct Plane {
    samples: Vec<u8>,
    width: usize,
    height: usize,
}

/// Decodes a picture of three or four components.
pub(super) fn rgb(decoder: Decoder) -> Result<Vec<u8>, SkipReason> {
    let frame = decoder.header();
    let (width, height) = frame.dimensions();
    let components = frame.components.clone();
    let colours = decoder.jpeg_color_space();
    let raw = decoder.decode_raw().map_err(failed)?;

    let finest = |sampling: fn(&ComponentInfo) -> u8| {
        let all = components.iter().map(sampling);
        usize::from(all.max().unwrap_or(1))
    };
    let across = finest(|component| component.horizontal_sampling);
    let down = finest(|component| component.vertical_sampling);
    let mut planes = Vec::new();
    for ((component, samples), stride) in components.iter().zip(&raw.planes).zip(&raw.plane_widths)
    {
        let own_across = usize::from(component.horizontal_sampling);
        let own_down = usize::from(component.vertical_sampling);
        if across % own_across != 0 || down % own_down != 0 {
            let what = "JPEG with samples of fractions of pixels";
            return Err(SkipReason::unsupported(what));
        }
        let own_width = (width * own_across).div_ceil(across);
        let own_height = (height * own_down).div_ceil(down);
        let rows = samples.chunks_exact(*stride).take(own_height);
        let plane = Plane {
            samples: rows.flat_map(|row| &row[..own_width]).copied().collect(),
            width: own_width,
            height: own_height,
        };
        planes.push(plane.enlarged(across / own_across, down / own_down));
    }
    let pixels = (0..width * height).map(|at| {
        let (row, column) = (at / width, at % width);
        let mut pixel = [0; 4];
        for (sample, plane) in pixel.iter_mut().zip(&planes) {
            *sample = plane.samples[row * plane.width + column];
        }
        pixel
    });
    Ok(match colours {
        ColorSpace::Rgb => pixels.flat_map(|[r, g, b, _]| [r, g, b]).collect(),
        ColorSpace::Cmyk => pixels
            .flat_map(|inks| from_cmyk(&inks.map(|ink| 255 - ink)))
            .collect(),
        ColorSpace::Ycck => pixels
            .flat_map(|[luma, blue, red, black]| {
                let [cyan, magenta, yellow] = from_ycbcr([luma, blue, red]);
                from_cmyk(&[cyan, magenta, yellow, 255 - black])
            })
            .collect(),
        _ => pixels
            .flat_map(|[luma, blue, red, _]| from_ycbcr([luma, blue, red]))
            .collect(),
    })
}

impl Plane {
    /// As many times wider and higher: smoothly by two, otherwise by repetition.
    ///
    /// # Source
    /// libjpeg-turbo, `jinit_upsampler` in jdsample.c.
    fn enlarged(self, across: usize, down: usize) -> Self {
        let wide_enough = self.width > 2;
        match (across, down) {
            (1, 1) => self,
            (2, 1) if wide_enough => self.twice_as_wide(),
            (1, 2) => self.twice_as_high(),
            (2, 2) if wide_enough => self.twice_as_large(),
            _ => self.repeated(across, down),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.samples.chunks_exact(self.width)
    }

    /// Each row twice, with the one above it and with the one below it; at the edges with itself.
    fn with_neighbours(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let row = |at: usize| &self.samples[at * self.width..][..self.width];
        (0..self.height).flat_map(move |at| {
            let above = row(at.saturating_sub(1));
            let below = row((at + 1).min(self.height - 1));
            [(row(at), above), (row(at), below)]
        })
    }

    fn repeated(self, across: usize, down: usize) -> Self {
        let wide = |row: &[u8]| -> Vec<u8> {
            let wide = row
                .iter()
                .flat_map(|&sample| std::iter::repeat_n(sample, across));
            wide.collect()
        };
        Self {
            samples: self.rows().flat_map(|row| wide(row).repeat(down)).collect(),
            width: self.width * across,
            height: self.height * down,
        }
    }

    fn twice_as_wide(self) -> Self {
        let wide = |row: &[u8]| {
            let row: Vec<u32> = row.iter().map(|&sample| u32::from(sample)).collect();
            mixed(&row, 2, [1, 2])
        };
        Self {
            samples: self.rows().flat_map(wide).collect(),
            width: self.width * 2,
            height: self.height,
        }
    }

    fn twice_as_high(self) -> Self {
        let mixed = self.with_neighbours().enumerate().flat_map(|(at, pair)| {
            let rounding = 1 + at as u32 % 2;
            let samples = pair.0.iter().zip(pair.1);
            samples.map(move |(&own, &other)| {
                ((u32::from(own) * 3 + u32::from(other) + rounding) >> 2) as u8
            })
        });
        Self {
            samples: mixed.collect(),
            width: self.width,
            height: self.height * 2,
        }
    }

    fn twice_as_large(self) -> Self {
        let wide = |(own, other): (&[u8], &[u8])| {
            let sums = own.iter().zip(other);
            let sums: Vec<u32> = sums
                .map(|(&own, &other)| u32::from(own) * 3 + u32::from(other))
                .collect();
            mixed(&sums, 4, [8, 7])
        };
        Self {
            samples: self.with_neighbours().flat_map(wide).collect(),
            width: self.width * 2,
            height: self.height * 2,
        }
    }
}

/// Twice as many values of a row: three parts of each value, one part of its left or right neighbour (at the ends of itself),
/// rounded by one number or the other, less `bits`.
fn mixed(row: &[u32], bits: u32, [left, right]: [u32; 2]) -> Vec<u8> {
    let last = row.len() - 1;
    let values = row.iter().enumerate().flat_map(|(at, value)| {
        let before = row[at.saturating_sub(1)];
        let after = row[(at + 1).min(last)];
        [
            (value * 3 + before + left) >> bits,
            (value * 3 + after + right) >> bits,
        ]
    });
    values.map(|value| value as u8).collect()
}

/// # Source
/// libjpeg, `build_ycc_rgb_table` in jdcolor.c.
fn from_ycbcr([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    [
        luma + ((91_881 * red + HALF) >> 16),
        luma + ((HALF - 22_554 * blue - 46_802 * red) >> 16),
        luma + ((116_130 * blue + HALF) >> 16),
    ]
    .map(|level| level.clamp(0, 255) as u8)
}
