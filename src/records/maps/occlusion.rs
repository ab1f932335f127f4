//! What an occlusion experiment shows of a photo.

use base::Result;

use super::{Maps, Planes};
use crate::arrays::{Arrays, NamedArray};

/// A photo under the occluder, and the map that is followed on it.
#[derive(Debug, Clone, PartialEq)]
pub struct OcclusionMaps {
    /// The photo.
    pub image_id: String,
    /// What the network sees, nothing hidden.
    pub input: Planes,
    /// What it sees with the occluder at the most harmful position.
    pub worst: Planes,
    /// The followed map, projected; `None` where no projection comes from its layer.
    pub projection: Option<Planes>,
}

/// An example that stands beside a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The photo that it stands beside.
    pub image_id: String,
    /// From 1.
    pub rank: usize,
}

/// Another photo that excites the map followed on a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleMaps {
    /// Beside which photo it stands, and where.
    pub of: Example,
    /// What the network sees of it.
    pub input: Planes,
    /// The map's strongest unit in it, projected.
    pub projection: Planes,
}

impl Maps for OcclusionMaps {
    type Of = String;

    fn of(&self) -> &String {
        &self.image_id
    }

    fn file(image_id: &String) -> String {
        format!("arrays/occlusion/{image_id}.safetensors")
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        let mut arrays = vec![
            NamedArray::planes("input", &self.input),
            NamedArray::planes("worst", &self.worst),
        ];
        let projection = self.projection.as_ref();
        arrays.extend(projection.map(|planes| NamedArray::planes("projection", planes)));
        arrays
    }

    fn from_arrays(image_id: &String, mut arrays: Arrays) -> Result<Self> {
        Ok(Self {
            image_id: image_id.clone(),
            input: arrays.planes("input")?,
            worst: arrays.planes("worst")?,
            projection: match arrays.has("projection") {
                true => Some(arrays.planes("projection")?),
                false => None,
            },
        })
    }
}

impl Maps for ExampleMaps {
    type Of = Example;

    fn of(&self) -> &Example {
        &self.of
    }

    fn file(of: &Example) -> String {
        let Example { image_id, rank } = of;
        format!("arrays/occlusion/{image_id}/example-{rank}.safetensors")
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        vec![
            NamedArray::planes("input", &self.input),
            NamedArray::planes("projection", &self.projection),
        ]
    }

    fn from_arrays(of: &Example, mut arrays: Arrays) -> Result<Self> {
        Ok(Self {
            of: of.clone(),
            input: arrays.planes("input")?,
            projection: arrays.planes("projection")?,
        })
    }
}
