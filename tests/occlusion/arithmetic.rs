//! What an occluder costs: the multiplications of convolutions and linear layers, by several ways to compute them.

use deconvscope::network::projective_field::Span;
use deconvscope::network::{Anatomy, Op, Window};

/// Multiplications (with their additions) of one network's convolutions and linear layers over all positions of an
/// occluder, in four ways.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Work {
    /// The whole network for every position.
    pub(crate) full: f64,
    /// Windows of one size for all positions, shifted inward at the borders (Krypton).
    pub(crate) one_size: f64,
    /// Each position's own window of outputs.
    pub(crate) windows: f64,
    /// Each position's changed inputs alone.
    pub(crate) changed: f64,
}

/// What nodes cost together.
pub(crate) fn sum(nodes: &[Work]) -> Work {
    nodes.iter().fold(Work::default(), |sum, node| Work {
        full: sum.full + node.full,
        one_size: sum.one_size + node.one_size,
        windows: sum.windows + node.windows,
        changed: sum.changed + node.changed,
    })
}

/// The arithmetic of each node for the positions whose changed pixels along the rows and the columns are given; all
/// pairs of them are positions. Of the first linear layer over maps only the columns that change are counted.
pub(crate) fn work(anatomy: &Anatomy, rows: &[Span], columns: &[Span]) -> Vec<Work> {
    let (network, shapes) = (anatomy.network(), anatomy.shapes());
    let spans_of = |axis: usize, changed: &[Span]| -> Vec<Vec<Span>> {
        let each = changed.iter().map(|&span| anatomy.spans(axis, span));
        each.collect()
    };
    let (rows, columns) = (spans_of(0, rows), spans_of(1, columns));
    let positions = (rows.len() * columns.len()) as f64;
    let along = |node: usize, count: &dyn Fn(usize, &Span) -> f64| -> (f64, f64) {
        let of = |axis: usize, all: &[Vec<Span>]| -> Vec<f64> {
            all.iter().map(|spans| count(axis, &spans[node])).collect()
        };
        let (rows, columns) = (of(0, &rows), of(1, &columns));
        let most = |counts: &[f64]| counts.iter().copied().fold(0.0, f64::max);
        let sum = |counts: &[f64]| counts.iter().sum::<f64>();
        (
            sum(&rows) * sum(&columns),
            most(&rows) * most(&columns) * positions,
        )
    };
    let cells = |_: usize, span: &Span| span.length() as f64;
    let node_work = |index: usize| -> Work {
        let node = &network.nodes[index];
        let Some(&below) = node.inputs.first() else {
            return Work::default();
        };
        let (input, output) = (shapes[below], shapes[index]);
        match &node.op {
            Op::Conv { window, groups, .. } => {
                let each = (output.channels * input.channels / groups) as f64;
                let kernel = (window.kernel[0] * window.kernel[1]) as f64;
                let (windows, one_size) = along(index, &cells);
                let outputs = [output.height, output.width];
                let taps =
                    |axis: usize, span: &Span| taps(*span, window, axis, outputs[axis]) as f64;
                Work {
                    full: each * kernel * (output.height * output.width) as f64 * positions,
                    one_size: each * kernel * one_size,
                    windows: each * kernel * windows,
                    changed: each * along(below, &taps).0,
                }
            }
            Op::Linear { features } => {
                let full = (features * input.channels) as f64 * positions;
                let flat = match network.nodes[below].op {
                    Op::Flatten => network.nodes[below].inputs.first().copied(),
                    _ => None,
                };
                let (windows, one_size) = match flat {
                    Some(maps) => {
                        let each = (features * shapes[maps].channels) as f64;
                        let (windows, one_size) = along(maps, &cells);
                        (each * windows, each * one_size)
                    }
                    None => (full, full),
                };
                Work {
                    full,
                    one_size,
                    windows,
                    changed: windows,
                }
            }
            _ => Work::default(),
        }
    };
    (0..network.nodes.len()).map(node_work).collect()
}

/// Products along one axis of the cells `changed` with the kernel's taps, in outputs that there are.
fn taps(changed: Span, window: &Window, axis: usize, outputs: usize) -> usize {
    let (stride, padding) = (window.stride[axis] as i64, window.padding[axis] as i64);
    let mut count = 0;
    for cell in changed.start as i64..changed.end as i64 {
        for tap in 0..window.kernel[axis] {
            let first = cell + padding - (tap * window.dilation[axis]) as i64;
            let output = first.div_euclid(stride);
            if first.rem_euclid(stride) == 0 && (0..outputs as i64).contains(&output) {
                count += 1;
            }
        }
    }
    count
}
