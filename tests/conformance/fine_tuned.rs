//! torchvision's networks with heads of their own, in the files that people save: PyTorch's logits and probabilities, and
//! the commands that such a network is for.

use std::path::Path;

use deconvscope::engine::{to_values, Engine};
use deconvscope::network::{Changes, Model, ModelSource, Size};

use crate::common::doubles;
use crate::reference::{
    self, engine, holds, in_double, largest_difference, logits_node, rounds_as, run, Expected,
};
use crate::support::{deconvscope, ended, repository, run::Run};

/// What a class's probability may be off by.
const PROBABILITY: f64 = 1e-4;
const PHOTOS: usize = 4;

mod heads {
    each! { |name| crate::fine_tuned::agrees(name, "head.pth");
        alexnet, densenet121, googlenet, mobilenet_v2, squeezenet1_1, vgg16,
    }
}

mod resnet18 {
    each! { |form| crate::fine_tuned::agrees("resnet18", &format!("{form}.pth"));
        state, training, parallel, legacy,
    }
}

fn load(folder: &Path, network: &str, file: &str) -> deconvscope::Result<Model> {
    let side = Expected::read(folder).input().size()[3];
    Model::load(&ModelSource {
        name: network.to_owned(),
        weights: Some(folder.join(file)),
        preprocessing: Changes {
            crop: Some(Size::square(side as u32)),
            ..Changes::default()
        },
        ..ModelSource::default()
    })
}

fn agrees(network: &str, file: &str) {
    let Some(folder) = reference::folder(&format!("fine_tuned/{network}")) else {
        return;
    };
    let expected = Expected::read(&folder);
    let logits = expected.values("logits");
    let model = load(&folder, network, file).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(model.classes.len(), logits.len() / 2);
    let last = logits_node(&model);
    let [ours, exact] = [engine(&model), Engine::in_double(&model).unwrap()]
        .map(|engine| run(&engine, &expected.input(), &[last]));
    let what = format!("fine_tuned/{network}: {file}");
    let [logits_found, logits_exact] =
        [&ours, &exact].map(|trace| doubles(&trace.activations[&last]));
    let rounds = rounds_as(
        &format!("{what}, logits"),
        &logits_found,
        &in_double(&logits),
        &logits_exact,
        0,
    );
    let off = largest_difference(
        &to_values(&ours.output).unwrap(),
        &softmax(&logits, model.classes.len()),
    );
    let agrees = holds(&format!("{what}, probabilities"), off, PROBABILITY);
    assert!(rounds && agrees, "{network}, {file} differs from PyTorch");
}

fn softmax(logits: &[f32], classes: usize) -> Vec<f32> {
    let one = |logits: &[f32]| {
        let powers: Vec<f64> = logits.iter().map(|logit| f64::from(*logit).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(move |power| (power / sum) as f32)
    };
    logits.chunks(classes).flat_map(one).collect()
}

#[test]
fn a_whole_module_gets_a_clear_word() {
    let Some(folder) = reference::folder("fine_tuned/resnet18") else {
        return;
    };
    let error = load(&folder, "resnet18", "module.pth")
        .unwrap_err()
        .to_string();
    for part in [
        "a whole module, torchvision.models.resnet.ResNet",
        "torch.save(model.state_dict(), file)",
    ] {
        assert!(error.contains(part), "expected '{part}' in: {error}");
    }
}

/// Report, occlusion and features of the network of two classes; what the report says is what the engine computes.
#[test]
fn a_network_of_two_classes_is_reported() {
    let Some(folder) = reference::folder("fine_tuned/resnet18") else {
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let names = scratch.path().join("names.txt");
    std::fs::write(&names, "thing\nliving\n").unwrap();
    let sample = repository().join("datasets/sample");
    let command = |name: &str, options: &str| {
        let run = Run(scratch.path().join(name));
        let mut command = deconvscope();
        command
            .arg(name)
            .arg(&sample)
            .args(["--model", "resnet18", "--weights"]);
        command
            .arg(folder.join("training.pth"))
            .arg("--classes")
            .arg(&names);
        command.args(options.split(' ')).arg("--out").arg(&run.0);
        command.args(["--threads", "1", "--limit", &PHOTOS.to_string()]);
        let ended = ended(&mut command);
        assert_eq!(ended.code, 0, "{name}: {}", ended.stderr);
        assert!(
            ended.stderr.contains("under 'model.'"),
            "{name}: {}",
            ended.stderr
        );
        run
    };
    let report = command(
        "report",
        "--detail 1 --occlusion 1 --occluder-stride 32 --features none",
    );
    let predictions = report.table("predictions");
    assert_eq!(predictions.len(), 2 * PHOTOS);
    for name in ["thing", "living"] {
        let of_class = predictions.iter().filter(|row| row["class_name"] == name);
        assert_eq!(of_class.count(), PHOTOS);
    }
    assert!(!report.table("occlusion").is_empty());
    assert!(!report.table("projections").is_empty());
    let features = command("features", "--features 1 --strongest 2 --randomisation 1");
    assert!(!features.table("features").is_empty());
}
