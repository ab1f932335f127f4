use super::*;

const COLOUR: Shape = Shape {
    channels: 3,
    height: 224,
    width: 224,
};

fn of(preset: Preset, changes: &Changes, input: [usize; 3]) -> Result<Preprocessing, String> {
    Preprocessing::of(preset, changes, Shape::of(input))
}

#[test]
fn changes_stand_over_the_preset_and_sizes_follow_the_crop() {
    let plain = Preprocessing::of(Preset::Torchvision, &Changes::NONE, COLOUR).unwrap();
    assert_eq!(plain, Preprocessing::torchvision());
    let inception = of(Preset::Tf, &Changes::NONE, [3, 299, 299]).unwrap();
    assert_eq!(
        (inception.resize, inception.crop),
        (Resize::Shorter(342), Size::square(299))
    );
    let halves = PerChannel::Colour([0.5; 3]);
    assert_eq!((inception.mean, inception.std), (halves, halves));
    let told = Changes {
        crop: Some(Size::square(227)),
        mean: Some(PerChannel::Colour([1.0, 2.0, 3.0])),
        ..Changes::default()
    };
    let caffe = Preprocessing::of(Preset::Caffe, &told, COLOUR).unwrap();
    assert_eq!(caffe.resize, Resize::Shorter(256));
    assert_eq!(caffe.crop, Size::square(227));
    assert_eq!(caffe.channels, Channels::Bgr);
    assert_eq!(
        (caffe.scale, caffe.mean),
        (255.0, PerChannel::Colour([1.0, 2.0, 3.0]))
    );
    let flags = Changes {
        crop: Some(Size::square(200)),
        scale: Some(2.0),
        ..Changes::default()
    };
    let both = flags.or(told);
    assert_eq!((both.crop, both.mean), (flags.crop, told.mean));
    assert!(!both.tell_all());
}

/// timm: `math.floor(img_size / crop_pct)`; torchvision's `ImageClassification` presets of its two kinds of weights.
#[test]
fn families_resize_as_they_do() {
    let resize =
        |preset, changes: Changes, side| of(preset, &changes, [3, side, side]).unwrap().resize;
    let share = |share: f64| Changes {
        crop_pct: Some(share),
        ..Changes::NONE
    };
    for (preset, changes, side, expected) in [
        (Preset::Torchvision, Changes::NONE, 224, 256),
        (Preset::TorchvisionV2, Changes::NONE, 224, 232),
        (Preset::Timm, Changes::NONE, 224, 256),
        (Preset::Timm, share(0.95), 224, 235),
        (Preset::Timm, share(0.8), 224, 280),
        (Preset::Timm, share(1.0), 384, 384),
    ] {
        assert_eq!(resize(preset, changes, side), Resize::Shorter(expected));
    }
    assert_eq!(resize(Preset::Keras, Changes::NONE, 64), Resize::Squash);
    assert!(of(Preset::Timm, &share(1.5), [3, 224, 224]).is_err());
    let wide = of(Preset::Timm, &Changes::NONE, [3, 224, 448]).unwrap();
    let covered = Size {
        height: 256,
        width: 512,
    };
    assert_eq!(wide.resize, Resize::Cover(covered));
}

#[test]
fn a_told_size_stands_over_a_share_and_the_other_way_round() {
    let share = Changes {
        crop_pct: Some(0.9),
        ..Changes::NONE
    };
    let size = Changes {
        resize: Some(Resize::Shorter(300)),
        ..Changes::NONE
    };
    assert_eq!(share.or(size), share);
    assert_eq!(size.or(share), size);
}

