//! What is asked of the experiment.

use base::{Error, Result};
use clap::Args;
use engine::occlude::Occluder;
use network::Preprocessing;
use serde::Serialize;
use vocabulary::{amount, at_least_one, colour, Amount, Colour, Form};

/// No more positions than these on one photo.
const MOST_POSITIONS: usize = 40_000;
/// Side of the occluder where none was asked for.
const SIZE: usize = 32;

/// On the command line.
#[derive(Debug, Clone, Default, Args)]
pub struct OcclusionArgs {
    /// Slide a square over photographs and watch class and strongest map (ZF fig. 7): none, those with masks, those and N others, or all
    #[arg(
        long,
        value_name = "none|masked|all|N",
        default_value = "12",
        value_parser = amount(&[Form::None, Form::Masked, Form::All, Form::Number]),
        help_heading = "Experiments"
    )]
    pub occlusion: Amount,
    /// Side of the square in pixels of the network's input [default: 32, or a seventh of an input whose shorter side is below 64]
    #[arg(long, value_name = "PIXELS", value_parser = at_least_one, help_heading = "Experiments")]
    pub occluder: Option<usize>,
    /// Pixels from one position of the square to the next [default: a quarter of its side]
    #[arg(long, value_name = "PIXELS", value_parser = at_least_one, help_heading = "Experiments")]
    pub occluder_stride: Option<usize>,
    /// Colour of the square: R,G,B
    #[arg(long, value_name = "R,G,B", default_value = "128,128,128", value_parser = colour, help_heading = "Experiments")]
    pub occluder_fill: Colour,
    /// Compute a part of the positions and put the others in between; the pages tell how near that comes
    #[arg(long, help_heading = "Experiments")]
    pub occlusion_fast: bool,
}

/// In force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Options {
    /// Over which photographs it slides.
    pub(super) occlusion: Amount,
    /// Side of the square in pixels of the network's input.
    pub(super) occluder: usize,
    /// Pixels from one position to the next.
    pub(super) occluder_stride: usize,
    /// Its colour.
    pub(super) occluder_fill: Colour,
    /// Whether a part of the positions is computed, approximately, and the others are put in between.
    pub(super) occlusion_fast: bool,
}

impl OcclusionArgs {
    /// An option that tells of the square.
    pub(super) fn of_the_square(&self) -> Option<&'static str> {
        [
            (self.occluder.is_some(), "--occluder"),
            (self.occluder_stride.is_some(), "--occluder-stride"),
            (self.occlusion_fast, "--occlusion-fast"),
        ]
        .into_iter()
        .find_map(|(is_given, option)| is_given.then_some(option))
    }

    /// What is in force on inputs of so many rows and columns.
    pub(super) fn in_force(&self, input: [usize; 2]) -> Options {
        let occluder = self.occluder.unwrap_or(match input[0].min(input[1]) {
            side @ 0..64 => (side / 7).max(1),
            _ => SIZE,
        });
        Options {
            occlusion: self.occlusion.clone(),
            occluder,
            occluder_stride: self.occluder_stride.unwrap_or((occluder / 4).max(1)),
            occluder_fill: self.occluder_fill,
            occlusion_fast: self.occlusion_fast,
        }
    }
}

impl Options {
    /// Holds the square and its stride against the network's input.
    ///
    /// # Errors
    /// [`Error::Usage`] where it does not fit or there are more positions than [`MOST_POSITIONS`].
    pub(super) fn grid(&self, preprocessing: &Preprocessing) -> Result<Occluder> {
        let fill = dataset::colour(self.occluder_fill, preprocessing);
        let input = preprocessing.crop.sides();
        let occluder = Occluder::grid(self.occluder, self.occluder_stride, input, fill)?;
        match occluder.positions() {
            0..=MOST_POSITIONS => Ok(occluder),
            positions => Err(Error::Usage(format!(
                "--occluder-stride {} gives {positions} positions on a photograph, more than {MOST_POSITIONS}; choose a larger stride",
                self.occluder_stride
            ))),
        }
    }
}
