//! What feature maps look for: the scan that looks on, the second pass over what it found, and what is written.

use base::{Error, Result};
use progress::say;
use records::shards::{Portion, ShardRecords};
use records::tables::{MetricRow, RandomisationRow};
use serde::Deserialize;
use serde_json::Value;
use vocabulary::{Amount, Arrays};

use super::draw::{tasks, SecondPass};
use super::options::{map, FeatureMapArgs, Options};
use super::plan::Task;
use super::{
    collect, first_layer, readable, spread, Features, Found, Maps, Randomisation, Scan, NAME,
};
use crate::{Asked, Context, Experiment, Onlooker, Setting};

/// What the scan found.
const SCAN: &str = "scan";

/// The experiment that was asked for.
#[derive(Debug)]
struct FeatureMaps {
    options: Options,
    maps: Maps,
}

impl FeatureMapArgs {
    pub(crate) fn resolve(
        &self,
        asked: &Asked<'_>,
        _: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        let maps = match &self.features {
            Amount::None | Amount::Masked => return Ok(None),
            Amount::Some(number) => Maps::Drawn(*number),
            Amount::All => Maps::All,
            Amount::Named(names) => Maps::Named(known(names, asked)?),
        };
        Ok(Some(Box::new(FeatureMaps {
            options: Options {
                features: self.features.clone(),
                strongest: self.strongest,
                per_image: self.per_image,
                randomisation: self.randomisation,
                arrays: self.arrays,
            },
            maps,
        })))
    }
}

impl Experiment for FeatureMaps {
    fn name(&self) -> &'static str {
        NAME
    }

    fn options(&self) -> serde_json::Result<Value> {
        serde_json::to_value(&self.options)
    }

    /// A scan that goes on with what was kept. The photos that it has seen must not have changed since.
    fn onlooker<'a>(&'a self, context: &'a Context<'a>) -> Result<Option<Box<dyn Onlooker + 'a>>> {
        let Context {
            setting, folder, ..
        } = *context;
        let kept = kept(context)?;
        if let Some(kept) = &kept {
            // Of those that have a record it is known already.
            for photo in kept.photos() {
                let file = &setting.dataset.photos[photo];
                if !folder.is_done(&file.id)? && !kept.saw(photo, &setting.dataset.sha256(file)) {
                    return Err(Error::photo_changed(setting.dataset.absolute(file)));
                }
            }
        }
        let most = (self.options.strongest, self.options.per_image);
        let keep = Box::new(|found: &Found| {
            // What is counted need not be classified again, either.
            folder.seal()?;
            folder.keep(NAME, SCAN, found)
        });
        Ok(Some(Box::new(Scan::new(setting, most, kept, keep))))
    }

    fn join(&self, context: &Context<'_>, shards: &[ShardRecords]) -> Result<()> {
        let mut joined: Option<Found> = None;
        for shard in shards {
            if let Some(found) = shard.kept::<Found>(NAME, SCAN)? {
                joined = Some(match joined {
                    Some(joined) => joined.with(found),
                    None => found,
                });
            }
        }
        match joined {
            Some(joined) => context.folder.keep(NAME, SCAN, &joined),
            None => Ok(()),
        }
    }

    fn again(&self, context: &Context<'_>) -> Result<Vec<Portion>> {
        let Some(found) = kept(context)? else {
            return Ok(Vec::new());
        };
        let tallies = found.tallies();
        let chosen = self.maps.chosen(context.setting, &tallies);
        let dataset = context.setting.dataset;
        let sha256 = |photo: usize| {
            let photo = &dataset.photos[photo];
            let record = context.folder.record(&photo.id)?;
            let changed = || Error::photo_changed(dataset.absolute(photo));
            Ok(record.ok_or_else(changed)?.sha256)
        };
        let tasks = tasks(context.engine, &tallies, &chosen, sha256)?;
        let portion = |task: Task| -> Result<Portion> {
            Ok(Portion {
                photos: task.group.iter().map(|looked| looked.photo).collect(),
                wanted: serde_json::to_value(task).map_err(unreadable)?,
            })
        };
        tasks.into_iter().map(portion).collect()
    }

    fn look_again(&self, context: &Context<'_>, portions: &[Portion]) -> Result<()> {
        let tasks = portions.iter();
        let tasks = tasks.map(|portion| Task::deserialize(&portion.wanted).map_err(unreadable));
        let tasks: Vec<Task> = tasks.collect::<Result<_>>()?;
        match tasks.is_empty() {
            true => Ok(()),
            false => self.second_pass(context)?.keep(&tasks),
        }
    }

    /// Draws what the scan found.
    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let Some(found) = kept(context)? else {
            return Ok(Vec::new());
        };
        let tallies = found.tallies();
        let Context {
            setting, engine, ..
        } = *context;
        let root = context.root();
        let photos = readable(setting, root)?;
        let features = Features {
            setting,
            photos: &photos,
        };
        let chosen = self.maps.chosen(setting, &tallies);
        for name in self.silent(setting, &chosen) {
            let told = format!("{name} fires in no photograph and is not drawn");
            say(context.voice, &told);
        }
        let sha256 = |photo: usize| Ok(features.readable(photo)?.sha256.clone());
        let spreads = self
            .second_pass(context)?
            .sheets(&tallies, &chosen, &sha256)?;
        let gallery = context.gallery();
        let found = collect(&features, &tallies, &chosen)?;
        let first = first_layer(engine)?;
        let (filters, filter_metrics) = match first {
            Some(first) => {
                gallery.show(&first.maps)?;
                (first.rows, first.metrics)
            }
            None => Default::default(),
        };
        let spread_metrics = spread::metrics(&features.layers(), &spreads);
        let (random, random_metrics) = self.randomised(context, &features)?;
        context.write(&found.features)?;
        context.write(&found.maps)?;
        context.write(&found.histograms)?;
        context.write(&found.labels)?;
        context.write(&spreads)?;
        context.write(&filters)?;
        context.write(&random)?;
        Ok([
            found.metrics,
            spread_metrics,
            filter_metrics,
            random_metrics,
        ]
        .concat())
    }
}

