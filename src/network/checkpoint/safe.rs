//! Safetensors.

use safetensors::tensor::Metadata;
use safetensors::SafeTensors;

use super::{to_f32, Tensors};

pub(super) struct Safe {
    bytes: Vec<u8>,
    metadata: Metadata,
    /// Where the first tensor begins.
    start: usize,
}

impl Safe {
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, String> {
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| {
            format!(
                "not a whole safetensors file ({error}), nor one of torch.save; was it cut off?"
            )
        })?;
        Ok(Self {
            start: header + 8,
            bytes,
            metadata,
        })
    }
}

impl Tensors for Safe {
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.metadata.tensors().into_keys().collect();
        names.sort_by_cached_key(|name| in_words(name));
        names
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.metadata.info(name)?.shape.clone())
    }

    fn values(&mut self, name: &str) -> Result<Vec<f32>, String> {
        let info = self.metadata.info(name).ok_or("no such tensor")?;
        let (from, to) = info.data_offsets;
        let bytes = self.bytes.get(self.start + from..self.start + to);
        to_f32(info.dtype, bytes.ok_or("is cut off")?)
    }
}

/// A name's parts, whole numbers by their value: the file has its tensors in no order that tells anything.
fn in_words(name: &str) -> Vec<(Option<u64>, String)> {
    let parts = name.split('.');
    parts
        .map(|part| (part.parse().ok(), part.to_owned()))
        .collect()
}
