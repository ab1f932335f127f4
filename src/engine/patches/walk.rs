//! One batch of units on its way back, node by node.

use base::{Error, Result};
use network::passage::{Passage, Run};
use network::shape::Shape;
use network::{Axis, Op, Window};
use tch::{Kind, TchError, Tensor};

use super::super::forward::{leaky, pair};
use super::super::parameters::Parameters;
use super::super::trace::Trace;
use super::super::transfer::sent;
use super::super::{rows, Engine};
use super::adjoint::Adjoint;
use super::place::Units;
use super::Place;

/// What the way back needs of the way forward.
#[derive(Debug)]
pub(super) struct Clues<'a> {
    passages: &'a [Option<Passage>],
    /// For each max pooling the place of every window's maximum, from the window's first cell, in cells of the windows'
    /// inputs: `[images · H · W, C]`.
    switches: Vec<Option<Tensor>>,
    /// What products with gates and normalisations multiply a signal with.
    held: Vec<Option<Held>>,
}

/// Values that are held constant on the way back, as cells in rows.
#[derive(Debug)]
struct Held {
    /// `[images · h · w, c]`.
    cells: Tensor,
    shape: Shape,
}

impl Held {
    fn of(maps: &Tensor) -> Result<Self, TchError> {
        let size = maps.size();
        let length = |axis: usize| size[axis] as usize;
        Ok(Self {
            cells: rows::from_maps(maps)?.f_flatten(0, 2)?,
            shape: Shape::of([length(1), length(2), length(3)]),
        })
    }
}

/// Whether the way back through an op needs something of the way forward.
pub(super) fn looks_at_forward(op: &Op) -> bool {
    matches!(op, Op::MaxPool { .. }) || multiplies(op)
}

/// Whether a signal on its way back is multiplied with what the way forward held.
fn multiplies(op: &Op) -> bool {
    matches!(
        op,
        Op::Multiply | Op::Divide | Op::LayerNorm { .. } | Op::GroupNorm { .. }
    )
}

impl<'a> Clues<'a> {
    /// # Errors
    /// [`Error::Compute`] for a trace without the switches that are needed.
    pub(super) fn of(
        engine: &Engine,
        trace: Option<&Trace>,
        passages: &'a [Option<Passage>],
    ) -> Result<Self> {
        let missing = || TchError::Kind("the trace was not recorded for a projection".into());
        let switches = |(node, passage): (usize, &Option<Passage>)| -> Result<_, TchError> {
            match (&engine.network().nodes[node].op, passage) {
                (op @ Op::MaxPool { window, .. }, Some(passage)) => {
                    let recorded = trace.and_then(|trace| trace.switches.get(&node));
                    let recorded = recorded.ok_or_else(missing)?;
                    let below = engine.shape(engine.network().nodes[node].inputs[0]);
                    let width = passage.below(op).axes[1].size;
                    from_window(recorded, window, below, width).map(Some)
                }
                _ => Ok(None),
            }
        };
        let held = |(node, passage): (usize, &Option<Passage>)| -> Result<_, TchError> {
            match passage {
                Some(_) if multiplies(&engine.network().nodes[node].op) => {
                    let recorded = trace.and_then(|trace| trace.operands.get(&(node, 0)));
                    Held::of(recorded.ok_or_else(missing)?).map(Some)
                }
                _ => Ok(None),
            }
        };
        let nodes = || passages.iter().enumerate();
        let switches: Result<Vec<_>, TchError> = nodes().map(switches).collect();
        let held: Result<Vec<_>, TchError> = nodes().map(held).collect();
        Ok(Self {
            passages,
            switches: switches.map_err(Error::compute("reading switches"))?,
            held: held.map_err(Error::compute("reading what is held constant"))?,
        })
    }
}

/// Switches as libtorch counts them, over the whole plane, counted from each window's first cell in planes of `width`.
fn from_window(
    switches: &Tensor,
    window: &Window,
    below: Shape,
    width: i64,
) -> Result<Tensor, TchError> {
    let cells = rows::from_maps(switches)?;
    let (high, wide) = (cells.size()[1], cells.size()[2]);
    let first = |axis: usize, length: i64| -> Result<Tensor, TchError> {
        let options = (Kind::Int64, cells.device());
        Tensor::f_arange(length, options)?
            .f_mul_scalar(window.stride[axis] as i64)?
            .f_sub_scalar(window.padding[axis] as i64)
    };
    let plane = below.width as i64;
    let row = cells.f_div_scalar_mode(plane, "floor")?;
    let column = cells.f_sub(&row.f_mul_scalar(plane)?)?;
    let row = row.f_sub(&first(0, high)?.f_view([1, -1, 1, 1])?)?;
    let column = column.f_sub(&first(1, wide)?.f_view([1, 1, -1, 1])?)?;
    row.f_mul_scalar(width)?.f_add(&column)?.f_flatten(0, 2)
}

