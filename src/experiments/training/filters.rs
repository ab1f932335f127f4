//! The filters of the first convolution, by where the power of their spectra lies (ZF §4.1, fig. 6).

use base::Result;
use engine::Engine;
use network::{Op, Window};
use records::tables::TrainingSpectrumRow;

use crate::spectrum::Spectrum;

/// Of what a filter passes on: where more of it is folded by the stride, the filter is aliased.
const FOLDED: f64 = 0.5;

/// The row of the first convolution behind an epoch; before the first one that of random filters of the same shape, too.
/// Nothing for a network without convolutions.
///
/// # Errors
/// [`base::Error::Compute`].
pub(super) fn rows(engine: &Engine, epoch: usize, seed: u64) -> Result<Vec<TrainingSpectrumRow>> {
    let mut nodes = engine.network().nodes.iter().enumerate();
    let first = nodes.find_map(|(at, node)| match &node.op {
        Op::Conv { window, .. } => Some((at, node.name.as_str(), window)),
        _ => None,
    });
    let Some((at, layer, window)) = first else {
        return Ok(Vec::new());
    };
    let row = |engine: &Engine, epoch: Option<usize>| -> Result<Option<TrainingSpectrumRow>> {
        let filters = engine.filters(at)?;
        Ok(filters.map(|(_, values)| TrainingSpectrumRow {
            epoch,
            layer: layer.to_owned(),
            ..measured(
                &values,
                values.len() / engine.anatomy().shapes()[at].channels.max(1),
                window,
            )
        }))
    };
    let random = match epoch {
        0 => row(&engine.randomised(&[at], seed)?, None)?,
        _ => None,
    };
    Ok(random
        .into_iter()
        .chain(row(engine, Some(epoch))?)
        .collect())
}

/// Of filters of so many values each.
fn measured(values: &[f32], each: usize, window: &Window) -> TrainingSpectrumRow {
    let filters = values.chunks_exact(each.max(1));
    let spectra: Vec<Spectrum> = filters
        .map(|filter| Spectrum::of(filter, window.kernel))
        .collect();
    let mut sums = [0.0; 4];
    for spectrum in &spectra {
        let shares = spectrum.shares(window);
        sums.iter_mut()
            .zip(shares)
            .for_each(|(sum, share)| *sum += share);
    }
    let [low_share, middle_share, high_share, aliased_share] =
        sums.map(|sum| sum / spectra.len().max(1) as f64);
    let aliased = spectra
        .iter()
        .filter(|spectrum| spectrum.folded(window) > FOLDED);
    TrainingSpectrumRow {
        epoch: None,
        layer: String::new(),
        filters: spectra.len(),
        low_share,
        middle_share,
        high_share,
        aliased_share,
        aliased_filters: aliased.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::tests::grating;

    /// A coarse, a fine and a constant filter beside each other, sampled by two strides.
    #[test]
    fn gratings_fall_into_their_bands() {
        let filters = [grating(0.06), grating(0.45), grating(0.19), grating(0.0)];
        let (each, values) = (filters[0].len(), filters.concat());
        let row = |stride| measured(&values, each, &Window::square(11, stride, 2));
        let (two, four) = (row(2), row(4));
        assert_eq!((two.filters, two.aliased_filters), (4, 1));
        assert_eq!(four.aliased_filters, 2);
        assert!((two.low_share - 0.5).abs() < 0.15, "{two:?}");
        assert!((two.middle_share - 0.25).abs() < 0.15, "{two:?}");
        assert!((two.high_share - 0.25).abs() < 0.15, "{two:?}");
        assert!(four.aliased_share > two.aliased_share + 0.1);
    }
}
