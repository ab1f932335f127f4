//! What the network sees of a transformed photo.

use base::Result;

use super::{Maps, Planes};
use crate::arrays::{Arrays, NamedArray};

/// Values of each transform that the network's view is shown of.
pub const SHOWN: [(&str, [f64; 5]); 3] = [
    ("translation", [-60.0, -30.0, 0.0, 30.0, 60.0]),
    ("scale", [1.0, 1.2, 1.4, 1.6, 1.8]),
    ("rotation", [0.0, 90.0, 180.0, 270.0, 350.0]),
];

/// Whether the network's view under this value is shown.
pub fn is_shown(transform: &str, value: f64) -> bool {
    let wanted = SHOWN.iter().find(|(name, _)| *name == transform);
    wanted.is_some_and(|(_, values)| values.contains(&value))
}

/// A photo under a transform.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformed {
    /// The photo.
    pub image_id: String,
    /// The transform's name.
    pub transform: String,
    /// Its value.
    pub value: f64,
}

/// What the network sees of a photo under a transform.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformedInput {
    /// The photo and the transform.
    pub of: Transformed,
    /// What the network sees.
    pub input: Planes,
}

impl TransformedInput {
    /// The folder of such maps among a run's arrays, and of their pictures among its pictures.
    pub const ROOM: &'static str = "invariance";
}

impl Maps for TransformedInput {
    type Of = Transformed;

    fn of(&self) -> &Transformed {
        &self.of
    }

    fn file(of: &Transformed) -> String {
        let Transformed {
            image_id,
            transform,
            value,
        } = of;
        let room = Self::ROOM;
        format!("arrays/{room}/{image_id}/{transform}_{value}.safetensors")
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        vec![NamedArray::planes("input", &self.input)]
    }

    fn from_arrays(of: &Transformed, mut arrays: Arrays) -> Result<Self> {
        Ok(Self {
            of: of.clone(),
            input: arrays.planes("input")?,
        })
    }
}
