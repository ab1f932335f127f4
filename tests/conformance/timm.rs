//! timm's networks as the model hub lays them: its names are found, its preprocessing and class names are those of its
//! `config.json`, and the logits are PyTorch's.

use deconvscope::engine::Engine;
use deconvscope::network::{Changes, Model, ModelSource, Size};

use crate::common::doubles;
use crate::reference::{engine, folder, in_double, logits_node, rounds_as, run, Expected};

each! { agrees_with_timm;
    convnext_tiny, efficientnet_b0, mobilenetv3_small_100, regnety_004, resnet18,
}

fn agrees_with_timm(name: &str) {
    let Some(folder) = folder(&format!("timm/{name}")) else {
        return;
    };
    let expected = Expected::read(&folder);
    let mut all_hold = true;
    for form in ["", "model.safetensors", "pytorch_model.bin"] {
        let source = ModelSource {
            name: folder.join(form).to_str().unwrap().into(),
            preprocessing: Changes {
                crop: Some(Size::square(224)),
                ..Changes::NONE
            },
            ..ModelSource::default()
        };
        let model = Model::load(&source).unwrap_or_else(|error| panic!("{error}"));
        let classes: Vec<&str> = model.classes.iter().map(|class| &*class.name).collect();
        assert_eq!((classes.len(), classes[6]), (7, "label 6"), "{name}");
        let last = logits_node(&model);
        let [ours, exact] = [engine(&model), Engine::in_double(&model).unwrap()]
            .map(|engine| doubles(&run(&engine, &expected.input(), &[last]).activations[&last]));
        let what = format!("timm/{name}: {form}, logits");
        let theirs = in_double(&expected.values("logits"));
        all_hold &= rounds_as(&what, &ours, &theirs, &exact, 0);
    }
    assert!(all_hold, "{name} differs from timm");
}
