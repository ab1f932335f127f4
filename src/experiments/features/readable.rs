//! The photographs that the run could read, as they were then.

use std::path::Path;

use base::{Error, Result};
use dataset::Geometry;
use records::tables::{self, ContentRow, ImageRow};

use super::Features;
use crate::{prepare, Setting};

/// A photograph that the run has classified.
#[derive(Debug, Clone)]
pub struct Readable {
    /// Its number in the data set.
    pub photo: usize,
    /// sha256 of its file.
    pub sha256: String,
    /// Where the network's input lies in it.
    pub geometry: Geometry,
}

/// The photographs that the tables of the run at `root` tell to be readable, in the order of the data set.
///
/// # Errors
/// Those of [`tables::rows`].
pub fn readable(setting: &Setting, root: &Path) -> Result<Vec<Readable>> {
    let mut images = tables::rows::<ImageRow>(root)?;
    let mut contents = tables::rows::<ContentRow>(root)?;
    let mut readable = Vec::with_capacity(setting.dataset.photos.len());
    // All three stand in the data set's order.
    for photo in 0..setting.dataset.photos.len() {
        let (Some(image), Some(content)) = (images.next(), contents.next()) else {
            break;
        };
        let (image, content) = (image?, content?);
        if let (true, Some(size)) = (image.reason.is_empty(), image.width.zip(image.height)) {
            readable.push(Readable {
                photo,
                sha256: content.sha256,
                geometry: Geometry::new(size, setting.preprocessing)?,
            });
        }
    }
    Ok(readable)
}

impl Features<'_> {
    /// The readable photo of that number in the data set.
    pub(crate) fn readable(&self, photo: usize) -> Result<&Readable> {
        let at = self.photos.binary_search_by_key(&photo, |it| it.photo);
        match at {
            Ok(at) => Ok(&self.photos[at]),
            Err(_) => Err(Error::photo_changed(self.path(photo))),
        }
    }

    /// What the network sees of a photo, `[C, H, W]`.
    ///
    /// # Errors
    /// [`Error::Photo`] where it is not what it was.
    pub(crate) fn input(&self, known: &Readable) -> Result<Vec<f32>> {
        prepare::again(self.setting, known.photo, &known.sha256)
    }

    fn path(&self, photo: usize) -> std::path::PathBuf {
        let dataset = self.setting.dataset;
        dataset.absolute(&dataset.photos[photo])
    }
}