impl FeatureMaps {
    fn second_pass<'a>(&self, context: &'a Context<'a>) -> Result<SecondPass<'a>> {
        SecondPass::new(context, self.options.arrays == Some(Arrays::All))
    }

    fn randomised(
        &self,
        context: &Context<'_>,
        features: &Features<'_>,
    ) -> Result<(Vec<RandomisationRow>, Vec<MetricRow>)> {
        let engine = context.engine;
        let Some(test) = Randomisation::of(engine.anatomy(), context.setting.stages) else {
            return Ok(Default::default());
        };
        let photos = self.options.randomisation.min(features.photos.len());
        let progress = context.progress("randomising layers", test.passes(photos));
        test.run(features, engine, photos, &progress.counting("projections"))
    }

    /// The maps that were named and fire nowhere.
    fn silent(&self, setting: &Setting, chosen: &[Vec<usize>]) -> Vec<String> {
        let Maps::Named(named) = &self.maps else {
            return Vec::new();
        };
        let drawn = |layer: &str, map: usize| {
            let mut layers = setting.stages.iter().zip(chosen);
            layers.any(|(stage, maps)| stage.name == layer && maps.contains(&map))
        };
        let silent = named.iter().filter(|(layer, map)| !drawn(layer, *map));
        silent
            .map(|(layer, map)| format!("{layer}:{map}"))
            .collect()
    }
}

/// The maps of these names, which the layers that are shown must have.
fn known(names: &[String], asked: &Asked<'_>) -> Result<Vec<(String, usize)>> {
    let shapes = asked.model.anatomy.shapes();
    let mut known = Vec::with_capacity(names.len());
    for (layer, map) in names.iter().filter_map(|name| map(name)) {
        let stage = asked.stages.iter().find(|stage| stage.name == layer);
        let stage = stage.ok_or_else(|| Error::UnknownName {
            kind: "layer",
            name: layer.to_owned(),
            known: asked
                .stages
                .iter()
                .map(|stage| stage.name.clone())
                .collect(),
            also: Vec::new(),
            advice: String::new(),
        })?;
        let maps = shapes[stage.node].channels;
        if map >= maps {
            return Err(Error::Usage(format!(
                "{layer} has no map {map}: its maps are numbered from 0 to {}",
                maps - 1
            )));
        }
        known.push((layer.to_owned(), map));
    }
    Ok(known)
}

/// What is to be drawn cannot be told to another machine, or not by it.
fn unreadable(error: serde_json::Error) -> Error {
    Error::Usage(format!("{NAME}: {error}"))
}

/// What the scan has found so far; `None` where it has seen nothing yet.
fn kept(context: &Context<'_>) -> Result<Option<Found>> {
    context.folder.kept(NAME, SCAN)
}
