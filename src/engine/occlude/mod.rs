//! Occlusion: a square of one colour slides over the input, and only what it changes is computed (ZF §4.2, fig. 7).
//!
//! The clean image's maps are kept; for each position the cells that can change are known from the network's geometry.
//! Positions with windows of nearly the same size go through the network together ([`plan`]), forms of their values are
//! in [`walk`], the classifier at the end is computed for all of them at once ([`tail`]). The same numbers come out as
//! from running the network over every occluded image, but for rounding. `docs/occlusion.md` has the arithmetic.

mod clean;
mod fast;
mod kernels;
mod numbers;
mod ops;
mod pieces;
mod place;
mod plan;
mod resample;
mod sliding;
mod tail;
mod walk;
mod windows;

use base::{Error, Result};
use network::projective_field::Span;
use tch::{Device, Kind, TchError, Tensor};

use super::transfer::sent;
use super::{Engine, Executor, Machine, Trace};
use clean::Clean;
pub use fast::{Fast, Sketch};
use kernels::Filters;
use numbers::Numbers;
pub use pieces::{PieceByPiece, Pieces};
use plan::{Chunk, Layout};
use tail::Answer;
use walk::{Ground, Left, Walk};

/// A square that is slid over the input, and where to.
#[derive(Debug, Clone, PartialEq)]
pub struct Occluder {
    /// Its side in pixels of the input.
    pub size: usize,
    /// Its colour in network units and channel order.
    pub fill: Vec<f32>,
    /// First rows under it, in any order, also several times. All pairs of a row and a column are positions. What
    /// reaches beyond the input is cut off.
    pub rows: Vec<usize>,
    /// First columns under it.
    pub columns: Vec<usize>,
}

/// A feature map to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureMap {
    /// The node.
    pub node: usize,
    /// The map's number in it.
    pub feature: usize,
}

/// How the work is cut up. The numbers that come out do not depend on `threads`.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Workers, each with one libtorch thread.
    pub threads: usize,
    /// No node's values take more in one pass.
    pub bytes: usize,
    /// Windows are cut to this part of a map's length; 1 for exact numbers.
    pub cap: f64,
    /// What it is cut for.
    pub machine: Machine,
}

impl Default for Cut {
    fn default() -> Self {
        Self::on(Machine::PROCESSOR)
    }
}

impl Cut {
    /// For a kind of device, with one worker.
    pub fn on(machine: Machine) -> Self {
        Self {
            threads: 1,
            bytes: machine.pass_bytes,
            cap: 1.0,
            machine,
        }
    }
}

/// What the network gives with the occluder at each position, row by row.
#[derive(Debug)]
pub struct Occlusion {
    /// The last node's output, `[positions, classes]`: probabilities where the network has a classifier.
    pub output: Tensor,
    /// The same before a last softmax.
    pub scores: Tensor,
    /// For each watched map the sum of its activations, `[positions]`.
    pub sums: Vec<Tensor>,
    /// The same sum in the image as it is, without dimensions.
    pub clean_sums: Vec<Tensor>,
}

impl Occluder {
    /// Positions at multiples of `stride` while the square fits into an input of so many rows and columns.
    ///
    /// # Errors
    /// [`Error::Usage`] for a stride or size of 0 and for a square that does not fit.
    pub fn grid(
        size: usize,
        stride: usize,
        [height, width]: [usize; 2],
        fill: Vec<f32>,
    ) -> Result<Self> {
        if size == 0 || stride == 0 {
            return Err(Error::Usage(
                "an occluder and its stride are at least 1 pixel".into(),
            ));
        }
        if size > height.min(width) {
            return Err(Error::Usage(format!(
                "an occluder of {size} pixels does not fit into the network's input of {height} × {width} pixels"
            )));
        }
        let starts = |side: usize| (0..=side - size).step_by(stride).collect();
        Ok(Self {
            size,
            fill,
            rows: starts(height),
            columns: starts(width),
        })
    }

    /// Positions.
    pub fn positions(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    fn spans(&self, starts: &[usize], side: usize) -> Vec<Span> {
        let span = |&start: &usize| Span {
            start,
            end: start.saturating_add(self.size).min(side),
        };
        starts.iter().map(span).collect()
    }
}

/// An occluder made ready for a network: which positions go together is found once for all images.
#[derive(Debug, Clone)]
pub struct Slider {
    engine: Engine,
    filters: Filters,
    numbers: Numbers,
    occluder: Occluder,
    /// Rows of positions whose values are held together, and how they go through the network.
    bands: Vec<Band>,
    /// Nodes that are walked by windows; the others are the end of the network.
    end: usize,
    cut: Cut,
}

#[derive(Debug, Clone)]
struct Band {
    rows: usize,
    chunks: Vec<Chunk>,
}

impl Slider {
    /// Slides the occluder over the image of `clean`, a trace of [`super::Recording::everything`], and watches some maps
    /// of nodes that the slider was made for. Nothing is read back.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault; [`Error::Usage`] for a map that the slider was not made for.
    ///
    /// # Source
    /// ZF §4.2, fig. 7; windows after Nakandala et al., SIGMOD 2019 (Krypton).
    pub fn slide(&self, clean: &Trace, watched: &[FeatureMap]) -> Result<Occlusion> {
        if let Some(map) = watched.iter().find(|map| map.node >= self.end) {
            return Err(Error::Usage(format!(
                "the occluder was made ready for maps of nodes before {}, not for one of node {}",
                self.end, map.node
            )));
        }
        let kept = Clean::of(&self.engine, clean, self.end)?;
        self.slide_over(&kept, clean, watched)
    }

