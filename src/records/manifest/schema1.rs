//! Manifests of schema 1, read as those of today: the experiments' options stood among the report's own.

use serde_json::{Map, Value};

/// Experiments and their options; each was run where its first option was not null.
const EXPERIMENTS: [(&str, &[&str]); 4] = [
    (
        "correspondence",
        &["parts", "correspondence_layers", "random_places"],
    ),
    ("invariance", &["invariance"]),
    (
        "occlusion",
        &[
            "occlusion",
            "occluder",
            "occluder_stride",
            "occluder_fill",
            "occlusion_fast",
        ],
    ),
    (
        "features",
        &[
            "features",
            "strongest",
            "per_image",
            "randomisation",
            "feature_arrays",
        ],
    ),
];

/// Makes a manifest of schema 1 one of schema 2.
pub(super) fn upgrade(manifest: &mut Value) {
    if manifest["schema"] != 1 {
        return;
    }
    let Some(Value::Object(options)) = manifest.get_mut("options") else {
        return;
    };
    let mut experiments = Map::new();
    for (experiment, names) in EXPERIMENTS {
        let found: Map<String, Value> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), options.shift_remove(*name)?)))
            .collect();
        if found.get(names[0]).is_some_and(|first| !first.is_null()) {
            experiments.insert(experiment.into(), Value::Object(found));
        }
    }
    if let Some(Value::Object(features)) = experiments.get_mut("features") {
        // An option of the subcommand `features` alone, of another name.
        if features.shift_remove("feature_arrays") == Some(Value::Bool(true)) {
            features.insert("arrays".into(), "all".into());
        }
    }
    options.insert("experiments".into(), experiments.into());
    manifest["schema"] = 2.into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_move_to_the_experiments_that_were_run() {
        let mut manifest = json!({
            "schema": 1,
            "options": {
                "top": 5, "parts": null, "correspondence_layers": [], "random_places": null,
                "occlusion": "12", "occluder": 32, "occluder_stride": 8, "occluder_fill": [1, 2, 3],
                "occlusion_fast": false, "features": "all", "strongest": 9, "feature_arrays": true
            },
            "notes": []
        });
        upgrade(&mut manifest);
        let expected = json!({
            "schema": 2,
            "options": {
                "top": 5,
                "experiments": {
                    "occlusion": {
                        "occlusion": "12", "occluder": 32, "occluder_stride": 8, "occluder_fill": [1, 2, 3],
                        "occlusion_fast": false
                    },
                    "features": {"features": "all", "strongest": 9, "arrays": "all"}
                }
            },
            "notes": []
        });
        assert_eq!(manifest, expected);
        upgrade(&mut manifest);
        assert_eq!(manifest, expected);
    }
}
