//! What of a photograph is shown in an epoch, drawn by seed for each photograph and epoch: without a state, so that neither
//! order nor threads nor interruptions change it.

use base::digest::draw;
use base::Result;
use image::{imageops, RgbImage};
use network::{Preprocessing, Resize, Size};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::recipe::View;

/// Views of a photograph that is shown by its corners and its centre.
pub(super) const TEN: usize = 10;

/// How views become network inputs.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    /// What is drawn.
    pub view: View,
    /// Whether half of the views are mirrored.
    pub flip: bool,
    /// From a view's pixels to the input; its crop is the input's size.
    pub preprocessing: Preprocessing,
    /// Mean of all frames at each place, `[C, side, side]`, subtracted from what is shown of it.
    pub mean: Option<Vec<f32>>,
    /// Of everything that is drawn.
    pub seed: u64,
}

/// A view: where it lies in the frame, and whether it is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    left: u32,
    top: u32,
    size: Size,
    mirrored: bool,
}

impl Viewer {
    /// The input `[C, H, W]` of a photograph, called `path`, in an epoch.
    ///
    /// # Errors
    /// [`base::Error::Usage`] where it cannot be resized.
    pub(super) fn input(&self, frame: &RgbImage, path: &str, epoch: usize) -> Result<Vec<f32>> {
        self.at(frame, &self.place(frame.dimensions(), path, epoch))
    }

    /// The inputs `[10, C, H, W]` of the corners of a photograph's frame (upper left, upper right, lower left, lower right), of its
    /// centre, and of the mirror images of them.
    ///
    /// # Errors
    /// Those of [`Viewer::input`].
    pub(super) fn ten(&self, frame: &RgbImage) -> Result<Vec<f32>> {
        let (width, height) = frame.dimensions();
        let size = self.preprocessing.crop;
        let (right, low) = (width - size.width, height - size.height);
        let corners = [(0, 0), (right, 0), (0, low), (right, low)];
        let five = corners.into_iter().chain([(right / 2, low / 2)]);
        let mut inputs = Vec::new();
        for mirrored in [false, true] {
            for (left, top) in five.clone() {
                let place = Place {
                    left,
                    top,
                    size,
                    mirrored,
                };
                inputs.extend(self.at(frame, &place)?);
            }
        }
        Ok(inputs)
    }

    /// The input of a view.
    fn at(&self, frame: &RgbImage, place: &Place) -> Result<Vec<f32>> {
        let Size { height, width } = place.size;
        let view = imageops::crop_imm(frame, place.left, place.top, width, height).to_image();
        let view = match place.size == self.preprocessing.crop {
            true => view,
            false => {
                let squashed = Preprocessing {
                    resize: Resize::Squash,
                    ..self.preprocessing.clone()
                };
                dataset::crop(&view, &squashed)?
            }
        };
        let mut input = dataset::normalise(&view, &self.preprocessing);
        if let Some(mean) = &self.mean {
            subtract(&mut input, mean, frame.dimensions(), place);
        }
        if place.mirrored {
            for row in input.chunks_exact_mut(self.preprocessing.crop.width as usize) {
                row.reverse();
            }
        }
        Ok(input)
    }

    /// What dropout is drawn by for a photograph in an epoch.
    pub(super) fn dropout(&self, path: &str, epoch: usize) -> u64 {
        draw(self.seed, &["dropout", &epoch.to_string(), path])
    }

