//! Where the maps of experiments go.

use std::path::Path;

use base::Result;
use figures::Pictured;
use network::Preprocessing;
use records::maps::Maps;

/// Draws maps into a run folder, and keeps them where the run keeps arrays.
#[derive(Debug, Clone, Copy)]
pub struct Gallery<'a> {
    /// The run folder.
    pub root: &'a Path,
    /// From network units to colours.
    pub preprocessing: &'a Preprocessing,
    /// Whether maps are kept.
    pub arrays: bool,
}

impl Gallery<'_> {
    /// Draws maps, and keeps them.
    ///
    /// # Errors
    /// Those of [`Pictured::draw`] and [`Maps::keep`].
    pub fn show(&self, maps: &impl Pictured) -> Result<()> {
        maps.draw(self.preprocessing, self.root)?;
        self.keep(maps)
    }

    /// Keeps maps that have no picture of their own.
    ///
    /// # Errors
    /// Those of [`Maps::keep`].
    pub fn keep(&self, maps: &impl Maps) -> Result<()> {
        match self.arrays {
            true => maps.keep(self.root),
            false => Ok(()),
        }
    }
}
