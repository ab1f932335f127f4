//! The filters of the first convolution by their numbers: which spatial frequencies they respond to, and which of them say the
//! same (ZF fig. 6).

use base::Result;
use engine::Engine;
use network::{Op, Window};
use records::maps::{FilterMaps, Planes};
use records::tables::{FilterRow, MetricRow};

use super::dot;
use crate::spectrum::{frequency, Spectrum, NAMES};

/// The filters of the first convolution.
#[derive(Debug)]
pub struct FirstLayer {
    /// What is drawn.
    pub maps: FilterMaps,
    /// The table's rows.
    pub rows: Vec<FilterRow>,
    /// Means over the filters.
    pub metrics: Vec<MetricRow>,
}

/// Measures the filters of the first convolution; `None` where there is none or it has neither the planes of a colour picture nor that of a grey one.
///
/// # Errors
/// [`base::Error::Compute`].
pub fn first_layer(engine: &Engine) -> Result<Option<FirstLayer>> {
    let nodes = engine.network().nodes.iter().enumerate();
    let first = nodes
        .filter_map(|(at, node)| match &node.op {
            Op::Conv { window, .. } => Some((at, node, window)),
            _ => None,
        })
        .next();
    let Some((at, node, window)) = first else {
        return Ok(None);
    };
    let Some(([_, planes, height, width], values)) = engine.filters(at)? else {
        return Ok(None);
    };
    if !matches!(planes, 1 | 3) {
        return Ok(None);
    }
    let filters: Vec<&[f32]> = values.chunks_exact(planes * height * width).collect();
    let planes = |values: &&[f32]| Planes::of([planes, height, width], values.to_vec());
    let rows = measure(&node.name, &filters, window);
    Ok(Some(FirstLayer {
        maps: FilterMaps {
            filters: filters.iter().map(planes).collect(),
        },
        metrics: metrics(&node.name, &rows, window),
        rows,
    }))
}

/// The table's rows for filters `[planes, kH, kW]`.
fn measure(layer: &str, filters: &[&[f32]], window: &Window) -> Vec<FilterRow> {
    let norms: Vec<f64> = filters
        .iter()
        .map(|filter| dot(filter, filter).sqrt())
        .collect();
    let row = |(at, filter): (usize, &&[f32])| {
        let shares = Spectrum::of(filter, window.kernel).shares(window);
        let others = filters.iter().enumerate().filter(|(other, _)| *other != at);
        let cosines = others.filter_map(|(other, values)| {
            let norms = norms[at] * norms[other];
            (norms > 0.0).then(|| (other, dot(filter, values) / norms))
        });
        let nearest = cosines.reduce(|a, b| if b.1 > a.1 { b } else { a });
        FilterRow {
            layer: layer.to_owned(),
            filter: at,
            norm: norms[at],
            frequency: frequency(filter, window.kernel),
            low_share: shares[0],
            middle_share: shares[1],
            high_share: shares[2],
            aliased_share: shares[3],
            nearest: nearest.map(|(other, _)| other),
            nearest_cosine: nearest.map(|(_, cosine)| cosine),
        }
    };
    filters.iter().enumerate().map(row).collect()
}

/// Means over the filters, beside what filters of white noise would have.
fn metrics(layer: &str, rows: &[FilterRow], window: &Window) -> Vec<MetricRow> {
    let scope = format!("layer:{layer}");
    let metric =
        |metric: String, value: f64| MetricRow::new(metric, &scope, (value, None), rows.len());
    let mean = |of: &dyn Fn(&FilterRow) -> f64| {
        rows.iter().map(of).sum::<f64>() / rows.len().max(1) as f64
    };
    let found = [
        mean(&|row| row.low_share),
        mean(&|row| row.middle_share),
        mean(&|row| row.high_share),
        mean(&|row| row.aliased_share),
    ];
    let noise = Spectrum::noise().shares(window);
    let mut metrics = Vec::new();
    for ((name, found), noise) in NAMES.iter().zip(found).zip(noise) {
        metrics.push(metric(format!("filter_{name}_share"), found));
        metrics.push(metric(format!("filter_{name}_share_noise"), noise));
    }
    let repeated = mean(&|row| f64::from(row.is_repeated()));
    metrics.push(metric("filter_repetition".into(), repeated));
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::tests::grating;

    #[test]
    fn a_filter_that_repeats_another_is_found() {
        let (a, b) = (grating(0.1), grating(0.3));
        let twice: Vec<f32> = a.iter().map(|value| 2.0 * value).collect();
        let dead = vec![0.0; a.len()];
        let filters = [&a[..], &b, &twice, &dead];
        let rows = measure("conv1", &filters, &Window::square(11, 4, 2));
        assert_eq!((rows[0].nearest, rows[2].nearest), (Some(2), Some(0)));
        assert!((rows[0].nearest_cosine.unwrap() - 1.0).abs() < 1e-6);
        assert_eq!((rows[3].nearest, rows[3].frequency), (None, None));
        let metrics = metrics("conv1", &rows, &Window::square(11, 4, 2));
        let of = |name: &str| metrics.iter().find(|row| row.metric == name).unwrap().value;
        assert_eq!(of("filter_repetition"), 0.5);
        let noise = ["low", "middle", "high"].map(|band| of(&format!("filter_{band}_share_noise")));
        assert!((noise.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        // The area of a disc of that radius in the square of all frequencies, about.
        assert!(
            (noise[0] - std::f64::consts::PI / 64.0).abs() < 0.02,
            "{noise:?}"
        );
    }
}
