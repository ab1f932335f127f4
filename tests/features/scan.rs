//! The strongest units of every map against a search through all activations of all photographs, and their projections
//! against those of whole images: on made pictures, and on the folders of `DECONVSCOPE_PHOTOS`.

use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::sync::Mutex;

use deconvscope::engine::patches::Place;
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{to_values, Engine, Recording, ReluRule, Seed};
use deconvscope::experiments::features::{Found, LayerTally, MapTally, Maps};
use deconvscope::network::{Model, ModelSource};
use tch::Kind;

use crate::case::{Case, TOP};
use crate::common::doubles;
use crate::common::rounding::Rounding;
use crate::installed;
use crate::support::files::{assert_same, files};
use crate::support::photos::{cats_and_dogs, many_cats_and_dogs, photo};
use crate::support::repository;

/// Photograph, row, column and value, the strongest first.
type Strongest = Vec<(usize, usize, usize, f32)>;

impl Case {
    /// By stage and map, from every activation of every photograph.
    fn search(&self, per_image: usize, batch: usize) -> Vec<Vec<Strongest>> {
        let nodes: Vec<usize> = self.stages.iter().map(|stage| stage.node).collect();
        let empty = |&node: &usize| vec![Strongest::new(); self.engine.shape(node).channels];
        let mut all: Vec<Vec<Strongest>> = nodes.iter().map(empty).collect();
        let numbers: Vec<usize> = (0..self.photos.len()).collect();
        for photos in numbers.chunks(batch) {
            let recording = Recording {
                activations: nodes.clone(),
                ..Recording::default()
            };
            let inputs: Vec<Vec<f32>> = photos.iter().map(|&photo| self.input(photo)).collect();
            let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
            let trace = self.engine.batch(&inputs).unwrap();
            let trace = self.engine.forward(&trace, &recording).unwrap();
            for (&node, maps) in nodes.iter().zip(&mut all) {
                let shape = self.engine.shape(node);
                let values = to_values(&trace.activations[&node]).unwrap();
                let cells = shape.height * shape.width;
                for (at, values) in values.chunks_exact(cells).enumerate() {
                    let photo = photos[at / maps.len()];
                    let mut units: Strongest = values
                        .iter()
                        .enumerate()
                        .filter(|(_, value)| **value > 0.0)
                        .map(|(at, &value)| (photo, at / shape.width, at % shape.width, value))
                        .collect();
                    // A stable sort: of equals the first stays first.
                    units.sort_by(|a, b| b.3.total_cmp(&a.3));
                    units.truncate(per_image);
                    let map = at % maps.len();
                    maps[map].extend(units);
                }
            }
        }
        for map in all.iter_mut().flatten() {
            map.sort_by(|a, b| b.3.total_cmp(&a.3));
            map.truncate(TOP);
        }
        all
    }

    /// Some of the units found, projected on their fields, against whole images.
    fn projections_agree(&self, tallies: &[LayerTally], every: usize) -> usize {
        let input = self.model.network().input;
        let mut at_borders = 0;
        let nodes: Vec<usize> = self.stages.iter().map(|stage| stage.node).collect();
        let projectors = self.engine.unit_projectors(&nodes).unwrap();
        let exact = Engine::in_double(&self.model).unwrap();
        for ((stage, tally), projector) in self.stages.iter().zip(tallies).zip(&projectors) {
            let found = tally.maps.iter().flat_map(|map| &map.strongest);
            let mut all = Vec::new();
            for found in found.step_by(every) {
                let input_of = self.input(found.photo);
                let recording = Recording {
                    rule: Some(ReluRule::Deconvnet),
                    ..Recording::default()
                };
                let batch = self.engine.batch(&[&input_of]).unwrap();
                let trace = self.engine.forward(&batch, &recording).unwrap();
                let in_double = trace.in_kind(Kind::Double).unwrap();
                let [whole, exact] =
                    [(&self.engine, &trace), (&exact, &in_double)].map(|(engine, trace)| {
                        let seed = Seed::unit(0, stage.node, &found.unit);
                        let whole = engine.project(trace, &[seed], ReluRule::Deconvnet);
                        doubles(&whole.unwrap())
                    });
                let place = Place {
                    image: 0,
                    unit: found.unit,
                };
                let trace = self.engine.trace_for([projector].into_iter(), &[&input_of]);
                let patches = projector.project(trace.unwrap().as_ref(), &[place]);
                let laid = patches.unwrap()[0].in_input(input);
                let laid: Vec<f64> = laid.into_iter().map(f64::from).collect();
                let rounding = Rounding::of(&laid, &whole, &exact);
                assert!(rounding.scale > 0.0, "{} {found:?}", stage.name);
                all.push(rounding);
                let Unit { y, x, .. } = found.unit;
                let last = self.engine.shape(stage.node);
                let ends = y == 0 || x == 0 || y + 1 == last.height || x + 1 == last.width;
                at_borders += usize::from(ends);
            }
            let worst = Rounding::worst(all);
            println!("{} {}: {worst}", self.model.network().name, stage.name);
            assert!(worst.part() <= 1.0, "{}: {worst}", stage.name);
        }
        at_borders
    }
}

