//! The deconvnet: activations walked back to the pixels (ZF §2.1).

mod step;

use base::{Error, Result};
use tch::{TchError, Tensor};

use super::seeds::Seed;
use super::trace::{Operand, Trace};
use super::transfer::sent;
use super::Engine;
pub(super) use step::is_derived;

/// What a ReLU does to the signal on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReluRule {
    /// The signal itself is rectified, whatever the forward pass did (ZF §2.1).
    Deconvnet,
    /// Rectified, and zero where the forward activation was zero (Springenberg et al. 2015).
    Guided,
    /// Zero where the forward activation was zero: the gradient (Simonyan et al. 2014).
    Gradient,
}

impl ReluRule {
    pub(super) fn looks_at_forward(self) -> bool {
        !matches!(self, Self::Deconvnet)
    }
}

/// Signals on their way back: the first rows of all seeds, in the order of [`Walk::images`].
struct Walk<'a> {
    trace: &'a Trace,
    rule: ReluRule,
    /// The image of each row, i64 on the device.
    images: Tensor,
    signals: Vec<Option<Tensor>>,
}

impl Engine {
    /// Walks seeds back to the pixels, all in one pass: the batch grows where a seed's node is reached.
    ///
    /// # Shapes
    /// `[seeds, C, H, W]` of the input in the seeds' order, in network input units (for kinds `unit` and `layer` positively
    /// homogeneous in the seed). The result is not rectified.
    ///
    /// # Errors
    /// [`Error::Compute`] with the node at fault, also for a trace that was recorded for another rule.
    ///
    /// # Source
    /// ZF §2.1; overlapping pools add up, contrast normalisation is skipped but for [`ReluRule::Gradient`]. What the paper does
    /// not know: a smooth rectifier lets through what a ReLU would, a gate and the scale of a normalisation by the image's own
    /// statistics are held at their values in the forward pass. [`ReluRule::Gradient`] has the true derivatives of all of it.
    pub fn project(&self, trace: &Trace, seeds: &[Seed], rule: ReluRule) -> Result<Tensor> {
        let _no_grad = tch::no_grad_guard();
        seeds.iter().try_for_each(|seed| self.way_from(seed.node))?;
        self.has_memory_for(0, seeds.len())
            .map_err(Error::compute("projection"))?;
        let mut order: Vec<usize> = (0..seeds.len()).collect();
        order.sort_by_key(|&seed| std::cmp::Reverse(seeds[seed].node));
        let images: Vec<i64> = order.iter().map(|&seed| seeds[seed].image).collect();
        let images = sent(&images, self.device).map_err(Error::compute("projection"))?;
        let mut walk = Walk {
            trace,
            rule,
            images,
            signals: self.network().nodes.iter().map(|_| None).collect(),
        };
        let mut started = 0;
        for index in (0..self.network().nodes.len()).rev() {
            let node = &self.network().nodes[index];
            let here = order[started..]
                .iter()
                .take_while(|&&seed| seeds[seed].node == index)
                .count();
            let new: Vec<&Seed> = order[started..started + here]
                .iter()
                .map(|&seed| &seeds[seed])
                .collect();
            let mut step = || -> Result<(), TchError> {
                if !new.is_empty() {
                    let signals = self.signals(trace, index, &new)?;
                    walk.start(index, started as i64, signals)?;
                }
                match walk.signals[index].take() {
                    Some(signal) if index > 0 => self.step_back(index, &signal, &mut walk),
                    signal => {
                        walk.signals[index] = signal;
                        Ok(())
                    }
                }
            };
            step().map_err(Error::compute(format!(
                "projection at node '{}' ({})",
                node.name,
                node.op.describe()
            )))?;
            started += here;
        }
        let mut rank = vec![0i64; order.len()];
        for (row, &seed) in order.iter().enumerate() {
            rank[seed] = row as i64;
        }
        let pixels = walk.signals.swap_remove(0);
        let restore = || -> Result<Tensor, TchError> {
            let pixels =
                pixels.ok_or_else(|| TchError::Shape("no seed reached the input".into()))?;
            pixels.f_index_select(0, &sent(&rank, self.device)?)
        };
        restore().map_err(Error::compute("projection"))
    }
}

impl Engine {
    /// That nothing is in the way of projections of a node.
    fn way_from(&self, node: usize) -> Result<()> {
        match self.anatomy.blocked()[node] {
            None => Ok(()),
            Some(wall) => {
                let why = self.anatomy.wall(wall).unwrap_or_default();
                let node = &self.network().nodes[wall];
                Err(Error::Compute {
                    doing: format!(
                        "projection at node '{}' ({})",
                        node.name,
                        node.op.describe()
                    ),
                    message: format!("cannot be projected: {why}"),
                })
            }
        }
    }
}

impl Walk<'_> {
    /// Lets new seeds join at a node, behind the `started` rows that are under way.
    fn start(&mut self, node: usize, started: i64, new: Tensor) -> Result<(), TchError> {
        let before = match self.signals[node].take() {
            Some(signal) => Some(with_rows(signal, started)?),
            None if started == 0 => None,
            None => {
                let mut size = new.size();
                size[0] = started;
                Some(Tensor::f_zeros(size, (new.kind(), new.device()))?)
            }
        };
        self.signals[node] = Some(match before {
            Some(before) => Tensor::f_cat(&[before, new], 0)?,
            None => new,
        });
        Ok(())
    }

    /// Adds a signal to a node's; where one has fewer rows, the missing ones are zero.
    fn add(&mut self, node: usize, signal: Tensor) -> Result<(), TchError> {
        self.signals[node] = Some(match self.signals[node].take() {
            None => signal,
            Some(other) => {
                let rows = signal.size()[0].max(other.size()[0]);
                with_rows(other, rows)?.f_add(&with_rows(signal, rows)?)?
            }
        });
        Ok(())
    }

    fn switches(&self, node: usize, rows: i64) -> Result<Tensor, TchError> {
        let switches = self.trace.switches.get(&node);
        self.per_row(switches, rows)
    }

    /// What the trace recorded of a node for the way back, see [`Trace::operands`].
    fn operand(&self, at: Operand, rows: i64) -> Result<Tensor, TchError> {
        self.per_row(self.trace.operands.get(&at), rows)
    }

    /// What the trace recorded for each image, once for each row.
    fn per_row(&self, recorded: Option<&Tensor>, rows: i64) -> Result<Tensor, TchError> {
        let recorded = recorded
            .ok_or_else(|| TchError::Kind("the trace was not recorded for this rule".into()))?;
        match self.trace.images {
            1 => {
                let mut size = recorded.size();
                size[0] = rows;
                recorded.f_expand(size, false)
            }
            _ => recorded.f_index_select(0, &self.images.f_narrow(0, 0, rows)?),
        }
    }
}

fn with_rows(signal: Tensor, rows: i64) -> Result<Tensor, TchError> {
    let mut missing = signal.size();
    missing[0] = rows - missing[0];
    if missing[0] == 0 {
        return Ok(signal);
    }
    let zeros = Tensor::f_zeros(missing, (signal.kind(), signal.device()))?;
    Tensor::f_cat(&[signal, zeros], 0)
}