/// Signals of all units at one node.
#[derive(Debug)]
enum Signal {
    /// Still one activation each: its feature, i64, and its value.
    Units { feature: Tensor, value: Tensor },
    /// `[N, h, w, C]` at the node's passage.
    Cells(Tensor),
}

impl Signal {
    fn share(&self) -> Self {
        match self {
            Self::Units { feature, value } => Self::Units {
                feature: feature.shallow_clone(),
                value: value.shallow_clone(),
            },
            Self::Cells(cells) => Self::Cells(cells.shallow_clone()),
        }
    }

    fn into_cells(self, channels: usize) -> Result<Tensor, TchError> {
        match self {
            Self::Cells(cells) => Ok(cells),
            Self::Units { feature, value } => {
                let size = [value.size()[0], channels as i64];
                Tensor::f_zeros(size, (value.kind(), value.device()))?
                    .f_scatter(1, &feature.f_unsqueeze(1)?, &value.f_unsqueeze(1)?)?
                    .f_view([-1, 1, 1, channels as i64])
            }
        }
    }

    /// The same for each value, whatever the cell.
    fn map(self, of: impl Fn(&Tensor) -> Result<Tensor, TchError>) -> Result<Self, TchError> {
        Ok(match self {
            Self::Units { feature, value } => Self::Units {
                value: of(&value)?,
                feature,
            },
            Self::Cells(cells) => Self::Cells(of(&cells)?),
        })
    }
}

/// Walks units of a node back to the pixels: `[N, h, w, C]` at the input's passage.
///
/// # Errors
/// [`Error::Compute`] with the node at fault.
pub(super) fn back(
    engine: &Engine,
    node: usize,
    adjoints: &[Option<Adjoint>],
    clues: &Clues<'_>,
    places: &[Place],
) -> Result<Tensor> {
    let units = Units::of(places, engine.device).map_err(Error::compute("projection"))?;
    let mut walk = Walk {
        engine,
        adjoints,
        clues,
        units,
        signals: (0..=node).map(|_| None).collect(),
    };
    let start = || -> Result<Signal, TchError> {
        let values: Vec<f32> = places.iter().map(|p| p.unit.activation).collect();
        Ok(Signal::Units {
            feature: walk.units.features.shallow_clone(),
            value: sent(&values, engine.device)?,
        })
    };
    let start = start().map_err(Error::compute("projection"))?;
    walk.signals[node] = Some(start);
    for at in (1..=node).rev() {
        if let Some(signal) = walk.signals[at].take() {
            let failed = || {
                let node = &engine.network().nodes[at];
                format!(
                    "projection at node '{}' ({})",
                    node.name,
                    node.op.describe()
                )
            };
            walk.step(at, signal)
                .map_err(|error| Error::compute(failed())(error))?;
        }
    }
    let pixels = match walk.signals[0].take() {
        Some(signal) => signal.into_cells(engine.network().input.channels),
        None => Err(TchError::Shape("no unit reached the input".into())),
    };
    pixels.map_err(Error::compute("projection"))
}

struct Walk<'a> {
    engine: &'a Engine,
    adjoints: &'a [Option<Adjoint>],
    clues: &'a Clues<'a>,
    units: Units,
    signals: Vec<Option<Signal>>,
}

