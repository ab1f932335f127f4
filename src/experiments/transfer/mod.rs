//! How well a linear classifier tells the labels apart by each layer's features, from few photographs of each class (ZF §5.2,
//! tables 4, 5 and 7).
//!
//! All photographs are shown to the network once; the features of every layer go into files ([`vectors`]), of which inner
//! products are made layer by layer. Each split, number a class and penalty is a part of these ([`problems`]).

mod metrics;
mod options;
mod photos;
mod problems;
pub mod scratch;
mod splits;
mod summary;
mod vectors;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base::words::count;
use base::{Error, Result};
use classifiers::Gram;
use engine::Vectors;
use network::Stage;
use progress::{say, stop_here};
use records::shards::{Portion, ShardRecords};
use records::tables::MetricRow;
use records::GramFile;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use options::{Classifier, TransferArgs, TransferOptions};

use super::{Asked, Context, Experiment};
use problems::Problems;
use splits::{Photo, Split};
use summary::{Layer, Told};
use vectors::LayerVectors;

/// The experiment, and under which name an interrupted run finds what was done.
const NAME: &str = "transfer";
/// Values of ZF's layer 5: larger layers are averaged in space.
const VALUES: usize = 9_216;
/// Two-class problems that may be solved to choose penalties, over all layers; with more, some splits choose for all.
const CHOOSING: usize = 60_000;

/// The experiment that was asked for.
#[derive(Debug)]
struct Transfer {
    options: TransferOptions,
    /// The stages that are asked about, from the input upwards.
    layers: Vec<Stage>,
    /// By label whether it takes part.
    takes_part: Vec<bool>,
}

impl TransferArgs {
    pub(crate) fn resolve(
        &self,
        asked: &Asked<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        let Some(mut options) = self.asked.clone() else {
            return Ok(None);
        };
        options.per_class.sort_unstable();
        options.per_class.dedup();
        let mut named = Vec::new();
        options.classifier.retain(|&classifier| {
            let is_new = !named.contains(&classifier);
            named.push(classifier);
            is_new
        });
        options.c.sort_by(f64::total_cmp);
        options.c.dedup();
        let takes_part = photos::taking_part(&options, asked.dataset, notes)?;
        let anatomy = &asked.model.anatomy;
        let mut layers = match &options.layers {
            Some(names) => anatomy.select_stages(Some(names))?,
            None => anatomy.network().stages.clone(),
        };
        layers.dedup_by_key(|stage| stage.node);
        if layers.is_empty() {
            return Err(Error::Usage(
                "the network has no stages: name nodes by --layers".into(),
            ));
        }
        Ok(Some(Box::new(Transfer {
            options,
            layers,
            takes_part,
        })))
    }
}

/// What a shard's features are kept as.
const PART: &str = "part";
/// That the features of all photographs are there is kept as.
const WHOLE: &str = "vectors";

/// Photographs whose features lie in a folder of their own.
#[derive(Debug, Serialize, Deserialize)]
struct Part {
    folder: String,
    /// In their order, by their numbers in the data set.
    photos: Vec<usize>,
}

/// The photographs that are shown to the network together, by their numbers in the data set.
fn passes(context: &Context<'_>, photos: &[Photo]) -> Vec<Portion> {
    let numbers: Vec<usize> = photos.iter().map(|photo| photo.photo).collect();
    Portion::of(&numbers, context.setting.room.share().batch)
}

/// sha256 of the photographs' ids and classes.
fn digest(photos: &[Photo]) -> String {
    let told = photos
        .iter()
        .flat_map(|photo| [photo.id.clone(), photo.class.to_string()]);
    let told: Vec<String> = told.collect();
    base::digest::sha256_of_texts(told.iter().map(String::as_str))
}

/// What is kept of a layer that is done.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    /// sha256 of the photographs' ids and classes.
    photos: String,
    layer: Layer,
}

impl Experiment for Transfer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn options(&self) -> serde_json::Result<Value> {
        serde_json::to_value(&self.options)
    }

    fn again(&self, context: &Context<'_>) -> Result<Vec<Portion>> {
        let (photos, _) = photos::taken(context, &self.options, &self.takes_part)?;
        Ok(passes(context, &photos))
    }

    /// Keeps the features of some photographs in a folder of their own.
    fn look_again(&self, context: &Context<'_>, portions: &[Portion]) -> Result<()> {
        let photos = Portion::photos(portions);
        let Some(first) = photos.first() else {
            return Ok(());
        };
        let part = Part {
            folder: format!("from-{first}"),
            photos,
        };
        let files = self.files(context, (Some(&part.folder), false))?;
        vectors::write(context, portions, &files)?;
        context.folder.keep(NAME, PART, &part)
    }

    /// The features of all photographs, as if they had been made here.
    fn join(&self, context: &Context<'_>, shards: &[ShardRecords]) -> Result<()> {
        let parts = shards.iter().map(|shard| shard.kept::<Part>(NAME, PART));
        let parts: Vec<Part> = parts.filter_map(Result::transpose).collect::<Result<_>>()?;
        if parts.is_empty() {
            return Ok(());
        }
        let (photos, _) = photos::taken(context, &self.options, &self.takes_part)?;
        let numbers = photos.iter().zip(0..);
        let places: BTreeMap<usize, usize> = numbers.map(|(at, place)| (at.photo, place)).collect();
        let all = self.files(context, (None, false))?;
        let mut taken = 0;
        for part in &parts {
            let of_part = self.files(context, (Some(&part.folder), true))?;
            let places: Option<Vec<usize>> = part
                .photos
                .iter()
                .map(|photo| places.get(photo).copied())
                .collect();
            let Some(places) = places else {
                return Ok(());
            };
            for (whole, part) in all.iter().zip(of_part) {
                stop_here()?;
                whole.take(&part, &places)?;
                part.discard()?;
            }
            taken += places.len();
        }
        match taken == photos.len() {
            true => context.folder.keep(NAME, WHOLE, &digest(&photos)),
            false => Ok(()),
        }
    }

    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let (photos, labels) = photos::taken(context, &self.options, &self.takes_part)?;
        let options = &self.options;
        let most = options.per_class.last().copied().unwrap_or(1);
        let splits: Vec<Split> = (0..options.repeats)
            .map(|number| {
                let drawn = (context.setting.seed, number);
                Split::drawn(&photos, labels.len(), drawn, (most, options.test_per_class))
            })
            .collect();
        let classes: Vec<usize> = photos.iter().map(|photo| photo.class).collect();
        let problems = Problems {
            options,
            splits: &splits,
            labels: &classes,
            classes: labels.len(),
            choosing: self.choosing(labels.len()),
        };
        if problems.choosing < options.repeats {
            let chosen = count(problems.choosing, "split");
            say(
                context.voice,
                &format!("the penalties of all splits are chosen by the training photographs of {chosen}"),
            );
        }
        let layers = self.layers_of(context, &photos, &problems)?;
        let told = Told {
            context,
            options,
            photos: &photos,
            splits: &splits,
            labels: &labels,
        };
        told.write(&layers)
    }
}

