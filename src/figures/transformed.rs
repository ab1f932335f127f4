//! What the network sees of a transformed photograph.

use base::Result;
use network::Preprocessing;
use records::maps::{Transformed, TransformedInput, SHOWN};
use records::{file_stem, Run};

use super::{contrast, photos, Encoding, Picture, Pictured};

const ENCODING: Encoding = Encoding::Jpeg(80);

/// Where a picture lies inside the run folder.
pub fn path(image_id: &str, transform: &str, value: f64) -> String {
    let (room, photo) = (TransformedInput::ROOM, file_stem(image_id));
    ENCODING.path(&format!("{room}/{photo}/{transform}_{value}"))
}

impl Pictured for TransformedInput {
    fn of_run(run: &Run) -> Result<Vec<Transformed>> {
        let shown = |image_id: &String| {
            let all = SHOWN.into_iter();
            let all = all.flat_map(|(name, values)| values.map(|value| (name, value)));
            let of = |(transform, value): (&str, f64)| Transformed {
                image_id: image_id.clone(),
                transform: transform.to_owned(),
                value,
            };
            all.map(of).collect::<Vec<_>>()
        };
        Ok(photos(run)?.iter().flat_map(shown).collect())
    }

    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        let Transformed {
            image_id,
            transform,
            value,
        } = &self.of;
        Ok(vec![Picture {
            path: path(image_id, transform, *value),
            pixels: contrast::photograph((&self.input).into(), preprocessing).into(),
            encoding: ENCODING,
        }])
    }
}
