//! What a run is going to be, and the manifest of what it became.

use std::collections::BTreeMap;

use base::digest::{sha256_of_file, sha256_of_texts};
use base::words::count;
use base::Result;
use dataset::{Dataset, PhotoFile};
use engine::device;
use experiments::summary::Outcome;
use experiments::{self, Setting};
use network::reach::Wall;
use network::{Anatomy, Model};
use records::{
    DatasetFacts, Execution, Manifest, ModelFacts, NotProjected, Plan, ProjectionKind, Rules,
    RunOptions, SCHEMA,
};
use vocabulary::Arrays;

use super::super::this_program;
use super::given::Given;
use super::machine::Machine;
use crate::cli::{MaskSource, ReportArgs};

pub(in crate::commands) fn plan(
    args: &ReportArgs,
    given: &Given,
    machine: &Machine,
) -> Result<Plan> {
    let layers: Vec<String> = given
        .stages
        .iter()
        .map(|stage| stage.name.clone())
        .collect();
    Ok(Plan {
        schema: SCHEMA,
        tool: this_program(),
        options: options(args, given, machine, &layers)?,
        device: machine.device.clone(),
        instructions: machine.instructions.clone(),
        libtorch: device::libtorch_version().into(),
        model: ModelFacts {
            not_projected: not_projected(args, &given.model.anatomy),
            extensions: given
                .model
                .anatomy
                .extensions(given.stages.iter().map(|stage| stage.node)),
            ..model(&given.model, layers)
        },
        preprocessing: given.model.preprocessing.clone(),
        dataset: dataset(&given.dataset),
    })
}

/// Every option in force.
fn options(
    args: &ReportArgs,
    given: &Given,
    machine: &Machine,
    layers: &[String],
) -> Result<RunOptions> {
    Ok(RunOptions {
        top: args.top,
        layers: layers.to_vec(),
        kinds: kinds(args),
        detail: args.detail.to_string(),
        arrays: args.arrays.to_string(),
        masks: match &args.masks {
            Some(MaskSource::Table(path)) => Some(sha256_of_file(path)?),
            Some(MaskSource::Worst) => Some("worst".into()),
            None => None,
        },
        apply_masks: args.apply_masks.clone(),
        keep_unmasked: args.keep_unmasked,
        fill: args.fill,
        label_level: args.data.label_level,
        split: args.data.split.clone(),
        limit: args.data.limit,
        seed: args.data.seed,
        batch: machine.room.batch(),
        memory: Some(args.network.memory),
        precision: machine.precision.to_string(),
        lang: args.pages.lang.to_string(),
        single_file: args.pages.single_file,
        single_file_limit: args.pages.single_file_limit,
        experiments: experiments::options(&given.experiments)?,
    })
}

/// What is projected of a layer, each kind once.
fn kinds(args: &ReportArgs) -> Vec<ProjectionKind> {
    let mut kinds = args.kinds.clone();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn model(model: &Model, stages: Vec<String>) -> ModelFacts {
    let file = model.weights_path.file_name();
    let classes = model.classes.iter().map(|class| class.name.as_str());
    ModelFacts {
        name: model.network().name.clone(),
        file: file.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        sha256: model.weights_sha256.clone(),
        source: model.source.clone(),
        classes: model.classes.len(),
        scores: model.network().scores,
        output: model.output.clone(),
        class_names: sha256_of_texts(classes),
        stages,
        not_projected: Vec::new(),
        extensions: Vec::new(),
    }
}

/// What is known of the photographs before they are read.
fn dataset(dataset: &Dataset) -> DatasetFacts {
    let labels = &dataset.labels;
    let label = |photo: &PhotoFile| photo.label.map(|label| labels.names[label].as_str());
    let photos = dataset.photos.iter();
    let listing = photos.flat_map(|photo| [photo.path.as_str(), label(photo).unwrap_or_default()]);
    DatasetFacts {
        root: String::new(),
        photos: 0,
        skipped: 0,
        other_files: dataset.other_files,
        detail: 0,
        labels: labels.names.clone(),
        label_source: labels.source.name().into(),
        label_classes: labels.classes.clone(),
        listing: sha256_of_texts(listing),
        digest: String::new(),
    }
}

/// What the experiments work with.
pub(in crate::commands) fn setting<'a>(
    args: &ReportArgs,
    given: &'a Given,
    machine: &'a Machine,
    plan: &'a Plan,
) -> Setting<'a> {
    Setting {
        dataset: &given.dataset,
        applied: &given.applied,
        masks: &given.masks,
        preprocessing: &given.model.preprocessing,
        anatomy: &given.model.anatomy,
        stages: &given.stages,
        kinds: &plan.options.kinds,
        fill: args.fill,
        seed: args.data.seed,
        room: &machine.room,
        arrays: args.arrays == Arrays::All,
        threads: machine.threads,
    }
}

/// What is going to be done, in a line.
pub(in crate::commands) fn in_short(given: &Given, device: &str) -> String {
    format!(
        "{}, {} on {device}, {}",
        count(given.dataset.photos.len(), "photograph"),
        given.model.network().name,
        count(given.stages.len(), "layer")
    )
}

/// The layers that a report would show by itself and cannot.
fn not_projected(args: &ReportArgs, anatomy: &Anatomy) -> Vec<NotProjected> {
    if args.layers.is_some() {
        return Vec::new();
    }
    let nodes = &anatomy.network().nodes;
    let told = |wall: Wall| NotProjected {
        layers: wall.stages,
        node: nodes[wall.node].name.clone(),
        op: nodes[wall.node].op.describe(),
    };
    anatomy.walls().into_iter().map(told).collect()
}

pub(super) fn manifest(
    args: &ReportArgs,
    plan: Plan,
    outcome: Outcome,
    notes: Vec<String>,
) -> Manifest {
    Manifest {
        schema: plan.schema,
        tool: plan.tool,
        execution: Execution {
            instructions: plan.instructions,
            ..Execution::default()
        },
        device: plan.device,
        libtorch: plan.libtorch,
        precision: outcome.precision,
        model: plan.model,
        dataset: DatasetFacts {
            root: args.data.dataset.display().to_string(),
            photos: outcome.photos,
            skipped: outcome.skipped.len(),
            detail: outcome.detail,
            digest: outcome.digest,
            ..plan.dataset
        },
        preprocessing: plan.preprocessing,
        options: plan.options,
        rules: Rules::deconvnet(),
        skipped: outcome.skipped,
        notes,
        files: BTreeMap::new(),
        seal: String::new(),
    }
}
