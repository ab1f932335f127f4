//! What a run is going to be, and the manifest of what it became.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tch::Device;

use crate::cli::{Looked, MaskSource, ReportArgs};
use crate::dataset::{Dataset, PhotoFile};
use crate::digest::{sha256_hex, sha256_of_texts};
use crate::engine::device;
use crate::error::{Error, Result};
use crate::experiments::summary;
use crate::network::{reach, Model, Network, Stage};
use crate::records::{
    DatasetFacts, Execution, Manifest, ModelFacts, NotProjected, Plan, Rules, RunOptions, Tool,
    SCHEMA,
};

use super::experiments::Experiments;

pub(super) fn plan(
    args: &ReportArgs,
    model: &Model,
    stages: &[Stage],
    dataset: &Dataset,
    experiments: &Experiments,
    (device, instructions): (Device, String),
) -> Result<Plan> {
    let sha256 = |table: &Option<PathBuf>| -> Result<Option<String>> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(Error::io("cannot read", path));
        Ok(table
            .as_ref()
            .map(read)
            .transpose()?
            .map(|bytes| sha256_hex(&bytes)))
    };
    let occlusion = experiments.occlusion.as_ref().map(|asked| &asked.options);
    let looked = args.features != Looked::None;
    let mut kinds = args.kinds.clone();
    kinds.sort();
    kinds.dedup();
    let layers: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    let label = |photo: &PhotoFile| {
        photo
            .label
            .map(|label| dataset.labels.names[label].as_str())
    };
    let listing = dataset
        .photos
        .iter()
        .flat_map(|photo| [photo.path.as_str(), label(photo).unwrap_or_default()]);
    Ok(Plan {
        schema: SCHEMA,
        tool: Tool::this(),
        device: device::name(device),
        instructions,
        libtorch: device::libtorch_version().into(),
        model: ModelFacts {
            name: model.network.name.clone(),
            file: model
                .weights_path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            sha256: model.weights_sha256.clone(),
            source: model.source.clone(),
            classes: model.classes.len(),
            class_names: sha256_of_texts(model.classes.iter().map(|class| class.name.as_str())),
            stages: layers.clone(),
            not_projected: not_projected(args, &model.network),
        },
        preprocessing: model.preprocessing.clone(),
        options: RunOptions {
            top: args.top,
            layers,
            kinds,
            detail: args.detail.to_string(),
            arrays: args.arrays.to_string(),
            masks: match &args.masks {
                Some(MaskSource::Table(path)) => sha256(&Some(path.clone()))?,
                Some(MaskSource::Worst) => Some("worst".into()),
                None => None,
            },
            apply_masks: args.apply_masks.clone(),
            keep_unmasked: args.keep_unmasked,
            fill: args.fill,
            limit: args.data.limit,
            seed: args.data.seed,
            batch: args.network.batch.unwrap_or(match device {
                Device::Cpu => 1,
                _ => 32,
            }),
            lang: args.pages.lang.to_string(),
            single_file: args.pages.single_file,
            parts: sha256(&args.parts)?,
            correspondence_layers: experiments
                .layers
                .iter()
                .map(|layer| layer.name.clone())
                .collect(),
            random_places: args.parts.as_ref().map(|_| args.random_places),
            invariance: args.invariance.as_ref().map(ToString::to_string),
            occlusion: occlusion.map(|_| args.occlusion.to_string()),
            occluder: occlusion.map(|options| options.size),
            occluder_stride: occlusion.map(|options| options.stride),
            occluder_fill: occlusion.map(|options| options.fill),
            occlusion_fast: occlusion.is_some_and(|options| options.fast),
            features: looked.then(|| args.features.to_string()),
            strongest: looked.then_some(args.strongest),
            per_image: looked.then_some(args.per_image),
            randomisation: looked.then_some(args.randomisation),
            feature_arrays: args.feature_arrays,
        },
        dataset: DatasetFacts {
            root: String::new(),
            photos: 0,
            skipped: 0,
            other_files: dataset.other_files,
            detail: 0,
            labels: dataset.labels.names.clone(),
            label_source: dataset.labels.source.name().into(),
            label_classes: dataset.labels.classes.clone(),
            listing: sha256_of_texts(listing),
            digest: String::new(),
        },
    })
}

/// The layers that a report would show by itself and cannot.
fn not_projected(args: &ReportArgs, network: &Network) -> Vec<NotProjected> {
    if args.layers.is_some() {
        return Vec::new();
    }
    let told = |wall: reach::Wall| NotProjected {
        layers: wall.stages,
        node: network.nodes[wall.node].name.clone(),
        op: network.nodes[wall.node].op.describe(),
    };
    reach::walls(network).into_iter().map(told).collect()
}

pub(super) fn manifest(
    args: &ReportArgs,
    plan: Plan,
    outcome: summary::Outcome,
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