    /// Likewise with the clean maps already in rows.
    fn slide_over(&self, kept: &Clean, clean: &Trace, watched: &[FeatureMap]) -> Result<Occlusion> {
        let (mut answers, mut walked_scores) = (Vec::new(), Vec::new());
        let mut sums: Vec<Vec<Tensor>> = watched.iter().map(|_| Vec::new()).collect();
        let clean_sum = |map: &FeatureMap| -> Result<Tensor, TchError> {
            let map = clean.recorded(map.node)?.f_select(1, map.feature as i64)?;
            map.f_sum(Kind::Double)?.f_to_kind(self.engine.kind)
        };
        let clean_sums: Result<Vec<Tensor>, TchError> = watched.iter().map(clean_sum).collect();
        let clean_sums = clean_sums.map_err(Error::compute("summing a map"))?;
        for band in &self.bands {
            let gathered = self.walk(kept, band, watched)?;
            for ((sums, changes), clean) in sums.iter_mut().zip(&gathered.sums).zip(&clean_sums) {
                sums.push(
                    changes
                        .f_add(clean)
                        .map_err(Error::compute("summing a map"))?,
                );
            }
            answers.extend(self.finish(&gathered.values)?);
            walked_scores.extend(gathered.scores);
        }
        let stacked = |parts: Vec<&Tensor>| {
            Tensor::f_cat(&parts, 0).map_err(Error::compute("putting positions in order"))
        };
        let sums = sums.iter().map(|parts| stacked(parts.iter().collect()));
        Ok(Occlusion {
            output: stacked(answers.iter().map(|answer| &answer.output).collect())?,
            scores: match walked_scores.is_empty() {
                true => stacked(answers.iter().map(|answer| &answer.scores).collect())?,
                false => stacked(walked_scores.iter().collect())?,
            },
            sums: sums.collect::<Result<_>>()?,
            clean_sums,
        })
    }

    /// The occluder and its positions.
    pub fn occluder(&self) -> &Occluder {
        &self.occluder
    }

    /// How often some positions go through the network for an image.
    pub fn passes(&self) -> usize {
        self.bands.iter().map(|band| band.chunks.len()).sum()
    }

    /// The same occluder for other positions, with windows of no more than `cap` of a map's length; 1 for all that
    /// changes.
    fn elsewhere(&self, rows: Vec<usize>, columns: Vec<usize>, cap: f64) -> Result<Self> {
        let occluder = Occluder {
            size: self.occluder.size,
            fill: self.occluder.fill.clone(),
            rows,
            columns,
        };
        let cut = Cut { cap, ..self.cut };
        Self::of(&self.engine, self.filters.clone(), occluder, self.end, cut)
    }

    fn of(
        engine: &Engine,
        filters: Filters,
        occluder: Occluder,
        end: usize,
        cut: Cut,
    ) -> Result<Self> {
        let input = engine.network().input;
        if occluder.positions() == 0 || occluder.fill.len() != input.channels {
            return Err(Error::Usage(format!(
                "an occluder needs a position and {} values of colour",
                input.channels
            )));
        }
        let columns = occluder.spans(&occluder.columns, input.width);
        let beyond = |starts: &[usize], side: usize| starts.iter().any(|&start| start >= side);
        if occluder.size == 0
            || beyond(&occluder.rows, input.height)
            || beyond(&occluder.columns, input.width)
        {
            return Err(Error::Usage(format!(
                "an occluder of {} pixels does not hide a pixel of {input} at every position",
                occluder.size
            )));
        }
        let row_bytes = columns.len() * engine.shape(end - 1).cells() * size_of::<f32>();
        let layout = Layout {
            anatomy: &engine.anatomy,
            cap: cut.cap,
            machine: cut.machine,
        };
        let bands = occluder
            .rows
            .chunks((cut.machine.band_bytes / row_bytes).max(1));
        let bands = bands.map(|starts| {
            let rows = occluder.spans(starts, input.height);
            Band {
                rows: rows.len(),
                chunks: plan::chunks(&layout, end, &rows, &columns, cut.bytes),
            }
        });
        Ok(Self {
            bands: bands.collect(),
            engine: engine.clone(),
            filters,
            numbers: Numbers::default(),
            occluder,
            end,
            cut,
        })
    }

