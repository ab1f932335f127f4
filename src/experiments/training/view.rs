//! What of a photograph is shown in an epoch, drawn by seed for each photograph and epoch: without a state, so that neither
//! order nor threads nor interruptions change it.

use base::digest::draw;
use base::Result;
use engine::View;
use image::{imageops, RgbImage};
use network::{Preprocessing, Resize, Size};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::recipe::View as Drawn;

/// Views of a photograph that is shown by its corners and its centre.
pub(super) const TEN: usize = 10;

/// How views become network inputs.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    /// What is drawn.
    pub view: Drawn,
    /// Whether half of the views are mirrored.
    pub flip: bool,
    /// From a view's pixels to the input; its crop is the input's size.
    pub preprocessing: Preprocessing,
    /// Rows and columns of the square that frames leave out on each side.
    pub margin: u32,
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
    /// What is shown of a photograph, called `path`, in an epoch.
    ///
    /// # Errors
    /// [`base::Error::Usage`] where it cannot be resized.
    pub(super) fn view(&self, frame: &RgbImage, path: &str, epoch: usize) -> Result<View> {
        self.at(frame, &self.place(frame.dimensions(), path, epoch))
    }

    /// The corners of a photograph's frame (upper left, upper right, lower left, lower right), its centre, and the mirror images of
    /// them.
    ///
    /// # Errors
    /// Those of [`Viewer::view`].
    pub(super) fn ten(&self, frame: &RgbImage) -> Result<Vec<View>> {
        let (width, height) = frame.dimensions();
        let size = self.preprocessing.crop;
        let (right, low) = (width - size.width, height - size.height);
        let corners = [(0, 0), (right, 0), (0, low), (right, low)];
        let five = corners.into_iter().chain([(right / 2, low / 2)]);
        let places = [false, true].into_iter().flat_map(|mirrored| {
            let place = move |(left, top)| Place {
                left,
                top,
                size,
                mirrored,
            };
            five.clone().map(place)
        });
        places.map(|place| self.at(frame, &place)).collect()
    }

    fn at(&self, frame: &RgbImage, place: &Place) -> Result<View> {
        let Size { height, width } = place.size;
        let view = imageops::crop_imm(frame, place.left, place.top, width, height).to_image();
        let mut view = match place.size == self.preprocessing.crop {
            true => view,
            false => {
                let squashed = Preprocessing {
                    resize: Resize::Squash,
                    ..self.preprocessing.clone()
                };
                dataset::crop(&view, &squashed)?
            }
        };
        if place.mirrored {
            imageops::flip_horizontal_in_place(&mut view);
        }
        let in_square = |at: u32| (self.margin + at) as usize;
        Ok(View {
            pixels: view.into_raw(),
            left: in_square(place.left),
            top: in_square(place.top),
            mirrored: place.mirrored,
        })
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
            Drawn::Centre => at((width - crop.width) / 2, (height - crop.height) / 2, crop),
            Drawn::Crop => {
                let left = below(width - crop.width + 1);
                at(left, below(height - crop.height + 1), crop)
            }
            Drawn::Resized { least } => {
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

#[cfg(test)]
mod tests {
    use image::Rgb;
    use network::{Changes, Preset, Size};

    use super::*;

    /// Of a 2×2 input from frames of 5×4, which lie in a square with three rows and columns more on each side.
    fn viewer() -> Viewer {
        let input = network::shape::Shape::of([3, 2, 2]);
        let preprocessing = Preprocessing::of(Preset::Torchvision, &Changes::NONE, input).unwrap();
        Viewer {
            view: Drawn::Centre,
            flip: false,
            preprocessing: Preprocessing {
                crop: Size::square(2),
                ..preprocessing
            },
            margin: 3,
            seed: 0,
        }
    }

    /// Of each crop the upper left and upper right pixel: column and row of where it lies, by hand.
    #[test]
    fn ten_crops_are_corners_and_centre_and_their_mirror_images() {
        let frame = RgbImage::from_fn(5, 4, |x, y| Rgb([(10 * y + x) as u8, 0, 0]));
        let five = [[0, 1], [3, 4], [20, 21], [23, 24], [11, 12]];
        let mirrored = five.map(|[left, right]| [right, left]);
        let found = viewer().ten(&frame).unwrap();
        assert_eq!(found.len(), TEN);
        let upper: Vec<[u8; 2]> = found
            .iter()
            .map(|view| [view.pixels[0], view.pixels[3]])
            .collect();
        assert_eq!(upper, [five, mirrored].concat());
        for (view, number) in found.iter().zip(0..) {
            let left = usize::from(five[number % 5][0]);
            let place = (view.top, view.left, view.mirrored);
            assert_eq!(place, (3 + left / 10, 3 + left % 10, number >= 5));
        }
    }
}