impl Transfer {
    /// The most values that a layer's features have.
    fn most(&self) -> usize {
        match self.options.full {
            true => usize::MAX,
            false => VALUES,
        }
    }

    /// The files of all layers' features.
    fn files(&self, context: &Context<'_>, of: (Option<&str>, bool)) -> Result<Vec<LayerVectors>> {
        let layers = self.layers.iter();
        let open = |stage| LayerVectors::open(context, stage, self.most(), of);
        layers.map(open).collect()
    }

    /// Splits that choose penalties: all where that is no more work than is allowed.
    fn choosing(&self, classes: usize) -> usize {
        let options = &self.options;
        let of_split = [
            classes,
            3,
            options.c.len(),
            options.per_class.len(),
            options.classifier.len(),
            self.layers.len(),
        ];
        let of_split: usize = of_split.iter().product();
        (CHOOSING / of_split.max(1)).clamp(1, options.repeats)
    }

    /// What came of every layer, going on with those that are done.
    fn layers_of(
        &self,
        context: &Context<'_>,
        photos: &[Photo],
        problems: &Problems<'_>,
    ) -> Result<Vec<Layer>> {
        let digest = digest(photos);
        let kept = |number: usize| -> Result<Option<Layer>> {
            let done: Option<Done> = context.folder.kept(NAME, &format!("layer-{number}"))?;
            Ok(done
                .filter(|done| done.photos == digest)
                .map(|done| done.layer))
        };
        let mut found = Vec::with_capacity(self.layers.len());
        for number in 0..self.layers.len() {
            found.push(kept(number)?);
        }
        if found.iter().all(Option::is_some) {
            return Ok(found.into_iter().flatten().collect());
        }
        let whole = context.folder.kept::<String>(NAME, WHOLE)? == Some(digest.clone());
        let missing = self
            .layers
            .iter()
            .enumerate()
            .filter(|(at, _)| found[*at].is_none());
        let missing: Vec<(usize, &Stage)> = missing.collect();
        let files = missing
            .iter()
            .map(|(_, stage)| LayerVectors::open(context, stage, self.most(), (None, whole)));
        let files: Vec<LayerVectors> = files.collect::<Result<_>>()?;
        let mut course = Course::default();
        if !whole {
            let begun = Instant::now();
            vectors::write(context, &passes(context, photos), &files)?;
            context.folder.keep(NAME, WHOLE, &digest)?;
            course.features = begun.elapsed();
        }
        let names: Vec<&str> = self.layers.iter().map(|stage| &*stage.name).collect();
        let kept = match self.options.keep_gram {
            true => Some(GramFile::open(context.root(), &names, photos.len())?),
            false => None,
        };
        let progress = context
            .progress("classifying by layers", files.len())
            .counting("layers");
        for ((number, stage), file) in missing.into_iter().zip(files) {
            let begun = Instant::now();
            let products = file.gram(photos.len())?;
            course.products += begun.elapsed();
            if let Some(kept) = &kept {
                kept.write(number, products.as_slice().unwrap_or_default())?;
            }
            let gram = Gram::new(products).map_err(|failure| Error::Compute {
                doing: format!("inner products of layer {}", stage.name),
                message: failure.to_string(),
            })?;
            let Vectors { grid, .. } = file.vectors;
            let begun = Instant::now();
            let solved = problems.solve(&gram, &stage.name)?;
            course.classifiers += begun.elapsed();
            let layer = Layer::of(stage, (file.length, grid), solved);
            let done = Done {
                photos: digest.clone(),
                layer,
            };
            context
                .folder
                .keep(NAME, &format!("layer-{number}"), &done)?;
            file.discard()?;
            found[number] = Some(done.layer);
            progress.step();
            course.layers += 1;
        }
        drop(progress);
        say(context.voice, &course.told(problems));
        Ok(found.into_iter().flatten().collect())
    }
}

/// Where the time went.
#[derive(Debug, Default)]
struct Course {
    features: Duration,
    products: Duration,
    classifiers: Duration,
    /// Layers whose classifiers were solved.
    layers: usize,
}

impl Course {
    fn told(&self, problems: &Problems<'_>) -> String {
        format!(
            "features in {:.1} s, inner products in {:.1} s; {} in {:.1} s",
            self.features.as_secs_f64(),
            self.products.as_secs_f64(),
            problems.counted(self.layers),
            self.classifiers.as_secs_f64()
        )
    }
}
