//! Passes by the memory that they may take, and where the device has less.

use std::sync::atomic::Ordering;

use deconvscope::engine::Needs;
use deconvscope::experiments::Room;
use deconvscope::network::{zoo, Anatomy};

use crate::alone;
use crate::case::{observed, Case, Counting};

#[test]
fn passes_follow_from_shapes_and_memory_alone() {
    let _alone = alone();
    let room = |name: &str, memory: usize, most: usize| {
        let anatomy = Anatomy::of(zoo::find(name).unwrap().network()).unwrap();
        let stages = anatomy.select_stages(None).unwrap();
        let nodes: Vec<usize> = stages.iter().map(|stage| stage.node).collect();
        let needs = Needs::of(&anatomy, &nodes);
        let share = Room::of(&anatomy, &stages, memory, most).share();
        assert!(share.batch == 1 || share.batch * needs.forward <= memory / 2);
        assert!(share.signals == 1 || share.signals * needs.projection <= memory / 2);
        (share.batch, share.signals)
    };
    // As docs/gpu.md tells them.
    let told = [
        ("squeezenet1_1", (145, 189)),
        ("alexnet", (256, 805)),
        ("resnet18", (193, 191)),
        ("vgg16", (37, 47)),
    ];
    for (name, expected) in told {
        assert_eq!(room(name, 4_000_000_000, 256), expected, "{name}");
        // By default a processor's passes are what they were: one input, all of its ten projections.
        let (batch, signals) = room(name, 4_000_000_000, 1);
        assert!(batch == 1 && signals >= 10, "{name}: {signals}");
        let (batch, signals) = room(name, 4_000_000_000, 256);
        let (half, fewer) = room(name, 2_000_000_000, 256);
        assert!(half <= batch && fewer <= signals && fewer >= signals / 2 - 1);
        assert_eq!(room(name, 1, 256), (1, 1), "{name}");
    }
}

#[test]
fn where_the_device_has_less_passes_are_halved_and_the_run_goes_on() {
    let _alone = alone();
    let case = Case::new(20);
    let room = || Room::of(&case.model.anatomy, &case.stages, 4_000_000_000, 16);
    let (whole, small) = (room(), room());
    let [whole_sight, sight] = [(); 2].map(|()| Counting::default());
    let setting = case.setting(&whole, &case.stages);
    let group = case.prepared(&setting, 20);
    let (expected, halvings) = observed(&setting, &case.engine, &whole_sight, &group);
    assert_eq!((halvings, whole.note()), (0, None));

    // 16 inputs become 8, 4, 2: their 16 signals have room.
    let engine = case.engine.with_memory_for(3, 16);
    let setting = case.setting(&small, &case.stages);
    let (found, _) = observed(&setting, &engine, &sight, &group);
    let (found, expected) = (found.unwrap(), expected.unwrap());
    assert_eq!(small.share().batch, 2);
    let note = small.note().unwrap();
    assert!(
        note.contains("16 inputs") && note.contains("to 2 and"),
        "{note}"
    );
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        let pairs = found.probabilities.iter().zip(&expected.probabilities);
        assert!(pairs.map(|(a, b)| (a - b).abs()).all(|off| off < 1e-5));
        assert_eq!(found.projections.len(), expected.projections.len());
        let layers = |of: &deconvscope::experiments::observe::Observation| -> Vec<_> {
            let made = of.projections.iter();
            made.map(|it| (it.kind, it.layer.clone())).collect()
        };
        assert_eq!(layers(found), layers(expected));
    }
    // Each photograph once, though passes were made again.
    assert_eq!(found.len(), 20);
    assert_eq!(sight.0.load(Ordering::Relaxed), 20);
    assert_eq!(whole_sight.0.load(Ordering::Relaxed), 20);
}

#[test]
fn signals_are_halved_down_to_one_and_below_that_is_an_error() {
    let _alone = alone();
    let case = Case::new(1);
    let room = || Room::of(&case.model.anatomy, &case.stages, 100_000, 1);
    let started = room();
    let setting = case.setting(&started, &case.stages);
    let group = case.prepared(&setting, 1);
    let sight = Counting::default();
    let (found, _) = observed(&setting, &case.engine.with_memory_for(1, 1), &sight, &group);
    assert!(found.unwrap()[0][0].projections.len() > 4);
    assert_eq!(started.share().signals, 1);

    for engine in [
        case.engine.with_memory_for(0, 1),
        case.engine.with_memory_for(1, 0),
    ] {
        let room = room();
        let setting = case.setting(&room, &case.stages);
        let (found, _) = observed(&setting, &engine, &sight, &group);
        let error = found.unwrap_err().to_string();
        for part in ["showing one input", "1 MB", "out of memory", "--device cpu"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
