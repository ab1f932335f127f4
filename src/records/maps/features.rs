//! What is shown of feature maps: units projected, the photos that they were found in, and the first layer's filters.

use std::borrow::Cow;

use base::Result;

use super::{Maps, Planes};
use crate::arrays::{Arrays, NamedArray};
use crate::file_stem;

/// One of a map's strongest units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitName {
    /// The layer.
    pub layer: String,
    /// The feature map.
    pub map: usize,
    /// From 1, the strongest first.
    pub rank: usize,
}

/// A unit projected, on its receptive field as far as that lies in the network's input.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitMap {
    /// The unit.
    pub of: UnitName,
    /// Not rectified.
    pub projection: Planes,
}

/// A photo that one of the maps chose.
#[derive(Debug, Clone, PartialEq)]
pub struct LookedAt {
    /// The photo.
    pub image_id: String,
    /// What the network sees of it.
    pub input: Planes,
}

/// The filters of the first convolution.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterMaps {
    /// By number, all of one size.
    pub filters: Vec<Planes>,
}

impl Maps for UnitMap {
    type Of = UnitName;

    fn of(&self) -> &UnitName {
        &self.of
    }

    fn file(of: &UnitName) -> String {
        let UnitName { layer, map, rank } = of;
        let layer = file_stem(layer);
        format!("arrays/features/{layer}/{map}-{rank}.safetensors")
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        vec![NamedArray::planes("projection", &self.projection)]
    }

    fn from_arrays(of: &UnitName, mut arrays: Arrays) -> Result<Self> {
        Ok(Self {
            of: of.clone(),
            projection: arrays.planes("projection")?,
        })
    }
}

impl Maps for LookedAt {
    type Of = String;

    fn of(&self) -> &String {
        &self.image_id
    }

    fn file(image_id: &String) -> String {
        format!("arrays/features/photos/{image_id}.safetensors")
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        vec![NamedArray::planes("input", &self.input)]
    }

    fn from_arrays(image_id: &String, mut arrays: Arrays) -> Result<Self> {
        Ok(Self {
            image_id: image_id.clone(),
            input: arrays.planes("input")?,
        })
    }
}

impl Maps for FilterMaps {
    type Of = ();

    fn of(&self) -> &() {
        &()
    }

    fn file((): &()) -> String {
        "arrays/features/filters.safetensors".into()
    }

    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        let one = self.filters.first().map_or_else(Vec::new, Planes::shape);
        let values = self.filters.iter().flat_map(|filter| &filter.values);
        vec![NamedArray {
            name: "filters".into(),
            shape: [vec![self.filters.len()], one].concat(),
            values: Cow::Owned(values.copied().collect()),
        }]
    }

    fn from_arrays((): &(), mut arrays: Arrays) -> Result<Self> {
        let (shape, values) = arrays.take("filters")?;
        let [_, channels @ (1 | 3), height, width] = shape[..] else {
            return Err(arrays.unknown("filters"));
        };
        let filters = values.chunks_exact((channels * height * width).max(1));
        let filter = |values: &[f32]| Planes::of([channels, height, width], values.to_vec());
        Ok(Self {
            filters: filters.map(filter).collect(),
        })
    }
}
