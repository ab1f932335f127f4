//! Manifests of schema 2, read as those of today: crops were square, their offset was always rounded down, and photographs
//! were always resized by their shorter side, bilinearly.

use serde_json::{json, Value};

/// Makes a manifest of schema 2 one of schema 3.
pub(super) fn upgrade(manifest: &mut Value) {
    if manifest["schema"] != 2 {
        return;
    }
    if let Some(Value::Object(preprocessing)) = manifest.get_mut("preprocessing") {
        if let Some(side) = preprocessing.get("crop").and_then(Value::as_u64) {
            preprocessing.insert("crop".into(), json!({"height": side, "width": side}));
        }
        for (name, usual) in [
            ("mode", "shorter"),
            ("rounding", "down"),
            ("interpolation", "bilinear"),
        ] {
            preprocessing.entry(name).or_insert_with(|| usual.into());
        }
    }
    manifest["schema"] = 3.into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::{Preprocessing, Rounding};

    #[test]
    fn a_preprocessing_tells_what_was_always_so() {
        let mut manifest = json!({
            "schema": 2,
            "preprocessing": {
                "resize": 256, "crop": 224, "channels": "RGB", "scale": 1.0,
                "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]
            }
        });
        upgrade(&mut manifest);
        assert_eq!(manifest["schema"], 3);
        let found: Preprocessing =
            serde_json::from_value(manifest["preprocessing"].clone()).unwrap();
        let expected = Preprocessing {
            rounding: Rounding::Down,
            ..Preprocessing::torchvision()
        };
        assert_eq!(found, expected);
        let before = manifest.clone();
        upgrade(&mut manifest);
        assert_eq!(manifest, before);
    }
}
