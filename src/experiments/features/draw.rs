//! A second pass over what was found: the strongest units of the chosen maps, each walked back to the pixels on its own
//! receptive field. What is drawn is kept photo by photo while the run goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::Result;
use engine::patches::{Patch, Place, Uncut, UnitProjector};
use engine::{Engine, Give};
use figures::features::{sheet, Layout, Tiles};
use progress::Progress;
use records::maps::{LookedAt, Planes, UnitMap, UnitName};
use records::tables::SpreadRow;
use serde::{Deserialize, Serialize};

use super::plan::{most, rounds, Group, Looked, Round, Task, Wanted};
use super::spread::{self, Look};
use super::{LayerTally, NAME};
use crate::{prepare, Context, Gallery, Setting};

const DOING: &str = "projecting feature maps";

/// A photo as the network sees it.
struct Input<'g> {
    looked: &'g Looked,
    seen: Arc<Planes>,
}

/// What comes of a group: its photos as the network sees them, and their units, some at a time.
enum Projected<'g> {
    Photo(&'g Looked, Arc<Planes>),
    Units(Vec<(Wanted, Arc<Planes>)>, Uncut),
}

/// A unit projected and drawn.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Drawn {
    wanted: Wanted,
    tiles: Tiles,
    look: Look,
}

/// What looks at the photos once more.
#[derive(Debug)]
pub struct SecondPass<'a> {
    context: &'a Context<'a>,
    gallery: Gallery<'a>,
    /// By device and layer.
    projectors: Vec<Vec<UnitProjector>>,
}

impl<'a> SecondPass<'a> {
    /// One that keeps the units' projections as arrays, too, where `arrays` are asked for.
    ///
    /// # Errors
    /// [`base::Error::Compute`].
    pub fn new(context: &'a Context<'a>, arrays: bool) -> Result<Self> {
        let stages = context.setting.stages.iter();
        let nodes: Vec<usize> = stages.map(|stage| stage.node).collect();
        let engines = context.engines.iter();
        let projectors = engines.map(|engine| engine.unit_projectors(&nodes));
        Ok(Self {
            context,
            gallery: Gallery {
                arrays,
                ..context.gallery()
            },
            projectors: projectors.collect::<Result<_>>()?,
        })
    }

    /// Draws these and keeps them: their sheets need all of a round.
    ///
    /// # Errors
    /// [`base::Error::Compute`], [`base::Error::Io`], [`base::Error::Photo`], [`base::Error::RunFolder`], [`base::Error::Stopped`].
    pub(super) fn keep(&self, tasks: &[Task]) -> Result<()> {
        let visits = tasks.iter().map(|task| task.group.len()).sum();
        let progress = self.context.progress(DOING, visits);
        for tasks in tasks.chunk_by(|one, other| one.round == other.round) {
            let groups: Round = tasks.iter().map(|task| task.group.clone()).collect();
            self.draw(tasks[0].round, &groups, &progress, drop)?;
        }
        Ok(())
    }

    /// Projects and draws the chosen maps of each layer, going on with what was kept; gives how much their units differ. `sha256`
    /// knows the photos' files.
    ///
    /// # Errors
    /// Those of [`SecondPass::keep`].
    pub fn sheets(
        &self,
        tallies: &[LayerTally],
        chosen: &[Vec<usize>],
        sha256: &dyn Fn(usize) -> Result<String>,
    ) -> Result<Vec<SpreadRow>> {
        let all = || rounds(tallies, chosen, gathered(self.context.engine), sha256);
        let visits = all().map(|round| Ok(round?.iter().map(Vec::len).sum::<usize>()));
        let progress = self.context.progress(DOING, visits.sum::<Result<usize>>()?);
        let layout = Layout::of(most(tallies));
        let mut spreads = Vec::new();
        for (number, round) in all().enumerate() {
            let mut maps: BTreeMap<(usize, usize), Vec<Drawn>> = BTreeMap::new();
            self.draw(number, &round?, &progress, |drawn| {
                for unit in drawn {
                    let key = (unit.wanted.layer, unit.wanted.found.unit.feature);
                    maps.entry(key).or_default().push(unit);
                }
            })?;
            for ((layer, map), mut drawn) in maps {
                // A sum in another order is another sum.
                drawn.sort_by_key(|unit| unit.wanted.rank);
                let name = &self.context.setting.stages[layer].name;
                let tiles = drawn.iter().map(|unit| &unit.tiles);
                sheet((name, map), layout, tiles).write(self.gallery.root)?;
                let looks: Vec<&Look> = drawn.iter().map(|unit| &unit.look).collect();
                spreads.extend(spread::of_map(name, map, &looks));
            }
        }
        Ok(spreads)
    }

