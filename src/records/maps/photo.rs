//! A photo's inputs and projections in all its conditions.

use std::borrow::Cow;
use std::path::Path;

use base::Result;

use super::{Maps, Values};
use crate::arrays::{Arrays, NamedArray};
use crate::{ProjectionKind, ORIGINAL};

/// Inputs and projections of one photo in all its conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoArrays {
    /// The photo.
    pub image_id: String,
    /// Channels, rows and columns of every map, in input pixels.
    pub shape: [usize; 3],
    /// `original` first, then the regions.
    pub conditions: Vec<ConditionArrays>,
}

/// Maps of one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionArrays {
    /// `original` or a region's name.
    pub condition: String,
    /// The network's input, in network units and channel order.
    pub input: Vec<f32>,
    /// By layer from the input upwards, then kind; of a file, by kind, then the layer's name.
    pub projections: Vec<ProjectionArray>,
}

/// One projection.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionArray {
    /// What was projected.
    pub kind: ProjectionKind,
    /// The stage's name.
    pub layer: String,
    /// In network input units and channel order; not rectified.
    pub values: Values,
}

impl PhotoArrays {
    /// Reads what the run at `root` has kept of a photo as it is, of these projections; `None` where it kept nothing.
    ///
    /// # Errors
    /// Those of [`Maps::kept`].
    pub fn original(
        root: &Path,
        image_id: &str,
        projections: &[(ProjectionKind, String)],
    ) -> Result<Option<Self>> {
        let image_id = image_id.to_owned();
        let wanted = |name: &str| {
            let found = Name::of(name).filter(|found| found.condition == ORIGINAL);
            found.is_some_and(|found| match found.projection {
                None => true,
                Some((kind, layer)) => {
                    let mut wanted = projections.iter();
                    wanted.any(|(of, name)| *of == kind && name == layer)
                }
            })
        };
        let arrays = Arrays::read(&root.join(Self::file(&image_id)), wanted)?;
        let found = arrays.map(|arrays| Self::from_arrays(&image_id, arrays));
        let mut found = found.transpose()?;
        let place = |found: &ProjectionArray| {
            let is_it = |(kind, layer): &(_, String)| *kind == found.kind && *layer == found.layer;
            projections.iter().position(is_it)
        };
        for condition in found.iter_mut().flat_map(|found| &mut found.conditions) {
            condition.projections.sort_by_key(place);
        }
        Ok(found.filter(|found| !found.conditions.is_empty()))
    }
}

impl Maps for PhotoArrays {
    type Of = String;

    fn of(&self) -> &String {
        &self.image_id
    }

    fn file(image_id: &String) -> String {
        format!("arrays/{image_id}.safetensors")
    }

    /// Under the contract's names (`face/projection/unit/conv1`).
    fn to_arrays(&self) -> Vec<NamedArray<'_>> {
        let mut named = Vec::new();
        for condition in &self.conditions {
            let mut add = |projection, values| {
                let name = Name {
                    condition: &condition.condition,
                    projection,
                };
                named.push(NamedArray {
                    name: name.spelt(),
                    shape: self.shape.to_vec(),
                    values: Cow::Borrowed(values),
                });
            };
            add(None, condition.input.as_slice());
            for projection in &condition.projections {
                let ProjectionArray {
                    kind,
                    layer,
                    values,
                } = projection;
                add(Some((*kind, layer.as_str())), values);
            }
        }
        named
    }

    /// Arrays of other names are left out: what was found while the occluder slid over the photo lies in its file as well.
    fn from_arrays(image_id: &String, mut arrays: Arrays) -> Result<Self> {
        let names = arrays.names();
        let mut found = Self {
            image_id: image_id.clone(),
            shape: [0; 3],
            conditions: Vec::new(),
        };
        for name in names.iter().filter_map(|name| Name::of(name)) {
            if name.projection.is_none() {
                let input = arrays.planes(&name.spelt())?;
                found.shape = [input.channels, input.size.0, input.size.1];
                found.conditions.push(ConditionArrays {
                    condition: name.condition.to_owned(),
                    input: input.values,
                    projections: Vec::new(),
                });
            }
        }
        for name in names.iter().filter_map(|name| Name::of(name)) {
            let mut conditions = found.conditions.iter_mut();
            let condition = conditions.find(|it| it.condition == name.condition);
            if let Some(((kind, layer), condition)) = name.projection.zip(condition) {
                condition.projections.push(ProjectionArray {
                    kind,
                    layer: layer.to_owned(),
                    values: arrays.planes(&name.spelt())?.values.into(),
                });
            }
        }
        let is_other = |condition: &ConditionArrays| condition.condition != ORIGINAL;
        found.conditions.sort_by_key(is_other);
        Ok(found)
    }
}

/// What the name of an array says.
struct Name<'a> {
    condition: &'a str,
    /// `None`: the input.
    projection: Option<(ProjectionKind, &'a str)>,
}

impl<'a> Name<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let (condition, what) = name.split_once('/')?;
        let projection = match what {
            "input" => None,
            _ => {
                let (kind, layer) = what.strip_prefix("projection/")?.split_once('/')?;
                Some((kind.parse().ok()?, layer))
            }
        };
        Some(Self {
            condition,
            projection,
        })
    }

    fn spelt(&self) -> String {
        let condition = self.condition;
        match self.projection {
            None => format!("{condition}/input"),
            Some((kind, layer)) => format!("{condition}/projection/{}/{layer}", kind.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_read_back_as_it_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let projection = |kind, layer: &str, value| ProjectionArray {
            kind,
            layer: layer.into(),
            values: vec![value; 12].into(),
        };
        let condition = |condition: &str, value| ConditionArrays {
            condition: condition.into(),
            input: vec![value; 12],
            projections: vec![
                projection(ProjectionKind::Layer, "a/conv", value + 1.0),
                projection(ProjectionKind::Unit, "a/conv", value + 2.0),
            ],
        };
        let arrays = PhotoArrays {
            image_id: "dog".into(),
            shape: [3, 2, 2],
            conditions: vec![condition(ORIGINAL, 1.0), condition("face", 4.0)],
        };
        let root = folder.path();
        arrays.keep(root).unwrap();
        let kept = |id: &str| PhotoArrays::kept(root, &id.to_owned()).unwrap();
        assert_eq!((kept("dog").as_ref(), kept("cat")), (Some(&arrays), None));
        let unit = [(ProjectionKind::Unit, "a/conv".to_owned())];
        let found = PhotoArrays::original(root, "dog", &unit).unwrap().unwrap();
        assert_eq!(found.conditions[0].input, [1.0; 12]);
        assert_eq!(
            found.conditions[0].projections,
            [projection(unit[0].0, "a/conv", 3.0)]
        );
        assert_eq!(found.conditions.len(), 1);
    }
}
