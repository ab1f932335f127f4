//! What a pass has to tell, gathered where it was computed and read back at once.

use std::ops::Range;
use std::sync::Arc;

use base::{Error, Result};
use network::shape::Shape;
use tch::{Kind, TchError, Tensor};

use super::host::Host;
use super::maps::{self, MapFacts, Peaks};
use super::seeds::Unit;
use super::transfer::sent;
use super::{Engine, Trace};

/// What is asked of a pass.
#[derive(Debug, Clone, Default)]
pub struct Questions<'a> {
    /// Whether the network's output is told.
    pub output: bool,
    /// Nodes that were recorded, about which the following is asked.
    pub nodes: &'a [usize],
    /// Of every image the strongest unit, and the mean over the feature maps.
    pub units: bool,
    /// Activations of units that were the strongest of other images.
    pub kept: &'a [Kept<'a>],
    /// Of every map of every image its facts and its strongest cells, at most so many.
    pub peaks: Option<usize>,
}

/// An image that is asked about the strongest units of another, node by node.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// The image's row in the trace.
    pub image: usize,
    /// Whose units.
    pub of: Whose<'a>,
}

/// Whose strongest units are asked about.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Those of an image of the same pass, of that row.
    Row(usize),
    /// Those that an earlier pass told; nothing is told where there is none.
    Known(&'a [Option<Unit>]),
}

/// The answers, in the host's memory.
#[derive(Debug)]
pub struct Answers {
    values: Arc<Host<f32>>,
    /// Of the output, for each image.
    classes: usize,
    output: Range<usize>,
    kept: Vec<usize>,
    nodes: Vec<NodeAnswers>,
}

/// Where a node's answers lie among the values.
#[derive(Debug)]
struct NodeAnswers {
    shape: Shape,
    /// `[N]` activations, and `[N]` places in the bits of floats.
    units: [Range<usize>; 2],
    /// `[N, H, W]`.
    means: Range<usize>,
    /// One for each [`Kept`].
    kept: Range<usize>,
    /// Maximum, mean and norm, `[N, C]` each.
    maps: [Range<usize>; 3],
    peaks: Peaks,
}

/// Tensors on their way to the host, end to end.
#[derive(Default)]
struct Gathered {
    parts: Vec<Tensor>,
    length: usize,
}

impl Gathered {
    fn floats(&mut self, values: &Tensor) -> Result<Range<usize>, TchError> {
        let flat = values.f_to_kind(Kind::Float)?.f_reshape([-1])?;
        let range = self.length..self.length + flat.numel();
        self.length = range.end;
        self.parts.push(flat);
        Ok(range)
    }

    /// Whole numbers below 2³¹, as the bits of floats.
    fn numbers(&mut self, numbers: &Tensor) -> Result<Range<usize>, TchError> {
        let bits = numbers.f_to_kind(Kind::Int)?.f_contiguous()?;
        self.floats(&bits.f_view_dtype(Kind::Float)?)
    }

    /// All of them in the host's memory.
    fn read(self, engine: &Engine) -> Result<Host<f32>> {
        let together = match &self.parts[..] {
            [one] => Ok(one.shallow_clone()),
            parts => Tensor::f_cat(parts, 0),
        };
        let together = together.map_err(Error::compute("gathering what a pass tells"))?;
        engine.feed.read(&together)
    }
}

