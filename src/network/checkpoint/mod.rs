//! A file of named tensors, whatever its format: safetensors, PyTorch's zip files, and PyTorch's files from before
//! those. Nothing in a file is ever executed.

mod foreign;
mod legacy;
mod pickle;
mod safe;
mod state_dict;
mod storage;
mod zipped;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base::{Error, Result};
use safetensors::Dtype;

use super::little_endian::numbers;
use legacy::Legacy;

/// How the weights of a network are saved.
const STATE_DICT: &str = "torch.save(model.state_dict(), file)";

/// What to do about a file that holds more.
fn alone() -> String {
    format!("save the state dict alone: {STATE_DICT}")
}

/// How zip files begin.
const ZIP: &[u8] = b"PK\x03\x04";

/// One tensor of a checkpoint: its shape and its values in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// As PyTorch stores it.
    pub shape: Vec<usize>,
    /// As many as the shape says.
    pub data: Vec<f32>,
}

/// A file of named tensors that can be read one by one.
trait Tensors {
    /// All names, nested ones joined by dots, in the order of the file.
    fn names(&self) -> Vec<String>;

    /// The shape of a tensor.
    fn shape(&self, name: &str) -> Option<Vec<usize>>;

    /// The values of a tensor.
    fn values(&mut self, name: &str) -> Result<Vec<f32>, String>;

    /// What is under that name in a tensor's place, and what to do about it.
    fn opaque(&self, _name: &str) -> Option<String> {
        None
    }

    /// That it holds a whole PyTorch module, and what to do about it.
    fn module(&self) -> Option<String> {
        None
    }
}

/// A checkpoint whose tensors are found and not yet read.
pub struct Checkpoint {
    tensors: Box<dyn Tensors>,
}

impl std::fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoint").finish_non_exhaustive()
    }
}

impl Checkpoint {
    /// Opens a file; what kind it is shows in how it begins, not in its name.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Weights`] for a file that is cut off, damaged, or holds something else than tensors in
    /// containers.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(Error::io("cannot read", path))?;
        let metadata = file.metadata().map_err(Error::io("cannot read", path))?;
        let unfit = |problem: String| Error::weights(path, problem);
        // A folder says so when it is read; a device or pipe may never end.
        if !metadata.is_file() && !metadata.is_dir() {
            return Err(unfit("not a file".into()));
        }
        let mut start = Vec::new();
        (&mut file)
            .take(foreign::START)
            .read_to_end(&mut start)
            .map_err(Error::io("cannot read", path))?;
        let tensors: Box<dyn Tensors> = if start.starts_with(ZIP) {
            Box::new(zipped::Zipped::open(file).map_err(unfit)?)
        } else if let Some(magic) = Legacy::magic(&start) {
            Box::new(Legacy::open(file, magic).map_err(unfit)?)
        } else if let Some(kind) = foreign::kind(&start) {
            return Err(unfit(kind));
        } else {
            file.read_to_end(&mut start)
                .map_err(Error::io("cannot read", path))?;
            Box::new(safe::Safe::open(start).map_err(unfit)?)
        };
        Ok(Self { tensors })
    }

    /// All names, nested ones joined by dots, in the order of the file; those of safetensors, which has none, by parts and
    /// numbers.
    pub fn names(&self) -> Vec<String> {
        self.tensors.names()
    }

    /// The shape of a tensor.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        self.tensors.shape(name)
    }

    /// What is under that name in a tensor's place, and what to do about it: `is an object of …`.
    pub(crate) fn opaque(&self, name: &str) -> Option<String> {
        self.tensors.opaque(name)
    }

    /// That it holds a whole PyTorch module beside its tensors, and what to do about it.
    pub(crate) fn module(&self) -> Option<String> {
        self.tensors.module()
    }

    /// Reads a tensor; half and double precision become single.
    ///
    /// # Errors
    /// What is wrong, in words: no such tensor, of integers, reaching beyond its storage, or cut off.
    pub fn read(&mut self, name: &str) -> Result<Values, String> {
        let shape = self.tensors.shape(name).ok_or("no such tensor")?;
        let data = self.tensors.values(name)?;
        Ok(Values { shape, data })
    }
}

/// Little-endian values of floating point as f32.
fn to_f32(kind: Dtype, bytes: &[u8]) -> Result<Vec<f32>, String> {
    match kind {
        Dtype::F32 => Ok(numbers(bytes, f32::from_le_bytes)),
        Dtype::F16 => Ok(numbers(bytes, |b| half::f16::from_le_bytes(b).to_f32())),
        Dtype::BF16 => Ok(numbers(bytes, |b| half::bf16::from_le_bytes(b).to_f32())),
        Dtype::F64 => Ok(numbers(bytes, |b| f64::from_le_bytes(b) as f32)),
        other => Err(format!("is {other:?}; expected floating point")),
    }
}
