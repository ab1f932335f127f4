//! What feature maps look for (ZF fig. 2), and the first layer's filters (ZF fig. 6).

mod filters;
mod layout;
mod sheet;

pub use filters::{filters_picture, filters_size, FILTERS, FILTERS_A_ROW};
pub use layout::{Half, Layout, GAP, TILE};
pub(super) use sheet::sheets_again;
pub use sheet::{sheet, Tiles};

use base::Result;
use network::Preprocessing;
use records::maps::LookedAt;
use records::{file_stem, Run};

use super::{contrast, photos, Encoding, Picture, Pictured};

const SHEET: Encoding = Encoding::Jpeg(80);
const PHOTO: Encoding = Encoding::Jpeg(80);

/// Where a map's sheet lies inside the run folder.
pub fn sheet_path(layer: &str, map: usize) -> String {
    SHEET.path(&format!("features/{}/{map}", file_stem(layer)))
}

/// Where a photo that one of the maps chose lies inside the run folder: what the network sees of it.
pub fn photo_path(image_id: &str) -> String {
    PHOTO.path(&format!("features/photos/{}", file_stem(image_id)))
}

impl Pictured for LookedAt {
    fn of_run(run: &Run) -> Result<Vec<String>> {
        photos(run)
    }

    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        Ok(vec![Picture {
            path: photo_path(&self.image_id),
            pixels: contrast::photograph((&self.input).into(), preprocessing).into(),
            encoding: PHOTO,
        }])
    }
}