impl Engine {
    /// What is asked of a pass, gathered on the device and read back in one wait, however many images and nodes there are.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn ask(&self, trace: &Trace, questions: &Questions<'_>) -> Result<Answers> {
        let _no_grad = tch::no_grad_guard();
        let mut gathered = Gathered::default();
        let mut gather = || -> Result<_, TchError> {
            let output = match questions.output {
                true => gathered.floats(&trace.output)?,
                false => 0..0,
            };
            let nodes = 0..questions.nodes.len();
            let nodes = nodes.map(|node| self.gather(trace, questions, node, &mut gathered));
            Ok((output, nodes.collect::<Result<_, _>>()?))
        };
        let (output, nodes) = gather().map_err(Error::compute("gathering what a pass tells"))?;
        let values = match gathered.parts.is_empty() {
            true => Host::new(0).map_err(Error::compute("gathering what a pass tells"))?,
            false => gathered.read(self)?,
        };
        Ok(Answers {
            values: Arc::new(values),
            classes: trace.output.size().get(1).copied().unwrap_or(0) as usize,
            output,
            kept: questions.kept.iter().map(|kept| kept.image).collect(),
            nodes,
        })
    }

    fn gather(
        &self,
        trace: &Trace,
        questions: &Questions<'_>,
        number: usize,
        gathered: &mut Gathered,
    ) -> Result<NodeAnswers, TchError> {
        let node = questions.nodes[number];
        let recorded = trace.recorded(node)?;
        let cells = [2i64, 3];
        let mut told = NodeAnswers {
            shape: self.shape(node),
            units: [0..0, 0..0],
            means: 0..0,
            kept: 0..0,
            maps: [0..0, 0..0, 0..0],
            peaks: Peaks::Found(Vec::new()),
        };
        if !questions.units && questions.peaks.is_none() {
            return Ok(told);
        }
        let maxima = recorded.f_amax(cells.as_slice(), false)?;
        if questions.units {
            let [activations, places] = maps::strongest_units(recorded, &maxima)?;
            told.units = [gathered.floats(&activations)?, gathered.numbers(&places)?];
            let means = recorded.f_mean_dim([1i64].as_slice(), false, None)?;
            told.means = gathered.floats(&means)?;
            if !questions.kept.is_empty() {
                let kept = self.kept(recorded, &places, number, questions.kept)?;
                told.kept = gathered.floats(&kept)?;
            }
        }
        if let Some(most) = questions.peaks {
            let means = recorded.f_mean_dim(cells.as_slice(), false, None)?;
            let norms = recorded.f_norm_scalaropt_dim(2.0, cells.as_slice(), false)?;
            let facts = [&maxima, &means, &norms];
            for (range, fact) in told.maps.iter_mut().zip(facts) {
                *range = gathered.floats(fact)?;
            }
            told.peaks = match self.feed.is_here() {
                true => Peaks::In(Host::of(recorded.f_to_kind(Kind::Float)?)?, most),
                false => {
                    let mut found = Vec::new();
                    for [activations, places] in maps::strongest_cells(recorded, &maxima, most)? {
                        found.push([gathered.floats(&activations)?, gathered.numbers(&places)?]);
                    }
                    Peaks::Found(found)
                }
            };
        }
        Ok(told)
    }

    /// Activations at the places of other images' units.
    fn kept(
        &self,
        recorded: &Tensor,
        places: &Tensor,
        number: usize,
        kept: &[Kept<'_>],
    ) -> Result<Tensor, TchError> {
        let size = recorded.size();
        let (cells, units) = (size[2] * size[3], size[1] * size[2] * size[3]);
        let width = size[3];
        let known = |unit: &Unit| {
            let [feature, y, x] = [unit.feature, unit.y, unit.x].map(|at| at as i64);
            feature * cells + y * width + x
        };
        // Numbers in the places of this pass and of earlier ones, end to end.
        let (mut earlier, mut which, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for kept in kept {
            which.push(match kept.of {
                Whose::Row(row) => row as i64,
                Whose::Known(told) => {
                    let unit = told.get(number).copied().flatten();
                    earlier.push(unit.as_ref().map_or(0, known));
                    size[0] + earlier.len() as i64 - 1
                }
            });
            first.push(kept.image as i64 * units);
        }
        let device = recorded.device();
        let places = match earlier.is_empty() {
            true => places.shallow_clone(),
            false => Tensor::f_cat(&[places, &sent(&earlier, device)?], 0)?,
        };
        let places = places.f_index_select(0, &sent(&which, device)?)?;
        let places = places.f_add(&sent(&first, device)?)?;
        recorded.f_reshape([-1])?.f_index_select(0, &places)
    }
}

impl Answers {
    /// An image's output; nothing where it was not asked about.
    pub fn output(&self, image: usize) -> &[f32] {
        match self.output.is_empty() {
            true => &[],
            false => &self.values[self.output.clone()][image * self.classes..][..self.classes],
        }
    }

    /// An image's strongest unit of the node of that number in the questions: the first maximum in (feature, y, x) order, `None`
    /// where nothing is active.
    pub fn unit(&self, node: usize, image: usize) -> Option<Unit> {
        let node = self.nodes.get(node)?;
        let [activations, places] = &node.units;
        let activation = *self.values[activations.clone()].get(image)?;
        let place = self.values[places.clone()].get(image)?.to_bits() as usize;
        let cells = node.shape.height * node.shape.width;
        (activation > 0.0).then(|| {
            let feature = place / cells.max(1);
            maps::unit(feature, place % cells.max(1), node.shape.width, activation)
        })
    }

    /// Where among [`Self::values`] an image's mean over the feature maps of a node lies, `[H, W]` row-major.
    pub fn mean_map(&self, node: usize, image: usize) -> Range<usize> {
        let node = &self.nodes[node];
        let cells = node.shape.height * node.shape.width;
        let first = node.means.start + image * cells;
        first..first + cells
    }

    /// An image's activations of a unit that was another's strongest; `None` where it was not asked about.
    pub fn kept(&self, node: usize, image: usize) -> Option<f32> {
        let at = self.kept.iter().position(|&kept| kept == image)?;
        let kept = self.nodes.get(node)?.kept.clone();
        self.values[kept].get(at).copied()
    }

    /// The facts of an image's maps of a node.
    pub fn maps(&self, node: usize, image: usize) -> MapFacts<'_> {
        let node = &self.nodes[node];
        let of = |range: &Range<usize>| {
            let maps = node.shape.channels;
            &self.values[range.clone()][image * maps..][..maps]
        };
        let [maximum, mean, norm] = &node.maps;
        MapFacts {
            maximum: of(maximum),
            mean: of(mean),
            norm: of(norm),
        }
    }

    /// The strongest cells of some maps of an image, at most as many each as were asked for: the strongest first, of equals the
    /// first in (y, x) order; only positive ones.
    pub fn peaks(&self, node: usize, image: usize, maps: &[usize]) -> Vec<Vec<Unit>> {
        let node = &self.nodes[node];
        let Shape {
            channels,
            height,
            width,
        } = node.shape;
        let cells = height * width;
        let of = |&map: &usize| match &node.peaks {
            Peaks::In(values, most) => {
                let map_values = &values[(image * channels + map) * cells..][..cells];
                maps::peaks_in(map_values, map, width, *most)
            }
            Peaks::Found(found) => {
                let at = image * channels + map;
                let told = found.iter().map(|[activations, places]| {
                    let activation = self.values[activations.start + at];
                    let place = self.values[places.start + at].to_bits() as usize;
                    maps::unit(map, place, width, activation)
                });
                told.take_while(|unit| unit.activation > 0.0).collect()
            }
        };
        maps.iter().map(of).collect()
    }

    /// All values, which stay as long as somebody holds them.
    pub fn values(&self) -> &Arc<Host<f32>> {
        &self.values
    }
}
