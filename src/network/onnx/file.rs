//! An ONNX file's message, read from the front piece by piece.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use base::{Error, Result};
use protobuf::{CodedInputStream, Message};

use super::messages::ModelProto;

/// Large enough for few system calls, small enough for the processor's cache.
const BUFFER: usize = 256 << 10;
/// How a file begins that Git LFS left in a model's place.
const LFS_POINTER: &[u8] = b"version https://git-lfs";

/// The message of a file.
pub(super) fn read(path: &Path) -> Result<ModelProto> {
    let file = File::open(path).map_err(Error::io("cannot read", path))?;
    let metadata = file.metadata().map_err(Error::io("cannot read", path))?;
    let unfit = |problem: String| Error::onnx(path, problem);
    if !metadata.is_file() {
        return Err(unfit("not a file".into()));
    }
    let mut reader = BufReader::with_capacity(BUFFER, file);
    if is_lfs_pointer(&mut reader).map_err(Error::io("cannot read", path))? {
        return Err(unfit(
            "a pointer of Git LFS, not the model itself; fetch the model with git lfs pull".into(),
        ));
    }
    message(CodedInputStream::from_buf_read(&mut reader), metadata.len()).map_err(unfit)
}

/// The message that these bytes are.
pub(super) fn parse(bytes: &[u8]) -> Result<ModelProto, String> {
    message(CodedInputStream::from_bytes(bytes), bytes.len() as u64)
}

fn is_lfs_pointer(reader: &mut BufReader<File>) -> std::io::Result<bool> {
    use std::io::BufRead;
    Ok(reader.fill_buf()?.starts_with(LFS_POINTER))
}

fn message(mut stream: CodedInputStream<'_>, length: u64) -> Result<ModelProto, String> {
    if length == 0 {
        return Err("empty".into());
    }
    let mut model = ModelProto::new();
    // Without this limit a part that claims more bytes than are left would pass for whole.
    stream
        .push_limit(length)
        .and_then(|_| model.merge_from(&mut stream))
        .map_err(|error| match model.ir_version {
            None => format!("not an ONNX file: {error}"),
            Some(_) => format!(
                "damaged or cut off: {error}, after byte {} of {length}",
                stream.pos()
            ),
        })?;
    if model.ir_version.is_none() {
        return Err("not an ONNX file: it states no ir_version".into());
    }
    if model.graph.is_none() {
        return Err("holds no graph; was it cut off?".into());
    }
    Ok(model)
}
