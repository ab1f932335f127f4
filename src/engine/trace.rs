//! What a forward pass leaves behind, for projections and for those who look at activations.

use std::collections::BTreeMap;

use base::{Error, Result};
use tch::{Kind, TchError, Tensor};

/// What a forward pass leaves behind.
#[derive(Debug)]
pub struct Trace {
    /// Images in the pass.
    pub images: i64,
    /// Outputs of the nodes asked for, `[N, C, H, W]`; vectors are `[N, F, 1, 1]`.
    pub activations: BTreeMap<usize, Tensor>,
    /// Output of the last node that was computed: `[N, classes, 1, 1]` probabilities where that is all of a network with a
    /// classifier.
    pub output: Tensor,
    /// Switches of each max pooling: for each window the place of its maximum in its plane, i64 as libtorch counts.
    pub(super) switches: BTreeMap<usize, Tensor>,
    /// What else a rule needs on the way back. For every rule but the gradient: what a product with a gate, a quotient or a
    /// normalisation by the image's own statistics multiplied its signal with, as number 0. For those that look at the way
    /// forward: of rectifiers the output, of smooth ones the input. For the gradient: the inputs of what libtorch derives, by
    /// their numbers, and that of contrast normalisations.
    pub(super) operands: BTreeMap<Operand, Tensor>,
}

/// A node, and which of its operands.
pub(super) type Operand = (usize, usize);

impl Trace {
    /// The trace of a batch that has not been anywhere yet.
    pub(super) fn empty(input: &Tensor) -> Self {
        Self {
            images: input.size().first().copied().unwrap_or(0),
            activations: BTreeMap::new(),
            output: input.shallow_clone(),
            switches: BTreeMap::new(),
            operands: BTreeMap::new(),
        }
    }

    /// The same pass with its values in another kind, float32 or float64: what was chosen on the way (switches, which
    /// rectifiers were open) stays, so that rounding can be told from choices.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn in_kind(&self, kind: Kind) -> Result<Self> {
        let convert = |value: &Tensor| match value.f_kind()? {
            Kind::Int64 => Ok(value.shallow_clone()),
            _ => value.f_to_kind(kind),
        };
        self.each(&convert)
            .map_err(Error::compute("converting a trace"))
    }

    /// What is made of each of its tensors, switches among them.
    pub(super) fn each(
        &self,
        of: &dyn Fn(&Tensor) -> Result<Tensor, TchError>,
    ) -> Result<Self, TchError> {
        fn all<K: Copy + Ord>(
            values: &BTreeMap<K, Tensor>,
            of: &dyn Fn(&Tensor) -> Result<Tensor, TchError>,
        ) -> Result<BTreeMap<K, Tensor>, TchError> {
            let values = values.iter();
            values.map(|(&at, value)| Ok((at, of(value)?))).collect()
        }
        Ok(Self {
            images: self.images,
            activations: all(&self.activations, of)?,
            output: of(&self.output)?,
            switches: all(&self.switches, of)?,
            operands: all(&self.operands, of)?,
        })
    }

    /// The same pass with another's choices, of the same images through the same network on whichever device: where max
    /// poolings have their maxima. What is left between the projections of both is rounding.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn choosing_as(self, other: &Self) -> Result<Self> {
        let device = self.output.device();
        let switches = other.switches.iter();
        let switches = switches.map(|(&node, switches)| Ok((node, switches.f_to_device(device)?)));
        let switches: Result<_, TchError> = switches.collect();
        Ok(Self {
            switches: switches.map_err(Error::compute("taking another's switches"))?,
            ..self
        })
    }

    /// For each window of a max pooling the place of its maximum in its plane, `[N, C, H, W]`, i64; `None` for another node
    /// and where no rule was recorded.
    pub fn switches(&self, node: usize) -> Option<&Tensor> {
        self.switches.get(&node)
    }

    /// The activations of a node `[N, C, H, W]`.
    pub(super) fn recorded(&self, node: usize) -> Result<&Tensor, TchError> {
        let recorded = self.activations.get(&node);
        recorded.ok_or_else(|| TchError::Kind("the layer was not recorded".into()))
    }

    /// The traces of several passes as that of one, for a projection: what was kept for the way back, image after image.
    ///
    /// # Errors
    /// [`Error::Compute`] for traces that were not recorded alike.
    pub(super) fn together(traces: &[Self]) -> Result<Self> {
        type Kept<K> = BTreeMap<K, Tensor>;
        fn join<'a>(parts: impl Iterator<Item = Option<&'a Tensor>>) -> Result<Tensor, TchError> {
            let parts: Option<Vec<&Tensor>> = parts.collect();
            let missing = || TchError::Kind("traces were not recorded alike".into());
            Tensor::f_cat(&parts.ok_or_else(missing)?, 0)
        }
        fn each<'a, K: Copy + Ord + 'a>(
            traces: &'a [Trace],
            of: fn(&Trace) -> &Kept<K>,
        ) -> Result<Kept<K>, TchError> {
            let first = traces.first().into_iter();
            let joined = |&at: &K| Ok((at, join(traces.iter().map(|trace| of(trace).get(&at)))?));
            first
                .flat_map(|first| of(first).keys())
                .map(joined)
                .collect()
        }
        let all = || -> Result<Self, TchError> {
            Ok(Self {
                images: traces.iter().map(|trace| trace.images).sum(),
                activations: each(traces, |trace| &trace.activations)?,
                output: join(traces.iter().map(|trace| Some(&trace.output)))?,
                switches: each(traces, |trace| &trace.switches)?,
                operands: each(traces, |trace| &trace.operands)?,
            })
        };
        all().map_err(Error::compute("joining traces"))
    }
}
