//! A photograph read once, and the network's inputs for it in all its conditions.

use base::{Error, Result};
use dataset::{self, Geometry, PhotoFile, Rect, Region, Skip};
use image::RgbImage;

use super::Setting;

/// What is hidden of a photograph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Original,
    /// The mask of that number.
    Region(usize),
    /// The control box of the mask of that number.
    Control(usize),
}

/// One input of the network.
#[derive(Debug)]
pub struct PreparedInput {
    /// What is hidden.
    pub condition: Condition,
    /// What the network sees, as bytes.
    pub crop: RgbImage,
}

/// A region of this photo.
#[derive(Debug)]
pub struct PreparedMask {
    /// Its name and boxes, clipped to the photo.
    pub region: Region,
    /// Share of its area inside the crop.
    pub visible_share: f64,
    /// The box of the same visible size elsewhere.
    pub control: Option<Rect>,
}

/// A photograph ready for the network.
#[derive(Debug)]
pub struct Prepared {
    /// Index in the data set.
    pub photo: usize,
    /// Whether projections are to be made.
    pub detail: bool,
    /// sha256 of the file.
    pub sha256: String,
    /// Where the input lies in the photo.
    pub geometry: Geometry,
    /// The original first, then each visible region and its control.
    pub inputs: Vec<PreparedInput>,
    /// In the table's order.
    pub masks: Vec<PreparedMask>,
}

/// A photograph read, or the reason why not.
#[derive(Debug)]
pub enum Outcome {
    /// To be shown to the network.
    Ready(Box<Prepared>),
    /// To be named with its reason.
    Skipped {
        /// Index in the data set.
        photo: usize,
        /// Why, and the file's sha256 where it could be read.
        skip: Skip,
    },
}

/// What the network sees of a photo that was read before, `[C, H, W]`.
///
/// # Errors
/// [`Error::Photo`] where its file has not the sha256 of then.
pub fn again(setting: &Setting, photo: usize, sha256: &str) -> Result<Vec<f32>> {
    let file = &setting.dataset.photos[photo];
    let path = || setting.dataset.absolute(file);
    match read(setting, file)? {
        Ok(read) if read.sha256 == sha256 => dataset::input(&read.pixels, setting.preprocessing),
        Err(Skip {
            reason,
            sha256: None,
        }) => Err(Error::Photo {
            path: path(),
            problem: format!("{reason}, although it could be read before; go on with --resume"),
        }),
        _ => Err(Error::photo_changed(path())),
    }
}

/// Reads a photo and makes its inputs.
///
/// # Errors
/// A region that lies entirely outside the photo.
pub fn prepare(setting: &Setting, photo: usize, detail: bool) -> Result<Outcome> {
    let file = &setting.dataset.photos[photo];
    match read(setting, file)? {
        Ok(read) => inputs(setting, photo, file, &read, detail)
            .map(|prepared| Outcome::Ready(Box::new(prepared))),
        Err(skip) => Ok(Outcome::Skipped { photo, skip }),
    }
}

/// Reads a photo as the run takes it: with the applied region hidden.
///
/// # Errors
/// A region that lies entirely outside the photo.
pub(super) fn read(setting: &Setting, file: &PhotoFile) -> Result<Result<dataset::Photo, Skip>> {
    let mut read = match dataset::read(&setting.dataset.absolute(file)) {
        Ok(read) => read,
        Err(skip) => return Ok(Err(skip)),
    };
    let size = read.pixels.dimensions();
    for region in setting.applied.for_photo(&file.path, size)?.0 {
        region.fill(&mut read.pixels, setting.fill);
    }
    Ok(Ok(read))
}

fn inputs(
    setting: &Setting,
    photo: usize,
    file: &PhotoFile,
    read: &dataset::Photo,
    detail: bool,
) -> Result<Prepared> {
    let geometry = Geometry::new(read.pixels.dimensions(), setting.preprocessing)?;
    let crop = |pixels: &RgbImage| dataset::crop(pixels, setting.preprocessing);
    let (regions, _) = setting.masks.for_photo(&file.path, geometry.photo)?;
    let mut prepared = Prepared {
        photo,
        detail,
        sha256: read.sha256.clone(),
        geometry,
        inputs: vec![PreparedInput {
            condition: Condition::Original,
            crop: crop(&read.pixels)?,
        }],
        masks: Vec::new(),
    };
    let mut hide = |condition: Condition, paint: &dyn Fn(&mut RgbImage)| -> Result<()> {
        let mut masked = read.pixels.clone();
        paint(&mut masked);
        prepared.inputs.push(PreparedInput {
            condition,
            crop: crop(&masked)?,
        });
        Ok(())
    };
    for (number, region) in regions.into_iter().enumerate() {
        let visible_share = region.visible_share(&geometry);
        let mut control = None;
        if visible_share > 0.0 {
            hide(Condition::Region(number), &|pixels| {
                region.fill(pixels, setting.fill);
            })?;
            control = region.control_box(&geometry, setting.seed, &file.id);
        }
        if let Some(area) = &control {
            hide(Condition::Control(number), &|pixels| {
                dataset::fill_rect(pixels, area, setting.fill);
            })?;
        }
        prepared.masks.push(PreparedMask {
            region,
            visible_share,
            control,
        });
    }
    Ok(prepared)
}
