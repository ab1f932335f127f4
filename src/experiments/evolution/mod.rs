//! How features came about: some maps of each layer at every snapshot of a training, their strongest activations projected by
//! the weights of that time (ZF fig. 4), and from when on projections of the same photographs are what they will be.

mod convergence;
mod options;
mod projected;
mod steps;
mod strongest;
mod tables;

pub use options::{EvolutionArgs, Options};

use std::fs;

use base::digest::draw as by_lot;
use base::{Error, Result};
use engine::Engine;
use network::weights;
use network::{Model, Network, Preprocessing, Whole};
use records::tables::MetricRow;
use serde_json::Value;

use super::features::{readable, Features, FoundUnit};
use super::training::snapshot;
use super::training::snapshots::kept;
use super::{Context, Experiment, Setting};

/// Weights that are in memory at once, beside those of the last snapshot.
const BYTES: u64 = 1 << 30;

/// The experiment on a network that was trained.
#[derive(Debug)]
pub struct Evolution {
    options: Options,
    /// Its batch norms not folded, as its snapshots are.
    network: Network,
    preprocessing: Preprocessing,
}

/// The strongest activation of a map over the photographs; `None` where it fires in none.
type Strongest = Option<FoundUnit>;

impl Evolution {
    /// Of a network as its snapshots have it.
    pub fn of(options: Options, network: Network, preprocessing: Preprocessing) -> Self {
        Self {
            options,
            network,
            preprocessing,
        }
    }

    /// By layer some of its maps, in rising order.
    fn chosen(&self, setting: &Setting<'_>) -> Vec<Vec<usize>> {
        let of_layer = |(layer, stage): (usize, &network::Stage)| {
            let mut maps: Vec<usize> = (0..setting.shape(layer).channels).collect();
            maps.sort_by_cached_key(|map| {
                by_lot(setting.seed, &["evolution", &stage.name, &map.to_string()])
            });
            maps.truncate(self.options.evolution);
            maps.sort_unstable();
            maps
        };
        setting.stages.iter().enumerate().map(of_layer).collect()
    }

    /// The network of a snapshot on every device.
    ///
    /// # Errors
    /// [`Error::RunFolder`] where its file is not what was kept; those of [`weights::read`] and [`Engine::new`].
    fn at(&self, context: &Context<'_>, epoch: usize, sha256: &str) -> Result<Vec<Engine>> {
        let path = snapshot(context.root(), epoch);
        let loaded = weights::read(&path, &self.network)?;
        if loaded.sha256 != sha256 {
            let problem = "is not what the training kept; begin anew with --overwrite";
            return Err(Error::run_folder(&path, problem));
        }
        let whole = Whole {
            network: &self.network,
            weights: &loaded.weights,
            classes: &[],
            preprocessing: &self.preprocessing,
            source: "",
        };
        let model = Model::of(&whole, &path, sha256)?;
        let devices = context.engines.iter();
        devices
            .map(|engine| Engine::new(&model, engine.device()))
            .collect()
    }
}

impl Experiment for Evolution {
    fn name(&self) -> &'static str {
        "evolution"
    }

    fn options(&self) -> serde_json::Result<Value> {
        serde_json::to_value(&self.options)
    }

    /// Goes through the photographs once for as many snapshots as have room in memory.
    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let (setting, root) = (context.setting, context.root());
        let snapshots: Vec<(usize, String)> = kept(context.folder)?.into_iter().collect();
        let Some((last, sha256)) = snapshots.last() else {
            return Ok(Vec::new());
        };
        let photos = readable(setting, root)?;
        let features = Features {
            setting,
            photos: &photos,
        };
        let chosen = self.chosen(setting);
        let held = convergence::drawn(&features, self.options.evolution_photos);
        let path = snapshot(root, *last);
        let bytes = fs::metadata(&path).map_err(Error::io("cannot read", &path))?;
        let at_once = (BYTES / bytes.len().max(1)).clamp(1, 1000) as usize;
        let end = self.at(context, *last, sha256)?;
        let (mut found, mut settling) = (Vec::new(), convergence::Settling::default());
        let mut steps = steps::Steps::default();
        for some in snapshots.chunks(at_once) {
            let mut devices: Vec<Vec<Engine>> = end.iter().map(|_| Vec::new()).collect();
            for (epoch, sha256) in some {
                let engines = self.at(context, *epoch, sha256)?;
                let rooms = devices.iter_mut().zip(engines);
                rooms.for_each(|(room, engine)| room.push(engine));
            }
            let strongest = strongest::find(context, &features, &devices, &chosen)?;
            let epochs: Vec<usize> = some.iter().map(|(epoch, _)| *epoch).collect();
            projected::draw(
                context, &features, &devices, &epochs, &strongest, &mut steps,
            )?;
            settling.extend(convergence::compare(
                context,
                &features,
                (&devices, &end),
                &held,
            )?);
            found.extend(epochs.into_iter().zip(strongest));
        }
        context.write(&tables::evolution(&features, &chosen, &found)?)?;
        let epochs: Vec<usize> = found.iter().map(|(epoch, _)| *epoch).collect();
        let of_photos = settling.rows(setting, &held, &epochs);
        let of_layers = tables::convergence(setting, &of_photos);
        context.write(&of_photos)?;
        context.write(&of_layers)?;
        let steps = steps.rows();
        context.write(&steps)?;
        let mut metrics = tables::metrics(setting, &of_layers);
        let layers: Vec<&str> = setting.stages.iter().map(|it| &*it.name).collect();
        metrics.extend(tables::settled_trend(&layers, &of_photos, setting.seed));
        metrics.extend(steps::jump_excess(&steps, setting.seed));
        Ok(metrics)
    }
}
