//! The pictures of an occlusion experiment.

use base::Result;
use image::RgbaImage;
use network::Preprocessing;
use records::maps::{Example, ExampleMaps, OcclusionMaps, Planes};
use records::tables::OcclusionExampleRow;
use records::{file_stem, Run};

use super::{contrast, photos, Encoding, Picture, Pictured};

const INPUT: Encoding = Encoding::Jpeg(85);
const PROJECTION: Encoding = Encoding::Jpeg(75);

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What the network sees, nothing hidden.
    Input,
    /// What it sees with the occluder at the most harmful position.
    Worst,
    /// The followed map, projected.
    Projection,
    /// What the network sees of the example of that rank.
    ExampleInput(usize),
    /// The followed map's strongest unit in the example of that rank, projected.
    Example(usize),
    /// A value or a class for each position, under that name.
    Positions(&'static str),
}

impl Subject {
    fn encoding(self) -> Encoding {
        match self {
            Self::Input | Self::Worst | Self::ExampleInput(_) => INPUT,
            Self::Projection | Self::Example(_) => PROJECTION,
            Self::Positions(_) => Encoding::FlatPng,
        }
    }
}

/// Where a picture lies inside the run folder, with `/` between its parts.
pub fn path(image_id: &str, subject: Subject) -> String {
    let name = match subject {
        Subject::Input => "input".to_owned(),
        Subject::Worst => "worst".to_owned(),
        Subject::Projection => "projection".to_owned(),
        Subject::ExampleInput(rank) => format!("example-{rank}-input"),
        Subject::Example(rank) => format!("example-{rank}"),
        Subject::Positions(name) => name.to_owned(),
    };
    let photo = file_stem(image_id);
    subject
        .encoding()
        .path(&format!("occlusion/{photo}/{name}"))
}

/// A map of an occluder's positions.
pub fn positions(image_id: &str, name: &'static str, shown: RgbaImage) -> Picture {
    let subject = Subject::Positions(name);
    Picture {
        path: path(image_id, subject),
        pixels: shown.into(),
        encoding: subject.encoding(),
    }
}

/// What the network saw.
fn input(image_id: &str, subject: Subject, input: &Planes, of: &Preprocessing) -> Picture {
    Picture {
        path: path(image_id, subject),
        pixels: contrast::photograph(input.into(), of).into(),
        encoding: subject.encoding(),
    }
}

/// A projection around mid-grey on a scale of its own.
fn projection(image_id: &str, subject: Subject, values: &Planes, of: &Preprocessing) -> Picture {
    let scale = contrast::scale(&values.values).unwrap_or(1.0);
    Picture {
        path: path(image_id, subject),
        pixels: contrast::around_grey(values.into(), scale, of.channels).into(),
        encoding: subject.encoding(),
    }
}

impl Pictured for OcclusionMaps {
    fn of_run(run: &Run) -> Result<Vec<String>> {
        photos(run)
    }

    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        let id = &self.image_id;
        let mut pictures = vec![
            input(id, Subject::Input, &self.input, preprocessing),
            input(id, Subject::Worst, &self.worst, preprocessing),
        ];
        let projected = self.projection.iter();
        pictures.extend(
            projected.map(|values| projection(id, Subject::Projection, values, preprocessing)),
        );
        Ok(pictures)
    }
}

impl Pictured for ExampleMaps {
    fn of_run(run: &Run) -> Result<Vec<Example>> {
        let example = |row: &OcclusionExampleRow| Example {
            image_id: row.image_id.clone(),
            rank: row.rank,
        };
        let rows = run.rows::<OcclusionExampleRow>()?;
        Ok(rows.iter().map(example).collect())
    }

    fn pictures(&self, preprocessing: &Preprocessing) -> Result<Vec<Picture>> {
        let Example { image_id, rank } = &self.of;
        let (seen, shown) = (Subject::ExampleInput(*rank), Subject::Example(*rank));
        Ok(vec![
            input(image_id, seen, &self.input, preprocessing),
            projection(image_id, shown, &self.projection, preprocessing),
        ])
    }
}
