//! A square slides over photographs, and the class and the strongest map are watched (ZF §4.2, fig. 7).

mod covered;
mod curves;
mod examples;
mod look;
mod options;
mod photos;
mod regions;
mod seen;
mod similarity;
mod slide;
mod tables;

pub use options::OcclusionArgs;

use base::digest::draw;
use base::{Error, Result};
use dataset::{Geometry, Rect};
use engine::occlude::{Cut, Fast, Occluder};
use engine::seeds::Unit;
use engine::Engine;
use network::Stage;
use records::maps::{Maps, PhotoArrays};
use records::occlusion::Peak;
use records::shards::Portion;
use records::tables::MetricRow;
use records::{add_arrays, OcclusionRecord};
use serde_json::Value;
use vocabulary::Amount;

use super::{Asked, Boxes, Context, Experiment};
use examples::Explored;
use look::Look;
use options::Options;
use slide::Sliders;
use tables::Tables;

/// Rows and columns of positions that the fast mode is held against.
const SAMPLED: usize = 5;
/// The experiment, and under which name an interrupted run finds what was done.
const NAME: &str = "occlusion";

/// The experiment that was asked for.
#[derive(Debug)]
struct Occlusion {
    options: Options,
    /// The one whose strongest map is followed.
    layer: Stage,
}

impl OcclusionArgs {
    pub(crate) fn resolve(
        &self,
        asked: &Asked<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Option<Box<dyn Experiment>>> {
        if asked.finds_regions && self.occlusion.most() == 0 {
            return Err(Error::Usage(
                "--masks worst hides what the occluder finds: choose its photographs with --occlusion N or all".into(),
            ));
        }
        if self.occlusion == Amount::None {
            let unused = self.of_the_square();
            notes.extend(
                unused.map(|option| format!("{option} does nothing: there is no occlusion")),
            );
            return Ok(None);
        }
        if self.occlusion == Amount::Masked && !asked.has_regions {
            let note = "no occlusion: --occlusion masked takes photographs with regions to hide, and there are none (--masks)";
            notes.push(note.into());
        }
        let preprocessing = &asked.model.preprocessing;
        let options = self.in_force(preprocessing.crop.sides());
        options.grid(preprocessing)?;
        let Some(layer) = asked.model.anatomy.top_maps() else {
            let note = "no occlusion: the network has no layer of maps to follow";
            return match asked.finds_regions {
                true => Err(Error::Usage(note.into())),
                false => {
                    notes.push(note.into());
                    Ok(None)
                }
            };
        };
        Ok(Some(Box::new(Occlusion { options, layer })))
    }
}

impl Experiment for Occlusion {
    fn name(&self) -> &'static str {
        NAME
    }

    fn options(&self) -> serde_json::Result<Value> {
        serde_json::to_value(&self.options)
    }

    /// The most harmful position on each photograph.
    fn regions(&self, context: &Context<'_>) -> Result<Option<Boxes>> {
        let setting = context.setting;
        let photos = self.drawn_from_all(setting);
        let mut boxes = Vec::with_capacity(photos.len());
        Occlusions::new(self, context)?.explore(&photos, |photo, record| {
            let path = &setting.dataset.photos[photo].path;
            let geometry = Geometry::new(record.photo_size, setting.preprocessing)?;
            let (y, x) = record.position(record.worst());
            let side = self.options.occluder as f64;
            let (left, top) = (x as f64, y as f64);
            let square = Rect::between(left, top, left + side, top + side);
            let square = geometry.to_photo(&square);
            // It may lie in what the crop has beside the photograph.
            if square
                .intersection(&Rect::of_size(geometry.photo))
                .is_some()
            {
                boxes.push((path.clone(), square));
            }
            Ok(())
        })?;
        match boxes.is_empty() {
            false => Ok(Some(boxes)),
            true => Err(Error::Dataset {
                path: setting.dataset.root.clone(),
                problem:
                    "none of the photographs that --masks worst would hide a part of can be read"
                        .into(),
            }),
        }
    }

    fn seeks(&self, context: &Context<'_>) -> Vec<Portion> {
        let photos = self.drawn_from_all(context.setting);
        Portion::of(&photos, together(context.engine))
    }

    fn again(&self, context: &Context<'_>) -> Result<Vec<Portion>> {
        let mut photos = Vec::new();
        for photo in self.chosen(context)? {
            let id = &context.setting.dataset.photos[photo].id;
            if !context.folder.is_kept_of(NAME, id)? {
                photos.push(photo);
            }
        }
        Ok(Portion::of(&photos, together(context.engine)))
    }

