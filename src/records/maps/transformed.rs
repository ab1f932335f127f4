//! What the network sees of a transformed photo.

use super::{Maps, Planes};
use crate::error::Result;
use crate::records::arrays::{Arrays, NamedArray};

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

/// What the network sees of a photo under some transforms.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformedInputs {
    /// The photo.
    pub image_id: String,
    /// Transform, value, and the input that it gives.
    pub inputs: Vec<(String, f64, Planes)>,
}

impl TransformedInputs {
    /// The folder of these maps among a run's arrays, and of their pictures among its pictures.
    pub const ROOM: &'static str = "invariance";
}

impl Maps for TransformedInputs {
    type Of = String;

    fn of(&self) -> &String {
        &self.image_id
    }

    fn file(image_id: &String) -> String {
        format!("arrays/{}/{image_id}.safetensors", Self::ROOM)
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        let inputs = self.inputs.iter();
        inputs
            .map(|(transform, value, input)| {
                NamedArray::planes(&format!("{transform}/{value}"), input)
            })
            .collect()
    }

    fn from_arrays(image_id: &String, mut arrays: Arrays) -> Result<Self> {
        let mut inputs = Vec::new();
        for name in arrays.names() {
            let named = name.split_once('/');
            let named = named.and_then(|(transform, value)| Some((transform, value.parse().ok()?)));
            let (transform, value) = named.ok_or_else(|| arrays.unknown(&name))?;
            inputs.push((transform.to_owned(), value, arrays.planes(&name)?));
        }
        Ok(Self {
            image_id: image_id.clone(),
            inputs,
        })
    }
}
