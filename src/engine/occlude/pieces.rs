//! An image hidden, or alone shown, piece by piece, and what the network makes of it (deletion and insertion; Petsiuk, Das &
//! Saenko, BMVC 2018). The images are made on the device.

use base::{Error, Result};
use tch::{TchError, Tensor};

use super::super::transfer::sent;
use super::super::{Engine, Executor, Recording, Trace};

/// The pieces of an image, in a grid, and their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// Rows and columns of a piece; the last ones along an axis may reach beyond the image.
    pub size: [usize; 2],
    /// Pieces along rows and columns.
    pub grid: [usize; 2],
    /// For each, row by row, how many come before it.
    pub ranks: Vec<usize>,
}

/// What is asked of one image.
#[derive(Debug, Clone)]
pub struct PieceByPiece {
    /// Its row in the trace.
    pub image: i64,
    /// The class whose probability is asked for.
    pub class: usize,
    /// How the image is cut.
    pub pieces: Pieces,
    /// How many pieces are hidden, or shown, in each step.
    pub steps: Vec<usize>,
}

/// One input: what it is made from, whether the first pieces are hidden or alone shown, and how many these are.
type Step = (usize, bool, usize);

/// What a worker makes inputs from. Tensors are shared, not copied.
struct Kit {
    engine: Engine,
    /// `[1, C, H, W]`.
    images: Vec<Tensor>,
    /// The rank of each pixel's piece, `[1, 1, H, W]`.
    ranks: Vec<Tensor>,
    /// `[1, C, 1, 1]`.
    fill: Tensor,
}

impl Engine {
    /// Hides the first pieces of images of `clean`, a trace of [`Recording::everything`], in a colour `[C]`, then shows them
    /// alone, and gives for each that is asked for the probabilities of its class: of all steps hidden, then of all shown. Of
    /// `threads` workers each has some passes of [`Engine::images_a_pass`]; nothing is read back.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn piece_by_piece(
        &self,
        threads: usize,
        fill: &[f32],
        clean: &Trace,
        asked: &[PieceByPiece],
    ) -> Result<Vec<Tensor>> {
        let _no_grad = tch::no_grad_guard();
        let steps = |(number, asked): (usize, &PieceByPiece)| -> Vec<Step> {
            let of = |hide| asked.steps.iter().map(move |&count| (number, hide, count));
            of(true).chain(of(false)).collect()
        };
        let steps: Vec<Step> = asked.iter().enumerate().flat_map(steps).collect();
        let passes: Vec<&[Step]> = steps.chunks(self.images_a_pass()).collect();
        let kit = Kit::of(self, fill, clean, asked).map_err(Error::compute(DOING))?;
        let workers = Executor::new(self, threads).with(|_| Ok(kit.share()));
        let outputs = workers.each(&passes, |kit, steps| {
            let _no_grad = tch::no_grad_guard();
            let inputs = kit.inputs(steps).map_err(Error::compute(DOING))?;
            let trace = kit.engine.forward(&inputs, &Recording::default())?;
            Ok(trace.output)
        })?;
        let of_classes = || -> Result<Vec<Tensor>, TchError> {
            let outputs = Tensor::f_cat(&outputs, 0)?.f_flatten(1, -1)?;
            let mut first = 0;
            let mut found = Vec::with_capacity(asked.len());
            for asked in asked {
                let count = 2 * asked.steps.len() as i64;
                let rows = outputs.f_narrow(0, first, count)?;
                found.push(rows.f_select(1, asked.class as i64)?);
                first += count;
            }
            Ok(found)
        };
        match asked.is_empty() {
            true => Ok(Vec::new()),
            false => of_classes().map_err(Error::compute(DOING)),
        }
    }
}

const DOING: &str = "hiding an image piece by piece";

impl Kit {
    fn of(
        engine: &Engine,
        fill: &[f32],
        clean: &Trace,
        asked: &[PieceByPiece],
    ) -> Result<Self, TchError> {
        let [_, height, width] = engine.network().input.axes().map(|length| length as i64);
        let inputs = clean.recorded(0)?;
        let ranks = |asked: &PieceByPiece| -> Result<Tensor, TchError> {
            let Pieces { size, grid, ranks } = &asked.pieces;
            let ranks: Vec<i64> = ranks.iter().map(|&rank| rank as i64).collect();
            let ([high, wide], [down, across]) = (
                size.map(|length| length as i64),
                grid.map(|count| count as i64),
            );
            sent(&ranks, engine.device())?
                .f_view([down, 1, across, 1])?
                .f_expand([down, high, across, wide], false)?
                .f_reshape([1, 1, down * high, across * wide])?
                .f_narrow(2, 0, height)?
                .f_narrow(3, 0, width)?
                .f_contiguous()
        };
        Ok(Self {
            engine: engine.clone(),
            images: asked
                .iter()
                .map(|asked| inputs.f_narrow(0, asked.image, 1))
                .collect::<Result<_, _>>()?,
            ranks: asked.iter().map(ranks).collect::<Result<_, _>>()?,
            fill: sent(fill, engine.device())?.f_view([1, -1, 1, 1])?,
        })
    }

    fn share(&self) -> Self {
        let shared = |all: &[Tensor]| all.iter().map(Tensor::shallow_clone).collect();
        Self {
            engine: self.engine.clone(),
            images: shared(&self.images),
            ranks: shared(&self.ranks),
            fill: self.fill.shallow_clone(),
        }
    }

    /// The inputs of some steps, `[steps, C, H, W]`.
    fn inputs(&self, steps: &[Step]) -> Result<Tensor, TchError> {
        let alike = |one: &Step, other: &Step| (one.0, one.1) == (other.0, other.1);
        let mut all = Vec::new();
        for steps in steps.chunk_by(alike) {
            let (number, hide, _) = steps[0];
            let counts: Vec<i64> = steps.iter().map(|step| step.2 as i64).collect();
            let counts = sent(&counts, self.engine.device())?.f_view([-1, 1, 1, 1])?;
            let chosen = self.ranks[number].f_lt_tensor(&counts)?;
            let (image, fill) = (&self.images[number], &self.fill);
            all.push(match hide {
                true => fill.f_where_self(&chosen, image)?,
                false => image.f_where_self(&chosen, fill)?,
            });
        }
        match &all[..] {
            [one] => one.f_contiguous(),
            _ => Tensor::f_cat(&all, 0),
        }
    }
}