    fn place(&self, (width, height): (u32, u32), path: &str, epoch: usize) -> Place {
        let drawn = draw(self.seed, &["view", &epoch.to_string(), path]);
        let mut random = ChaCha8Rng::seed_from_u64(drawn);
        let mut below =
            |bound: u32| ((u64::from(random.next_u32()) * u64::from(bound)) >> 32) as u32;
        let mirrored = self.flip && below(2) == 1;
        let crop = self.preprocessing.crop;
        let at = |left, top, size| Place {
            left,
            top,
            size,
            mirrored,
        };
        match self.view {
            View::Centre => at((width - crop.width) / 2, (height - crop.height) / 2, crop),
            View::Crop => {
                let left = below(width - crop.width + 1);
                at(left, below(height - crop.height + 1), crop)
            }
            View::Resized { least } => {
                const FINE: u32 = 1 << 24;
                let mut share = || f64::from(below(FINE)) / f64::from(FINE);
                for _ in 0..10 {
                    let area = f64::from(width * height) * (least + (1.0 - least) * share());
                    let proportion = (4.0_f64 / 3.0).powf(2.0 * share() - 1.0);
                    let size = Size {
                        width: (area * proportion).sqrt().round() as u32,
                        height: (area / proportion).sqrt().round() as u32,
                    };
                    if (1..=width).contains(&size.width) && (1..=height).contains(&size.height) {
                        let left = (share() * f64::from(width - size.width + 1)) as u32;
                        let top = (share() * f64::from(height - size.height + 1)) as u32;
                        return at(left, top, size);
                    }
                }
                let whole = Size { height, width };
                at(0, 0, whole)
            }
        }
    }
}

fn subtract(input: &mut [f32], mean: &[f32], (width, height): (u32, u32), place: &Place) {
    let (rows, columns) = (place.size.height as usize, place.size.width as usize);
    let (width, height) = (width as usize, height as usize);
    let planes = input.chunks_exact_mut(rows * columns);
    for (plane, mean) in planes.zip(mean.chunks_exact(width * height)) {
        for (row, values) in plane.chunks_exact_mut(columns).enumerate() {
            let first = (place.top as usize + row) * width + place.left as usize;
            let means = &mean[first..first + columns];
            values
                .iter_mut()
                .zip(means)
                .for_each(|(value, mean)| *value -= mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use network::{Changes, PerChannel, Preset, Size};

    use super::*;

    /// Levels as they are, of a 2×2 input from frames of 5×4.
    fn viewer(mean: Option<Vec<f32>>) -> Viewer {
        let changes = Changes {
            scale: Some(255.0),
            mean: Some(PerChannel::Grey([0.0])),
            std: Some(PerChannel::Grey([1.0])),
            ..Changes::NONE
        };
        let input = network::shape::Shape::of([3, 2, 2]);
        let preprocessing = Preprocessing::of(Preset::Torchvision, &changes, input).unwrap();
        Viewer {
            view: View::Centre,
            flip: false,
            preprocessing: Preprocessing {
                crop: Size::square(2),
                ..preprocessing
            },
            mean,
            seed: 0,
        }
    }

    /// Of each crop the first plane's upper left and upper right value: column and row of where it lies, by hand.
    #[test]
    fn ten_crops_are_corners_and_centre_and_their_mirror_images() {
        let frame = RgbImage::from_fn(5, 4, |x, y| Rgb([(10 * y + x) as u8, 0, 0]));
        let upper = |inputs: &[f32]| -> Vec<[f32; 2]> {
            let inputs = inputs.chunks_exact(12);
            inputs.map(|input| [input[0], input[1]]).collect()
        };
        let five = [
            [0.0, 1.0],
            [3.0, 4.0],
            [20.0, 21.0],
            [23.0, 24.0],
            [11.0, 12.0],
        ];
        let mirrored = five.map(|[left, right]| [right, left]);
        let expected = [five, mirrored].concat();
        let found = viewer(None).ten(&frame).unwrap();
        assert_eq!(found.len(), TEN * 12);
        assert_eq!(upper(&found), expected);
        // What is subtracted at a place is mirrored with it.
        let mean: Vec<f32> = (0..60)
            .map(|at| if at < 20 { at as f32 } else { 0.0 })
            .collect();
        let less = |values: &[f32; 2]| {
            values.map(|value| {
                let (row, column) = ((value as usize) / 10, (value as usize) % 10);
                value - mean[row * 5 + column]
            })
        };
        let of_mean: Vec<[f32; 2]> = expected.iter().map(less).collect();
        let found = viewer(Some(mean.clone())).ten(&frame).unwrap();
        assert_eq!(upper(&found), of_mean);
    }
}