    fn look_again(&self, context: &Context<'_>, portions: &[Portion]) -> Result<()> {
        match Portion::photos(portions) {
            photos if photos.is_empty() => Ok(()),
            photos => Occlusions::new(self, context)?.explore(&photos, |_, _| Ok(())),
        }
    }

    /// Slides the occluder over the photographs asked for.
    fn run(&self, context: &Context<'_>) -> Result<Vec<MetricRow>> {
        let photos = self.chosen(context)?;
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let Context {
            setting, folder, ..
        } = *context;
        let occlusions = Occlusions::new(self, context)?;
        let mut tables = Tables::begin(self, context)?;
        let mut explored = Explored::default();
        occlusions.explore(&photos, |photo, record| {
            explored.add(photo, record);
            if setting.arrays {
                // Others have no arrays; their maps are in the table.
                let photo = folder.record(&record.image_id)?;
                if photo.is_some_and(|photo| photo.detail) {
                    let arrays = context.root().join(PhotoArrays::file(&record.image_id));
                    add_arrays(&arrays, &tables::arrays(record))?;
                }
            }
            tables.add(record)
        })?;
        let examples = occlusions.examples(explored)?;
        let metrics = tables.finish(setting.seed)?;
        context.write(&examples)?;
        Ok(metrics)
    }
}

/// The experiment made ready for a network.
#[derive(Debug)]
struct Occlusions<'a> {
    context: &'a Context<'a>,
    occluder: Occluder,
    /// One for each device.
    sliders: Vec<Sliders>,
}

impl<'a> Occlusions<'a> {
    /// Makes the occluder ready.
    ///
    /// # Errors
    /// Those of [`Options::grid`] and [`Engine::slider`].
    fn new(asked: &'a Occlusion, context: &'a Context<'a>) -> Result<Self> {
        let (setting, engine) = (context.setting, context.engine);
        let (options, layer) = (&asked.options, &asked.layer);
        let cut = Cut {
            threads: setting.threads,
            ..Cut::on(engine.machine())
        };
        let occluder = options.grid(setting.preprocessing)?;
        let drawn = |axis: &str, starts: &[usize]| -> Vec<usize> {
            let mut numbers: Vec<usize> = (0..starts.len()).collect();
            numbers.sort_by_cached_key(|at| draw(setting.seed, &["sample", axis, &at.to_string()]));
            numbers.truncate(SAMPLED);
            numbers.sort_unstable();
            numbers
        };
        let sample = (
            drawn("rows", &occluder.rows),
            drawn("columns", &occluder.columns),
        );
        let ready = |engine: &Engine| -> Result<Sliders> {
            let slider = engine.slider(occluder.clone(), layer.node, cut)?;
            Ok(Sliders {
                engine: engine.clone(),
                fast: match options.occlusion_fast {
                    true => Fast::of(&slider, &sample.0, &sample.1)?,
                    false => None,
                },
                slider,
                node: layer.node,
                blocked: engine.anatomy().blocked()[layer.node].is_some(),
                threads: setting.threads,
            })
        };
        Ok(Self {
            context,
            sliders: context.engines.iter().map(ready).collect::<Result<_>>()?,
            occluder,
        })
    }

    /// Explores photos by their numbers in the data set, a group after another on each device, each with all workers, and hands over
    /// in their order what was found; what an interrupted run has done is taken as it is. Photos that cannot be read are left out.
    fn explore(
        &self,
        photos: &[usize],
        mut take: impl FnMut(usize, &OcclusionRecord) -> Result<()>,
    ) -> Result<()> {
        let progress = self.context.progress("sliding the occluder", photos.len());
        let look = Look {
            setting: self.context.setting,
            folder: self.context.folder,
            gallery: self.context.gallery(),
            occluder: &self.occluder,
        };
        let groups: Vec<&[usize]> = photos.chunks(together(self.context.engine)).collect();
        let workers = self.context.executor().one_by_one();
        let workers = workers.with(|device| Ok(self.sliders[device].clone()));
        let explored = workers.stream_groups(
            &groups,
            |photo| look.open(*photo),
            |sliders, group, give| {
                let unread = group.iter().filter(|opened| opened.is_none());
                unread.for_each(|_| progress.step());
                look.slide(sliders, group, give)
            },
            |slid| look.told(slid),
            |left| {
                left.iter().try_for_each(|(photo, record)| {
                    progress.step();
                    take(*photo, record)
                })
            },
        );
        explored.and(self.context.folder.seal())
    }
}

/// Photographs that are explored at once.
fn together(engine: &Engine) -> usize {
    engine.photos_together(engine.machine().photos).max(1)
}

/// The strongest unit of a map, as it is kept.
fn peak(unit: &Unit) -> Peak {
    Peak {
        y: unit.y,
        x: unit.x,
        activation: unit.activation,
    }
}
