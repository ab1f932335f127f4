//! What the network sees of a transformed photograph.

use super::{contrast, photos, Encoding, Picture, Pictured};
use crate::error::Result;
use crate::network::Preprocessing;
use crate::records::maps::TransformedInputs;
use crate::records::{file_stem, Run};

const ENCODING: Encoding = Encoding::Jpeg(80);

/// Where a picture lies inside the run folder.
pub fn path(image_id: &str, transform: &str, value: f64) -> String {
    let (room, photo) = (TransformedInputs::ROOM, file_stem(image_id));
    ENCODING.path(&format!("{room}/{photo}/{transform}_{value}"))
}

impl Pictured for TransformedInputs {
    fn of_run(run: &Run) -> Result<Vec<String>> {
        photos(run)
    }

    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        let inputs = self.inputs.iter();
        let picture = inputs.map(|(transform, value, input)| Picture {
            path: path(&self.image_id, transform, *value),
            pixels: contrast::photograph(input.into(), preprocessing).into(),
            encoding: ENCODING,
        });
        Ok(picture.collect())
    }
}
