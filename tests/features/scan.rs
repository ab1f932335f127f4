//! The strongest units of every map against a search through all activations of all photographs, and their projections
//! against those of whole images, on the folders of `DECONVSCOPE_PHOTOS`.

use std::path::{Path, PathBuf};

use deconvscope::dataset::{self, Dataset, DatasetOptions, Masks};
use deconvscope::engine::patches::Place;
use deconvscope::engine::seeds::Unit;
use deconvscope::engine::{device, to_values, Engine, Recording, ReluRule};
use deconvscope::experiments::features::{Features, LayerTally};
use deconvscope::experiments::Setting;
use deconvscope::network::receptive_field::Field;
use deconvscope::network::shape::Shape;
use deconvscope::network::{receptive_field, Model, Stage};
use tch::Device;

use crate::{installed, Counted};

const TOP: usize = 9;

/// Photograph, row, column and value, the strongest first.
type Strongest = Vec<(usize, usize, usize, f32)>;

struct Case {
    model: Model,
    engine: Engine,
    dataset: Dataset,
    stages: Vec<Stage>,
    shapes: Vec<Shape>,
    fields: Vec<Field>,
    none: Masks,
}

impl Case {
    fn new(model: Model, folder: &Path, limit: Option<usize>) -> Self {
        device::one_thread_here();
        let engine = Engine::new(&model, Device::Cpu).unwrap();
        let options = DatasetOptions {
            limit,
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open(folder, &options, &model.classes).unwrap();
        let stages = model.network.select_stages(None).unwrap();
        let fields = receptive_field::fields(&model.network).unwrap();
        Self {
            shapes: stages.iter().map(|s| engine.shape(s.node)).collect(),
            fields: stages.iter().map(|s| fields[s.node]).collect(),
            model,
            engine,
            dataset,
            stages,
            none: Masks::default(),
        }
    }

    fn scan(&self, per_image: usize, threads: usize) -> Vec<LayerTally> {
        let setting = Setting {
            dataset: &self.dataset,
            applied: &self.none,
            masks: &self.none,
            parts: &self.none,
            preprocessing: &self.model.preprocessing,
            stages: &self.stages,
            shapes: &self.shapes,
            fields: &self.fields,
            kinds: &[],
            fill: [128; 3],
            seed: 0,
            batch: 1,
            arrays: false,
            threads,
        };
        let features = Features {
            setting: &setting,
            top: TOP,
            per_image,
        };
        let watch = Counted::default();
        let found = features.scan(&self.engine, &watch).unwrap().unwrap();
        assert_eq!(watch.0.into_inner(), self.dataset.photos.len());
        found
    }

    fn input(&self, photo: usize) -> Vec<f32> {
        let path = self.dataset.absolute(&self.dataset.photos[photo]);
        let read = dataset::read(&path).unwrap();
        dataset::input(&read.pixels, &self.model.preprocessing).unwrap()
    }

    /// By stage and map, from every activation of every photograph.
    fn search(&self, per_image: usize) -> Vec<Vec<Strongest>> {
        let empty = |shape: &Shape| vec![Strongest::new(); shape.channels];
        let mut all: Vec<Vec<Strongest>> = self.shapes.iter().map(empty).collect();
        let nodes: Vec<usize> = self.stages.iter().map(|stage| stage.node).collect();
        for photo in 0..self.dataset.photos.len() {
            let recording = Recording {
                activations: nodes.clone(),
                ..Recording::default()
            };
            let batch = self.engine.batch(&[&self.input(photo)]).unwrap();
            let trace = self.engine.forward(&batch, &recording).unwrap();
            for ((node, shape), maps) in nodes.iter().zip(&self.shapes).zip(&mut all) {
                let values = to_values(&trace.activations[node]).unwrap();
                let cells = shape.height * shape.width;
                for (map, values) in maps.iter_mut().zip(values.chunks_exact(cells)) {
                    let mut units: Strongest = values
                        .iter()
                        .enumerate()
                        .filter(|(_, value)| **value > 0.0)
                        .map(|(at, &value)| (photo, at / shape.width, at % shape.width, value))
                        .collect();
                    // A stable sort: of equals the first stays first.
                    units.sort_by(|a, b| b.3.total_cmp(&a.3));
                    units.truncate(per_image);
                    map.extend(units);
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
        let input = self.model.network.input;
        let mut at_borders = 0;
        for (stage, tally) in self.stages.iter().zip(tallies) {
            let projector = self.engine.unit_projector(stage.node).unwrap();
            let found = tally.maps.iter().flat_map(|map| &map.strongest);
            for found in found.step_by(every) {
                let recording = Recording {
                    activations: vec![stage.node],
                    rule: Some(ReluRule::Deconvnet),
                    until: Some(stage.node),
                };
                let batch = self.engine.batch(&[&self.input(found.photo)]).unwrap();
                let trace = self.engine.forward(&batch, &recording).unwrap();
                let seed = self.engine.unit_seed(&trace, 0, stage.node, &found.unit);
                let seeds = [seed.unwrap()];
                let whole = self.engine.project(&trace, &seeds, ReluRule::Deconvnet);
                let whole = to_values(&whole.unwrap()).unwrap();
                let place = Place {
                    image: 0,
                    unit: found.unit,
                };
                let patch = projector.project(Some(&trace), &[place]).unwrap().remove(0);
                let (mut square, mut apart) = (0.0, 0.0);
                for (at, value) in whole.iter().enumerate() {
                    let (plane, row) = (at / (input.height * input.width), at / input.width);
                    let (y, x) = (row % input.height, at % input.width);
                    let seen = (patch.y..patch.y + patch.height).contains(&y)
                        && (patch.x..patch.x + patch.width).contains(&x);
                    let found = match seen {
                        true => {
                            let row = plane * patch.height + y - patch.y;
                            patch.values[row * patch.width + x - patch.x]
                        }
                        false => 0.0,
                    };
                    square += f64::from(*value).powi(2);
                    apart += f64::from(found - value).powi(2);
                }
                let error = (apart / square).sqrt();
                assert!(
                    square > 0.0 && error <= 1e-5,
                    "{} {found:?}: {error:e}",
                    stage.name
                );
                let Unit { y, x, .. } = found.unit;
                let last = self.engine.shape(stage.node);
                let ends = y == 0 || x == 0 || y + 1 == last.height || x + 1 == last.width;
                at_borders += usize::from(ends);
            }
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
    let map = |map: &deconvscope::experiments::features::MapTally| -> Strongest {
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
    let tallies = case.scan(1, 2);
    assert_eq!(found(&tallies), case.search(1), "{network}");
    for tally in &tallies {
        assert_eq!(tally.photos, case.dataset.photos.len());
    }
    let at_borders = case.projections_agree(&tallies, every);
    assert!(at_borders > 0, "{network}: no unit at a border");
}

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

/// Several of one photograph; and neither workers nor what is done first make a difference.
#[test]
fn several_units_may_come_from_one_photograph() {
    let (Some(folder), Some(model)) = (photographs("dogs-vs-cats"), installed("squeezenet1_1"))
    else {
        return;
    };
    let case = Case::new(model, &folder, Some(12));
    let tallies = case.scan(4, 2);
    assert_eq!(found(&tallies), case.search(4));
    let alone = case.scan(4, 1);
    for (one, two) in alone.iter().zip(&tallies) {
        for (one, two) in one.maps.iter().zip(&two.maps) {
            assert_eq!(one.strongest, two.strongest);
            assert_eq!(one.moments(12), two.moments(12));
        }
    }
}
