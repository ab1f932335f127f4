//! `arrays/gram.safetensors`: the inner products of all photographs' features, an f64 tensor `[photos, photos]` for each layer,
//! written layer by layer.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use base::{Error, Result};

const FILE: &str = "arrays/gram.safetensors";
/// Bytes of a product.
const VALUE: usize = size_of::<f64>();

/// The file, in which every layer has its place.
#[derive(Debug)]
pub struct GramFile {
    path: PathBuf,
    file: File,
    /// Where the first layer begins.
    start: usize,
    photos: usize,
}

impl GramFile {
    /// Opens the file of layers with these names, with room for all of them; what an interrupted run wrote stays.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(root: &Path, layers: &[&str], photos: usize) -> Result<Self> {
        let path = root.join(FILE);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
        let header = header(layers, photos);
        let start = 8 + header.len();
        let write = || -> std::io::Result<File> {
            let options = File::options()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path);
            let file = options?;
            file.set_len((start + layers.len() * photos * photos * VALUE) as u64)?;
            file.write_all_at(&(header.len() as u64).to_le_bytes(), 0)?;
            file.write_all_at(&header, 8)?;
            Ok(file)
        };
        let file = write().map_err(Error::io("cannot write", &path))?;
        Ok(Self {
            path,
            file,
            start,
            photos,
        })
    }

    /// Writes the products of the layer of that number, row-major.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, layer: usize, products: &[f64]) -> Result<()> {
        let bytes = self.photos * VALUE;
        let first = self.start + layer * self.photos * bytes;
        for (row, values) in products.chunks_exact(self.photos.max(1)).enumerate() {
            let values: Vec<u8> = values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            let written = self
                .file
                .write_all_at(&values, (first + row * bytes) as u64);
            written.map_err(Error::io("cannot write", &self.path))?;
        }
        Ok(())
    }
}

/// The format's header: JSON, padded with spaces to eight bytes.
fn header(layers: &[&str], photos: usize) -> Vec<u8> {
    let bytes = photos * photos * VALUE;
    let tensor = |(number, layer): (usize, &&str)| {
        let tensor = serde_json::json!({
            "dtype": "F64",
            "shape": [photos, photos],
            "data_offsets": [number * bytes, (number + 1) * bytes],
        });
        ((*layer).to_owned(), tensor)
    };
    let tensors: serde_json::Map<String, serde_json::Value> =
        layers.iter().enumerate().map(tensor).collect();
    let mut header = serde_json::Value::Object(tensors).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::SafeTensors;

    #[test]
    fn layers_have_their_places_whatever_the_order_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let open = || GramFile::open(folder.path(), &["conv1", "fc6"], 2).unwrap();
        open().write(1, &[1.0, 2.0, 2.0, 5.0]).unwrap();
        open().write(0, &[4.0, 0.5, 0.5, 1.0]).unwrap();
        let bytes = fs::read(folder.path().join(FILE)).unwrap();
        let read = SafeTensors::deserialize(&bytes).unwrap();
        for (name, expected) in [
            ("conv1", [4.0, 0.5, 0.5, 1.0]),
            ("fc6", [1.0, 2.0, 2.0, 5.0]),
        ] {
            let tensor = read.tensor(name).unwrap();
            let expected: Vec<u8> = expected
                .iter()
                .flat_map(|value: &f64| value.to_le_bytes())
                .collect();
            assert_eq!(
                (tensor.shape(), tensor.data()),
                (&[2, 2][..], &expected[..])
            );
        }
    }
}
