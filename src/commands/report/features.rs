//! What feature maps look for: the scan that is to look on, the second pass over what it found, and what is written.

use crate::cli::{Looked, ReportArgs, Voice};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::experiments::features::{self, Found, Keep, LayerTally, Maps, Randomisation, Scan};
use crate::experiments::pipeline::Onlooker;
use crate::experiments::Setting;
use crate::network::{Model, Stage};
use crate::progress::{say, Progress};
use crate::records::tables::{self, MetricRow};
use crate::records::RunFolder;

use super::checks::file_sha256;
use super::experiments::interrupted;
use super::passes::Done;

/// Experiment and name that a scan's findings are kept under.
const KEPT: [&str; 2] = ["features", "scan"];

/// Keeps what a scan has found while the run goes on.
pub(super) fn keep(folder: &RunFolder, found: &Found) -> Result<()> {
    folder.keep(KEPT[0], KEPT[1], found)
}

/// What was asked for.
#[derive(Debug)]
pub(super) struct Features {
    maps: Maps,
    strongest: usize,
    per_image: usize,
    randomisation: usize,
    /// Whether projections are kept as they are.
    arrays: bool,
}

impl Features {
    /// `None` where it was not asked for.
    pub(super) fn read(args: &ReportArgs, model: &Model, stages: &[Stage]) -> Result<Option<Self>> {
        let Looked::Maps(maps) = &args.features else {
            return Ok(None);
        };
        if let Maps::Named(named) = maps {
            let shapes = crate::network::shape::shapes(&model.network)?;
            for (layer, map) in named {
                let stage = stages.iter().find(|stage| stage.name == *layer);
                let stage = stage.ok_or_else(|| Error::UnknownName {
                    kind: "layer",
                    name: layer.clone(),
                    known: stages.iter().map(|stage| stage.name.clone()).collect(),
                    also: Vec::new(),
                })?;
                let maps = shapes[stage.node].channels;
                if *map >= maps {
                    return Err(Error::Usage(format!(
                        "{layer} has no map {map}: its maps are numbered from 0 to {}",
                        maps - 1
                    )));
                }
            }
        }
        Ok(Some(Self {
            maps: maps.clone(),
            strongest: args.strongest,
            per_image: args.per_image,
            randomisation: args.randomisation,
            arrays: args.feature_arrays,
        }))
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

    /// A scan that goes on with what was kept; photos that it has not seen are marked as not done. Those that it has seen must
    /// not have changed since.
    pub(super) fn scan<'a>(
        &self,
        setting: &'a Setting<'a>,
        folder: &RunFolder,
        done: &mut [Done],
        keep: Keep<'a>,
    ) -> Result<Scan<'a>> {
        let kept: Option<Found> = folder.kept(KEPT[0], KEPT[1])?;
        // Of those that have a record it is known already.
        if let Some(kept) = &kept {
            if !kept.fits(setting) {
                return Err(Error::RunFolder {
                    path: folder.root().to_owned(),
                    problem: "holds a damaged scan of feature maps; begin anew with --overwrite"
                        .into(),
                });
            }
            let seen = kept.photos().into_iter();
            for photo in seen.filter(|photo| done.get(*photo) == Some(&Done::No)) {
                let file = &setting.dataset.photos[photo];
                if !kept.saw(photo, &file_sha256(setting.dataset, file)) {
                    return Err(Error::photo_changed(setting.dataset.absolute(file)));
                }
            }
        }
        let scan = Scan::new(setting, (self.strongest, self.per_image), kept, keep);
        for (photo, done) in done.iter_mut().enumerate() {
            if *done != Done::Skipped && scan.awaits(photo) {
                *done = Done::No;
            }
        }
        Ok(scan)
    }

    /// Draws what the scan found and writes the tables.
    pub(super) fn run(
        &self,
        setting: &Setting,
        engine: &Engine,
        folder: &RunFolder,
        tallies: &[LayerTally],
        voice: Voice,
    ) -> Result<Vec<MetricRow>> {
        let root = folder.root();
        let photos = features::readable(setting, root)?;
        let looked = features::Features {
            setting,
            photos: &photos,
        };
        let stopped = || interrupted(folder);
        let chosen = looked.chosen(tallies, &self.maps);
        for name in self.silent(setting, &chosen) {
            say(
                voice,
                &format!("{name} fires in no photograph and is not drawn"),
            );
        }
        let visits = looked.visits(tallies, &chosen);
        let progress = Progress::new(voice, "projecting feature maps", visits, 0);
        let kept = (root, self.arrays);
        if !looked.draw(engine, tallies, &chosen, kept, &progress)? {
            return Err(stopped());
        }
        drop(progress);
        let found = features::collect(&looked, tallies, &chosen)?;
        let (filters, filter_metrics) = features::first_layer(engine, setting.preprocessing, root)?;
        let random = match Randomisation::of(engine.network(), setting.stages) {
            Some(test) => {
                let tested = self.randomisation.min(photos.len());
                let progress = Progress::new(voice, "randomising layers", test.passes(tested), 0);
                let progress = progress.counting("projections");
                let random = test.run(&looked, engine, tested, &progress)?;
                random.ok_or_else(stopped)?
            }
            None => Vec::new(),
        };
        tables::write(root, &found.features)?;
        tables::write(root, &found.maps)?;
        tables::write(root, &found.histograms)?;
        tables::write(root, &found.labels)?;
        tables::write(root, &filters)?;
        tables::write(root, &random)?;
        Ok([found.metrics, filter_metrics].concat())
    }
}
