//! `deconvscope report` on photographs with ONNX' nine `light` architectures, as ONNX has them (their weights are
//! constants) and with seeded weights: a full report, or one that names what cannot be projected.

use std::path::Path;

use deconvscope::network::{outline, ModelSource};

use crate::reference;
use crate::support::{
    deconvscope, ended, repository,
    run::{Row, Run},
};

const ORIGINALS: &str = ".deps/onnx/onnx/backend/test/data/light";
const PHOTOS: usize = 20;

each! { reports;
    bvlc_alexnet, densenet121, inception_v1, inception_v2, resnet50, shufflenet, squeezenet, vgg19, zfnet512,
}

fn reports(name: &str) {
    let Some(folder) = reference::folder(&format!("light/{name}")) else {
        return;
    };
    report(name, "seeded", &folder.join("model.onnx"));
    let original = repository().join(ORIGINALS);
    report(
        name,
        "original",
        &original.join(format!("light_{name}.onnx")),
    );
}

fn report(name: &str, weights: &str, model: &Path) {
    let sample = repository().join("datasets/sample");
    let scratch = tempfile::tempdir().unwrap();
    let run = Run(scratch.path().join("run"));
    // All photographs in detail; of VGG19, which takes as long as all others together, one.
    let detail = if name == "vgg19" { 1 } else { PHOTOS };
    let mut command = deconvscope();
    command.arg("report").arg(&sample).arg("--model").arg(model);
    command.arg("--out").arg(&run.0).args(["--threads", "1"]);
    command.args([
        "--limit",
        &PHOTOS.to_string(),
        "--detail",
        &detail.to_string(),
    ]);
    let occluded = if name == "squeezenet" { "masked" } else { "1" };
    command.args(["--occlusion", occluded, "--occluder-stride", "32"]);
    command.args([
        "--features",
        "1",
        "--strongest",
        "2",
        "--randomisation",
        "1",
    ]);
    let masked = name == "squeezenet";
    if masked {
        command.arg("--masks").arg(sample.join("masks.csv"));
    }
    let what = format!("reports/{name}, {weights} weights");
    let ended = ended(&mut command);
    assert_eq!(ended.code, 0, "{what}: {}", ended.stderr);

    assert!(run.text("index.html").ends_with("</html>\n"), "{what}");
    let classified = run.table("predictions");
    let original = classified
        .iter()
        .filter(|row| row["condition"] == "original");
    // Five classes of each.
    assert_eq!(original.count(), 5 * PHOTOS, "{what}");
    assert_eq!(!run.table("masking").is_empty(), masked, "{what}");
    assert!(!run.table("occlusion").is_empty(), "{what}");
    assert!(!run.table("features").is_empty(), "{what}");

    let (anatomy, _) = outline(&ModelSource {
        name: model.to_str().unwrap().into(),
        ..ModelSource::default()
    })
    .unwrap();
    let rows = run.table("projections");
    let projected = |stage: &str| {
        let whole = |row: &&Row| {
            row["layer"] == stage && row["kind"] == "layer" && row["condition"] == "original"
        };
        rows.iter().filter(whole).count()
    };
    let named = run.manifest()["model"]["not_projected"].to_string();
    let (out_of_reach, shown): (Vec<_>, Vec<_>) = anatomy
        .network()
        .stages
        .iter()
        .filter(|stage| stage.default)
        .map(|stage| stage.name.as_str())
        .partition(|stage| named.contains(&format!("\"{stage}\"")));
    assert!(!shown.is_empty(), "{what}");
    for stage in &shown {
        assert_eq!(projected(stage), detail, "{what}: {stage}");
    }
    println!(
        "{what}: {PHOTOS} photographs, {detail} in detail, {} stages projected, {} named as out of reach",
        shown.len(),
        out_of_reach.len()
    );
}
