//! stub
use std::collections::BTreeMap;

use super::contents::FileFacts;
use crate::error::Result;
use crate::records::Manifest;

pub(super) fn metadata(
    manifest: &Manifest,
    name: &str,
    files: &BTreeMap<String, FileFacts>,
) -> Result<Vec<u8>> {
    super::pack::json(&serde_json::json!({"name": name, "n": files.len(), "v": manifest.schema}))
}
