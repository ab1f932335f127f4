//! A photo's raw maps: network inputs and projections as safetensors.

use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

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
        let failed = |problem: safetensors::SafeTensorError| {
            Error::io("cannot write", path)(std::io::Error::other(problem.to_string()))
        };
        let views = named
            .iter()
            .map(|(key, data)| Ok((key, TensorView::new(Dtype::F32, shape.clone(), data)?)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let file = safetensors::serialize(views, None).map_err(failed)?;
        write_whole(path, |out| {
            std::io::Write::write_all(out, &file).map_err(Error::io("cannot write", path))
        })
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
        let damaged = |problem: String| Error::RunFolder {
            path: path.to_owned(),
            problem,
        };
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|error| damaged(format!("not a whole safetensors file ({error})")))?;
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