impl Walk<'_> {
    /// One op backwards: adds the signal at a node's output to its inputs' signals.
    fn step(&mut self, at: usize, signal: Signal) -> Result<(), TchError> {
        let node = &self.engine.network().nodes[at];
        let below = self.engine.anatomy.signals(at).next().unwrap_or(0);
        match &node.op {
            Op::Relu | Op::Clip { .. } | Op::PRelu { .. } => {
                self.add(at, below, signal.map(Tensor::f_relu)?)
            }
            Op::Curve(curve) => {
                let open = |values: &Tensor| values.f_relu()?.f_mul_scalar(curve.gain());
                self.add(at, below, signal.map(open)?)
            }
            Op::LeakyRelu { slope } => {
                self.add(at, below, signal.map(|values| leaky(values, *slope))?)
            }
            Op::Dropout | Op::Lrn { .. } => self.add(at, below, signal),
            Op::Add => node
                .inputs
                .iter()
                .try_for_each(|&input| self.add(at, input, signal.share())),
            Op::Concat => {
                let mut first = 0;
                node.inputs.iter().try_for_each(|&input| {
                    let channels = self.engine.shape(input).channels as i64;
                    first += channels;
                    self.add(at, input, part(&signal, first - channels, channels)?)
                })
            }
            Op::Conv { .. } => {
                let adjoint = self.adjoints[at].as_ref().ok_or_else(|| {
                    TchError::Kind("the node's parameters were not uploaded".into())
                })?;
                let of_units = match &signal {
                    Signal::Units { feature, value } => adjoint.apply_to_units(feature, value)?,
                    Signal::Cells(_) => None,
                };
                let cells = match of_units {
                    Some(cells) => cells,
                    None => adjoint.apply(&self.cells(at, signal)?)?,
                };
                self.add(at, below, Signal::Cells(cells))
            }
            op => {
                let cells = self.cells(at, signal)?;
                let cells = self.step_cells(at, op, &cells)?;
                self.add(at, below, Signal::Cells(cells))
            }
        }
    }

    fn step_cells(&self, at: usize, op: &Op, g: &Tensor) -> Result<Tensor, TchError> {
        let below = self.engine.shape(self.engine.network().nodes[at].inputs[0]);
        if multiplies(op) {
            return g.f_mul(&self.held(at)?);
        }
        match (op, &self.engine.parameters[at]) {
            (Op::MaxPool { window, .. }, _) => {
                let plane = self.plane(at, op, g)?;
                let places = self.switches(at, window, plane.size()[3])?;
                let maps = plane.f_max_pool2d_with_indices_backward(
                    &g.f_permute([0, 3, 1, 2])?,
                    pair(window.kernel),
                    pair(window.stride),
                    [0, 0],
                    pair(window.dilation),
                    false,
                    &places,
                )?;
                rows::from_maps(&maps)
            }
            (
                Op::AveragePool {
                    window,
                    ceil: _,
                    padding_counts,
                },
                _,
            ) => {
                let shares = self.shares(at, window, below, *padding_counts)?;
                let maps = self.plane(at, op, g)?.f_avg_pool2d_backward(
                    &g.f_mul(&shares)?.f_permute([0, 3, 1, 2])?,
                    pair(window.kernel),
                    pair(window.stride),
                    [0, 0],
                    false,
                    true,
                    1,
                )?;
                rows::from_maps(&maps)
            }
            (
                Op::BatchNorm { .. } | Op::Scale { .. } | Op::Shift { .. },
                Parameters::Scale { scale, .. },
            ) => match scale {
                Some(scale) => g.f_mul(&scale.f_flatten(0, -1)?),
                None => Ok(g.shallow_clone()),
            },
            (Op::ReduceChannels { .. }, _) => {
                let channels = below.channels as i64;
                g.f_div_scalar(channels)?
                    .f_expand([-1, -1, -1, channels], false)?
                    .f_contiguous()
            }
            (Op::Pad { edges, .. }, _) => {
                let [front, back] = edges[0];
                g.f_constant_pad_nd([-front, -back])
            }
            (
                Op::Select {
                    axis: Axis::Channels,
                    ..
                },
                Parameters::Indices(indices),
            ) => {
                let mut size = g.size();
                size[3] = below.channels as i64;
                Tensor::f_zeros(size, (g.kind(), g.device()))?.f_index_add(3, indices, g)
            }
            _ => Err(TchError::Kind("the op lets a unit see everything".into())),
        }
    }

    fn cells(&self, at: usize, signal: Signal) -> Result<Tensor, TchError> {
        signal.into_cells(self.engine.shape(at).channels)
    }

    /// An empty plane under the windows of a pooling, `[N, C, H, W]` over cells in rows.
    fn plane(&self, at: usize, op: &Op, g: &Tensor) -> Result<Tensor, TchError> {
        let mut size = g.size();
        if let Some(passage) = self.clues.passages[at] {
            for (axis, run) in passage.below(op).axes.iter().enumerate() {
                size[axis + 1] = run.size;
            }
        }
        Tensor::f_empty(size, (g.kind(), g.device()))?.f_permute([0, 3, 1, 2])
    }

    /// The switches of the units' windows, in planes of `width`.
    fn switches(&self, at: usize, window: &Window, width: i64) -> Result<Tensor, TchError> {
        let (Some(passage), Some(switches)) = (self.clues.passages[at], &self.clues.switches[at])
        else {
            return Err(TchError::Kind("the trace has no switches".into()));
        };
        let numbers = self.units.numbers(passage, self.engine.shape(at))?;
        let [rows, columns] = passage.axes;
        let stride = pair(window.stride);
        let along = |count: i64, step: i64| {
            Tensor::f_arange(count, (Kind::Int64, self.engine.device))?.f_mul_scalar(step)
        };
        let firsts = along(rows.size, stride[0] * width)?
            .f_view([1, -1, 1, 1])?
            .f_add(&along(columns.size, stride[1])?.f_view([1, 1, -1, 1])?)?;
        switches
            .f_index_select(0, &numbers)?
            .f_view([self.units.count(), rows.size, columns.size, -1])?
            .f_add(&firsts)?
            .f_permute([0, 3, 1, 2])
    }

    /// What the units' cells are multiplied with, `[N, h, w, C]`; axes of length 1 where it is the same along them.
    fn held(&self, at: usize) -> Result<Tensor, TchError> {
        let (Some(mut passage), Some(held)) = (self.clues.passages[at], &self.clues.held[at])
        else {
            return Err(TchError::Kind("the trace holds nothing".into()));
        };
        if (held.shape.height, held.shape.width) == (1, 1) {
            passage.axes = [Run::whole(1); 2];
        }
        let numbers = self.units.numbers(passage, held.shape)?;
        let [rows, columns] = passage.axes;
        held.cells.f_index_select(0, &numbers)?.f_view([
            self.units.count(),
            rows.size,
            columns.size,
            -1,
        ])
    }

    /// What one cell under a window has of its average: `[N, h, w, 1]`.
    fn shares(
        &self,
        at: usize,
        window: &Window,
        below: Shape,
        padding_counts: bool,
    ) -> Result<Tensor, TchError> {
        let passage =
            self.clues.passages[at].ok_or_else(|| TchError::Shape("no unit comes by".into()))?;
        let along = |axis: usize, length: usize| -> Result<Tensor, TchError> {
            let share = |_, cell: i64| {
                let counted = window.counted(axis, cell, length, padding_counts);
                // Beyond the map there is no signal.
                1.0 / counted.max(1) as f32
            };
            self.units.cells(axis, passage.axes[axis], share)
        };
        along(0, below.height)?.f_mul(&along(1, below.width)?)
    }

    /// Adds what came through node `at` to the signal of one of its inputs.
    fn add(&mut self, at: usize, input: usize, signal: Signal) -> Result<(), TchError> {
        let (Some(here), Some(to)) = (self.clues.passages[at], self.clues.passages[input]) else {
            return Err(TchError::Shape("no unit comes by".into()));
        };
        let before = self.signals[input].take();
        if before.is_none() && matches!(signal, Signal::Units { .. }) {
            self.signals[input] = Some(signal);
            return Ok(());
        }
        let op = &self.engine.network().nodes[at].op;
        let shape = self.engine.shape(input);
        let cells = self
            .units
            .fit(signal.into_cells(shape.channels)?, here.below(op), to)?;
        let cells = match op {
            // Only these come out between the cells that they were under.
            Op::Conv { .. } | Op::AveragePool { .. } | Op::Pad { .. } => {
                self.units.inside(cells, to, shape)?
            }
            _ => cells,
        };
        self.signals[input] = Some(Signal::Cells(match before {
            None => cells,
            Some(Signal::Cells(other)) => other.f_add(&cells)?,
            Some(units) => {
                let other = units.into_cells(shape.channels)?;
                let unit = self.clues.passages.last().copied().flatten().unwrap_or(to);
                self.units.fit(other, unit, to)?.f_add(&cells)?
            }
        }));
        Ok(())
    }
}

/// The signal of some of a concatenation's maps.
fn part(signal: &Signal, first: i64, channels: i64) -> Result<Signal, TchError> {
    Ok(match signal {
        Signal::Cells(cells) => Signal::Cells(cells.f_narrow(3, first, channels)?),
        Signal::Units { feature, value } => {
            let feature = feature.f_sub_scalar(first)?;
            let here = feature.f_ge(0)?.f_logical_and(&feature.f_lt(channels)?)?;
            Signal::Units {
                feature: feature.f_clamp(0, channels - 1)?,
                value: value.f_mul(&here.f_to_kind(value.kind())?)?,
            }
        }
    })
}
