//! Records → pictures: plain bitmaps for photographs and projections, plotters' SVG for charts.

pub mod charts;
mod contrast;
pub mod evolution;
pub mod features;
pub mod maps;
pub mod occlusion;
pub mod pair;
pub mod photo;
mod picture;
mod redraw;
pub mod transformed;

pub use contrast::PERCENTILE;
pub use picture::{Encoding, Picture};
pub use redraw::redraw;

use std::path::Path;

use base::Result;
use network::Preprocessing;
use records::maps::Maps;
use records::tables::ImageRow;
use records::Run;

/// The ids of a run's photos.
fn photos(run: &Run) -> Result<Vec<String>> {
    let images = run.rows::<ImageRow>()?.iter();
    Ok(images.map(|image| image.image_id.clone()).collect())
}

/// Maps that have pictures of their own.
pub trait Pictured: Maps {
    /// Of what a run may have such maps.
    ///
    /// # Errors
    /// Those of [`Run::rows`].
    fn of_run(run: &Run) -> Result<Vec<Self::Of>>;

    /// All pictures of them.
    ///
    /// # Errors
    /// [`base::Error::Drawing`] for maps that are of no picture's size.
    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>>;

    /// Draws them into the folder at `root`.
    ///
    /// # Errors
    /// Those of [`Pictured::pictures`] and [`Picture::write`].
    fn draw(&self, preprocessing: &Preprocessing, root: &Path) -> Result<()> {
        let pictures = self.pictures(preprocessing)?;
        pictures.iter().try_for_each(|picture| picture.write(root))
    }
}
