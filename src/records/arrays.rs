//! A photo's raw maps: network inputs and projections as safetensors.

use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use super::files::write_whole;
use super::ProjectionKind;
use crate::error::{Error, Result};

/// Inputs and projections of one photo in all its conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoArrays {
    /// Height and width of every map, in input pixels.
    pub side: usize,
    /// `original` first, then the regions.
    pub conditions: Vec<ConditionArrays>,
}

/// Maps of one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionArrays {
    /// `original` or a region's name.
    pub condition: String,
    /// The network's input `[3, side, side]`, in network units and channel order.
    pub input: Vec<f32>,
    /// By layer from the input upwards, then kind.
    pub projections: Vec<ProjectionArray>,
}

/// One projection.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionArray {
    /// What was projected.
    pub kind: ProjectionKind,
    /// The stage's name.
    pub layer: String,
    /// `[3, side, side]`, in network input units and channel order; not rectified.
    pub values: Vec<f32>,
}

/// An array beside a photo's own.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedArray {
    /// Under which it is found (`occlusion/probability`).
    pub name: String,
    /// Its axes' lengths.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}

/// Writes arrays as a file of their own.
///
/// # Errors
/// [`Error::Io`].
pub fn write_arrays(path: &Path, arrays: &[NamedArray]) -> Result<()> {
    let data: Vec<Vec<u8>> = arrays.iter().map(|array| bytes(&array.values)).collect();
    let pairs = arrays.iter().zip(&data);
    let views = pairs.map(|(array, data)| named_view(path, array, data));
    write_views(path, views.collect::<Result<_>>()?)
}

fn named_view<'a>(
    path: &Path,
    array: &'a NamedArray,
    data: &'a [u8],
) -> Result<(&'a str, TensorView<'a>)> {
    let view = TensorView::new(Dtype::F32, array.shape.clone(), data);
    Ok((array.name.as_str(), view.map_err(unwritten(path))?))
}

/// Adds maps to a photo's arrays, in place of those of the same names; makes the file where there is none.
///
/// # Errors
/// [`Error::Io`]; [`Error::RunFolder`] where the file is damaged.
pub fn add_maps(path: &Path, maps: &[NamedArray]) -> Result<()> {
    let before = match path.is_file() {
        true => std::fs::read(path).map_err(Error::io("cannot read", path))?,
        false => safetensors::serialize(NOTHING, None).map_err(unwritten(path))?,
    };
    let data: Vec<Vec<u8>> = maps.iter().map(|map| bytes(&map.values)).collect();
    let file = SafeTensors::deserialize(&before).map_err(damaged(path))?;
    let is_new = |name: &str| maps.iter().any(|map| map.name == name);
    let old = file.iter().filter(|(name, _)| !is_new(name));
    let new = maps.iter().zip(&data);
    let new = new.map(|(map, data)| named_view(path, map, data));
    let views = old.map(Ok).chain(new).collect::<Result<Vec<_>>>()?;
    write_views(path, views)
}

/// A file without a tensor.
const NOTHING: [(&str, TensorView<'_>); 0] = [];

fn write_views(path: &Path, views: Vec<(&str, TensorView<'_>)>) -> Result<()> {
    let file = safetensors::serialize(views, None).map_err(unwritten(path))?;
    write_whole(path, |out| {
        std::io::Write::write_all(out, &file).map_err(Error::io("cannot write", path))
    })
}

fn unwritten(path: &Path) -> impl Fn(SafeTensorError) -> Error + '_ {
    move |problem| Error::io("cannot write", path)(std::io::Error::other(problem.to_string()))
}

fn damaged(path: &Path) -> impl Fn(SafeTensorError) -> Error + '_ {
    move |error| Error::RunFolder {
        path: path.to_owned(),
        problem: format!("not a whole safetensors file ({error})"),
    }
}

impl PhotoArrays {
    /// Writes the maps under the contract's names (`face/projection/unit/conv1`).
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut named: Vec<(String, Vec<u8>)> = Vec::new();
        for condition in &self.conditions {
            let name = &condition.condition;
            named.push((format!("{name}/input"), bytes(&condition.input)));
            for projection in &condition.projections {
                let kind = projection.kind.name();
                let key = format!("{name}/projection/{kind}/{}", projection.layer);
                named.push((key, bytes(&projection.values)));
            }
        }
        let shape = vec![3, self.side, self.side];
        let views = named
            .iter()
            .map(|(key, data)| {
                let view = TensorView::new(Dtype::F32, shape.clone(), data);
                Ok((key.as_str(), view.map_err(unwritten(path))?))
            })
            .collect::<Result<Vec<_>>>()?;
        write_views(path, views)
    }

    /// Reads back the maps of the given conditions and projections; those that are not in the file are left out.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] where the file is damaged.
    pub fn read(
        path: &Path,
        conditions: &[String],
        projections: &[(ProjectionKind, String)],
    ) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(Error::io("cannot read", path))?;
        let file = SafeTensors::deserialize(&bytes).map_err(damaged(path))?;
        let values = |name: &str| file.tensor(name).ok().map(|tensor| floats(tensor.data()));
        let mut side = 0;
        let mut found = Vec::new();
        for condition in conditions {
            let key = format!("{condition}/input");
            let Ok(tensor) = file.tensor(&key) else {
                continue;
            };
            side = tensor.shape().last().copied().unwrap_or(0);
            found.push(ConditionArrays {
                condition: condition.clone(),
                input: floats(tensor.data()),
                projections: projections
                    .iter()
                    .filter_map(|(kind, layer)| {
                        let key = format!("{condition}/projection/{}/{layer}", kind.name());
                        Some(ProjectionArray {
                            kind: *kind,
                            layer: layer.clone(),
                            values: values(&key)?,
                        })
                    })
                    .collect(),
            });
        }
        Ok(Self {
            side,
            conditions: found,
        })
    }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}
