//! The clean image's values, kept once so that positions need only what they change (Krypton's materialised views).

use base::{Error, Result};
use network::Op;
use tch::{TchError, Tensor};

use super::super::{Engine, Recording, Trace};
use super::numbers::Outside;

/// Every map of the clean image in rows: `[H·W + 2, C]`, a row a cell, and two more outside the map: one that no maximum
/// takes, and one of zeros.
#[derive(Debug)]
pub(super) struct Clean {
    rows: Vec<Tensor>,
}

impl Recording {
    /// Keeps what [`Engine::occlude`] needs: every node's output.
    pub fn everything(engine: &Engine) -> Self {
        Self {
            activations: (0..engine.network().nodes.len()).collect(),
            ..Self::default()
        }
    }
}

impl Trace {
    /// The trace of one of several images; nothing is copied.
    ///
    /// # Errors
    /// [`Error::Compute`] for an image that there is not.
    pub fn image(&self, image: i64) -> Result<Self> {
        let alone = self.each(&|values| values.f_narrow(0, image, 1));
        let alone = alone.map_err(Error::compute("choosing an image"))?;
        Ok(Self { images: 1, ..alone })
    }
}

impl Clean {
    /// Brings the first `end` nodes' outputs of a trace of one image into rows.
    ///
    /// # Errors
    /// [`Error::Compute`] for a trace of several images or without some node.
    pub(super) fn of(engine: &Engine, trace: &Trace, end: usize) -> Result<Self> {
        let in_rows = |node: usize| -> Result<Tensor, TchError> {
            let shape = engine.shape(node);
            let maps = trace.activations.get(&node).filter(|_| trace.images == 1);
            let maps = maps.ok_or_else(|| {
                TchError::Kind("expected a trace of one image with every node's output".into())
            })?;
            let (channels, cells) = (shape.channels as i64, (shape.height * shape.width) as i64);
            let rows = Tensor::f_zeros([cells + 2, channels], (maps.kind(), maps.device()))?;
            rows.f_narrow(0, 0, cells)?
                .f_copy_(&maps.f_reshape([channels, cells])?.f_tr()?)?;
            let _ = rows
                .f_narrow(0, Outside::Least.number(cells), 1)?
                .f_fill_(f64::NEG_INFINITY)?;
            Ok(rows)
        };
        let mut rows: Vec<Tensor> = Vec::with_capacity(end);
        for (index, node) in engine.network().nodes[..end].iter().enumerate() {
            rows.push(match node.op {
                Op::Dropout => rows[node.inputs[0]].shallow_clone(),
                _ => in_rows(index).map_err(Error::compute("keeping the clean image's maps"))?,
            });
        }
        Ok(Self { rows })
    }

    pub(super) fn share(&self) -> Self {
        Self {
            rows: self.rows.iter().map(Tensor::shallow_clone).collect(),
        }
    }

    /// A node's cells in rows.
    pub(super) fn rows(&self, node: usize) -> Result<&Tensor, TchError> {
        let rows = self.rows.get(node);
        rows.ok_or_else(|| TchError::Kind("the clean map was not kept".into()))
    }
}