#[test]
fn one_channel_is_grey() {
    let grey = of(Preset::Torchvision, &Changes::NONE, [1, 28, 28]).unwrap();
    assert_eq!(
        (grey.channels, grey.resize),
        (Channels::Grey, Resize::Shorter(28))
    );
    assert_eq!(
        (grey.mean, grey.std),
        (PerChannel::Grey([0.0]), PerChannel::Grey([1.0]))
    );
    let told = Changes {
        mean: Some(PerChannel::Grey([0.13])),
        ..Changes::NONE
    };
    let tf = of(Preset::Tf, &told, [1, 28, 28]).unwrap();
    assert_eq!(
        (tf.mean, tf.std),
        (PerChannel::Grey([0.13]), PerChannel::Grey([0.5]))
    );
    let three = Changes {
        std: Some(PerChannel::Colour([1.0; 3])),
        ..Changes::NONE
    };
    assert!(of(Preset::Torchvision, &three, [1, 28, 28]).is_err());
    let spread = of(Preset::Torchvision, &told, [3, 64, 96]).unwrap();
    assert_eq!(spread.mean, PerChannel::Colour([0.13; 3]));
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |preset, changes: Changes| Preprocessing::of(preset, &changes, COLOUR).is_err();
    let small = Changes {
        resize: Some(Resize::Shorter(100)),
        ..Changes::default()
    };
    assert!(refused(Preset::Caffe, small));
    assert!(refused(Preset::Torchvision, small));
    // torchvision pads where not all photographs would be.
    let wide = |preset| {
        let told = Changes {
            resize: Some(Resize::Shorter(64)),
            ..Changes::NONE
        };
        of(preset, &told, [3, 64, 96])
    };
    assert!(wide(Preset::Torchvision).is_ok_and(|told| told.may_pad()));
    assert!(wide(Preset::Caffe).is_err());
    for changes in [
        Changes {
            crop: Some(Size::square(0)),
            ..Changes::default()
        },
        Changes {
            resize: Some(Resize::Shorter(u32::MAX)),
            ..Changes::default()
        },
        Changes {
            std: Some(PerChannel::Colour([1.0, 0.0, 1.0])),
            ..Changes::default()
        },
        Changes {
            mean: Some(PerChannel::Grey([f32::NAN])),
            ..Changes::default()
        },
    ] {
        assert!(refused(Preset::Caffe, changes), "{changes:?}");
        assert!(refused(Preset::Torchvision, changes), "{changes:?}");
    }
}

#[test]
fn descriptions_spell_as_the_command_line_does() {
    let text = "resize = \"squash\"\ncrop = \"64x96\"\nrounding = \"down\"\ninterpolation = \"nearest\"\nchannels = \"L\"\nmean = [0.5]\n";
    let told: Changes = toml::from_str(text).unwrap();
    assert_eq!(toml::to_string(&told).unwrap(), text);
    let sides: Changes = toml::from_str("resize = 256\ncrop = 224").unwrap();
    assert_eq!(sides.crop, Some(Size::square(224)));
    assert_eq!(
        toml::to_string(&sides).unwrap(),
        "resize = 256\ncrop = 224\n"
    );
    for wrong in [
        "crop = -1",
        "crop = \"x\"",
        "mean = [1.0, 2.0]",
        "channels = \"HSV\"",
        "resize = 0",
    ] {
        assert!(toml::from_str::<Changes>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_manifest_tells_mode_and_size() {
    let told = serde_json::to_value(Preprocessing::torchvision()).unwrap();
    assert_eq!(told["mode"], "shorter");
    assert_eq!(told["resize"], 256);
    assert_eq!(
        told["crop"],
        serde_json::json!({"height": 224, "width": 224})
    );
    assert_eq!(told["rounding"], "half-even");
    let squashed = of(Preset::KerasTf, &Changes::NONE, [1, 32, 48]).unwrap();
    let told = serde_json::to_value(&squashed).unwrap();
    assert_eq!(
        (&told["mode"], told.get("resize")),
        (&"squash".into(), None)
    );
    assert_eq!(told["mean"], serde_json::json!([0.5]));
    let back: Preprocessing = serde_json::from_value(told).unwrap();
    assert_eq!(back, squashed);
}
