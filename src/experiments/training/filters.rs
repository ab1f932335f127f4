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
    use crate::spectrum::tests::{faded, grating};

    /// A fine grating is aliased by a stride of 2, a middle one by a stride of 4, coarse and constant ones by none.
    #[test]
    fn gratings_fall_into_their_bands() {
        let measured = |filters: &[Vec<f32>], stride| {
            let window = Window::square(11, stride, 2);
            measured(&filters.concat(), filters[0].len(), &window)
        };
        let row = |gratings: &[f64], stride| {
            let filters: Vec<Vec<f32>> = gratings.iter().map(|&cycles| faded(cycles)).collect();
            measured(&filters, stride)
        };
        let shares = |cycles| {
            let row = measured(&[grating(cycles)], 2);
            [row.low_share, row.middle_share, row.high_share]
        };
        for (cycles, band) in [(0.0, 0), (0.19, 1), (0.45, 2)] {
            assert!(shares(cycles)[band] > 0.7, "{cycles}: {:?}", shares(cycles));
        }
        let all = [0.0, 0.09, 0.19, 0.45];
        let [two, four] = [2, 4].map(|stride| row(&all, stride));
        assert_eq!(
            (two.filters, two.aliased_filters, four.aliased_filters),
            (4, 1, 2)
        );
        assert!(four.aliased_share > two.aliased_share + 0.1);
        let alone = all.map(|cycles| row(&[cycles], 2).middle_share);
        assert!((two.middle_share - alone.iter().sum::<f64>() / 4.0).abs() < 1e-12);
    }
}