fn photographs(folder: &str) -> Option<PathBuf> {
    match std::env::var_os("DECONVSCOPE_PHOTOS") {
        Some(photos) => Some(Path::new(&photos).join(folder)),
        None => {
            eprintln!("skipped: DECONVSCOPE_PHOTOS is not set");
            None
        }
    }
}

fn found(tallies: &[LayerTally]) -> Vec<Vec<Strongest>> {
    let map = |map: &MapTally| -> Strongest {
        let units = map.strongest.iter();
        units
            .map(|found| {
                (
                    found.photo,
                    found.unit.y,
                    found.unit.x,
                    found.unit.activation,
                )
            })
            .collect()
    };
    let layers = tallies.iter();
    layers
        .map(|tally| tally.maps.iter().map(map).collect())
        .collect()
}

fn agrees(network: &str, folder: &str, every: usize) {
    let (Some(folder), Some(model)) = (photographs(folder), installed(network)) else {
        return;
    };
    let case = Case::new(model, &folder, None);
    let tallies = case.scan(1, (1, 2));
    assert_eq!(found(&tallies), case.search(1, 1), "{network}");
    for tally in &tallies {
        assert_eq!(tally.photos, case.dataset.photos.len());
    }
    let at_borders = case.projections_agree(&tallies, every);
    assert!(at_borders > 0, "{network}: no unit at a border");
}

/// Some of them twice, so that units tie; several at a time or one, with one worker or more.
#[test]
fn squeezenet_on_made_pictures() {
    let folder = tempfile::tempdir().unwrap();
    cats_and_dogs(folder.path());
    for (from, to) in [("cats/1.png", "dogs/0.png"), ("dogs/2.jpg", "cats/9.jpg")] {
        std::fs::copy(folder.path().join(from), folder.path().join(to)).unwrap();
    }
    let Some(model) = installed("squeezenet1_1") else {
        return;
    };
    let case = Case::new(model, folder.path(), None);
    for (per_image, workers) in [(1, (1, 2)), (3, (1, 1)), (1, (3, 1)), (3, (3, 2))] {
        let tallies = case.scan(per_image, workers);
        let expected = case.search(per_image, workers.0);
        assert_eq!(found(&tallies), expected, "{per_image} {workers:?}");
        let units = expected.iter().flatten();
        let tied = units.filter(|units| units.windows(2).any(|pair| pair[0].3 == pair[1].3));
        assert!(tied.count() > 1000);
        assert!(case.projections_agree(&tallies, 997) > 0);
    }
}

#[test]
fn a_scan_that_was_kept_is_gone_on_with_to_the_same_tallies() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(folder.path(), 600);
    let weights = repository().join("tests/fixtures/checkpoints/tiny.pth");
    let tiny = ModelSource {
        name: "tiny".into(),
        weights: Some(weights),
        ..ModelSource::default()
    };
    let case = Case::new(Model::load(&tiny).unwrap(), folder.path(), None);
    let kept = Mutex::new(Vec::new());
    let keep = |found: &Found| {
        let text = serde_json::to_string(found).unwrap();
        kept.lock().unwrap().push((found.photos().len(), text));
        Ok(())
    };
    let whole = case.scan_on(1, (1, 2), None, Box::new(keep));
    let whole = serde_json::to_string(&whole).unwrap();
    let kept = kept.into_inner().unwrap();
    // Before it is known what keeping costs, it is kept as soon as may be.
    assert!((256..300).contains(&kept[0].0), "{}", kept[0].0);
    assert_eq!(kept.last().unwrap().0, 600);
    for (photos, text) in kept {
        let found: Found = serde_json::from_str(&text).unwrap();
        let again = Mutex::new(Vec::new());
        let count = |found: &Found| {
            again.lock().unwrap().push(found.photos().len());
            Ok(())
        };
        let rest = case.scan_on(1, (1, 1), Some(found), Box::new(count));
        assert!(serde_json::to_string(&rest).unwrap() == whole, "{photos}");
        let again = again.into_inner().unwrap();
        assert!(
            again.iter().all(|seen| *seen > photos),
            "{photos} {again:?}"
        );
    }
}