    /// Draws what is wanted in some groups of a round and keeps it, and hands it over together with what was kept before.
    fn draw(
        &self,
        round: usize,
        groups: &[Group],
        progress: &Progress,
        mut take: impl FnMut(Vec<Drawn>),
    ) -> Result<()> {
        let kind = kept_as(round);
        let (folder, dataset) = (self.context.folder, self.context.setting.dataset);
        let id = |photo: usize| &*dataset.photos[photo].id;
        let mut left: Vec<&[Looked]> = Vec::new();
        // A group whose photos were not all done is made again as a whole: its bits depend on what it is made of.
        for group in groups {
            let kept = group.iter();
            let kept = kept.map(|looked| folder.kept_of::<Vec<Drawn>>(&kind, id(looked.photo)));
            match kept.collect::<Result<Option<Vec<_>>>>()? {
                Some(kept) => {
                    take(kept.concat());
                    group.iter().for_each(|_| progress.step());
                }
                None => left.push(group),
            }
        }
        let (engines, projectors) = (self.context.engines, &self.projectors);
        let easel = Easel {
            setting: self.context.setting,
            gallery: self.gallery,
        };
        let workers = easel.setting.executor(engines);
        let workers =
            workers.with(|device| Ok((engines[device].clone(), projectors[device].clone())));
        let drawn = workers.stream_groups(
            &left,
            |looked| easel.input_of(looked),
            |(engine, projectors), inputs, give| {
                project(engine, projectors, &inputs, give)?;
                inputs.iter().for_each(|_| progress.step());
                Ok(())
            },
            |projected| easel.show(projected),
            |drawn| {
                let drawn: Vec<Drawn> = drawn.into_iter().flatten().collect();
                let mut by_photo: BTreeMap<usize, Vec<&Drawn>> = BTreeMap::new();
                for unit in &drawn {
                    let photo = unit.wanted.found.photo;
                    by_photo.entry(photo).or_default().push(unit);
                }
                for (photo, drawn) in &by_photo {
                    folder.keep_of(&kind, id(*photo), drawn)?;
                }
                take(drawn);
                Ok(())
            },
        );
        drawn.and(folder.seal())
    }
}

/// What photos are read and units drawn with.
#[derive(Clone, Copy)]
struct Easel<'a> {
    setting: &'a Setting<'a>,
    gallery: Gallery<'a>,
}

impl Easel<'_> {
    /// What the network sees of a photo, and what is wanted of it.
    fn input_of<'g>(&self, looked: &'g Looked) -> Result<Input<'g>> {
        let setting = self.setting;
        let shape = setting.preprocessing.input().axes();
        let values = prepare::again(setting, looked.photo, &looked.sha256)?;
        Ok(Input {
            looked,
            seen: Planes::of(shape, values).into(),
        })
    }

    /// Shows a photo; cuts units' projections out, keeps them and draws their tiles.
    fn show(&self, projected: Projected<'_>) -> Result<Vec<Drawn>> {
        match projected {
            Projected::Photo(looked, input) => {
                self.gallery.show(&LookedAt {
                    image_id: self.setting.dataset.photos[looked.photo].id.clone(),
                    input: (*input).clone(),
                })?;
                Ok(Vec::new())
            }
            Projected::Units(owners, uncut) => {
                let units = owners.into_iter().zip(uncut.cut()?);
                units
                    .map(|((wanted, input), patch)| self.unit(wanted, &input, patch))
                    .collect()
            }
        }
    }

    /// Keeps a unit's projection and draws its tiles.
    fn unit(&self, wanted: Wanted, input: &Planes, patch: Patch) -> Result<Drawn> {
        let Wanted { layer, rank, found } = wanted;
        let setting = self.setting;
        let unit = UnitMap {
            of: UnitName {
                layer: setting.stages[layer].name.clone(),
                map: found.unit.feature,
                rank,
            },
            projection: Planes::of([input.channels, patch.height, patch.width], patch.values),
        };
        self.gallery.keep(&unit)?;
        let seen = input.part((patch.y, patch.x), unit.projection.size);
        Ok(Drawn {
            wanted,
            tiles: Tiles::of(rank, &unit.projection, &seen, setting.preprocessing),
            look: Look::of(&seen, &unit.projection),
        })
    }
}

/// What of the photos is wanted for the chosen maps, group by group; `sha256` knows their files.
///
/// # Errors
/// Those of `sha256`.
pub(super) fn tasks(
    engine: &Engine,
    tallies: &[LayerTally],
    chosen: &[Vec<usize>],
    sha256: impl Fn(usize) -> Result<String>,
) -> Result<Vec<Task>> {
    let of_round = |(round, groups): (usize, Result<Round>)| -> Result<Vec<Task>> {
        let groups = groups?.into_iter();
        Ok(groups.map(|group| Task { round, group }).collect())
    };
    let rounds = rounds(tallies, chosen, gathered(engine), sha256).enumerate();
    Ok(rounds.map(of_round).collect::<Result<Vec<_>>>()?.concat())
}

/// How many photos and units are projected together.
fn gathered(engine: &Engine) -> [usize; 2] {
    let [photos, units] = engine.machine().gathered;
    [engine.photos_together(photos), units]
}

/// Under which name what a round draws is kept.
fn kept_as(round: usize) -> String {
    format!("{NAME}-{round}")
}

fn project<'g>(
    engine: &Engine,
    projectors: &[UnitProjector],
    group: &[Input<'g>],
    give: &mut Give<'_, Projected<'g>>,
) -> Result<()> {
    for photo in group {
        give(Projected::Photo(photo.looked, photo.seen.clone()))?;
    }
    let wanted = group.iter().flat_map(|photo| &photo.looked.wanted);
    let used = wanted.map(|wanted| &projectors[wanted.layer]);
    let seen: Vec<&[f32]> = group.iter().map(|photo| &*photo.seen.values).collect();
    let trace = engine.trace_for(used, &seen)?;
    let (mut places, mut owners) = (Vec::new(), Vec::new());
    for (layer, projector) in projectors.iter().enumerate() {
        let mut of_layer = Vec::new();
        for (image, photo) in group.iter().enumerate() {
            let wanted = photo.looked.wanted.iter();
            for wanted in wanted.filter(|wanted| wanted.layer == layer) {
                of_layer.push(Place {
                    image: image as i64,
                    unit: wanted.found.unit,
                });
                owners.push((*wanted, photo.seen.clone()));
            }
        }
        places.push((projector, of_layer));
    }
    let mut owners = owners.into_iter();
    engine.project_units(trace.as_ref(), &places, &mut |uncut| {
        let owners = owners.by_ref().take(uncut.units().len()).collect();
        give(Projected::Units(owners, uncut))
    })
}
