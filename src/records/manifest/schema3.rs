//! Manifests of schema 3, read as those of today: only what an unfinished run keeps was another, a file for each photograph.

use serde_json::Value;

/// Makes a manifest of schema 3 one of schema 4.
pub(super) fn upgrade(manifest: &mut Value) {
    if manifest["schema"] == 3 {
        manifest["schema"] = 4.into();
    }
}
