//! Writes a network as safetensors with a TOML beside it, which holds all else.

use std::path::{Path, PathBuf};

use base::{Error, Result};
use safetensors::tensor::TensorView;
use safetensors::Dtype;

use super::classes;
use super::description::Description;
use super::preprocessing::Changes;
use super::weights::Array;
use super::written::{WrittenNetwork, WrittenStage};
use super::{Model, Scores};

/// Writes `path` (safetensors), the TOML beside it and, where the classes are not ImageNet's, their names; tells which
/// files it wrote. Batch norms are folded, as in the model that is given.
///
/// # Errors
/// [`Error::Io`].
pub fn convert(model: &Model, path: &Path) -> Result<Vec<PathBuf>> {
    let toml = path.with_extension("toml");
    let mut written = vec![path.to_owned(), toml.clone()];
    let imagenet = model.classes == classes::imagenet()?;
    let names = match (model.classes.is_empty(), imagenet) {
        (true, _) => None,
        (_, true) => Some("imagenet".to_owned()),
        (_, false) => {
            let names = path.with_extension("classes.txt");
            classes::write(&model.classes, &names)?;
            let name = names
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            written.push(names);
            name
        }
    };
    let description = Description {
        source: model.source.clone(),
        classes: names,
        classifier: true,
        scores: model
            .network()
            .scores
            .filter(|scores| *scores != Scores::Softmax),
        output_node: None,
        batch_norm: None,
        preset: None,
        preprocessing: Changes::from(&model.preprocessing),
        stages: Some(WrittenStage::all_of(model.network())),
        network: Some(WrittenNetwork::of(model.network())),
    };
    let text =
        toml::to_string(&description).map_err(|error| Error::weights(&toml, error.to_string()))?;
    std::fs::write(&toml, text).map_err(Error::io("cannot write", &toml))?;
    let tensors: Result<Vec<_>> = model
        .weights
        .iter()
        .map(|(name, array)| Ok((name.clone(), bytes(array), array.shape.clone())))
        .collect();
    let tensors = tensors?;
    let unfit = |error: safetensors::SafeTensorError| Error::weights(path, error.to_string());
    let views: std::result::Result<Vec<_>, _> = tensors
        .iter()
        .map(|(name, bytes, shape)| {
            Ok((
                name.clone(),
                TensorView::new(Dtype::F32, shape.clone(), bytes)?,
            ))
        })
        .collect();
    safetensors::serialize_to_file(views.map_err(unfit)?, None, path).map_err(unfit)?;
    Ok(written)
}

fn bytes(array: &Array) -> Vec<u8> {
    array
        .data
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}
