//! Arrays on disk, as safetensors.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};

use super::files::write_whole;
use super::maps::Planes;

/// An array with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedArray<'a> {
    /// Under which it is found (`occlusion/probability`).
    pub name: String,
    /// Its axes' lengths.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Cow<'a, [f32]>,
}

impl<'a> NamedArray<'a> {
    /// Planes under a name.
    pub(super) fn planes(name: &str, planes: &'a Planes) -> Self {
        Self {
            name: name.to_owned(),
            shape: planes.shape(),
            values: Cow::Borrowed(&planes.values),
        }
    }
}

/// Writes arrays as a file of their own.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn write_arrays(path: &Path, arrays: &[NamedArray<'_>]) -> Result<()> {
    let data: Vec<Vec<u8>> = arrays.iter().map(|array| bytes(&array.values)).collect();
    let pairs = arrays.iter().zip(&data);
    let views = pairs.map(|(array, data)| named_view(path, array, data));
    write_views(path, views.collect::<Result<_>>()?)
}

fn named_view<'a>(
    path: &Path,
    array: &'a NamedArray<'_>,
    data: &'a [u8],
) -> Result<(&'a str, TensorView<'a>)> {
    let view = TensorView::new(Dtype::F32, array.shape.clone(), data);
    Ok((array.name.as_str(), view.map_err(unwritten(path))?))
}

/// Adds arrays to a file, in place of those of the same names; makes the file where there is none.
///
/// # Errors
/// [`Error::Io`]; [`Error::RunFolder`] where the file is damaged.
pub fn add_arrays(path: &Path, arrays: &[NamedArray<'_>]) -> Result<()> {
    let before = match path.is_file() {
        true => std::fs::read(path).map_err(Error::io("cannot read", path))?,
        false => safetensors::serialize(NOTHING, None).map_err(unwritten(path))?,
    };
    let data: Vec<Vec<u8>> = arrays.iter().map(|array| bytes(&array.values)).collect();
    let file = SafeTensors::deserialize(&before).map_err(damaged(path))?;
    let is_new = |name: &str| arrays.iter().any(|array| array.name == name);
    let old = file.iter().filter(|(name, _)| !is_new(name));
    let new = arrays.iter().zip(&data);
    let new = new.map(|(array, data)| named_view(path, array, data));
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

/// A file's arrays, which are taken out one by one.
#[derive(Debug)]
pub struct Arrays {
    path: PathBuf,
    arrays: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Arrays {
    /// Reads those of a file whose names are wanted; `None` where there is no such file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::RunFolder`] where the file is damaged.
    pub(super) fn read(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = std::fs::read(path).map_err(Error::io("cannot read", path))?;
        let file = SafeTensors::deserialize(&bytes).map_err(damaged(path))?;
        let wanted = file
            .iter()
            .filter(|(name, view)| view.dtype() == Dtype::F32 && wanted(name));
        let array = |(name, view): (&str, TensorView<'_>)| {
            (
                name.to_owned(),
                (view.shape().to_vec(), floats(view.data())),
            )
        };
        Ok(Some(Self {
            path: path.to_owned(),
            arrays: wanted.map(array).collect(),
        }))
    }

    /// The names of those that are left.
    pub(super) fn names(&self) -> Vec<String> {
        self.arrays.keys().cloned().collect()
    }

    /// Whether one of that name is left.
    pub(super) fn has(&self, name: &str) -> bool {
        self.arrays.contains_key(name)
    }

    /// Takes one: its shape and its values.
    pub(super) fn take(&mut self, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let array = self.arrays.remove(name);
        array.ok_or_else(|| self.problem(format!("has no array '{name}'")))
    }

    /// Takes one of planes: three of a colour picture, one of a grey one.
    pub(super) fn planes(&mut self, name: &str) -> Result<Planes> {
        let (shape, values) = self.take(name)?;
        match shape[..] {
            [channels @ (1 | 3), height, width] => {
                Ok(Planes::of([channels, height, width], values))
            }
            _ => Err(self.unknown(name)),
        }
    }

    /// That an array is none that this program writes.
    pub(super) fn unknown(&self, name: &str) -> Error {
        self.problem(format!("array '{name}' is none of this program's"))
    }

    fn problem(&self, problem: String) -> Error {
        Error::RunFolder {
            path: self.path.clone(),
            problem,
        }
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
