//! Where the changed cells of each position's maps lie, and how one map's windows lie over another's. No tensor is
//! touched here.

use network::projective_field::Span;

/// Windows of one length along an axis, one for each position.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Windows {
    /// First cell of each.
    pub(super) starts: Vec<i64>,
    /// Cells.
    pub(super) length: i64,
}

impl Windows {
    /// Windows that hold the given cells of an axis, all as long as the longest of them, moved inward at the end.
    pub(super) fn around(spans: &[Span], cells: usize) -> Self {
        let longest = spans.iter().map(|span| span.length()).max();
        let length = longest.unwrap_or(1).min(cells);
        Self {
            starts: spans
                .iter()
                .map(|span| span.start.min(cells - length) as i64)
                .collect(),
            length: length as i64,
        }
    }

    /// All cells of an axis for so many positions.
    pub(super) fn whole(positions: usize, cells: usize) -> Self {
        Self {
            starts: vec![0; positions],
            length: cells as i64,
        }
    }

    /// Where another map's windows begin, in cells from the beginning of these.
    pub(super) fn to(&self, other: &Self) -> Vec<i64> {
        let pairs = self.starts.iter().zip(&other.starts);
        pairs.map(|(here, there)| there - here).collect()
    }
}

/// Neighbouring positions with one offset: (first position, positions, offset).
pub(super) fn runs(offsets: &[i64]) -> Vec<(i64, i64, i64)> {
    let mut runs: Vec<(i64, i64, i64)> = Vec::new();
    for (at, &offset) in offsets.iter().enumerate() {
        match runs.last_mut() {
            Some((_, count, same)) if *same == offset => *count += 1,
            _ => runs.push((at as i64, 1, offset)),
        }
    }
    runs
}

/// A sliding window's geometry along one axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slide {
    pub(super) stride: i64,
    pub(super) padding: i64,
    /// Cells from the first to the last one under the kernel.
    pub(super) extent: i64,
}

/// How a convolution of changed cells alone gives the changed outputs, along one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alignment {
    /// Where the positions' changed cells do not fall on one grid of the outputs: first cells of canvases that they are
    /// laid over, and how long these are.
    canvas: Option<Windows>,
    /// Padding on both sides of the convolution's input.
    pub(super) padding: i64,
    /// Where the convolution's outputs begin in the output windows.
    pub(super) offsets: Vec<i64>,
}

impl Alignment {
    /// The windows that are convolved: the changed cells themselves, or the canvases.
    pub(super) fn canvas(&self, inputs: &Windows) -> Windows {
        self.canvas.as_ref().unwrap_or(inputs).clone()
    }
}

impl Slide {
    /// The cells that the output windows see: their first ones and how many there are.
    pub(super) fn canvas(&self, outputs: &Windows) -> Windows {
        let first = |start: &i64| start * self.stride - self.padding;
        Windows {
            starts: outputs.starts.iter().map(first).collect(),
            length: (outputs.length - 1) * self.stride + self.extent,
        }
    }

    /// Padding instead of a canvas wherever all positions' outputs fall on one grid: padding is not multiplied.
    pub(super) fn align(&self, inputs: &Windows, outputs: &Windows) -> Alignment {
        let canvas = self.canvas(outputs);
        let leads = canvas.to(inputs);
        let phase = leads.first().map_or(0, |lead| lead.rem_euclid(self.stride));
        let one_grid = leads
            .iter()
            .all(|lead| lead.rem_euclid(self.stride) == phase);
        let padding = (phase..self.extent)
            .step_by(self.stride as usize)
            .find(|&padding| {
                leads
                    .iter()
                    .all(|&lead| self.covers(lead, padding, inputs, outputs))
            });
        match padding.filter(|_| one_grid) {
            Some(padding) => Alignment {
                canvas: None,
                padding,
                offsets: leads
                    .iter()
                    .map(|lead| (lead - padding) / self.stride)
                    .collect(),
            },
            None => Alignment {
                offsets: vec![0; leads.len()],
                padding: 0,
                canvas: Some(canvas),
            },
        }
    }

    /// Whether a convolution with that padding computes all outputs of a window that see one of the inputs; `lead` is
    /// where the inputs begin in the window's canvas.
    fn covers(&self, lead: i64, padding: i64, inputs: &Windows, outputs: &Windows) -> bool {
        let room = inputs.length + 2 * padding - self.extent;
        let computed = room.div_euclid(self.stride) + 1;
        let first = (lead - padding) / self.stride;
        // Cells that no kernel touches need no output, but libtorch refuses an input smaller than the kernel.
        let fits = room >= 0;
        fits && (0..outputs.length)
            .filter(|output| {
                let from = output * self.stride;
                from < lead + inputs.length && from + self.extent > lead
            })
            .all(|output| (first..first + computed).contains(&output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(starts: &[i64], length: i64) -> Windows {
        Windows {
            starts: starts.to_vec(),
            length,
        }
    }

    #[test]
    fn windows_hold_their_spans_and_stay_on_the_axis() {
        let span = |start, end| Span { start, end };
        let found = Windows::around(&[span(0, 3), span(4, 9), span(8, 10)], 10);
        assert_eq!(found, windows(&[0, 4, 5], 5));
        assert_eq!(
            runs(&found.to(&windows(&[1, 5, 5], 2))),
            [(0, 2, 1), (2, 1, 0)]
        );
    }

    #[test]
    fn changed_cells_are_padded_by_no_more_than_the_outputs_need() {
        let same = Slide {
            stride: 1,
            padding: 1,
            extent: 3,
        };
        let inside = same.align(&windows(&[4, 7], 3), &windows(&[3, 6], 5));
        let padded = |padding, offsets: &[i64]| Alignment {
            canvas: None,
            padding,
            offsets: offsets.to_vec(),
        };
        assert_eq!(inside, padded(2, &[0, 0]));
        // At both edges of a map of 6 cells the kernel sees one cell of padding.
        assert_eq!(
            same.align(&windows(&[0], 6), &windows(&[0], 6)),
            padded(1, &[0])
        );
        // The first position lies at the edge: the first of its computed outputs is outside.
        let edge = same.align(&windows(&[0, 4], 3), &windows(&[0, 3], 5));
        assert_eq!(edge, padded(2, &[-1, 0]));
    }

    #[test]
    fn positions_on_different_grids_of_a_strided_window_share_a_canvas() {
        let half = Slide {
            stride: 2,
            padding: 1,
            extent: 3,
        };
        let found = half.align(&windows(&[4, 7], 3), &windows(&[2, 3], 3));
        let expected = Alignment {
            canvas: Some(windows(&[3, 5], 7)),
            padding: 0,
            offsets: vec![0, 0],
        };
        assert_eq!(found, expected);
    }
}