    fn walk(&self, kept: &Clean, band: &Band, watched: &[FeatureMap]) -> Result<Gathered> {
        let end = self.end;
        let fill = || {
            sent(&self.occluder.fill, self.engine.device)
                .map_err(Error::compute("the occluder's colour"))
        };
        let workers = Executor::new(&self.engine, self.cut.threads).with(|_| {
            let (engine, filters) = (self.engine.clone(), self.filters.clone());
            Ok((engine, filters, kept.share(), fill()?))
        });
        let (large_steps, numbers) = (self.cut.machine.large_steps, self.numbers.clone());
        let left = workers.each(&band.chunks, |(engine, filters, kept, fill), chunk| {
            let _no_grad = tch::no_grad_guard();
            let numbers = match large_steps {
                true => numbers.clone(),
                false => Numbers::default(),
            };
            let ground = Ground {
                engine,
                filters,
                clean: kept,
                numbers,
                large_steps,
            };
            Walk::new(ground, chunk, end).run(fill, watched)
        })?;
        Gathered::of(band, &left, self.occluder.columns.len())
            .map_err(Error::compute("putting positions in order"))
    }

    fn finish(&self, values: &Tensor) -> Result<Vec<Answer>> {
        let parts = values
            .f_split(self.cut.machine.end_positions as i64, 0)
            .map_err(Error::compute("the end of the network"))?;
        let (end, numbers) = (self.end, (0..parts.len()).collect::<Vec<usize>>());
        let workers = Executor::new(&self.engine, self.cut.threads).with(|_| {
            let parts: Vec<Tensor> = parts.iter().map(Tensor::shallow_clone).collect();
            Ok((self.engine.clone(), parts))
        });
        workers.each(&numbers, |(engine, parts), &part| {
            let _no_grad = tch::no_grad_guard();
            tail::finish(engine, end, &parts[part])
        })
    }
}

impl Engine {
    /// Makes an occluder ready to be slid over this network's input, with maps of nodes up to `watched` to be watched.
    ///
    /// # Errors
    /// [`Error::Compute`] where the device refuses; [`Error::Usage`] for an occluder of no pixel or without positions,
    /// for one that begins beyond the input, for another number of colours than the input has channels, and for a node
    /// that there is not.
    pub fn slider(&self, occluder: Occluder, watched: usize, cut: Cut) -> Result<Slider> {
        if watched >= self.network().nodes.len() {
            return Err(Error::Usage(format!(
                "there is no node {watched} to watch; the network has {}",
                self.network().nodes.len()
            )));
        }
        let end = tail::start(&self.anatomy, watched);
        Slider::of(self, Filters::of(self)?, occluder, end, cut)
    }
}

/// All chunks' results in the order of the positions.
struct Gathered {
    values: Tensor,
    /// Before a last softmax that was walked by windows.
    scores: Option<Tensor>,
    sums: Vec<Tensor>,
}

impl Gathered {
    fn of(band: &Band, left: &[Left], columns: usize) -> Result<Self, TchError> {
        let mut order: Vec<i64> = Vec::with_capacity(band.rows * columns);
        for chunk in &band.chunks {
            for row in &chunk.rows.members {
                let members = chunk.columns.members.iter();
                order.extend(members.map(|column| (row * columns + column) as i64));
            }
        }
        let device = left
            .first()
            .map_or(Device::Cpu, |left| left.values.device());
        let order = sent(&order, device)?;
        let in_order = |parts: Vec<&Tensor>| -> Result<Tensor, TchError> {
            let first = parts
                .first()
                .ok_or_else(|| TchError::Shape("no positions".into()))?;
            let mut size = first.size();
            size[0] = order.size()[0];
            let mut all = Tensor::f_empty(size, (first.kind(), first.device()))?;
            let mut from = 0;
            for part in parts {
                let count = part.size()[0];
                all = all.f_index_copy_(0, &order.f_narrow(0, from, count)?, part)?;
                from += count;
            }
            Ok(all)
        };
        let watched = left.first().map_or(0, |left| left.sums.len());
        let scores: Option<Vec<&Tensor>> = left.iter().map(|left| left.scores.as_ref()).collect();
        Ok(Self {
            values: in_order(left.iter().map(|left| &left.values).collect())?,
            scores: scores.map(in_order).transpose()?,
            sums: (0..watched)
                .map(|map| in_order(left.iter().map(|left| &left.sums[map]).collect()))
                .collect::<Result<_, _>>()?,
        })
    }
}