/// Five photographs in `folder`, and what SqueezeNet's maps find in them.
fn cats_and_dogs_scanned(folder: &Path) -> Option<(Case, Vec<LayerTally>)> {
    cats_and_dogs(folder);
    let case = Case::new(installed("squeezenet1_1")?, folder, None);
    let tallies = case.scan(1, (1, 2));
    Some((case, tallies))
}

#[test]
fn a_photograph_that_has_changed_ends_the_second_pass() {
    let folder = tempfile::tempdir().unwrap();
    let Some((case, tallies)) = cats_and_dogs_scanned(folder.path()) else {
        return;
    };
    let path = folder.path().join("cats/1.png");
    for (change, hint) in [("another picture", "--overwrite"), ("no file", "--resume")] {
        match change {
            "no file" => std::fs::remove_file(&path).unwrap(),
            _ => photo(&path, (300, 260), 77),
        }
        let room = case.room(1);
        let setting = case.setting(&room, 2);
        let drawn = case.sheets(
            (&setting, from_ref(&case.engine)),
            &tallies,
            &Maps::All,
            tempfile::tempdir().unwrap().path(),
        );
        let told = drawn.unwrap_err().to_string();
        assert!(told.contains("cats/1.png") && told.contains(hint), "{told}");
    }
}

/// Of a photograph that is done nothing is read again.
#[test]
fn a_second_pass_goes_on_with_what_was_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let Some(model) = installed("squeezenet1_1") else {
        return;
    };
    // Some of them are read before the first one is done.
    many_cats_and_dogs(folder.path(), 40);
    let case = Case::new(model, folder.path(), None);
    let tallies = case.scan(1, (1, 2));
    let room = case.room(1);
    let setting = case.setting(&room, 1);
    let sheets = |root: &Path| {
        let engines = from_ref(&case.engine);
        case.sheets((&setting, engines), &tallies, &Maps::Drawn(2), root)
    };
    let [whole, root] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let spreads = sheets(whole.path()).unwrap();
    let path = |photo: usize| case.dataset.absolute(&case.dataset.photos[photo]);
    let (first, last) = (path(0), path(case.photos.len() - 1));
    let aside = folder.path().with_extension("aside");
    std::fs::rename(&last, &aside).unwrap();
    sheets(root.path()).unwrap_err();
    std::fs::rename(&aside, &last).unwrap();
    std::fs::remove_file(&first).unwrap();
    assert_eq!(sheets(root.path()).unwrap(), spreads);
    let drawn = |root: &Path| {
        let mut files = files(root);
        files.retain(|name, _| !name.starts_with("records"));
        files
    };
    assert_same(&drawn(root.path()), &drawn(whole.path()), "gone on with");
}

/// One for each of several devices.
#[test]
fn several_engines_draw_what_one_draws() {
    let folder = tempfile::tempdir().unwrap();
    let Some((case, tallies)) = cats_and_dogs_scanned(folder.path()) else {
        return;
    };
    let drawn = |engines: usize| {
        let root = tempfile::tempdir().unwrap();
        let room = case.room(1);
        let setting = case.setting(&room, 2);
        let engines = vec![case.engine.clone(); engines];
        case.sheets((&setting, &engines), &tallies, &Maps::Drawn(3), root.path())
            .unwrap();
        files(root.path())
    };
    let (one, three) = (drawn(1), drawn(3));
    assert!(one.len() > 15, "{} files", one.len());
    assert_same(&three, &one, "three engines");
}

/// Several of one photograph; and neither workers nor what is done first make a difference.
#[test]
fn several_units_may_come_from_one_photograph() {
    let (Some(folder), Some(model)) = (photographs("dogs-vs-cats"), installed("squeezenet1_1"))
    else {
        return;
    };
    let case = Case::new(model, &folder, Some(12));
    let tallies = case.scan(4, (1, 2));
    assert_eq!(found(&tallies), case.search(4, 1));
    let alone = case.scan(4, (1, 1));
    for (one, two) in alone.iter().zip(&tallies) {
        for (one, two) in one.maps.iter().zip(&two.maps) {
            assert_eq!(one.strongest, two.strongest);
            assert_eq!(one.moments(12), two.moments(12));
        }
    }
}

/// Hundreds of real photographs.
mod proofs {
    use super::agrees;

    #[test]
    fn squeezenet_on_250_photographs_of_imagenet() {
        agrees("squeezenet1_1", "imagenet-sample", 701);
    }

    #[test]
    fn squeezenet_on_dogs_and_cats() {
        agrees("squeezenet1_1", "dogs-vs-cats", 701);
    }

    #[test]
    fn alexnet_on_250_photographs_of_imagenet() {
        agrees("alexnet", "imagenet-sample", 307);
    }

    #[test]
    fn alexnet_on_dogs_and_cats() {
        agrees("alexnet", "dogs-vs-cats", 307);
    }
}
