//! What a study comes to: its tables, and the pictures of first layers.

use base::Result;
use comparison::first_layers;
use comparison::study::{Findings, Trained, Variant as Held};
use engine::Engine;
use experiments::features::{first_layer, FirstLayer};
use experiments::study::Variant;
use experiments::{Context, Experiment};
use figures::features::filters_picture;
use network::{Anatomy, Model, ModelSource, TRAINED};
use progress::stop_here;
use records::tables::{FilterRow, MetricRow, StudyFilterRow, StudyRow};
use serde_json::{json, Map, Value};
use tch::Device;

use super::programme::Programme;

/// Reads the trainings when they are finished.
#[derive(Debug)]
pub(super) struct Outcome {
    options: Value,
    /// Variant by variant, with the seeds and folders of its trainings.
    variants: Vec<(StudyRow, Vec<(u64, String)>)>,
    together: Vec<[usize; 3]>,
}

impl Outcome {
    /// Of a programme and its variants' networks; its options take the place of those of the base's training.
    pub(super) fn of(
        programme: &Programme,
        networks: &[Anatomy],
        options: &mut Map<String, Value>,
    ) -> Self {
        let variants: Vec<(&Variant, &Anatomy)> = programme.study.all().zip(networks).collect();
        let told = variants
            .iter()
            .map(|(variant, network)| format!("{}: {}", variant.name, network.network().name));
        let mut own = match options.remove("training") {
            Some(Value::Object(own)) => own,
            _ => Map::new(),
        };
        // Its trainings are followed, it is not.
        options.remove("evolution");
        own.remove("variant");
        own.remove("training_seed");
        own.insert("study".into(), json!(programme.study.name));
        own.insert("variants".into(), json!(told.collect::<Vec<_>>()));
        own.insert("seeds".into(), json!(programme.seeds));
        options.insert("study".into(), Value::Object(own.clone()));
        let trainings = programme.trainings();
        let of_variant = |variant: &Variant| {
            let of_variant = trainings.iter();
            let of_variant = of_variant.filter(|training| training.variant.name == variant.name);
            of_variant
                .map(|training| (training.seed, training.folder()))
                .collect()
        };
        Self {
            options: Value::Object(own),
            variants: variants
                .into_iter()
                .map(|(variant, network)| (row(programme, variant, network), of_variant(variant)))
                .collect(),
            together: programme.study.together(),
        }
    }
}

/// What is known of a variant before it is trained.
fn row(programme: &Programme, variant: &Variant, anatomy: &Anatomy) -> StudyRow {
    let edits = variant.edits();
    let recipe = variant.recipe().into_iter();
    let recipe: Vec<String> = recipe
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    let learnt = anatomy.parameters().into_iter();
    let learnt = learnt.filter(|parameter| !parameter.name.contains(".running_"));
    let published = variant.published.as_ref();
    let errors = published.map(|published| published.errors());
    let of_base = || {
        programme
            .study
            .base
            .published
            .as_ref()
            .map(|base| base.errors())
    };
    let base = published.and_then(|published| published.base.or_else(of_base));
    let is_base = variant.name == programme.study.base.name;
    // As many digits as are printed, and no more.
    let share = |percent: Option<f64>| percent.map(|percent| (percent * 1e4).round() / 1e6);
    StudyRow {
        variant: variant.name.clone(),
        network: anatomy.network().name.clone(),
        removed: edits.remove.join(" "),
        changed: edits.changes().join("; "),
        recipe: recipe.join("; "),
        seeds: 0,
        parameters: learnt
            .map(|parameter| parameter.shape.iter().product::<usize>())
            .sum(),
        multiply_adds: anatomy.multiply_adds().iter().sum(),
        train_error: None,
        val_top1_error: 0.0,
        val_top1_smallest: None,
        val_top1_largest: None,
        val_top5_error: None,
        difference: None,
        low: None,
        high: None,
        p_value: None,
        published_train_error: errors.and_then(|errors| share(errors.train)),
        published_val_top1_error: errors.and_then(|errors| share(errors.val_top1)),
        published_val_top5_error: errors.and_then(|errors| share(errors.val_top5)),
        published_base_val_top1_error: base
            .filter(|_| !is_base)
            .and_then(|base| share(base.val_top1)),
        published_source: published.map_or_else(String::new, |published| published.source.clone()),
    }
}

impl Experiment for Outcome {
    fn name(&self) -> &'static str {
        "study"
    }

    fn options(&self) -> serde_json::Result<Value> {
        Ok(self.options.clone())
    }

    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let root = context.root();
        let mut held = Vec::new();
        let (mut filters, mut first_layers) = (Vec::new(), Vec::new());
        for (row, trainings) in &self.variants {
            let (mut trained, mut of_variant) = (Vec::new(), Vec::new());
            for (seed, folder) in trainings {
                stop_here()?;
                trained.push(Trained::read(root, folder, *seed)?);
                if let Some((means, each)) = first(context, row, (*seed, folder))? {
                    filters.push(means);
                    of_variant.push(each);
                }
            }
            first_layers.push((row.variant.clone(), of_variant));
            held.push(Held {
                row: row.clone(),
                trained,
            });
        }
        let findings = Findings::of(&held, &self.together, context.setting.seed)?;
        context.write(&findings.variants)?;
        context.write(&findings.runs)?;
        context.write(&findings.epochs)?;
        context.write(&findings.layers)?;
        context.write(&findings.together)?;
        context.write(&filters)?;
        let of_filters = first_layers::metrics(&first_layers, &findings.layers);
        Ok([findings.metrics(), of_filters].concat())
    }
}

/// Measures and draws the first layer of a training's network, as a whole and filter by filter; `None` where it does not look at a
/// picture's planes.
fn first(
    context: &Context<'_>,
    row: &StudyRow,
    (seed, folder): (u64, &str),
) -> Result<Option<(StudyFilterRow, Vec<FilterRow>)>> {
    let model = Model::load(&ModelSource {
        name: context
            .root()
            .join(folder)
            .join(TRAINED)
            .display()
            .to_string(),
        ..ModelSource::default()
    })?;
    let found = first_layer(&Engine::new(&model, Device::Cpu)?)?;
    let Some(FirstLayer {
        maps,
        metrics,
        rows,
    }) = found
    else {
        return Ok(None);
    };
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let path = format!("assets/study/{name}.png");
    filters_picture(&maps, &model.preprocessing, &path).write(context.root())?;
    let metric = |name: &str| metrics.iter().find(|metric| metric.metric == name);
    let value = |name: &str| metric(name).map_or(0.0, |metric| metric.value);
    let layer = metrics
        .first()
        .and_then(|metric| metric.scope.split_once(':'));
    let means = StudyFilterRow {
        variant: row.variant.clone(),
        seed,
        layer: layer.map_or_else(String::new, |(_, layer)| layer.to_owned()),
        filters: maps.filters.len(),
        low_share: value("filter_low_share"),
        middle_share: value("filter_middle_share"),
        high_share: value("filter_high_share"),
        aliased_share: value("filter_aliased_share"),
        aliased_share_noise: value("filter_aliased_share_noise"),
        repetition: value("filter_repetition"),
    };
    Ok(Some((means, rows)))
}
