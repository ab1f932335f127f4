//! Occlusion: a square of one colour slides over the input, and only what it changes is computed (ZF §4.2, fig. 7).
//!
//! The clean image's maps are kept; for each position the cells that can change are known from the network's geometry.
//! Positions with windows of nearly the same size go through the network together ([`plan`]), forms of their values are
//! in [`walk`], the classifier at the end is computed for all of them at once ([`tail`]). The same numbers come out as
//! from running the network over every occluded image, but for rounding. `docs/occlusion.md` has the arithmetic.

mod clean;
mod kernels;
mod place;
mod plan;
mod tail;
mod walk;
mod windows;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tch::{Device, TchError, Tensor};

use super::forward::to_values;
use super::{device, Engine, Trace};
use crate::error::{Error, Result};
use crate::network::projective_field::Span;
use clean::Clean;
use kernels::Filters;
use plan::Chunk;
use walk::{Left, Walk};

/// Bytes that no node's values may take in one pass, by default.
pub const PASS_BYTES: usize = 16 << 20;

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
}

impl Default for Cut {
    fn default() -> Self {
        Self {
            threads: 1,
            bytes: PASS_BYTES,
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
    pub sums: Vec<Vec<f32>>,
}

impl Occluder {
    /// Positions at multiples of `stride` while the square fits into an input of `side` pixels each way.
    ///
    /// # Errors
    /// [`Error::Usage`] for a stride or size of 0 and for a square that does not fit.
    pub fn grid(size: usize, stride: usize, side: usize, fill: Vec<f32>) -> Result<Self> {
        if size == 0 || stride == 0 {
            return Err(Error::Usage(
                "an occluder and its stride are at least 1 pixel".into(),
            ));
        }
        let Some(room) = side.checked_sub(size) else {
            return Err(Error::Usage(format!(
                "an occluder of {size} pixels does not fit into the network's input of {side} × {side} pixels"
            )));
        };
        let starts: Vec<usize> = (0..=room).step_by(stride).collect();
        Ok(Self {
            size,
            fill,
            rows: starts.clone(),
            columns: starts,
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
#[derive(Debug)]
pub struct Slider {
    engine: Engine,
    filters: Filters,
    occluder: Occluder,
    chunks: Vec<Chunk>,
    /// Nodes that are walked by windows; the others are the end of the network.
    end: usize,
    threads: usize,
}

impl Slider {
    /// Slides the occluder over the image of `clean`, a trace of [`super::Recording::everything`], and watches some maps
    /// of nodes that the slider was made for.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault; [`Error::Usage`] for a map that the slider was not made for.
    ///
    /// # Source
    /// ZF §4.2, fig. 7; windows after Nakandala et al., SIGMOD 2019 (Krypton).
    pub fn slide(&self, clean: &Trace, watched: &[FeatureMap]) -> Result<Occlusion> {
        let end = self.end;
        if let Some(map) = watched.iter().find(|map| map.node >= end) {
            return Err(Error::Usage(format!(
                "the occluder was made ready for maps of nodes before {end}, not for one of node {}",
                map.node
            )));
        }
        let kept = Clean::of(&self.engine, clean, end)?;
        let pool = Pool {
            engine: &self.engine,
            threads: self.threads,
        };
        let left = pool.each(
            &self.chunks,
            || Ok((self.filters.share(), kept.share(), self.fill()?)),
            |engine, (filters, kept, fill), chunk| {
                Walk::new(engine, filters, kept, chunk, end).run(fill, watched)
            },
        )?;
        drop(kept);
        let failed = || Error::compute("putting an occluder's positions in order");
        let gathered = Gathered::of(&self.chunks, &left, &self.occluder).map_err(failed())?;
        drop(left);
        let positions = self.occluder.positions() as i64;
        let parts: Vec<Tensor> = (0..positions)
            .step_by(tail::POSITIONS as usize)
            .map(|from| {
                let count = tail::POSITIONS.min(positions - from);
                gathered.values.f_narrow(0, from, count)
            })
            .collect::<Result<_, TchError>>()
            .map_err(failed())?;
        let numbers: Vec<usize> = (0..parts.len()).collect();
        let answers = pool.each(
            &numbers,
            || Ok(parts.iter().map(Tensor::shallow_clone).collect::<Vec<_>>()),
            |engine, parts, &part| tail::finish(engine, end, &parts[part]),
        )?;
        let stacked = |of: &dyn Fn(&tail::Answer) -> &Tensor| {
            let parts: Vec<&Tensor> = answers.iter().map(of).collect();
            Tensor::f_cat(&parts, 0).map_err(failed())
        };
        let changes = gathered.sums.iter().zip(watched);
        Ok(Occlusion {
            output: stacked(&|answer| &answer.output)?,
            scores: match gathered.scores {
                Some(scores) => scores,
                None => stacked(&|answer| &answer.scores)?,
            },
            sums: changes
                .map(|(changes, map)| {
                    let whole = self.engine.summed_map(clean, 0, *map)?;
                    let changes = to_values(changes)?;
                    Ok(changes.into_iter().map(|change| whole + change).collect())
                })
                .collect::<Result<_>>()?,
        })
    }

    fn fill(&self) -> Result<Tensor> {
        Tensor::f_from_slice(&self.occluder.fill)
            .and_then(|fill| fill.f_to_device(self.engine.device))
            .map_err(Error::compute("the occluder's colour"))
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
        let input = self.network.input;
        if occluder.positions() == 0 || occluder.fill.len() != input.channels {
            return Err(Error::Usage(format!(
                "an occluder needs a position and {} values of colour",
                input.channels
            )));
        }
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
        if watched >= self.network.nodes.len() {
            return Err(Error::Usage(format!(
                "there is no node {watched} to watch; the network has {}",
                self.network.nodes.len()
            )));
        }
        let rows = occluder.spans(&occluder.rows, input.height);
        let columns = occluder.spans(&occluder.columns, input.width);
        let end = tail::start(&self.network, &self.shapes, watched);
        Ok(Slider {
            engine: self.clone(),
            filters: Filters::of(self)?,
            chunks: plan::chunks(&self.network, &self.shapes, end, &rows, &columns, cut.bytes),
            occluder,
            end,
            threads: cut.threads,
        })
    }

    /// The sum of a recorded map's activations for one image.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn summed_map(&self, trace: &Trace, image: i64, map: FeatureMap) -> Result<f32> {
        let sum = || -> Result<f64, TchError> {
            let maps = trace.activations.get(&map.node);
            let maps = maps.ok_or_else(|| TchError::Kind("the layer was not recorded".into()))?;
            let map = maps.f_select(0, image)?.f_select(0, map.feature as i64)?;
            map.f_sum(tch::Kind::Double)?.f_double_value(&[])
        };
        let sum = sum().map_err(Error::compute("summing a map"))?;
        Ok(sum as f32)
    }

    /// The map of a recorded node that is strongest in sum for one image; the first of equals.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn strongest_map(&self, trace: &Trace, image: i64, node: usize) -> Result<FeatureMap> {
        let find = || -> Result<i64, TchError> {
            let maps = trace.activations.get(&node);
            let maps = maps.ok_or_else(|| TchError::Kind("the layer was not recorded".into()))?;
            let sums = maps.f_select(0, image)?.f_flatten(1, -1)?;
            let sums = sums.f_sum_dim_intlist([1i64].as_slice(), false, None)?;
            sums.f_argmax(None, false)?.f_int64_value(&[])
        };
        let feature = find().map_err(Error::compute("finding the strongest map"))?;
        Ok(FeatureMap {
            node,
            feature: feature as usize,
        })
    }
}

/// All chunks' results in the order of the positions.
struct Gathered {
    values: Tensor,
    scores: Option<Tensor>,
    sums: Vec<Tensor>,
}

impl Gathered {
    fn of(chunks: &[Chunk], left: &[Left], occluder: &Occluder) -> Result<Self, TchError> {
        let wide = occluder.columns.len();
        let mut order: Vec<i64> = Vec::with_capacity(occluder.positions());
        for chunk in chunks {
            for row in &chunk.rows.members {
                order.extend(
                    chunk
                        .columns
                        .members
                        .iter()
                        .map(|column| (row * wide + column) as i64),
                );
            }
        }
        let order = Tensor::f_from_slice(&order)?;
        let in_order = |parts: Vec<&Tensor>| -> Result<Tensor, TchError> {
            let first = parts[0];
            let mut size = first.size();
            size[0] = occluder.positions() as i64;
            let all = Tensor::f_empty(size, (first.kind(), first.device()))?;
            let order = order.f_to_device(first.device())?;
            let mut from = 0;
            for part in parts {
                let count = part.size()[0];
                let _ =
                    all.shallow_clone()
                        .f_index_copy_(0, &order.f_narrow(0, from, count)?, part)?;
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

/// Workers that share the work on one image.
struct Pool<'a> {
    engine: &'a Engine,
    threads: usize,
}

impl Pool<'_> {
    /// Does `work` for every item; each worker has an engine and a `kit` of its own. Results stand in the items' order.
    fn each<T: Sync, K: Send, R: Send>(
        &self,
        items: &[T],
        kit: impl Fn() -> Result<K>,
        work: impl Fn(&Engine, &K, &T) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let workers = match self.engine.device {
            Device::Cpu => self.threads.clamp(1, items.len().max(1)),
            _ => 1,
        };
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let some = |engine: &Engine, kit: &K| -> Result<Vec<(usize, R)>> {
            device::one_thread_here();
            let _no_grad = tch::no_grad_guard();
            let mut done = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { break };
                let result = work(engine, kit, item);
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                done.push((at, result?));
            }
            Ok(done)
        };
        if workers == 1 {
            let done = some(self.engine, &kit()?)?;
            return Ok(done.into_iter().map(|(_, result)| result).collect());
        }
        let mut done = Vec::with_capacity(items.len());
        thread::scope(|scope| -> Result<()> {
            let mut running = Vec::with_capacity(workers);
            for _ in 0..workers {
                let (engine, kit, some) = (self.engine.clone(), kit()?, &some);
                running.push(scope.spawn(move || some(&engine, &kit)));
            }
            for worker in running {
                done.extend(worker.join().unwrap_or_else(|_| {
                    Err(Error::Compute {
                        doing: "sliding the occluder".into(),
                        message: "a worker ended unexpectedly; please report this".into(),
                    })
                })?);
            }
            Ok(())
        })?;
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }
}
